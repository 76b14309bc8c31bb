"""``Parameter``: an array that a module trains, with its gradient (manual, "Parameters")."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from torch7 import arrays

from .defaults import as_dtype, check_device, float_dtype, get_default_dtype

if TYPE_CHECKING:
    Tensor = np.ndarray
else:
    Tensor = object  # the array's class comes beside it, NumPy's or that of arrays on a GPU


class Parameter(Tensor):
    """An array that becomes one of a module's parameters when it is assigned to an attribute of the module.

    ``data``: an array of floats of any shape, or None for an empty parameter of shape (0,). The numbers are copied
    unless they already are a float array. ``data`` is the plain array, ``grad`` the gradient: an array of the same
    shape, zero before the first backward. Backward adds to it unless ``requires_grad`` is False. Arithmetic on a
    parameter gives plain arrays. Integer data raises ``RuntimeError``.
    """

    requires_grad: bool
    _grad: Any

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        data = np.empty(0, get_default_dtype()) if data is None else plain(data)
        if data.dtype.kind != "f":
            raise RuntimeError(f"Only floating point arrays can be parameters, got {data.dtype}")
        self = type(data).view(data, type=kind_of(cls, type(data)))
        self.requires_grad = requires_grad
        return self

    def __init__(self, *given: Any, **settings: Any) -> None:
        """Nothing more: arrays are made by ``__new__``."""

    def __array_finalize__(self, other: Any) -> None:
        self.requires_grad, self._grad = getattr(other, "requires_grad", True), None

    @property
    def data(self) -> Any:
        """The numbers as a plain array that shares the parameter's memory."""
        return np.ndarray.view(self, np.ndarray)

    @data.setter
    def data(self, values: Any) -> None:
        self.data[...] = plain(values)

    @property
    def grad(self) -> np.ndarray:
        """The gradient, zero before the first backward."""
        if self._grad is None:
            self._grad = np.zeros_like(self.data, order="C")
        return self._grad

    @grad.setter
    def grad(self, gradient: Any) -> None:
        if gradient is not None and gradient.shape != self.shape:
            raise ValueError(f"a parameter of shape {self.shape} cannot have a gradient of shape {gradient.shape}")
        self._grad = gradient

    def requires_grad_(self, requires_grad: bool = True) -> Parameter:
        """Say whether backward computes this gradient; returns the parameter."""
        self.requires_grad = requires_grad
        return self

    def accumulate(self, gradient: Any, scale: float = 1.0) -> None:
        """Add ``scale`` times ``gradient`` to the gradient, unless the parameter requires none."""
        if self.requires_grad and gradient is not None:
            if self._grad is None:
                self._grad = np.zeros_like(self.data, order="C")
            self._grad += gradient if scale == 1 else gradient * self.dtype.type(scale)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        inputs = tuple(x.data if isinstance(x, Parameter) else x for x in inputs)
        if settings.get("out"):
            settings["out"] = tuple(x.data if isinstance(x, Parameter) else x for x in settings["out"])
        return getattr(ufunc, method)(*inputs, **settings)

    def __array_function__(self, function: Any, types: Any, args: Any, settings: Any) -> Any:
        return function(*map(_stripped, args), **{name: _stripped(x) for name, x in settings.items()})

    def __getitem__(self, index: Any) -> Any:
        return self.data[index]

    def __imul__(self, other: Any) -> Parameter:
        np.multiply(self.data, other, out=self.data)
        return self

    def __iadd__(self, other: Any) -> Parameter:
        np.add(self.data, other, out=self.data)
        return self

    def __isub__(self, other: Any) -> Parameter:
        np.subtract(self.data, other, out=self.data)
        return self

    def __itruediv__(self, other: Any) -> Parameter:
        np.true_divide(self.data, other, out=self.data)
        return self

    def __repr__(self) -> str:
        return f"Parameter containing:\n{self.data!r}"

    def __reduce__(self) -> tuple:
        return _made, (self.data.copy(), self.requires_grad, self._grad)

    def __deepcopy__(self, memo: dict) -> Parameter:
        memo[id(self)] = new = Parameter(self.data.copy(), self.requires_grad)
        new._grad = None if self._grad is None else self._grad.copy()
        return new


def _plain_method(name: str) -> Any:
    def method(self: Parameter, *args: Any, **settings: Any) -> Any:
        return getattr(self.data, name)(*args, **settings)

    method.__name__ = name
    return method


for _name in (
    "reshape",
    "transpose",
    "swapaxes",
    "ravel",
    "flatten",
    "squeeze",
    "copy",
    "astype",
    "sum",
    "mean",
    "max",
):
    setattr(Parameter, _name, _plain_method(_name))
for _name in ("min", "std", "var", "clip", "repeat", "take", "diagonal", "prod", "cumsum", "round", "view"):
    setattr(Parameter, _name, _plain_method(_name))
Parameter.T = property(lambda self: self.data.T)  # type: ignore[assignment]


@cache
def kind_of(cls: type, array: type) -> type:
    """The class of parameters ``cls`` whose numbers are an ``array``, NumPy's class or that of arrays on a GPU."""
    if issubclass(cls, array):
        return cls
    own = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
    return type(cls.__name__, (cls, array), own if array is np.ndarray else own | _on_gpu(cls, array))


_OPERATORS = "add sub mul truediv floordiv mod pow matmul radd rsub rmul rtruediv rfloordiv rmod rpow rmatmul"
_OPERATORS += " eq ne lt le gt ge neg pos abs len iter float int bool format"


def _on_gpu(cls: type, array: type) -> dict[str, Any]:
    """What is different there: classes derived from CuPy's array keep their class in operations, these should not."""

    def data(self: Any) -> Any:
        return array.view(self, type=array)

    def operator(name: str) -> Any:
        return lambda self, *others: getattr(data(self), name)(*map(_stripped, others))

    def function(self: Any, function: Any, types: Any, args: Any, settings: Any) -> Any:
        given = map(_stripped, args), {name: _stripped(x) for name, x in settings.items()}
        return data(self).__array_function__(function, (array,), tuple(given[0]), given[1])

    found: dict[str, Any] = {f"__{name}__": operator(f"__{name}__") for name in _OPERATORS.split()}
    found["__array_function__"] = function
    return found | {"data": cls.data.setter(cls.data.fset).getter(data), "__hash__": object.__hash__}


def _made(data: np.ndarray, requires_grad: bool, grad: Any) -> Parameter:
    parameter = Parameter(data, requires_grad)
    parameter._grad = grad
    return parameter


def _stripped(x: Any) -> Any:
    """``x`` with plain arrays in place of parameters, in lists and tuples too."""
    if isinstance(x, Parameter):
        return x.data
    return type(x)(map(_stripped, x)) if type(x) in (list, tuple) else x


def plain(x: Any) -> Any:
    """``x`` as a plain array: a parameter's data, an array itself, numbers in the default type, torch's by numpy()."""
    if type(x) is np.ndarray:
        return x
    if isinstance(x, np.ndarray):
        return np.ndarray.view(x, np.ndarray)
    if arrays.is_array(x):
        return x.data if isinstance(x, Parameter) else x
    if hasattr(x, "detach") and hasattr(x, "numpy"):
        return x.detach().cpu().numpy()
    if hasattr(x, "__array__"):
        return np.asarray(x)
    x = np.asarray(x)
    return x.astype(get_default_dtype()) if x.dtype.kind == "f" else x


class Buffer(np.ndarray):
    """An array that becomes one of a module's buffers when it is assigned to an attribute: ``register_buffer``.

    ``persistent=False`` keeps it out of files.
    """

    persistent: bool

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Buffer:
        self = np.ndarray.view(np.empty(0, get_default_dtype()) if data is None else plain(data), cls)
        self.persistent = persistent
        return self

    def __array_finalize__(self, other: Any) -> None:
        self.persistent = getattr(other, "persistent", True)


class _Uninitialized:
    """What a parameter and a buffer whose shape is not known yet have in common."""

    becomes: type

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Become an array of this shape, of undefined numbers."""
        check_device(device)
        array: Any = self
        if dtype is not None and as_dtype(dtype) != array.dtype:
            array.dtype = as_dtype(dtype)
        array.resize(shape, refcheck=False)
        array.__class__ = kind_of(self.becomes, np.ndarray)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __deepcopy__(self, memo: dict) -> Any:
        memo[id(self)] = new = type(self)(dtype=self.dtype)  # type: ignore[attr-defined, call-arg]
        return new


class UninitializedParameter(_Uninitialized, Parameter):
    """Stands for a parameter whose shape is not known yet."""

    becomes = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> UninitializedParameter:
        check_device(device)
        self: Any = np.ndarray.__new__(kind_of(cls, np.ndarray), 0, float_dtype(dtype))
        self.requires_grad = requires_grad
        return self


class UninitializedBuffer(_Uninitialized, Buffer):
    """Stands for a buffer whose shape is not known yet."""

    def __new__(
        cls, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> UninitializedBuffer:
        check_device(device)
        self = np.ndarray.__new__(cls, 0, get_default_dtype() if dtype is None else as_dtype(dtype))
        self.persistent = persistent
        return self


UninitializedBuffer.becomes = Buffer
