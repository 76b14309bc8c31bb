"""Stands in for CuPy on machines without a GPU: arrays are NumPy's, kernels run by the emulator.

``installed()`` puts it into ``sys.modules['cupy']`` for a while. It is strict where CuPy is: NumPy arrays are refused
in operations, nothing converts to NumPy but ``get()``, sums are arrays of no dimensions, flags have no ``carray``. It
counts what a GPU would wait for (``waits``), what it would launch (``launches``), and new arrays (``allocations``).

There are as many devices as ``with devices(n)`` says: arrays belong to one, and only copies go from one to another.
What a stream captures is in :mod:`stand_in_graphs`, NCCL in :mod:`stand_in_nccl`.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import types
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import stand_in_graphs as graphs
import stand_in_nccl
from emulator.driver import Module

from nn import thnn
from nn.thnn.cuda.instances import INSTANCES, instances
from nn.thnn.cuda.results import Result
from nn.thnn.operation import Operation
from torch7 import arrays

#: How the emulator runs kernels: fast, check, or asan, for which a process needs the sanitizer's library before others.
MODE = os.environ.get("EMULATOR_MODE", "fast")
waits: Counter = Counter()
launches: Counter = Counter()
allocations: Counter = Counter()
VIEWS = {
    "reshape",
    "ravel",
    "transpose",
    "swapaxes",
    "squeeze",
    "view",
    "broadcast_to",
    "moveaxis",
    "expand_dims",
    "may_share_memory",
}
VIEWS |= {"shares_memory", "ndim", "shape", "size", "result_type", "atleast_1d", "atleast_2d"}
#: What must know values on the host to know the size of its result.
SIZED_BY_VALUES = {"nonzero", "unique", "argwhere", "flatnonzero"}


def caller() -> str:
    """File and line outside this file."""
    frame = sys._getframe(2)
    while frame and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return f"{'/'.join(frame.f_code.co_filename.split('/')[-2:])}:{frame.f_lineno}" if frame else "?"


def wait(what: str) -> None:
    graphs.refuse(what)
    waits[f"{what} {caller()}"] += 1


class Current(threading.local):
    """The device of a thread."""

    id = 0


current = Current()
_count = 1


@contextlib.contextmanager
def devices(n: int) -> Iterator[None]:
    """So many devices, for a while."""
    global _count
    before, _count = _count, n
    try:
        yield
    finally:
        _count, current.id = before, 0


def set_device(n: int) -> None:
    if not 0 <= n < _count:
        raise RuntimeError("cudaErrorInvalidDevice: invalid device ordinal")
    current.id = n


def on_the_current_device(arguments: Any) -> None:
    """Refuse arrays of another device, as CuPy does where devices cannot reach each other's memory."""
    for x in arguments:
        if isinstance(x, ndarray) and x._device != current.id:
            raise ValueError(
                "Array device must be same as the current device: "
                f"array device = {x._device} while current = {current.id}"
            )
        if isinstance(x, tuple | list):
            on_the_current_device(x)


def aligned(shape: Any, dtype: Any, order: str = "C") -> np.ndarray:
    """Memory that begins where CuPy's does, at a multiple of 512 bytes."""
    dtype, shape = np.dtype(dtype), (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    room = np.empty(int(np.prod(shape, dtype=np.int64)) * dtype.itemsize + 512, np.uint8)
    return np.ndarray(shape, dtype, room, -room.ctypes.data % 512, order=order)


def moved(x: np.ndarray) -> np.ndarray:
    """An array of NumPy's in such memory."""
    order = "F" if x.flags.f_contiguous and not x.flags.c_contiguous else "C"
    room = aligned(x.shape, x.dtype, order)
    room[...] = x
    return room


class Flags:
    def __init__(self, flags: Any) -> None:
        for name in ("c_contiguous", "f_contiguous", "owndata", "forc"):
            setattr(self, name, getattr(flags, name))


class Pointer:
    def __init__(self, host: np.ndarray, offset: int = 0, device: int = 0) -> None:
        self.host, self.offset, self.ptr = host, offset, host.__array_interface__["data"][0] + offset
        self.device_id = device

    def __add__(self, n: int) -> Pointer:
        return Pointer(self.host, self.offset + n, self.device_id)

    def copy_from_device_async(self, source: Pointer, size: int, stream: Any = None) -> None:
        """Between any two devices."""
        launches["copy"] += 1
        to, what = (np.ndarray(size, np.uint8, p.host, p.offset) for p in (self, source))
        graphs.do(np.copyto, to, what)


class ndarray:
    """An array on the pretended GPU; ``_host`` is its memory."""

    __slots__ = ("__weakref__", "_device", "_host", "base")
    __array_priority__ = 100
    __hash__ = None

    def __init__(self, shape: Any, dtype: Any = float, memptr: Any = None, strides: Any = None, order: str = "C"):
        self._device = current.id if memptr is None else memptr.device_id
        if memptr is None:
            self._host, self.base = graphs.kept(aligned(shape, dtype, order)), None
            allocations[caller()] += 1
        else:
            owner = memptr.host
            self._host = np.ndarray(shape, dtype, owner, memptr.offset, strides)
            self.base = _owners.get(owner.__array_interface__["data"][0])

    shape = property(lambda s: s._host.shape, lambda s, v: setattr(s._host, "shape", v))
    flags = property(lambda s: Flags(s._host.flags))
    data = property(lambda s: Pointer(s._host, 0, s._device))
    device = property(lambda s: Device(s._device))
    T = property(lambda s: wrap(s._host.T, s))
    mT = property(lambda s: wrap(s._host.mT, s))
    real = property(lambda s: wrap(s._host.real, s))
    imag = property(lambda s: wrap(s._host.imag, s))

    def get(self, stream: Any = None, order: str = "C", out: Any = None) -> np.ndarray:
        wait("get")
        return self._host.copy()

    def set(self, x: np.ndarray) -> None:
        graphs.refuse("set")
        self._host[...] = x

    def copy(self, order: str = "C") -> ndarray:
        """On the current device, from any."""
        launches["copy"] += 1
        return result_of(np.array, self._host, order=order)

    def item(self, *place: Any) -> Any:
        wait("item")
        return self._host.item(*place)

    def tolist(self) -> Any:
        wait("tolist")
        return self._host.tolist()

    def __array__(self, *arguments: Any, **settings: Any) -> Any:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *arguments: Any, **settings: Any) -> Any:
        return run(getattr(ufunc, method), arguments, settings)

    def __array_function__(self, function: Any, kinds: Any, arguments: Any, settings: Any) -> Any:
        if function.__name__ in ("asarray", "array", "ascontiguousarray"):  # they take NumPy's arrays
            return globals()[function.__name__](*arguments, **settings)
        return run(function, arguments, settings)

    def view(self, dtype: Any = None, type: Any = None) -> Any:
        """The same memory as another type of numbers, or as an array of a class derived from this one."""
        if dtype is not None:
            return wrap(self._host.view(dtype), self)
        out = ndarray.__new__(type or ndarray)
        out._host, out.base, out._device = self._host, self if self.base is None else self.base, self._device
        if type not in (None, ndarray):
            out.__array_finalize__(self)
        return out

    def __getitem__(self, place: Any) -> Any:
        places = place if isinstance(place, tuple) else (place,)
        if any(isinstance(p, ndarray) and p.dtype == bool for p in places):
            wait("mask")
        if any(isinstance(p, ndarray | list) for p in places):
            launches["take"] += 1
            return result_of(np.ndarray.__getitem__, self._host, bare(place))
        found = self._host[bare(place)]
        return wrap(self._host[(*bare(places), ...)] if isinstance(found, np.generic) else found, self)

    def __setitem__(self, place: Any, value: Any) -> None:
        check((value,))
        on_the_current_device((self, value))
        launches["set"] += 1
        graphs.do(np.ndarray.__setitem__, self._host, bare(place), bare(value))

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        wait("repr")
        return repr(self._host)

    def __reduce__(self) -> tuple:
        return asarray, (self._host,)

    def __deepcopy__(self, memo: dict) -> Any:
        with Device(self._device):
            return wrap(self._host)


def _define() -> None:
    """The rest of the array's methods, by their names."""
    for name in ["dtype", "ndim", "size", "nbytes", "itemsize", "strides"]:
        setattr(ndarray, name, property(lambda s, n=name: getattr(s._host, n)))
    for name in ["float", "int", "bool", "index", "complex"]:
        setattr(ndarray, f"__{name}__", lambda s, n=name: (wait(n), getattr(s._host, f"__{n}__")())[1])
    plain = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift eq ne lt le gt ge neg pos abs invert"
    turned = "radd rsub rmul rtruediv rfloordiv rmod rpow rmatmul rand ror rxor"
    for name in f"{plain} {turned}".split():
        setattr(ndarray, f"__{name}__", lambda s, *a, n=name: run(getattr(s._host, f"__{n}__"), a, {}))
    for name in ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor"]:
        setattr(ndarray, f"__i{name}__", lambda s, o, n=name: _in_place(n, s, o))
    for name in ["reshape", "ravel", "transpose", "swapaxes", "squeeze"]:
        setattr(ndarray, name, lambda s, *a, n=name, **k: wrap(getattr(s._host, n)(*a, **k), s))
    for name in [
        "astype",
        "sum",
        "mean",
        "max",
        "min",
        "argmax",
        "argmin",
        "argsort",
        "sort",
        "all",
        "any",
        "prod",
        "var",
        "std",
        "dot",
        "fill",
        "flatten",
        "take",
        "repeat",
        "cumsum",
        "clip",
        "nonzero",
        "round",
        "trace",
        "diagonal",
        "searchsorted",
        "conj",
    ]:
        setattr(ndarray, name, lambda s, *a, n=name, **k: run(getattr(s._host, n), a, k, s))


def _in_place(name: str, x: ndarray, other: Any) -> ndarray:
    launches[name] += 1
    check((other,))
    on_the_current_device((x, other))
    graphs.do(getattr(np.ndarray, f"__i{name}__"), x._host, bare(other))
    return x


_define()
#: Address of memory -> the array that owns it, for arrays that are laid over it.
_owners: Any = weakref.WeakValueDictionary()


def wrap(x: Any, parent: ndarray | None = None) -> Any:
    """A result of NumPy's as an array here; a view of ``parent`` if it lies in its memory."""
    if isinstance(x, np.ndarray | np.generic):
        out = ndarray.__new__(ndarray)
        out._host, out.base, out._device = np.asarray(x), None, current.id
        if parent is not None and out._host.base is not None and np.shares_memory(out._host, parent._host):
            out.base, out._device = parent.base if parent.base is not None else parent, parent._device
        else:
            out._host = graphs.kept(moved(out._host))
            allocations[caller()] += 1
            _owners[out._host.__array_interface__["data"][0]] = out
        return out
    if isinstance(x, tuple | list):
        return (list if isinstance(x, list) else tuple)(wrap(v, parent) for v in x)
    return x


def bare(x: Any) -> Any:
    """NumPy's arrays behind those here."""
    if isinstance(x, ndarray):
        return x._host
    if isinstance(x, tuple | list):
        return type(x)(bare(v) for v in x)
    return x


def check(arguments: Any) -> None:
    """Refuse what CuPy's functions refuse: NumPy's arrays, and numbers that are not Python's or NumPy's."""
    for x in arguments:
        if (isinstance(x, np.ndarray) and x.ndim) or isinstance(x, Result):
            raise TypeError(f"Unsupported type {type(x)}")


def run(function: Any, arguments: tuple, settings: dict, own: ndarray | None = None) -> Any:
    """A function of NumPy, or a method of ``own``, on the memory of arrays here."""
    check([*arguments, *settings.values()])
    name = getattr(function, "__name__", str(function))
    if name not in VIEWS:
        launches[name] += 1
    if name in SIZED_BY_VALUES:
        wait(name)
    if name in VIEWS:
        parents = [x for x in arguments if isinstance(x, ndarray)]
        result = function(*bare(arguments), **{k: bare(v) for k, v in settings.items()})
        return wrap(result, parents[0] if parents else None)
    on_the_current_device([own, *arguments, *settings.values()])
    out = settings.get("out")
    out = out[0] if isinstance(out, tuple) and len(out) == 1 else out
    given = bare(arguments), {k: bare(v) for k, v in settings.items()}
    if isinstance(out, ndarray) or (own is not None and name in IN_PLACE):
        graphs.do(function, *given[0], **given[1])
        return out
    return result_of(function, *given[0], same=[own, *arguments], **given[1])


#: Methods that write to their array and return nothing.
IN_PLACE = {"fill", "sort"}


def result_of(function: Any, *arguments: Any, same: Any = (), **settings: Any) -> Any:
    """A new array with what a function of NumPy gives, or the one of ``same`` that it gave back."""
    result = function(*arguments, **settings)
    for x in same:
        if isinstance(x, ndarray) and x._host is result:
            return x
    made = wrap(result)
    if isinstance(made, ndarray):
        graphs.again(made._host, function, *arguments, **settings)
    return made


def asarray(x: Any, dtype: Any = None, order: Any = None, **settings: Any) -> ndarray:
    """On the current device."""
    if isinstance(x, ndarray) and x._device == current.id and (dtype is None or x.dtype == dtype):
        return x
    return array(x, dtype)


def array(x: Any, dtype: Any = None, copy: bool = True, **settings: Any) -> ndarray:
    if isinstance(x, ndarray):
        launches["copy"] += 1
        return result_of(np.array, x._host, dtype)
    if not isinstance(x, int | float):
        graphs.refuse("a copy from pageable memory")
    return wrap(np.array(bare(x), dtype))


def ascontiguousarray(x: Any, dtype: Any = None) -> ndarray:
    x = asarray(x, dtype)
    return x if x.flags.c_contiguous else result_of(np.array, x._host, order="C")


def asnumpy(x: Any, **settings: Any) -> np.ndarray:
    return x.get() if isinstance(x, ndarray) else np.asarray(x)


def as_strided(x: ndarray, shape: tuple, strides: tuple) -> ndarray:
    """``cupy.lib.stride_tricks.as_strided``"""
    return wrap(np.lib.stride_tricks.as_strided(x._host, shape, strides), x)


def gemm(transa: str, transb: str, a: ndarray, b: ndarray, out: Any = None, alpha: float = 1.0, beta: float = 0.0):
    """``cupy.cublas.gemm``"""
    launches["gemm"] += 1
    on_the_current_device((a, b, out))
    assert all(x is None or x.data.ptr for x in (a, b, out)), "CuPy reads the addresses of arrays in Python"
    a, b = (x._host.T if t in "TH" else x._host for t, x in ((transa, a), (transb, b)))
    if out is None:
        return result_of(np.matmul, a, b)
    if out.dtype != a.dtype or a.dtype != b.dtype:
        raise TypeError(f"dtype mismatch: {a.dtype}, {b.dtype}, {out.dtype}")
    graphs.do(_product, out._host, a, b, a.dtype.type(alpha), a.dtype.type(beta))
    return out


def _product(out: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: Any, beta: Any) -> None:
    out[...] = (a @ b) * alpha if beta == 0 else (a @ b) * alpha + out * beta


class Device:
    def __init__(self, device: int | None = None) -> None:
        self.id = current.id if device is None else int(device)
        if not 0 <= self.id < _count:
            raise RuntimeError("cudaErrorInvalidDevice: invalid device ordinal")
        self.compute_capability, self.attributes = "90", {"MultiProcessorCount": 132}
        self.before: list[int] = []

    def __enter__(self) -> Device:
        self.before.append(current.id)
        set_device(self.id)
        return self

    def __exit__(self, *error: Any) -> None:
        set_device(self.before.pop())

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Device) and other.id == self.id

    def synchronize(self) -> None:
        wait("synchronize")

    def use(self) -> None:
        set_device(self.id)


class Function:
    """A kernel, run in the mode that is set when it is launched: who compiled it before decides nothing."""

    def __init__(self, module: RawModule, name: str) -> None:
        self.module, self.name, self.attributes, self.max_dynamic_shared_size_bytes = module, name, {}, 48 * 1024
        self.kernels = {MODE: module.compiled(MODE).get_function(name)}

    @property
    def kernel(self) -> Any:
        if MODE not in self.kernels:
            self.kernels[MODE] = self.module.compiled(MODE).get_function(self.name)
        return self.kernels[MODE]

    def __call__(self, grid: Any, block: Any, args: Any, *, shared_mem: int = 0, stream: Any = None) -> None:
        launches[self.kernel.name] += 1
        check(args)
        on_the_current_device(args)
        if shared_mem > self.max_dynamic_shared_size_bytes:
            raise RuntimeError("CUDA_ERROR_INVALID_VALUE: invalid argument (raise max_dynamic_shared_size_bytes first)")
        graphs.do(self.kernel, grid, block, bare(args), shared_mem=shared_mem)


def together(text: str, name: str) -> tuple[str, ...]:
    """All instances of the kernels in a text: they are compiled at once, in less time than one by one."""
    if not name.endswith(">"):
        return (name,)
    files = re.findall(r'#line 1 "(\w+)\.cu"', text)
    title = next((title for title in INSTANCES if title.rpartition("/")[2] in files), "")
    return instances(title, text)


class RawModule:
    """Compiled at the first use, as CuPy's, with all instances of its text."""

    modules: dict[tuple, Module] = {}

    def __init__(self, *, code: str, options: tuple = (), name_expressions: Any = None) -> None:
        self.code, self.names = code, tuple(name_expressions or ())

    def get_function(self, name: str) -> Function:
        self.all = tuple(together(self.code, name))
        return Function(self, name)

    def compiled(self, mode: str) -> Module:
        key = self.code, self.all, mode
        if key not in self.modules:
            self.modules[key] = Module(self.code, self.all, mode)
        return self.modules[key]


class ElementwiseKernel:
    """One C++ kernel for each choice of which parameters are arrays; T is the type of the first array."""

    TYPES = {"f": "float", "d": "double", "q": "long long", "l": "long", "i": "int", "B": "unsigned char", "?": "bool"}

    def __init__(self, in_params: str, out_params: str, operation: str, name: str = "kernel", preamble: str = ""):
        given = [p for p in [*in_params.split(","), *out_params.split(",")] if p.strip()]
        self.params = [tuple(p.split()[-2:]) for p in given]
        self.inputs = len([p for p in in_params.split(",") if p.strip()])
        self.operation, self.name, self.preamble = operation, name, preamble

    def __call__(self, *arguments: Any) -> Any:
        check(arguments)
        dtype = next(x.dtype for x in arguments if isinstance(x, ndarray))
        shape = np.broadcast_shapes(*(x.shape for x in arguments if isinstance(x, ndarray)))
        hosts = [self._host(x, shape, dtype) for x in arguments]
        module = RawModule(code=self._text(hosts, dtype), name_expressions=(self.name,))
        n = int(np.prod(shape))
        if any(isinstance(x, ndarray) and x._host is not host for x, host in zip(arguments, hosts)):
            graphs.refuse("arrays that are not contiguous")
        values = [
            h if not isinstance(h, np.ndarray) else x if x._host is h else wrap(h) for h, x in zip(hosts, arguments)
        ]
        if n:
            module.get_function(self.name)((min(-(-n // 128), 64),), (128,), (*values, np.int64(n)))
        for x, value in zip(arguments[self.inputs :], values[self.inputs :]):
            if x is not value:
                x._host[...] = value._host

    def _host(self, x: Any, shape: tuple, dtype: Any) -> Any:
        if isinstance(x, ndarray):
            fits = x.shape == shape and x._host.flags.c_contiguous
            return x._host if fits else np.ascontiguousarray(np.broadcast_to(x._host, shape))
        return np.asarray(x, dtype)[()]

    def _text(self, hosts: list, dtype: Any) -> str:
        kind = self.TYPES[dtype.char]
        arrays = [isinstance(host, np.ndarray) for host in hosts]
        names = [name for _, name in self.params]
        head = ", ".join(f"{kind}{'*' * many} {name}_" for many, name in zip(arrays, names))
        body = "".join(f"{kind}& {name} = {name}_{'[i]' * many}; " for many, name in zip(arrays, names))
        return (
            f'#line 1 "{self.name}"\n{self.preamble}\nextern "C" __global__ void {self.name}({head}, long long n_) {{\n'
            "for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n_; "
            f"i += (long long)blockDim.x * gridDim.x) {{ {body} {self.operation} }} }}"
        )


class Stream(graphs.Stream):
    def synchronize(self) -> None:
        wait("synchronize")


Stream.null = Stream(null=True)


class UFunc:
    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, *arguments: Any, **settings: Any) -> Any:
        count = self.function.nin
        if len(arguments) > count:
            arguments, settings = arguments[:count], {**settings, "out": arguments[count]}
        return run(self.function, arguments, settings)

    def __getattr__(self, name: str) -> Any:
        return lambda *a, **k: run(getattr(self.function, name), a, k)


def module() -> types.ModuleType:
    """The module ``cupy``; names that are not here are NumPy's."""
    cupy = types.ModuleType("cupy")
    cupy.__version__ = "14.2.0"
    for value in (ndarray, asarray, ascontiguousarray, array, asnumpy, RawModule, ElementwiseKernel):
        setattr(cupy, value.__name__, value)
    runtime = types.SimpleNamespace(
        getDeviceCount=lambda: _count,
        getDevice=lambda: current.id,
        getDeviceProperties=lambda n: {"name": b"stand-in"},
        setDevice=set_device,
        deviceSynchronize=lambda: wait("device"),
    )
    cupy.cuda = types.SimpleNamespace(
        Device=Device,
        Stream=Stream,
        MemoryPool=graphs.MemoryPool,
        Event=graphs.Event,
        get_elapsed_time=graphs.get_elapsed_time,
        using_allocator=graphs.using_allocator,
        is_available=lambda: True,
        get_current_stream=lambda: Stream.null,
        runtime=runtime,
        nccl=stand_in_nccl,
    )
    cupy.cublas = types.SimpleNamespace(gemm=gemm)
    tricks = types.SimpleNamespace(as_strided=as_strided)
    cupy.lib = types.SimpleNamespace(stride_tricks=tricks)
    cupy.get_array_module = lambda *a: cupy if any(isinstance(x, ndarray) for x in a) else np
    for name in [
        "empty",
        "zeros",
        "ones",
        "full",
        "arange",
        "eye",
        "linspace",
        "empty_like",
        "zeros_like",
        "ones_like",
        "full_like",
    ]:
        setattr(cupy, name, lambda *a, n=name, **k: result_of(getattr(np, n), *bare(a), **k))
    cupy.__getattr__ = _rest
    return cupy


def _rest(name: str) -> Any:
    value = getattr(np, name)
    if isinstance(value, type) or not callable(value):
        return value
    return UFunc(value) if isinstance(value, np.ufunc) else lambda *a, **k: run(value, a, k)


@contextlib.contextmanager
def installed() -> Iterator[types.ModuleType]:
    """The stand-in as CuPy, for the library too; afterwards all is as it was, with CuPy or without."""
    before = sys.modules.get("cupy"), arrays._cupy
    sys.modules["cupy"], arrays._cupy = module(), None
    try:
        yield arrays.cupy()
    finally:
        arrays._cupy = before[1]
        for name in thnn._found if before[1] is None else ():
            if isinstance(getattr(thnn, name), Operation):
                thnn.__dict__[name] = getattr(thnn, name)[np.ndarray]
        if before[0] is None:
            del sys.modules["cupy"]
        else:
            sys.modules["cupy"] = before[0]


def counted(action: Callable[[], Any]) -> tuple[Counter, Counter, Counter]:
    """What an action waits for, launches and allocates."""
    for counter in (waits, launches, allocations):
        counter.clear()
    action()
    return tuple(Counter(counter) for counter in (waits, launches, allocations))
