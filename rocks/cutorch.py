"""``require 'cutorch'``: the devices that CuPy finds; without a GPU there are 0, and what needs one says so."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import Any

import torch7

_NO_GPU = (
    "there is no GPU here (or no CuPy: pip install 'torch7[cuda13]'); run the network with float() instead of cuda()"
)


def _runtime() -> Any:
    """CuPy's runtime where it finds a device, else None."""
    try:
        import cupy

        return cupy.cuda.runtime if cupy.cuda.runtime.getDeviceCount() else None
    except Exception:  # no CuPy, no driver, a driver that does not fit: all mean no device
        return None


def getDeviceCount() -> int:
    """How many GPUs there are."""
    runtime = _runtime()
    return 0 if runtime is None else runtime.getDeviceCount()


def _need(n: int | None, what: str) -> Any:
    runtime = _runtime()
    if runtime is None:
        raise RuntimeError(f"cutorch.{what}: {_NO_GPU}")
    count = runtime.getDeviceCount()
    if n is not None and not 1 <= n <= count:
        raise IndexError(f"cutorch.{what}: device {n} is not in 1..{count}")
    return runtime


def setDevice(n: int) -> None:
    """Make the n-th GPU (from 1) the current one."""
    _need(n, "setDevice").setDevice(int(n) - 1)


def getDevice() -> int:
    """The number of the current GPU, from 1; 0 without one."""
    runtime = _runtime()
    return 0 if runtime is None else runtime.getDevice() + 1


@contextmanager
def _on(n: int) -> Any:
    before = getDevice()
    setDevice(n)
    try:
        yield
    finally:
        setDevice(before)


def withDevice(n: int, f: Any) -> Any:
    """``f()`` with another GPU as the current one."""
    with _on(n):
        return f()


def synchronize() -> None:
    """Wait until the GPU has done what it was told; nothing without one. Indices that were wrong are told."""
    runtime = _runtime()
    if runtime is not None:
        runtime.deviceSynchronize()
    if torch7.arrays.cuda_is_used():
        from nn import thnn

        thnn.settle()


streamSynchronize = synchronize


def synchronizeAll() -> None:
    """:func:`synchronize` on every GPU."""
    for n in range(1, getDeviceCount() + 1):
        withDevice(n, synchronize)


def _generators() -> Any:
    """The generators of the GPUs, which draw for themselves from now on."""
    from nn import thnn

    with suppress(ImportError, RuntimeError):  # CuPy is not there: nor are arrays to fill
        torch7.gpu_random.chosen()
    return thnn.drawing_there()


def manualSeed(seed: int) -> None:
    """Start the stream of a seed on the current GPU, which then draws random numbers itself, apart from the CPU's."""
    if getDeviceCount():
        _generators().manualSeed(int(seed), getDevice() - 1)


def manualSeedAll(seed: int) -> None:
    """:func:`manualSeed` on every GPU."""
    for n in range(1, getDeviceCount() + 1):
        withDevice(n, lambda: manualSeed(seed))


def seed() -> int:
    """Seed the current GPU from the operating system; the seed. Without a GPU the CPU's, which stays."""
    if not getDeviceCount():
        return torch7.initialSeed()
    manualSeed(int.from_bytes(os.urandom(6), "little"))
    return initialSeed()


def seedAll() -> None:
    """:func:`seed` on the current GPU, and the same seed on all."""
    manualSeedAll(seed())


def initialSeed() -> int:
    """The seed of the current GPU; without one the CPU's."""
    if not getDeviceCount():
        return torch7.initialSeed()
    from nn import thnn

    return thnn.drawing_there().initialSeed(getDevice() - 1)


def getRNGState(n: int | None = None) -> Any:
    """Where the stream of a GPU (the current one) stands, as a ByteTensor; waits for it."""
    _need(n, "getRNGState")
    with _on(n or getDevice()):
        return _generators().state()


def setRNGState(state: Any, n: int | None = None) -> None:
    """Go on where :func:`getRNGState` was called."""
    _need(n, "setRNGState")
    with _on(n or getDevice()):
        _generators().restore(state)


def getDeviceProperties(n: int) -> dict[str, Any]:
    """Name, memory and other facts of a GPU."""
    found = _need(n, "getDeviceProperties").getDeviceProperties(int(n) - 1)
    return {
        "name": found["name"].decode(),
        "totalGlobalMem": found["totalGlobalMem"],
        "major": found["major"],
        "minor": found["minor"],
        "multiProcessorCount": found["multiProcessorCount"],
    }


def getMemoryUsage(n: int | None = None) -> tuple[int, int]:
    """Free and all bytes of a GPU."""
    runtime = _need(n, "getMemoryUsage")
    if n is None:
        return runtime.memGetInfo()
    with _on(n):
        return runtime.memGetInfo()


def createCudaHostTensor(*sizes: int) -> Any:
    """A FloatTensor in ordinary memory."""
    return torch7.FloatTensor(*sizes)


def createCudaHostDoubleTensor(*sizes: int) -> Any:
    """A DoubleTensor in ordinary memory."""
    return torch7.DoubleTensor(*sizes)


def createCudaHostHalfTensor(*sizes: int) -> Any:
    """A HalfTensor in ordinary memory."""
    return torch7.HalfTensor(*sizes)


def _accepted(*args: Any) -> None:
    """Accepted: there are no streams to choose and no peers to set up."""


setStream = reserveStreams = setPeerToPeerAccess = setKernelPeerToPeerAccess = setHeapTracking = _accepted
setDefaultStream = reserveBlasHandles = _accepted


def getNumStreams() -> int:
    """0: work goes to the default stream."""
    return 0


hasHalf = True
