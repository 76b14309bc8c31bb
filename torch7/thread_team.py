"""The threads of the CPU kernels: a team that waits without using a processor and survives a fork.

One thread, the caller, shares the parts of a job with the others; everybody takes the next part that nobody has begun,
so the caller goes on alone where the others are not scheduled. Who waits spins for a moment, which bridges the time to
the next job, and then sleeps. Where other processes interrupt the spinning or the parts for longer than helping saves,
the machine is busy: for a while nobody spins and fewer help. A job is run by its caller alone where another caller has
the team, inside a part of a job, and where no threads can be had. A forked process begins with an empty team. The
parts, and with them the results, are the same in every case.

Numba's own layers (tbb, omp, workqueue) run other programs' loops as ever. Our kernels do not use them: GNU's OpenMP
ends a forked process, and its threads spin.
"""

from __future__ import annotations

import signal
import time

from numba.core import types

from .atomics import add, address_of, call, exchange, load, pause, stack, store
from .kernel_cache import compiled, inner

#: Words of the team's memory, on lines of 64 bytes by who writes them.
TICKET, PARTS, BODY, CONTEXT, FIRST = range(5)
DONE = 8
SLEEPING, WAITING, BUSY_UNTIL, BUSY_FOR, ALLOWED, LOST = range(16, 22)
TAKEN, WORKERS, STOP = 24, 25, 26
MUTEX, WORK_CAME, JOB_ENDED = 32, 48, 64
LIMIT, WORKER, RANGE, TOGETHER = range(72, 76)
THREADS, MOST = 80, 1024
SIZE = THREADS + MOST
#: A ticket is the number of the job, how many may still help, and how many parts are not begun.
JOB, HELPER, LEFT = 1 << 36, 1 << 24, (1 << 24) - 1
HELPERS, JOBS = (JOB - 1) ^ LEFT, (1 << 62) - JOB
#: Nanoseconds: how long to spin, and what interruption of it counts as lost.
SPIN, GAP = 100_000, 300_000
#: Nanoseconds that the team may have lost, on balance, on a machine that is not busy; what it saved of late that counts
#: against them, in all and by one job. An interruption now and then, which every machine has, makes nobody stand back.
LATE, SAVED, SAVED_BY_JOB = 100_000, 8_000_000, 300_000
#: Nanoseconds: how long a machine is taken for busy.
SHORTEST, LONGEST = 4_000_000, 128_000_000


def _external(name: str, result: types.Type, *arguments: types.Type) -> types.ExternalFunction:
    return types.ExternalFunction(name, result(*arguments))


_address, _int = types.int64, types.int32
_mutex_init = _external("pthread_mutex_init", _int, _address, _address)
_cond_init = _external("pthread_cond_init", _int, _address, _address)
_lock = _external("pthread_mutex_lock", _int, _address)
_unlock = _external("pthread_mutex_unlock", _int, _address)
_sleep = _external("pthread_cond_wait", _int, _address, _address)
_wake = _external("pthread_cond_signal", _int, _address)
_wake_all = _external("pthread_cond_broadcast", _int, _address)
_create = _external("pthread_create", _int, _address, _address, _address, _address)
_join = _external("pthread_join", _int, _address, _address)
_sigmask = _external("pthread_sigmask", _int, _int, _address, _address)
_clock = _external("clock_gettime", _int, _int, _address)
team_address = address_of("torch7_team")
MONOTONIC, BLOCK, RESTORE = time.CLOCK_MONOTONIC, int(signal.SIG_BLOCK), int(signal.SIG_SETMASK)
#: Signals of the program's other threads, as bits: all but those that a fault in the thread itself raises.
SIGNALS = ~sum(1 << s - 1 for s in (signal.SIGILL, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV))


@inner
def _at(team, n):
    """The address of a word."""
    return team + 8 * n


@compiled
def reset(team):
    """A team of nobody."""
    for n in range(LIMIT):
        store(team, n, 0)
    _mutex_init(_at(team, MUTEX), 0)
    _cond_init(_at(team, WORK_CAME), 0)
    _cond_init(_at(team, JOB_ENDED), 0)


@inner
def _now(clock):
    """Nanoseconds; ``clock`` is room for two words."""
    _clock(MONOTONIC, clock)
    return load(clock, 0) * 1_000_000_000 + load(clock, 1)


@inner
def _ready(team, parts):
    """Whether what a thread waits for is there: the end of a job of so many parts, or for 0 something to do."""
    if parts > 0:
        return load(team, DONE) >= parts
    ticket = load(team, TICKET)
    return (ticket & LEFT != 0 and ticket & HELPERS != 0) or load(team, STOP) != 0


@inner
def _busy(team, now, helpers):
    """Others need the processors: for a while nobody spins and fewer help, so that no job waits for who is not run.

    For twice as long as before, if less time than that has passed since; else for less, the longer ago.
    """
    quiet, before = now - load(team, BUSY_UNTIL), load(team, BUSY_FOR)
    if quiet < 0:
        return
    busy_for = min(max(2 * before if quiet < before else before * before // max(quiet, 1), SHORTEST), LONGEST)
    store(team, ALLOWED, helpers - max(1, helpers // 4))
    store(team, BUSY_UNTIL, now + busy_for)
    store(team, BUSY_FOR, busy_for)


@inner
def _lose(team, now, helpers, nanoseconds):
    """Note what waiting has cost, or where negative saved; a machine where it costs more than it saves is busy."""
    lost = max(load(team, LOST) + nanoseconds, -SAVED)
    if lost > LATE:
        _busy(team, now, helpers)
        lost = 0
    store(team, LOST, lost)


@inner
def _spin(team, parts):
    """Wait for a moment without giving up the processor; whether that was enough."""
    clock = stack(2)
    start = last = _now(clock)
    if start < load(team, BUSY_UNTIL):
        return _ready(team, parts)
    while last - start < SPIN:
        for _ in range(16):
            if _ready(team, parts):
                return True
            pause()
        now = _now(clock)
        if now - last > GAP:
            _lose(team, now, load(team, LIMIT), now - last)
            return False
        last = now
    return False


@inner
def _help(team, ticket):
    """Run parts of the job of a ticket until all are begun; how many."""
    job, run = ticket & JOBS, 0
    while ticket & LEFT and ticket & JOBS == job:
        seen = exchange(team, TICKET, ticket, ticket - 1)
        if seen == ticket:
            parts, context = load(team, PARTS), load(team, CONTEXT)
            call(load(team, BODY), context, context, load(team, FIRST) + parts - (ticket & LEFT), parts)
            if add(team, DONE, 1) + 1 == parts and load(team, WAITING):
                _lock(_at(team, MUTEX))
                _wake(_at(team, JOB_ENDED))
                _unlock(_at(team, MUTEX))
            seen, run = load(team, TICKET), run + 1
        ticket = seen
    return run


@inner
def _join_in(team):
    """Help with the present job, if it has parts and help is wanted."""
    ticket = load(team, TICKET)
    while ticket & LEFT and ticket & HELPERS:
        seen = exchange(team, TICKET, ticket, ticket - HELPER)
        if seen == ticket:
            _help(team, ticket - HELPER)
            seen = load(team, TICKET)
        ticket = seen


def worker(team):
    """The life of a thread of the team."""
    while load(team, STOP) == 0:
        _join_in(team)
        if not _spin(team, 0):
            _lock(_at(team, MUTEX))
            add(team, SLEEPING, 1)
            if not _ready(team, 0):
                _sleep(_at(team, WORK_CAME), _at(team, MUTEX))
            add(team, SLEEPING, -1)
            _unlock(_at(team, MUTEX))
    return 0


@inner
def _hire(team, number):
    """Start threads until the team has so many, or no more can be had; signals stay with the other threads."""
    signals, before = stack(16), stack(16)
    for n in range(16):
        store(signals, n, SIGNALS if n == 0 else -1)
    _sigmask(BLOCK, signals, before)
    have = load(team, WORKERS)
    while have < number and _create(_at(team, THREADS + have), 0, load(team, WORKER), team) == 0:
        have += 1
        store(team, WORKERS, have)
    _sigmask(RESTORE, before, 0)


@inner
def _finish(team, parts):
    """Wait until all parts of the job have ended."""
    if not _spin(team, parts):
        _lock(_at(team, MUTEX))
        store(team, WAITING, 1)
        while not _ready(team, parts):
            _sleep(_at(team, JOB_ENDED), _at(team, MUTEX))
        store(team, WAITING, 0)
        _unlock(_at(team, MUTEX))


@inner
def _publish(team, body, context, first, parts, helpers):
    """Offer a job to so many helpers; its ticket."""
    store(team, BODY, body)
    store(team, CONTEXT, context)
    store(team, FIRST, first)
    store(team, PARTS, parts)
    store(team, DONE, 0)
    ticket = ((load(team, TICKET) & JOBS) + JOB) & JOBS | HELPER * helpers | parts
    store(team, TICKET, ticket)
    sleeping = min(load(team, SLEEPING), helpers)
    if sleeping > 0:
        _lock(_at(team, MUTEX))
        for _ in range(sleeping):
            _wake(_at(team, WORK_CAME))
        _unlock(_at(team, MUTEX))
    return ticket


@inner
def _share(team, body, context, first, parts, helpers):
    """Run a job together, and note whether somebody was late."""
    clock = stack(2)
    start = _now(clock)
    if start < load(team, BUSY_UNTIL):
        helpers = min(helpers, load(team, ALLOWED))
    if load(team, WORKERS) < helpers:
        _hire(team, helpers)
    own = _help(team, _publish(team, body, context, first, parts, helpers))
    alone = _now(clock)
    _finish(team, parts)
    end = _now(clock)
    if own < parts:
        _lose(team, end, helpers, end - alone - min((alone - start) * (parts - own) // max(own, 1), SAVED_BY_JOB))


def together(body, context, first, parts):
    """Run a job by the team, or alone if it is taken."""
    team = team_address()
    helpers = min(parts - 1, load(team, LIMIT))
    if helpers > 0 and load(team, STOP) == 0 and exchange(team, TAKEN, 0, 1) == 0:
        _share(team, body, context, first, parts, helpers)
        store(team, TAKEN, 0)
    else:
        _alone(body, context, first, parts)


@inner
def _alone(body, context, first, parts):
    for part in range(first, first + parts):
        call(body, context, context, part, parts)


@inner
def run(body, context, first, parts):
    """Run ``body(context, context, part, parts)`` for the parts first ... first + parts - 1.

    How a team does it is not compiled into every kernel: it is called by its address, which is there once two threads
    may be used.
    """
    code = load(team_address(), TOGETHER) if parts > 1 else 0
    if code != 0:
        call(code, body, context, first, parts)
    else:
        _alone(body, context, first, parts)


@compiled
def stop(team):
    """End the threads."""
    store(team, STOP, 1)
    _lock(_at(team, MUTEX))
    _wake_all(_at(team, WORK_CAME))
    _unlock(_at(team, MUTEX))
    for n in range(load(team, WORKERS)):
        _join(load(team, THREADS + n), 0)
    store(team, WORKERS, 0)
