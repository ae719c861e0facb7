# SPDX-License-Identifier: MIT
#
# Debian packages, by CPack, from the components of the installation:
#
#   library  libthread1       what programs load
#   dev      libthread-dev    what compiling them takes, and the manual
#   tools    libthread-tools  solcc and the like
#
# `./dev package` makes them.  Paths are fixed when a tree is configured, so it
# has one of its own, with the prefix /usr.

set(LIBTHREAD_PACKAGE_CONTACT "libthread developers <libthread@localhost>"
    CACHE STRING "The maintainer that the packages name")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME libthread)
# Each package has a summary of its own, as the first line of its description.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_PACKAGE_CONTACT ${LIBTHREAD_PACKAGE_CONTACT})
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR})
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL library dev tools)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_STRIP_FILES ON)
# Whatever the umask of who makes them.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/tools/package/files.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/tools/package/control.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SOURCE libthread)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# Packages of programs that are linked with the library need this release of it.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libthread1)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/tools/package/triggers)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION
"Solaris threads library for Linux
Runs programs that were written for the threads of Solaris: thr_create,
mutex_lock, cond_wait, sema_post and the rest of <thread.h> and <synch.h>,
with unbound threads that are switched in user space over a pool of LWPs, and
bound threads beside them.

This package has the library that programs load, and those of the lightweight
processes of SunOS 4.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libthread-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
    "libthread1 (= ${PROJECT_VERSION}), libc6-dev")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS libthread-tools)
set(CPACK_DEBIAN_DEV_DESCRIPTION
"Solaris threads library for Linux (development files)
Headers, static library and manual of libthread, which runs programs that were
written for the threads of Solaris.

The headers are in /usr/include/libthread, where no program finds them that
does not ask for them: with the compiler wrappers of libthread-tools,
pkg-config or CMake.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME libthread-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_TOOLS_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS
    "libthread-dev (= ${PROJECT_VERSION}), gcc | clang, python3")
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS "g++ | clang, make")
set(CPACK_DEBIAN_TOOLS_DESCRIPTION
"Solaris threads library for Linux (tools for porting)
What takes programs for Solaris threads to Linux with their Makefiles as they
are: solcc and solCC take the command lines of Sun's compilers and run gcc or
clang, solscan tells what in a source tree needs a change, and solrun runs
programs of POSIX threads with the library.  The manual page porting(7) leads
through it.")

# What Debian wants beside each package's files; no part of a plain installation.
file(CONFIGURE OUTPUT package/changelog @ONLY CONTENT
"libthread (@PROJECT_VERSION@) unstable; urgency=medium

  * Release @PROJECT_VERSION@.

 -- @LIBTHREAD_PACKAGE_CONTACT@  Sat, 21 Nov 2026 12:00:00 +0000
")
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  install(FILES ${PROJECT_SOURCE_DIR}/tools/package/copyright
                ${CMAKE_CURRENT_BINARY_DIR}/package/changelog
          DESTINATION
            ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME}
          COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()

include(CPack)
