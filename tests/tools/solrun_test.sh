#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs programs that were linked without libthread with it, and looks at what the
# library counted: were the threads unbound?
# usage: solrun_test.sh TOOLS_DIR LIB_DIR CC PYTHON
set -u
here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$1" && pwd)
libdir=$(cd "$2" && pwd)
cc=$3 python=$4
# shellcheck source=tests/tools/lib.sh
. "$here/lib.sh"
unset LD_LIBRARY_PATH LD_PRELOAD "${!LIBTHREAD_@}"
export SOLCC_LIBDIR=$libdir
PATH=$tools:$PATH
cd "$work" || exit 1
"$cc" -O -pthread "$here/pthreads.c" -o pthreads || exit 1
is "needs libthread" "$(readelf -d pthreads | grep -c libthread)" 0

# counted NAME: a number of LIBTHREAD_STATS in the last run.
counted() {
  sed -n "s/^libthread: $1  *\([0-9]*\).*/\1/p" <<<"$stderr"
}

# Of 100 threads, each of which runs at least once, and main, which is left and
# entered again: so many switches in user space only unbound threads make.
run timeout 60 solrun -s ./pthreads 100
good
is stdout "$stdout" 100
is "threads made" "$(counted 'threads made')" 101
is "switches ($stderr)" "$(($(counted switches) >= 100))" 1
is "pool" "$(($(counted 'pool LWPs at most') >= 1))" 1

# Bound ones make none, in each of the two ways to have them.
for options in "-b" "-m one-to-one"; do
  # shellcheck disable=SC2086 # two words
  run timeout 60 solrun $options -s ./pthreads 100
  good
  is "threads made ($options)" "$(counted 'threads made')" 101
  is "switches ($options)" "$(counted switches)" 0
done

run timeout 60 solrun -v -c 3 -p -m two-level ./pthreads 1
good
has stderr "$stderr" "model two-level"
has stderr "$stderr" "concurrency 3"
has stderr "$stderr" "poller on, pthreads unbound"

# The environment of the program: what was there stays.
run env LD_PRELOAD=libdl.so.2 solrun env
good
has environment "$stdout" "LD_PRELOAD=libdl.so.2:$libdir/libthread.so.1"
has environment "$stdout" "LIBTHREAD_PTHREADS=unbound"
run solrun -b env
has environment "$stdout" "LIBTHREAD_PTHREADS=bound"

# Status, arguments and signals are the program's own.
run solrun ./pthreads status
is status "$status" 7
# shellcheck disable=SC2016
run solrun sh -c 'printf "<%s>" "$0" "$@"' "a  b" '' '*'
is stdout "$stdout" '<a  b><><*>'
solrun ./pthreads signal >signal.out &
child=$!
until [[ -s signal.out ]] || ! kill -0 "$child" 2>/dev/null; do :; done
is "process" "$(<signal.out)" "$child"
kill -TERM "$child"
status=0
wait "$child" || status=$?
is "status after SIGTERM" "$status" 143

# A big program with threads.  CPython asks for threads of system scope, which
# stay bound, but they are the library's.
cat >threads.py <<'END'
import queue, threading
jobs, results = queue.Queue(), []
def work():
    while (job := jobs.get()) is not None:
        results.append(job * job)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for job in range(1000): jobs.put(job)
for thread in threads: jobs.put(None)
for thread in threads: thread.join()
print(sum(results))
END
run timeout 60 solrun -s "$python" -B threads.py
good
is stdout "$stdout" 332833500
is "threads made" "$(counted 'threads made')" 9

# refuses STATUS TEXT ARGUMENT...
refuses() {
  run "${@:3}"
  is status "$status" "$1"
  is stdout "$stdout" ""
  is stderr "$stderr" "solrun: $2"
}
refuses 127 "no-such-program: not found" solrun no-such-program
refuses 127 "./none: not found" solrun ./none
refuses 126 "$work: is a directory" solrun "$work"
echo text >text
refuses 126 "./text: cannot be run" solrun ./text
refuses 125 "green: no model; two-level, one-to-one or many-to-one" solrun -m green ls
run solrun
is status "$status" 125
has stderr "$stderr" "usage: solrun"
run solrun -x ls
is status "$status" 125
mkdir "a b"
cp "$libdir/libthread.so.1" "a b"
refuses 125 "$work/a b/libthread.so.1: the dynamic linker preloads no path with a colon or space" \
  env SOLCC_LIBDIR="$work/a b" solrun ls
refuses 125 "SOLCC_LIBDIR=$work: no libthread.so.1 there" env SOLCC_LIBDIR="$work" solrun ls
run env -u SOLCC_LIBDIR "$tools/solrun" ls
is status "$status" 125
has stderr "$stderr" "SOLCC_LIBDIR names its directory"

if "$cc" -static -pthread "$here/pthreads.c" -o static 2>/dev/null; then
  refuses 126 "./static: is linked statically: nothing can be preloaded" solrun ./static
fi
# Headers of programs that cannot be made here: 32 bits, another processor.
head -c 4096 pthreads >short
printf '\001' | dd of=short bs=1 seek=4 conv=notrunc status=none
chmod +x short
refuses 126 "./short: is a 32-bit program; libthread is not" solrun ./short
head -c 4096 pthreads >other
printf '\377\377' | dd of=other bs=1 seek=18 conv=notrunc status=none
chmod +x other
refuses 126 "./other: is for another kind of processor than $libdir/libthread.so.1" solrun ./other
# A setuid program of one's own runs as oneself: there is nothing to refuse.
cp pthreads setuid
chmod u+s setuid
run timeout 60 solrun ./setuid 3
good
# Only root can give a program away.
if ((EUID == 0)); then
  chown 1 setuid
  chmod u+s setuid
  refuses 126 "./setuid: runs as another user (setuid): nothing can be preloaded" solrun ./setuid
fi

finish 60
