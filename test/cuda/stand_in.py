"""Stands in for CuPy on machines without a GPU: arrays are NumPy's, kernels run by the emulator.

``installed()`` puts it into ``sys.modules['cupy']`` for a while. It is strict where CuPy is: NumPy arrays are refused
in operations, nothing converts to NumPy but ``get()``, sums are arrays of no dimensions, flags have no ``carray``. It
counts what a GPU would wait for (``waits``), what it would launch (``launches``), and new arrays (``allocations``).
"""

from __future__ import annotations

import contextlib
import re
import sys
import types
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from emulator.driver import Module

from nn import thnn
from nn.thnn.cuda.instances import INSTANCES, instances
from nn.thnn.cuda.results import Result
from nn.thnn.operation import Operation
from torch7 import arrays

MODE = "fast"
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
    waits[f"{what} {caller()}"] += 1


class Flags:
    def __init__(self, flags: Any) -> None:
        for name in ("c_contiguous", "f_contiguous", "owndata", "forc"):
            setattr(self, name, getattr(flags, name))


class Pointer:
    def __init__(self, host: np.ndarray, offset: int = 0) -> None:
        self.host, self.offset, self.ptr = host, offset, host.__array_interface__["data"][0] + offset

    def __add__(self, n: int) -> Pointer:
        return Pointer(self.host, self.offset + n)


class ndarray:
    """An array on the pretended GPU; ``_host`` is its memory."""

    __slots__ = ("__weakref__", "_host", "base")
    __array_priority__ = 100
    __hash__ = None

    def __init__(self, shape: Any, dtype: Any = float, memptr: Any = None, strides: Any = None, order: str = "C"):
        if memptr is None:
            self._host, self.base = np.ndarray(shape, dtype, order=order), None
            allocations[caller()] += 1
        else:
            owner = memptr.host
            self._host = np.ndarray(shape, dtype, owner, memptr.offset, strides)
            self.base = _owners.get(owner.__array_interface__["data"][0])

    shape = property(lambda s: s._host.shape, lambda s, v: setattr(s._host, "shape", v))
    flags = property(lambda s: Flags(s._host.flags))
    data = property(lambda s: Pointer(s._host))
    device = property(lambda s: Device(0))
    T = property(lambda s: wrap(s._host.T, s))

    def get(self, stream: Any = None, order: str = "C", out: Any = None) -> np.ndarray:
        wait("get")
        return self._host.copy()

    def set(self, x: np.ndarray) -> None:
        self._host[...] = x

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
        return run(function, arguments, settings)

    def __getitem__(self, place: Any) -> Any:
        if any(isinstance(p, ndarray) and p.dtype == bool for p in (place if isinstance(place, tuple) else (place,))):
            wait("mask")
        return wrap(self._host[bare(place)], self)

    def __setitem__(self, place: Any, value: Any) -> None:
        check((value,))
        launches["set"] += 1
        self._host[bare(place)] = bare(value)

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
        return wrap(self._host.copy())


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
    for name in ["reshape", "ravel", "transpose", "swapaxes", "squeeze", "view"]:
        setattr(ndarray, name, lambda s, *a, n=name, **k: wrap(getattr(s._host, n)(*a, **k), s))
    for name in [
        "copy",
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
    ]:
        setattr(ndarray, name, lambda s, *a, n=name, **k: run(getattr(s._host, n), a, k, s))


def _in_place(name: str, x: ndarray, other: Any) -> ndarray:
    launches[name] += 1
    check((other,))
    getattr(x._host, f"__i{name}__")(bare(other))
    return x


_define()
#: Address of memory -> the array that owns it, for arrays that are laid over it.
_owners: Any = weakref.WeakValueDictionary()


def wrap(x: Any, parent: ndarray | None = None) -> Any:
    """A result of NumPy's as an array here; a view of ``parent`` if it lies in its memory."""
    if isinstance(x, np.ndarray | np.generic):
        out = ndarray.__new__(ndarray)
        out._host, out.base = np.asarray(x), None
        if parent is not None and out._host.base is not None and np.shares_memory(out._host, parent._host):
            out.base = parent.base if parent.base is not None else parent
        else:
            allocations[caller()] += 1
            _owners[out._host.__array_interface__["data"][0]] = out
        return out
    if isinstance(x, tuple | list):
        return type(x)(wrap(v, parent) for v in x)
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
    result = function(*bare(arguments), **{k: bare(v) for k, v in settings.items()})
    out = settings.get("out")
    out = out[0] if isinstance(out, tuple) and len(out) == 1 else out
    if isinstance(out, ndarray):
        return out
    same = [x for x in (own, *arguments) if isinstance(x, ndarray) and x._host is result]
    if same:
        return same[0]
    parents = [x for x in arguments if isinstance(x, ndarray)] if name in VIEWS else []
    return wrap(result, parents[0] if parents else None)


def asarray(x: Any, dtype: Any = None, order: Any = None, **settings: Any) -> ndarray:
    if isinstance(x, ndarray):
        return x if dtype is None or x.dtype == dtype else wrap(x._host.astype(dtype))
    return wrap(np.array(bare(x), dtype))


def array(x: Any, dtype: Any = None, copy: bool = True, **settings: Any) -> ndarray:
    return wrap(np.array(bare(x), dtype))


def asnumpy(x: Any, **settings: Any) -> np.ndarray:
    return x.get() if isinstance(x, ndarray) else np.asarray(x)


def gemm(transa: str, transb: str, a: ndarray, b: ndarray, out: Any = None, alpha: float = 1.0, beta: float = 0.0):
    """``cupy.cublas.gemm``"""
    launches["gemm"] += 1
    a, b = (x._host.T if t in "TH" else x._host for t, x in ((transa, a), (transb, b)))
    if out is None:
        return wrap(a @ b)
    if out.dtype != a.dtype or a.dtype != b.dtype:
        raise TypeError(f"dtype mismatch: {a.dtype}, {b.dtype}, {out.dtype}")
    scaled = (a @ b) * a.dtype.type(alpha)
    out._host[...] = scaled if beta == 0 else scaled + out._host * a.dtype.type(beta)
    return out


class Device:
    def __init__(self, device: int | None = None) -> None:
        self.id = 0 if device is None else int(device)
        if self.id:
            raise RuntimeError("cudaErrorInvalidDevice: invalid device ordinal")
        self.compute_capability, self.attributes = "90", {"MultiProcessorCount": 132}

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *error: Any) -> None: ...

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Device) and other.id == self.id

    def synchronize(self) -> None:
        wait("synchronize")

    use = __enter__


class Function:
    def __init__(self, kernel: Any) -> None:
        self.kernel, self.attributes, self.max_dynamic_shared_size_bytes = kernel, {}, 48 * 1024

    def __call__(self, grid: Any, block: Any, args: Any, *, shared_mem: int = 0, stream: Any = None) -> None:
        launches[self.kernel.name] += 1
        check(args)
        if shared_mem > self.max_dynamic_shared_size_bytes:
            raise RuntimeError("CUDA_ERROR_INVALID_VALUE: invalid argument (raise max_dynamic_shared_size_bytes first)")
        self.kernel(grid, block, args, shared_mem=shared_mem)


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
        names = tuple(together(self.code, name))
        key = self.code, names, MODE
        if key not in self.modules:
            self.modules[key] = Module(self.code, names, MODE)
        return Function(self.modules[key].get_function(name))


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
        if n:
            values = [
                h if not isinstance(h, np.ndarray) else x if x._host is h else wrap(h) for h, x in zip(hosts, arguments)
            ]
            module.get_function(self.name)((min(-(-n // 128), 64),), (128,), (*values, np.int64(n)))
        for x, host in zip(arguments[self.inputs :], hosts[self.inputs :]):
            if x._host is not host:
                x._host[...] = host

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


class Stream(contextlib.nullcontext):
    ptr = 0
    null: Any = None

    def synchronize(self) -> None:
        wait("synchronize")


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
    for value in (ndarray, asarray, array, asnumpy, RawModule, ElementwiseKernel):
        setattr(cupy, value.__name__, value)
    runtime = types.SimpleNamespace(
        getDeviceCount=lambda: 1,
        getDevice=lambda: 0,
        setDevice=lambda n: None,
        deviceSynchronize=lambda: wait("device"),
    )
    cupy.cuda = types.SimpleNamespace(
        Device=Device,
        Stream=Stream,
        is_available=lambda: True,
        get_current_stream=lambda: Stream.null,
        runtime=runtime,
    )
    cupy.cublas = types.SimpleNamespace(gemm=gemm)
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
        setattr(cupy, name, lambda *a, n=name, **k: wrap(getattr(np, n)(*bare(a), **k)))
    cupy.__getattr__ = _rest
    return cupy


def _rest(name: str) -> Any:
    value = getattr(np, name)
    if isinstance(value, type) or not callable(value):
        return value
    return UFunc(value) if isinstance(value, np.ufunc) else lambda *a, **k: run(value, a, k)


Stream.null = Stream()


@contextlib.contextmanager
def installed() -> Iterator[types.ModuleType]:
    """The stand-in as CuPy, for the library too; afterwards the library is as if there had been no CuPy."""
    before = sys.modules.get("cupy"), arrays._cupy
    sys.modules["cupy"], arrays._cupy = module(), None
    try:
        yield arrays.cupy()
    finally:
        arrays._cupy = before[1]
        for name in thnn._found:
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
