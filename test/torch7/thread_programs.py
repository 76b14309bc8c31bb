"""Programs with threads and forked processes, each run by itself: ``python thread_programs.py NAME TRIALS``.

Every computation must end and give the numbers of the first one, bit for bit.
"""

import concurrent.futures
import multiprocessing
import os
import signal
import sys
import threading

import numpy as np

import nn
import torch7 as torch

#: Seconds that a child may take beside many others.
PATIENCE = 600

torch.setdefaulttensortype("torch.FloatTensor")
torch.manualSeed(1)


def network():
    return (
        nn.Sequential()
        .add(nn.SpatialConvolution(3, 16, 3, 3, 1, 1, 1, 1))
        .add(nn.SpatialBatchNormalization(16))
        .add(nn.SpatialAveragePooling(2, 2, 2, 2))
        .add(nn.GatedLinearUnit(2))
        .add(nn.View(8 * 144))
        .add(nn.Linear(8 * 144, 200))
        .add(nn.Tanh())
        .add(nn.LogSoftMax())
    )


NETWORKS = [network() for _ in range(3)]
INPUTS = [torch.randn(16, 3, 24, 24) for _ in NETWORKS]


def result(n):
    output = NETWORKS[n].forward(INPUTS[n])
    return output.copy(), NETWORKS[n].backward(INPUTS[n], output).copy()


def same(n):
    return all(np.array_equal(new, old) for new, old in zip(result(n), FIRST[n]))


FIRST = [result(n) for n in range(3)]


def forked(function):
    """Whether the function is true in a forked process, which must not take for ever."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(PATIENCE)
        try:
            os._exit(0 if function() else 1)
        finally:
            os._exit(2)
    return os.waitpid(pid, 0)[1] == 0


def fork(trials):
    return all(forked(lambda: same(0)) and same(0) for _ in range(trials))


def nested(trials):
    return all(forked(lambda: same(0) and forked(lambda: same(1) and same(0))) and same(0) for _ in range(trials))


def in_child_threads(trials):
    def several():
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            return all(pool.map(same, range(3)))

    return all(forked(several) for _ in range(trials))


def beside_threads(trials):
    """Forks from the main thread and from another one, while two more run kernels."""
    ended, wrong = threading.Event(), []

    def work(n):
        while not ended.is_set():
            if not same(n):
                wrong.append(n)

    def forks():
        for _ in range(trials):
            if not forked(lambda: same(0) and forked(lambda: same(0))):
                wrong.append("child")

    threads = [threading.Thread(target=work, args=(n,)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    other = threading.Thread(target=forks)
    for run in (forks, lambda: (other.start(), other.join())):
        run()
    ended.set()
    for thread in threads:
        thread.join()
    return not wrong and same(0)


def pool(trials):
    with multiprocessing.Pool(2) as workers:
        return all(workers.map(same, [n % 3 for n in range(trials)])) and same(0)


def executors(trials):
    fork = multiprocessing.get_context("fork")
    numbers = [n % 3 for n in range(trials)]
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=fork) as processes:
        return all(processes.map(same, numbers)) and same(0)


def threads(trials):
    """Every thread has its network; all compute at once."""
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        return all(ok for n in range(trials) for ok in pool.map(same, range(3)))


def loader(trials):
    """Worker processes of dataload beside kernels."""
    import dataload

    data = dataload.TensorLoader(torch.randn(40, 5), torch.randn(40))
    processes = dataload.AsyncIterator(data, 2, processes=True)
    for _, inputs, _ in processes.subiter(8, 40 * trials):
        if inputs.shape != (8, 5) or not same(0):
            return False
    return forked(lambda: same(0))


def draws(trials):
    """Children of a process in which other threads draw or record; these have the locks in the moment of the fork."""
    from nn.thnn.cpu.replay import recorder

    own, other = torch.generator.current(), torch.Generator()

    def computes():
        return torch.randn(5).shape == torch.randn(other, 5).shape and not recorder._lock.locked() and same(0)

    for lock in [own._twister.lock, other._twister.lock, recorder._lock] * trials:
        locked, forks = threading.Event(), threading.Event()

        def hold(lock=lock, locked=locked, forks=forks):
            with lock:
                locked.set()
                forks.wait(0.05)

        thread = threading.Thread(target=hold)
        thread.start()
        locked.wait()
        if not forked(computes):
            return False
        forks.set()
        thread.join()
    torch.manualSeed(3)
    drawn = torch.randn(4)
    torch.manualSeed(3)
    return forked(lambda: np.array_equal(torch.randn(4), drawn))


def imports(trials):
    """Children of a process in which another thread imports a module of kernels, which is slow here."""
    import importlib

    from torch7 import forking

    import_module = importlib.import_module
    for _ in range(trials):
        begun = threading.Event()

        def slowly(name, begun=begun):
            begun.set()
            threading.Event().wait(0.05)
            return import_module(name)

        forking.import_module = slowly
        thread = threading.Thread(target=forking.imported, args=("torch7.timer",))
        thread.start()
        begun.wait()
        forking.import_module = import_module
        if not forked(lambda: forking.imported("torch7.timer") is not None and same(0)):
            return False
        thread.join()
    return True


def raising(n):
    same(n % 3)
    NETWORKS[n % 3].forward(INPUTS[0][:, :2])  # refused in the middle of the net


def exceptions(trials):
    """Errors in children and threads: they reach the caller, and all compute on."""
    with multiprocessing.Pool(2) as workers, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for n in range(trials):
            # two forks of a thread: one ends by an error, the other computes
            forks = [pool.submit(forked, lambda n=n, job=job: job(n % 3)) for job in (raising, same)]
            if forks[0].result() or not forks[1].result():
                return False
            for job in (lambda n=n: workers.apply(raising, (n,)), lambda n=n: pool.submit(raising, n).result()):
                try:
                    job()
                except ValueError:
                    continue
                return False
            if not workers.apply(same, (n % 3,)) or not same(n % 3):
                return False
    return True


def daemon(trials):
    """A thread runs kernels while the process ends."""
    threading.Thread(target=lambda: all(same(1) for _ in iter(int, 1)), daemon=True).start()
    return all(same(0) for _ in range(trials))


if __name__ == "__main__":
    signal.alarm(3 * PATIENCE)
    sys.exit(0 if globals()[sys.argv[1]](int(sys.argv[2])) else "wrong numbers")
