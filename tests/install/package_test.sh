#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The Debian packages, each step in BUILD, a build tree of their own:
#
#   make       configures it with the prefix /usr, builds, runs cpack
#   contents   what is in which package, and what they say of themselves
#   examples   installs them by dpkg under a root of our own, where nothing but
#              what they depend on is installed; builds and runs the examples
#              with the solcc of there; removes them, and nothing is left
#
# No step needs root or changes the system.
# usage: package_test.sh make|contents|examples SOURCE BUILD TREE
#   TREE is the build tree of the tests: its compilers and settings are used.
set -euo pipefail
step=$1 source=$2 build=$3 tree=$4
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
unset LD_LIBRARY_PATH MAKEFLAGS MAKELEVEL MFLAGS DESTDIR
unset "${!LIBTHREAD_@}" "${!SOLCC_@}" "${!DPKG_@}" "${!CPACK_@}"
umask 022
packages=(libthread1 libthread-dev libthread-tools)
work=$build/$step

bad=0
problem() {
  printf '%s\n' "install.package.$step: $*" >&2
  bad=1
}

quietly() {
  if ! "$@" >"$work/output" 2>&1; then
    cat "$work/output" >&2
    problem "failed: $*"
    exit 1
  fi
}

deb() {
  local file=("$build/$1"_*.deb)
  ((${#file[@]} == 1)) && [[ -e ${file[0]} ]] || problem "packages $1: ${file[*]}"
  printf '%s\n' "${file[0]}"
}

# setting NAME: of the build tree of the tests.
setting() {
  sed -n "s/^$1:[A-Z]*=//p" "$tree/CMakeCache.txt"
}

step_make() {
  local name options=()
  for name in CMAKE_BUILD_TYPE CMAKE_C_COMPILER CMAKE_CXX_COMPILER \
    CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER CMAKE_GENERATOR \
    CMAKE_MAKE_PROGRAM; do
    [[ -z $(setting "$name") ]] || options+=("-D$name=$(setting "$name")")
  done
  # A tree of another state of the sources would do no harm, but prove nothing.
  rm -f "$build"/*.deb
  quietly cmake -S "$source" -B "$build" -G "$(setting CMAKE_GENERATOR)" \
    -DCMAKE_INSTALL_PREFIX=/usr -DLIBTHREAD_TESTS=OFF "${options[@]}"
  quietly cmake --build "$build" --parallel 2 --target libraries
  cd "$build"
  quietly cpack
}

# field PACKAGE NAME TEXT
field() {
  local text
  text=$(dpkg-deb -f "$(deb "$1")" "$2")
  [[ $text == $3 ]] || problem "$1: $2: $text"
}

# Who owns what, in which directories.
contents_of_package() {
  local package=$1 directories=$2 file
  mkdir "$work/$package" "$work/$package.control"
  quietly dpkg-deb -x "$(deb "$package")" "$work/$package"
  quietly dpkg-deb -e "$(deb "$package")" "$work/$package.control"
  (cd "$work/$package" && find . ! -type d -printf '%P\n') |
    sort >"$work/$package.files"
  [[ -s $work/$package.files ]] || problem "$package is empty"
  file=$(grep -Evx "$directories|usr/share/doc/$package/.*" \
    "$work/$package.files") && problem "$package has $file"
  for file in copyright changelog.gz; do
    [[ -s $work/$package/usr/share/doc/$package/$file ]] ||
      problem "$package: no $file"
  done
  [[ $(zcat "$work/$package/usr/share/doc/$package/changelog.gz" |
    dpkg-parsechangelog -l - -S Version) == "$(dpkg-deb -f "$(deb "$package")" \
    Version)" ]] || problem "$package: the changelog is of another version"
  file=$(dpkg-deb -c "$(deb "$package")" |
    grep -Ev '^(drwxr-xr-x|-rw-r--r--|lrwxrwxrwx|-rwxr-xr-x) root/root .* \./(usr/|$)') &&
    problem "$package: owner or mode: $file"
  (cd "$work/$package" && quietly md5sum --check --strict \
    "$work/$package.control/md5sums")
  [[ $(wc -l <"$work/$package.control/md5sums") == \
    $(cd "$work/$package" && find . -type f | wc -l) ]] || problem "$package: md5sums"
  file=$(find "$work/$package.control" -name 'p*') # preinst to postrm
  [[ -z $file ]] || problem "$package: needs no scripts, has ${file##*/}"
}

step_contents() {
  local file page target library
  [[ $(echo "$build"/*.deb | wc -w) == 3 ]] || problem "made: $(echo "$build"/*.deb)"
  contents_of_package libthread1 \
    'usr/lib/[^/]+/lib(thread\.so\.1|lwp\.so\.4|nbio\.so\.4)(\.[0-9.]+)?'
  contents_of_package libthread-dev "usr/include/libthread/.*\\.h\
|usr/lib/[^/]+/(lib(thread|lwp|nbio)\\.(so|a)|pkgconfig/(libthread|sunos4-lwp)\\.pc|cmake/libthread/.*\\.cmake)\
|usr/lib/[^/]+/libthread/.*|usr/share/man/man[2357]/.*\\.gz"
  contents_of_package libthread-tools \
    'usr/bin/sol[^/]+|usr/share/man/man1/sol.*\.gz|usr/share/libthread/.*'

  # Together they are what an installation is, each file in one of them.
  file=$(sort "$work"/*.files | uniq -d)
  [[ -z $file ]] || problem "in two packages: $file"
  DESTDIR=$work/all quietly cmake --install "$build"
  file=$(diff <(cd "$work/all" && find . ! -type d -printf '%P\n' | sort) \
    <(grep -hv '^usr/share/doc/' "$work"/*.files |
      sed '/share\/man/s/\.gz$//' | sort)) || problem "installed and packed: $file"

  field libthread1 Depends '*libc6 (>= 2.*)*'
  field libthread1 Section libs
  field libthread1 Multi-Arch same
  field libthread-dev Depends 'libthread1 (= *), libc6-dev*'
  field libthread-dev Section libdevel
  field libthread-dev Multi-Arch same
  field libthread-tools Depends 'libthread-dev (= *), *gcc | clang*'
  field libthread-tools Architecture all
  field libthread-tools Multi-Arch foreign
  for file in "${packages[@]}"; do
    field "$file" Source libthread
    field "$file" Priority optional
    field "$file" Maintainer 'libthread developers <*>'
    field "$file" Description '*Solaris threads*'
  done
  grep -qx 'activate-noawait ldconfig' "$work/libthread1.control/triggers" ||
    problem "libthread1: no trigger for ldconfig"
  for file in 'libthread 1' 'liblwp 4' 'libnbio 4'; do
    grep -q "^$file libthread1 (>= " "$work/libthread1.control/shlibs" ||
      problem "libthread1: programs cannot depend on $file"
  done

  library=$(echo "$work"/libthread1/usr/lib/*/libthread.so.1)
  [[ $(dpkg-architecture -q DEB_HOST_MULTIARCH) == \
    "$(basename "$(dirname "$library")")" ]] || problem "library in $library"
  ! readelf -WS "$library" | grep -q '\.debug_\|\.symtab' || problem "not stripped"
  ! readelf -WS "$(dirname "${library/libthread1/libthread-dev}")/libthread.a" |
    grep -q '\.debug_' || problem "libthread.a is not stripped"

  # A stub page leads to a page.
  while read -r page; do
    target=$(zcat "$page" | sed -n 's/^\.so //p')
    [[ -z $target || -e $work/libthread-dev/usr/share/man/$target.gz ||
      -e $work/libthread-tools/usr/share/man/$target.gz ]] ||
      problem "$page leads to $target"
  done < <(find "$work"/libthread-*/usr/share/man -name '*.gz')

  # No file is another package's, as far as this system knows; and no page is
  # one of manpages-dev, which need not be installed here.
  target=$(sed 's|^|/|' "$work"/*.files | xargs dpkg -S 2>/dev/null |
    grep -Ev '^libthread(1|-dev|-tools)[:,]|^diversion' || true)
  [[ -z $target ]] || problem "of another package: $target"
  file=$(grep -hE "/man3/(errno|fopencookie|sigset|sighold|sigrelse|sigignore|\
sigpause|sigwait|sigvec|sleep|sysconf|malloc|string)\\.3\\.gz|\
/man2/(fork|vfork|getitimer|setitimer|gettimeofday|sched_yield|sigaction|\
sigprocmask|sysinfo|getmsg|putmsg|isastream|fattach)\\.2\\.gz" "$work"/*.files) &&
    problem "pages of the system's manual: $file"
  true
}

# A root in which only that is installed what the packages depend on.
new_root() {
  local package list
  mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers,alternatives} "$root/etc"
  touch "$root"/var/lib/dpkg/{status,available,diversions,statoverride}
  for package in libc6 libgcc-s1 libc6-dev gcc python3; do
    dpkg-query -W -f='${Package}\t${Architecture}\t${Version}\t${Multi-Arch}\n' \
      "$package:$(dpkg --print-architecture)" |
      while IFS=$'\t' read -r name architecture version multi; do
        list=$name
        [[ $multi != same ]] || list=$name:$architecture
        echo /. >"$root/var/lib/dpkg/info/$list.list"
        : >"$root/var/lib/dpkg/info/$list.md5sums"
        printf '%s\n' "Package: $name" "Status: install ok installed" \
          "Architecture: $architecture" "Version: $version" \
          ${multi:+"Multi-Arch: $multi"} "Maintainer: nobody <nobody@localhost>" \
          "Description: stands for the system's" ""
      done
  done >"$root/var/lib/dpkg/status"
}

in_root() {
  dpkg --root="$root" --force-not-root --force-script-chrootless --log=/dev/null "$@"
}

tree_of_root() {
  (cd "$root" && find . -path ./var/lib/dpkg -prune -o -print | sort)
}

step_examples() {
  local root=$work/root before makefile name model
  new_root
  before=$(tree_of_root)
  # What others need comes first, or not at all.
  ! in_root --install "$(deb libthread-tools)" >"$work/output" 2>&1 ||
    problem "libthread-tools alone can be installed"
  quietly in_root --purge libthread-tools
  quietly in_root --install "$(deb libthread1)" "$(deb libthread-dev)" \
    "$(deb libthread-tools)"
  ! grep -i 'warning\|error' "$work/output" >&2 || problem "dpkg complains"
  [[ -z $(in_root --audit) ]] || problem "dpkg --audit: $(in_root --audit)"
  [[ -z $(in_root --verify) ]] || problem "dpkg --verify: $(in_root --verify)"

  for makefile in "$source"/examples/*/Makefile; do
    name=$(basename "$(dirname "$makefile")")
    quietly bash "$source/tests/examples/example.sh" build \
      "$source/examples/$name" "$work/$name" "$root/usr" \
      "$(setting CMAKE_C_COMPILER)" "$(setting CMAKE_CXX_COMPILER)"
    readelf -d "$work/$name/$name" | grep -q "PATH.*$root/usr/lib/" ||
      problem "$name was not linked with the installed library"
    for model in two-level one-to-one many-to-one; do
      quietly timeout 60 bash "$source/tests/examples/example.sh" run \
        "$work/$name" "$model"
    done
  done

  ! in_root --remove libthread1 >"$work/output" 2>&1 ||
    problem "libthread1 can be removed while libthread-dev is there"
  # Twice: the second time, another way.
  quietly in_root --remove libthread-tools libthread-dev libthread1
  [[ $(tree_of_root) == "$before" ]] || problem "left: $(tree_of_root)"
  quietly in_root --install "$build"/*.deb
  quietly in_root --purge "${packages[@]}"
  [[ $(tree_of_root) == "$before" ]] || problem "left: $(tree_of_root)"
  ! in_root -l 'libthread*' 2>/dev/null | grep -q '^.[^n]  *libthread' ||
    problem "dpkg still knows of libthread"
}

rm -rf "$work"
mkdir -p "$work"
"step_$step"
((bad)) || rm -rf "$work"
exit "$bad"
