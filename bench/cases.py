# SPDX-License-Identifier: MIT
"""What bench/run measures: the cases, their rows in the table, the goals.

A case is one program with one set of arguments, run for every library that
takes part.  A row is one figure of its result line.  Goals are stated for
libthread's unbound threads.
"""

from dataclasses import dataclass

UNBOUND, BOUND = "libthread", "libthread_bound"
# Order of the columns, and the name of each in the programs' result lines.
PEERS = {
    UNBOUND: "libthread-unbound",
    BOUND: "libthread-bound",
    "pthread": "pthread",
    "fiber": "fiber",
    "st": "st",
    "pth": "pth",
}
TITLES = {
    UNBOUND: "libthread unbound",
    BOUND: "libthread bound",
    "pthread": "pthreads",
    "fiber": "Boost.Fiber",
    "st": "State Threads",
    "pth": "GNU Pth",
}
ALL = tuple(PEERS)
TWO_LWPS = (UNBOUND, BOUND, "pthread", "fiber")
NO_RWLOCK = ("fiber", "st")
_PROCESSES = (UNBOUND, BOUND, "pthread")


@dataclass(frozen=True)
class Goal:
    """`ahead`: faster than these peers; `factor` * peer; or a plain limit."""

    ahead: tuple = ()
    factor: float = 0.0       # at most factor times pthreads
    limit: float = 0.0        # at most this
    least: float = 0.0        # at least this
    more: float = 0.0         # at most this much above pthreads


@dataclass(frozen=True)
class Row:
    metric: str               # key in the result line
    unit: str
    title: str
    issue: tuple = ()         # goals of the first two-level release
    final: tuple = ()         # goals of the finished library


@dataclass(frozen=True)
class Case:
    key: str
    program: str
    rows: tuple
    lwps: int = 1
    pin: bool = True          # all of the process on one processor
    args: tuple = ()
    peers: tuple = ALL
    smoke: tuple = ("--n=20",)
    full_only: bool = False
    env: tuple = ()           # more of libthread's variables: (name, value)


def _ns(title, issue=(), final=()):
    return (Row("ns", "ns", title, issue, final),)


def _ms(title, issue=(), final=()):
    return (Row("ms", "ms", title, issue, final),)


def _without(*names):
    return tuple(peer for peer in ALL if peer not in names)


_AHEAD = (Goal(ahead=("fiber", "pthread")),)
_SAME_AS_PTHREAD = (Goal(factor=1.0),)


def _w2(key, count, peers, full_only=False):
    """The figures at `count` threads; from 200,000 on the goals apply."""
    text = f"{count:,} alive at once"
    large = count >= 200_000
    goal = lambda limit: (Goal(limit=limit),) if large else ()
    reached = Row(
        "reached", "", f"{text}: threads reached",
        issue=(Goal(least=200_000),) if large else (),
        final=(Goal(least=1_000_000),) if count >= 1_000_000 else ())
    return Case(
        key, "w2",
        (Row("ns", "ns", f"{text}: create, cold", final=goal(6000)),
         Row("warm", "ns", f"{text}: create, warm", final=goal(500)),
         Row("rss", "bytes", f"{text}: resident, each", final=goal(10240)),
         reached),
        args=(f"--n={count}",), peers=peers, full_only=full_only)


def _free(case_key, program, title):
    """The same as the one-LWP case, but free to use every processor."""
    return Case(case_key, program, _ns(title + ", not pinned"), pin=False,
                peers=(UNBOUND, BOUND, "pthread"))


CASES = (
    Case("W1", "w1", _ns("create + join, one at a time", _AHEAD,
                         (Goal(limit=90),))),
    _free("W1 free", "w1", "create + join, one at a time"),
    # GNU Pth needs minutes for 10,000 parked threads, State Threads for
    # 200,000; kernel threads in such numbers would starve the machine of ids.
    _w2("W2", 10_000, _without("pth")),
    _w2("W2 200k", 200_000, (UNBOUND, "fiber")),
    _w2("W2 1M", 1_000_000, (UNBOUND,), full_only=True),
    Case("W3", "w3", _ns("yield, per switch", _AHEAD, (Goal(limit=40),))),
    Case("W4", "w4", _ns("mutex, uncontended", (Goal(factor=1.3),),
                         _SAME_AS_PTHREAD)),
    Case("W5", "w5", _ns("mutex, 64 threads, per operation",
                         final=(Goal(limit=33),)),
         lwps=2, pin=False, peers=TWO_LWPS),
    Case("W6", "w6", _ns("semaphore ping-pong, round trip", _AHEAD,
                         (Goal(limit=120),))),
    _free("W6 free", "w6", "semaphore ping-pong, round trip"),
    Case("W6x", "w6", _ns("semaphore ping-pong, two LWPs",
                          final=(Goal(limit=1000),)),
         lwps=2, pin=False, peers=TWO_LWPS),
    Case("W7", "w7", _ns("token round 1,000 threads, per hop", _AHEAD,
                         (Goal(limit=90),)), smoke=("--n=2",)),
    _free("W7 free", "w7", "token round 1,000 threads, per hop"),
    Case("W8", "w8", _ns("fork-join fib(20), per thread",
                         final=(Goal(limit=110),)),
         peers=_without("pth"), smoke=("--n=1", "--depth=8")),
    Case("W8 two", "w8", _ns("fork-join fib(20), per thread, two LWPs",
                             final=(Goal(limit=60),)),
         lwps=2, pin=False, peers=TWO_LWPS, smoke=("--n=1", "--depth=8")),
    Case("W9", "w9", _ns("getspecific", (Goal(factor=1.3),),
                         (Goal(limit=3),))),
    Case("W10", "w10", _ms("64 × 10 × 1 ms blocked in the kernel + 60 ms CPU",
                           final=(Goal(limit=95),)),
         smoke=("--n=1",)),
    Case("W10 two", "w10", _ms("the same, two LWPs", (Goal(limit=200),),
                               (Goal(limit=75),)),
         lwps=2, pin=False, peers=TWO_LWPS, smoke=("--n=1",)),
    Case("W10n", "w10", _ms("the same with libc's nanosleep"),
         args=("--what=libc",), smoke=("--n=1",)),
    Case("W10n two", "w10", _ms("the same with libc's nanosleep, two LWPs"),
         lwps=2, pin=False, args=("--what=libc",), peers=TWO_LWPS,
         smoke=("--n=1",)),
    Case("W11", "w10", _ms("the same, sleeps that park only the thread",
                           final=(Goal(limit=70),)),
         args=("--what=park",), smoke=("--n=1",)),
    Case("W11 two", "w10", _ms("the same, sleeps that park, two LWPs",
                               final=(Goal(limit=70),)),
         lwps=2, pin=False, args=("--what=park",), peers=TWO_LWPS,
         smoke=("--n=1",)),
    Case("W12s", "w12", _ns("sema_post + sema_wait, uncontended",
                            final=_SAME_AS_PTHREAD), args=("--what=sema",)),
    Case("W12r", "w12", _ns("rw_rdlock + rw_unlock, uncontended",
                            final=_SAME_AS_PTHREAD),
         args=("--what=rwlock",), peers=_without(*NO_RWLOCK)),
    Case("W12c", "w12", _ns("cond_signal without waiters",
                            final=_SAME_AS_PTHREAD), args=("--what=cond",)),
    Case("W13", "w13", _ns("process-shared mutex, two processes, per operation",
                           final=_SAME_AS_PTHREAD),
         lwps=2, pin=False, args=("--what=mutex",), peers=_PROCESSES),
    Case("W13u", "w13", _ns("process-shared mutex, uncontended",
                            final=_SAME_AS_PTHREAD),
         args=("--what=alone",), peers=_PROCESSES),
    Case("W13s", "w13", _ns("process-shared semaphores, ping-pong of two"
                            " processes, round trip"),
         args=("--what=sema",), peers=_PROCESSES),
    Case("W14", "w14", _ns("start and end of a process that loads the library",
                           final=(Goal(more=300_000),)),
         peers=_without(BOUND)),
    Case("W15", "w15", _ns("echo server, 400 connections, per request"),
         lwps=2, pin=False, peers=(UNBOUND, BOUND, "pthread"),
         smoke=("--n=500",), env=(("LIBTHREAD_POLLER", "1"),)),
)
