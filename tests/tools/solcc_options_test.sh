#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What solcc and solCC make of each option, seen through -###, with compilers
# that only say which version they are.
# usage: solcc_options_test.sh TOOLS_DIR
# shellcheck disable=SC2016 # a dollar in single quotes is meant to stay one
set -u
here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$1" && pwd)
# shellcheck source=tests/tools/lib.sh
. "$here/lib.sh"

# An installed tree: the wrappers find headers and library from where they are.
prefix=$work/prefix
mkdir -p "$prefix/bin" "$prefix/lib" "$prefix/include/libthread" "$work/stub" "$work/arm"
cp "$tools/solcc" "$tools/solCC" "$prefix/bin"
touch "$prefix/lib/libthread.so" "$prefix/include/libthread/thread.h"
prefix=$(readlink -f "$prefix")

# stub NAME REPLY: a compiler; REPLY is its answer to the question who it is.
stub() {
  cat >"$work/stub/$1" <<EOF
#!/bin/sh
case "\$*" in
  *"-E -P -x c -") echo "$2" ;;
  --version) echo "$1 stub 1.0"; echo more ;;
  *) echo "ran $1 \$#"; exit 7 ;;
esac
EOF
  chmod +x "$work/stub/$1"
}
stub gcc "__clang_major__ 12"
stub g++ "__clang_major__ 12"
stub gcc-14 "__clang_major__ 14"
stub clang "16 4"
stub clang++ "16 4"
stub "my cc" "__clang_major__ 9"
printf '#!/bin/sh\necho x86_64\n' >"$work/stub/uname"
printf '#!/bin/sh\necho aarch64\n' >"$work/arm/uname"
chmod +x "$work/stub/uname" "$work/arm/uname"
PATH=$prefix/bin:$work/stub:$PATH
cd "$work" || exit 1

printf '# comment = no directive\nV1 { global: f; local: *; };\n' >versions.map
printf '$mapfile_version 2\nSYMBOL_SCOPE { local: *; };\n' >version2.map
printf 'text = LOAD ?RX;\n' >segments.map

# The words of a line of the tables, and the wrapper they are for.
parse() {
  tool=solcc cxx=gcc
  [[ $1 == c++\ * ]] && tool=solCC cxx=g++
  read -ra words <<<"${1#c++ }"
}

while IFS= read -r line; do
  [[ -n $line && $line != \#* ]] || continue
  parse "${line% -> *}"
  expected=${line##* -> }
  run "$tool" '-###' "${words[@]}" a.o
  good
  is stdout "$stdout" "$cxx ${expected//LIBDIR/$prefix/lib}"
  is stderr "$stderr" ""
done <"$here/options.txt"

while IFS= read -r line; do
  [[ -n $line && $line != \#* ]] || continue
  parse "$line"
  run "$tool" '-###' "${words[@]}" "${words[@]}" a.o
  good
  is stdout "$stdout" "$cxx a.o"
  is stderr "$stderr" "$tool: warning: ${words[*]}: no equal here, ignored"
done <"$here/no_equal.txt"

run solcc '-###' -Y c,/x -Qpath /x -Qoption cg -a a.o
is stdout "$stdout" "gcc a.o"
is stderr "$stderr" "solcc: warning: -Y: no equal here, ignored
solcc: warning: -Qpath: no equal here, ignored
solcc: warning: -Qoption cg: no equal here, ignored"
run solcc '-###' -xcache=1 -xchip=ultra -xcache=2 libm.il a.o
is stderr "$stderr" "solcc: warning: -xcache=1: no equal here, ignored
solcc: warning: -xchip=ultra: no equal here, ignored
solcc: warning: libm.il: no equal here, ignored"

# refuses TEXT ARGUMENT...: status 2, one line that ends with TEXT.
refuses() {
  run "${@:2}"
  is status "$status" 2
  is stdout "$stdout" ""
  is stderr "$stderr" "${2##*/}: $1"
}
refuses "-m32: there is no 32-bit libthread" solcc -m32 -mt a.c
refuses "-m32: there is no 32-bit libthread" solcc -c a.c -m32 -mt
refuses "-m32: there is no 32-bit libthread" solCC a.o -m32 -lthread
refuses "-dn: libthread needs the shared C library" solcc -dn a.o -Bdynamic -lthread
refuses "fast.il: inline templates do not work here" solcc a.c fast.il
refuses "-M version2.map: only mapfiles of versions and scopes work here" solcc -M version2.map a.o
refuses "-M segments.map: only mapfiles of versions and scopes work here" solcc -Msegments.map a.o
refuses "-M none.map: cannot read the mapfile" solcc -M none.map a.o
refuses "-xP: prototypes cannot be printed here" solcc -xP a.c
refuses "-Zp4: would change the layout of the system's structures" solcc -Zp4 a.c
refuses "-P: one source file at a time" solcc -P a.c b.c
refuses "-xar: needs -o" solCC -xar a.o
refuses "-xar: takes object files only" solCC -xar -o x.a a.cc
for option in -o -h -R -L -z -Qoption; do
  refuses "$option: its argument is missing" solcc a.o "$option"
done
refuses "-Qoption: its argument is missing" solcc a.o -Qoption ld
refuses "-h: its argument is missing" solcc a.o -Wl,-h

# Nothing beside the wrapper, and an override that leads nowhere.
run env SOLCC_LIBDIR="$work" solcc -mt a.o
is status "$status" 2
is stderr "$stderr" "solcc: SOLCC_LIBDIR=$work: no libthread there"
run "$tools/solcc" -mt a.o
is status "$status" 2
has stderr "$stderr" "SOLCC_LIBDIR names its directory"
run env SOLCC_CC=no-such-compiler solcc a.o
is status "$status" 2
is stderr "$stderr" "solcc: no-such-compiler: not found (SOLCC_CC names the compiler)"

# What is added where something is compiled, per compiler and language mode.
lenient="-Wno-error=implicit-function-declaration -Wno-error=implicit-int"
lenient+=" -Wno-error=int-conversion -Wno-error=incompatible-pointer-types"
newer="-Wno-error=return-mismatch -Wno-error=declaration-missing-parameter-type"
clangs="-Wno-error=incompatible-function-pointer-types -Wno-error=return-type"
clangs+=" -Wno-error=return-mismatch"
headers="-isystem $prefix/include/libthread"
usual="-fno-strict-aliasing -fsigned-char"

compiles() {
  run "${@:2}" '-###' -c a.c
  good
  is stdout "$stdout" "$1 -c a.c"
  is stderr "$stderr" ""
}
compiles "gcc -std=gnu99 -fcommon $lenient $usual $headers" solcc
compiles "gcc -std=gnu99 -fcommon $lenient $usual $headers" solcc -Xa
compiles "gcc -std=gnu89 -fcommon $lenient $usual $headers" solcc -Xt
compiles "gcc -std=gnu89 -fcommon $lenient $usual $headers" solcc -Xs
compiles "gcc -std=gnu89 -fcommon $lenient $usual $headers" solcc -xc99=none
compiles "gcc -std=c99 -pedantic -fcommon $lenient $usual $headers" solcc -Xc
compiles "gcc -std=c89 -pedantic -fcommon $lenient $usual $headers" solcc -Xc -xc99=none
compiles "gcc -std=c11 -fcommon $lenient $usual $headers" solcc -std=c11
compiles "gcc -std=gnu99 -fcommon $lenient -fstrict-aliasing -fsigned-char $headers" \
  solcc -xalias_level=strong
compiles "gcc -std=gnu99 -fcommon $lenient -fno-strict-aliasing -funsigned-char $headers" \
  solcc -xchar=unsigned
compiles "gcc -std=gnu99 -fcommon $lenient $usual -fPIC $headers" solcc -G
compiles "gcc -std=gnu99 -fcommon $lenient $usual $headers -fpic" solcc -G -Kpic
compiles "gcc-14 -std=gnu99 -fcommon $lenient $newer $usual $headers" env SOLCC_CC=gcc-14 solcc
compiles "clang -Qunused-arguments -std=gnu99 -fcommon -Wno-unknown-warning-option $lenient $clangs \
$usual $headers" env SOLCC_CC=clang solcc
compiles "g++ -std=gnu++98 -fpermissive $usual $headers" solCC
compiles "g++ -std=c++11 -fpermissive $usual $headers" solCC -std=c++11
compiles "clang++ -Qunused-arguments -std=gnu++98 -fpermissive $usual $headers" \
  env SOLCC_CC="gcc" SOLCC_CXX=clang++ solCC
compiles "$work/stub/clang++ -Qunused-arguments -std=gnu++98 -fpermissive $usual $headers" \
  env SOLCC_CC="$work/stub/clang" solCC
stub c++ "__clang_major__ 12"
compiles "$work/stub/c++ -std=gnu++98 -fpermissive $usual $headers" \
  env SOLCC_CC="$work/stub/cc" solCC
compiles "'my cc' -std=gnu99 -fcommon $lenient $usual $headers" env SOLCC_CC="my cc" solcc
compiles "gcc -pipe -std=gnu99 -fcommon $lenient $usual $headers" env SOLCC_CC="gcc -pipe" solcc
mkdir own
touch own/thread.h own/libthread.a
compiles "gcc -std=gnu99 -fcommon $lenient $usual -isystem $(readlink -f own)" \
  env SOLCC_INCLUDE=own solcc
compiles "gcc -std=gnu99 -fcommon $lenient $usual -isystem $(readlink -f own) \
-isystem $(readlink -f .)/none -isystem $(readlink -f stub)" \
  env SOLCC_INCLUDE=own:none::stub solcc
run env SOLCC_LIBDIR=own SOLCC_RPATH=no solcc '-###' -lthread a.o
is stdout "$stdout" "gcc a.o -L$(readlink -f own) -lthread"

# The stand-in for a program that does not say that it has threads.
stubs=$prefix/lib/libthread/stubs
mkdir -p "$stubs"
touch "$stubs/libthread-implied.so"
implied="-Wl,--as-needed $stubs/libthread-implied.so -Wl,--no-as-needed"
run solcc '-###' a.o -lposix4
is stdout "$stdout" "gcc a.o -lrt $implied -Wl,-rpath,$prefix/lib"
run solCC '-###' -norunpath -G -KPIC a.o
is stdout "$stdout" "g++ -shared -fPIC a.o $implied"
run solcc '-###' -lthread a.o
is stdout "$stdout" "gcc a.o -L$prefix/lib -lthread -Wl,-rpath,$prefix/lib"
for option in -c -dn -r -xnolib; do
  run solcc '-###' "$option" a.o
  is "stand-in with $option" "$(grep -c implied <<<"$stdout")" 0
done
run solcc '-###' -llwp -lnbio a.o
has stdout "$stdout" "gcc -llwp -lnbio a.o "
rm -r "$prefix/lib/libthread"

# Symbolic links to the wrappers lead to the same tree.
mkdir links
ln -s "$prefix/bin/solCC" links/CC
run links/CC '-###' -mt a.o
is stdout "$stdout" "g++ -D_REENTRANT -pthread a.o -L$prefix/lib -lthread -Wl,-rpath,$prefix/lib"

# On another processor.
run env PATH="$work/arm:$PATH" solcc '-###' -m64 -xarch=generic64 -xarch=sse2 -native a.o
is stdout "$stdout" "gcc -mcpu=native a.o"
is stderr "$stderr" "solcc: warning: -xarch=sse2: no equal here, ignored"

# Quoting: one line, which a shell reads as the same words.
odd=("a b.o" '' "it's.o" '$HOME' "-DTEXT=\"x y\"" $'two\nlines' '*' '#')
run solcc '-###' "${odd[@]}"
good
is lines "$(wc -l <stdout)" 1
eval "again=($stdout)"
# shellcheck disable=SC2154
is "words read again" "$(printf '<%s>' "${again[@]:1}")" \
  "$(printf '<%s>' "${again[@]:1:${#again[@]}-${#odd[@]}-1}" "${odd[@]}")"

# What is printed is what runs; the compiler's status and output are passed on.
run solcc '-###' -R '$ORIGIN' a.o
is stdout "$stdout" "gcc '-Wl,-rpath,\$ORIGIN' a.o"
run solcc "-DTEXT=a  b" a.o
is status "$status" 7
is stdout "$stdout" "ran gcc 2"
run solcc '-#' -g a.o
is status "$status" 7
is stdout "$stdout" "ran gcc 2"
is stderr "$stderr" "gcc -g a.o"
run solCC -v -g a.o
is stdout "$stdout" "ran g++ 2"
is stderr "$stderr" "g++ -g a.o"
run solCC -dryrun -g a.o
good
is stdout "$stdout" "g++ -g a.o"

# Version and help; a run without files is the compiler's business.
run solcc -V
good
is stderr "$stderr" "solcc: with gcc stub 1.0"
run solCC -V a.o
is status "$status" 7
is stderr "$stderr" "solCC: with g++ stub 1.0"
run solcc -flags
good
has stderr "$stderr" "solcc(1)"
run solcc -mt -O
is status "$status" 7
is stdout "$stdout" "ran gcc 3"

# Other output than a program.
run solcc '-###' -P sub/a.c
has stdout "$stdout" " -E -P sub/a.c -o a.i"
run solcc '-###' -P a.c -o b.i
has stdout "$stdout" " -E -P a.c -o b.i"
run solcc '-###' -E -mt a.c
has stdout "$stdout" "-isystem $prefix/include/libthread -E -D_REENTRANT -pthread a.c"
run solCC '-###' -xar -o libx.a a.o b.o -mt
is stdout "$stdout" "ar rcs libx.a a.o b.o"

# The commands in the manual page are accepted as they stand there.
cp versions.map mapfile
examples=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$tools/../man/solcc.1" |
  sed -n '/^\.Bd/,/^\.Ed/{/^\./d; s/\\e$/\\/; p}' | sed -e ':a' -e '/\\$/{N; s/\\\n//; ba}')
while IFS= read -r example; do
  run bash -c "${example/solcc /solcc -### }"
  good
  has stdout "$stdout" " -D_REENTRANT -pthread "
done <<<"$examples"
is examples "$(wc -l <<<"$examples")" 3

finish 719
