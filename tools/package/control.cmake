# SPDX-License-Identifier: MIT
#
# CPack runs this on the finished packages, to mend what it has no variables
# for.  It lets maintainer scripts call ldconfig, which the trigger does better,
# and once for all packages; it takes what stands in for the library at linking
# for a library that programs depend on; and it knows nothing of several
# architectures.

find_program(DPKG_DEB dpkg-deb REQUIRED)

foreach(package IN LISTS CPACK_PACKAGE_FILES)
  set(tree ${package}.tree)
  file(REMOVE_RECURSE ${tree})
  execute_process(COMMAND ${DPKG_DEB} --raw-extract ${package} ${tree}
                  COMMAND_ERROR_IS_FATAL ANY)
  file(REMOVE ${tree}/DEBIAN/postinst ${tree}/DEBIAN/postrm)
  if(NOT package MATCHES "/libthread1_[^/]*$")
    file(REMOVE ${tree}/DEBIAN/shlibs)
  endif()
  set(multi same)
  if(package MATCHES "_all\\.deb$")
    set(multi foreign)
  endif()
  file(READ ${tree}/DEBIAN/control control)
  file(WRITE ${tree}/DEBIAN/control "Multi-Arch: ${multi}\n${control}")
  execute_process(COMMAND ${DPKG_DEB} --root-owner-group -Zxz --build ${tree}
                          ${package}
                  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  file(REMOVE_RECURSE ${tree})
endforeach()
