# SPDX-License-Identifier: MIT
#
# CPack runs this on the files of the packages before it packs them: pages and
# changelogs are compressed, and the archive loses what only debuggers read.
# (CPack strips the shared library.)

find_program(GZIP gzip REQUIRED)
find_program(STRIP strip REQUIRED)

file(GLOB_RECURSE files LIST_DIRECTORIES false "${CPACK_TEMPORARY_DIRECTORY}/*")
set(pages ${files})
list(FILTER pages INCLUDE REGEX "/share/(man/man./[^/]+|doc/[^/]+/changelog)$")
set(archives ${files})
list(FILTER archives INCLUDE REGEX "/lib(thread|lwp|nbio)\\.a$")
if(NOT pages OR NOT archives)
  message(FATAL_ERROR "no files in ${CPACK_TEMPORARY_DIRECTORY}")
endif()
execute_process(COMMAND ${GZIP} -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${STRIP} --strip-debug --enable-deterministic-archives
                        ${archives}
                COMMAND_ERROR_IS_FATAL ANY)
