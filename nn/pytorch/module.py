"""``Module``: the base of all layers (manual, "Containers: Module")."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from torch7 import arrays

from .. import notebook
from . import calls
from .defaults import as_dtype, float_dtype, gpu_of
from .hooks import Hooks
from .layer import Layer
from .parameter import Buffer, Parameter, kind_of, plain
from .registration import Registration
from .state import State
from .tape import active
from .torch7_verbs import Torch7Verbs


class Module(Hooks, State, Registration, Layer, Torch7Verbs):
    """Base of all neural network modules, with PyTorch's names and an explicit ``backward``.

    A subclass calls ``super().__init__()``, assigns parameters (:class:`Parameter`), buffers (``register_buffer``) and
    other modules to attributes, and defines ``forward(*input)``. ``backward(input, gradOutput, scale=1.0)`` returns the
    gradient by the input and adds ``scale`` times those of the parameters to their ``grad``. A class that leaves it out
    gets one from the tape of explicit backwards (:mod:`.tape`).

    Several inputs are given one by one or as one list, and backward takes the list and returns one, with None for
    integers; keywords belong to forward alone. Several outputs are a tuple, their gradients a list over those that are
    floats; None and a missing tail mean zero. ``m(x)`` runs the hooks around ``m.forward(x)``. ``output`` and
    ``gradInput`` are the last results. The next call writes into the memory of the last one's unless somebody keeps an
    output; a gradInput is always written over.

    Inside a layer: what backward needs is kept in ``saved`` and in :meth:`buffer`; :meth:`accumulate` adds to a
    parameter's gradient; :meth:`needs` tells which are wanted.
    """

    training = True
    dump_patches = False
    gradInput: Any = None
    saved: Any = None
    _call: Any = None
    _version = 1

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        if "forward" in vars(cls):
            cls.forward = calls.forward_of(cls, vars(cls)["forward"])  # type: ignore[method-assign]
        if "backward" in vars(cls):
            cls.backward = calls.backward_of(cls, vars(cls)["backward"])  # type: ignore[method-assign]
        elif "forward" in vars(cls):  # an inherited backward belongs to another forward
            cls.backward = Module.backward  # type: ignore[method-assign]

    def __new__(cls, *args: Any, **settings: Any) -> Any:
        self = super().__new__(cls)
        if cls.__module__.startswith(__package__):  # what interchange builds the other library's layer from
            self.__dict__["_arguments"] = args, settings
        return self

    def __init__(self) -> None:
        state = self.__dict__
        state["_parameters"], state["_buffers"], state["_modules"] = {}, {}, {}
        state["_non_persistent"], state["_scratch"] = set(), {}
        state["training"] = True

    # -- the protocol

    if TYPE_CHECKING:  # a network's own forward has the inputs that it likes
        forward: Callable[..., Any]
    else:

        def forward(self, *input: Any) -> Any:
            """Compute the output; every subclass defines it."""
            raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        """Return the gradient by the input, add those of the parameters: by the tape of the last forward."""
        given = calls.taped_backward(self, gradOutput if isinstance(gradOutput, list) else [gradOutput], scale)
        return given[0] if len(given) == 1 else list(given)

    def __call__(self, *input: Any, **settings: Any) -> Any:
        if self._forward_pre_hooks or self._forward_hooks:
            return self._hooked(input, settings)
        return self.forward(*input, **settings)

    @property
    def output(self) -> Any:
        """The last result; or, where a network has a child, parameter, buffer or attribute of this name, that one."""
        state = self.__dict__
        for held in (state["_modules"], state["_parameters"], state["_buffers"]):
            if "output" in held:
                return held["output"]
        return state.get("output", state.get("_result"))

    @output.setter
    def output(self, value: Any) -> None:
        self.__dict__["output"] = value

    # -- attributes

    def __getattr__(self, name: str) -> Any:
        state = self.__dict__
        parameters = state.get("_parameters")
        if parameters is not None:
            if name in parameters:
                found = parameters[name]
                return found if active.tape is None or found is None else active.tape.leaf(found)
            if name in state["_buffers"]:
                return state["_buffers"][name]
            if name in state["_modules"]:
                return state["_modules"][name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            self._assign("_parameters", name, value)
        elif isinstance(value, Module):
            self._assign("_modules", name, value)
        elif isinstance(value, Buffer):
            self._assign("_buffers", name, plain(value))
            (self._non_persistent.discard if value.persistent else self._non_persistent.add)(name)
        else:
            self._assign_other(name, value)

    # -- types and modes

    def train(self, mode: bool = True) -> Any:
        """Switch this module and all in it to training mode, or out of it; returns self."""
        if not isinstance(mode, (bool, np.bool_)):
            raise ValueError(f"training mode is expected to be boolean, got {mode!r}")
        for module in self.modules():
            module.training = bool(mode)
        return self

    def eval(self) -> Any:
        """``train(False)``."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Say for all parameters whether backward computes their gradients; returns self."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Fill all gradients with zeros, whatever ``set_to_none`` says."""
        for parameter in self.parameters():
            if parameter._grad is not None:
                parameter._grad.fill(0)

    def apply(self, fn: Callable) -> Any:
        """Call ``fn`` on the children, then on this module; returns self."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def _apply(self, convert: Callable) -> Any:
        """Replace parameters and buffers by ``convert(array)``; what was shared stays shared."""
        memo: dict[int, Any] = {}
        for module in self.modules():
            module._apply_own(convert, memo)
        return self

    def _apply_own(self, convert: Callable, memo: dict[int, Any]) -> None:
        self.__dict__["_scratch"], self.__dict__["_call"] = {}, None
        self.__dict__.pop("_again", None)
        for held in (self._parameters, self._buffers):
            for name, x in held.items():
                if x is not None:
                    held[name] = memo[id(x)][1] if id(x) in memo else _converted(x, convert, memo)

    def _cast(self, dtype: Any) -> Any:
        return self._apply(lambda x: x.astype(dtype, copy=False) if x.dtype.kind == "f" else x)

    def float(self) -> Any:
        """Cast parameters and buffers of floats to float32; returns self."""
        return self._cast(np.float32)

    def double(self) -> Any:
        """Cast parameters and buffers of floats to float64; returns self."""
        return self._cast(np.float64)

    def half(self) -> Any:
        """Cast to float16, to store; computing in it raises ``TypeError``. Returns self."""
        return self._cast(np.float16)

    def type(self, dst_type: Any) -> Any:
        """Cast all parameters and buffers, those of integers too; returns self."""
        dtype = as_dtype(dst_type)
        return self._apply(lambda x: x.astype(dtype, copy=False))

    def to(self, *args: Any, device: Any = None, dtype: Any = None, non_blocking: bool = False) -> Any:
        """Move and cast the floats: ``to("cuda")``, ``to(dtype)``, both, or ``to(array)`` for its own; returns self."""
        for x in args:
            if arrays.is_array(x):
                dtype, device = x.dtype, "cpu" if isinstance(x, np.ndarray) else x.device.id
            elif isinstance(x, int) or str(x).partition(":")[0] in ("cpu", "cuda"):
                device = device if isinstance(x, bool) else x
            elif x is not None:
                dtype = x
        dtype = None if dtype is None else float_dtype(dtype)
        if device is not None:
            gpu = gpu_of(device)
            self.cpu() if gpu is None else self.cuda(gpu)
        return self if dtype is None else self._cast(dtype)

    def cpu(self) -> Any:
        """Make all parameters and buffers arrays of NumPy's; returns self."""
        return self._apply(lambda x: arrays.moved(x, np, x.dtype))

    def cuda(self, device: Any = None) -> Any:
        """Move all parameters and buffers to a GPU: the current one, or that of this number; returns self.

        ``ImportError`` without CuPy, ``RuntimeError`` without a GPU.
        """
        xp = arrays.module_of("torch.CudaTensor")
        if xp is np or device is None:
            return self if xp is np else self._apply(xp.asarray)
        with xp.cuda.Device(gpu_of(device)):
            return self._apply(xp.asarray)

    # -- print

    def extra_repr(self) -> str:
        """What stands in the parentheses of the printed form."""
        return ""

    def _get_name(self) -> str:
        return ("Parametrized" if "parametrizations" in self._modules else "") + type(self).__name__

    def _repr_html_(self) -> str:
        return notebook.tree(self)

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): {_indented(repr(child))}" for name, child in self._modules.items()]
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({extra})"
        lines += children
        return self._get_name() + ("(\n  " + "\n  ".join(lines) + "\n)" if lines else "()")

    def __getstate__(self) -> dict:
        left = {"_again", "_call", "_count", "_result", "_scratch", "saved"} - {*self._modules}
        return {n: x for n, x in self.__dict__.items() if n not in left}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self.__dict__.setdefault("_scratch", {})


Module.backward = calls.backward_of(Module, Module.backward)  # type: ignore[method-assign]
del Module.backward._plain  # type: ignore[attr-defined]


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _converted(x: Any, convert: Callable, memo: dict) -> Any:
    """The converted parameter or buffer; ``memo`` keeps it beside the original, whose id stays taken that way."""
    own = plain(x)
    new = convert(own)
    if hasattr(x, "materialize"):  # its shape is not known yet
        new = type(x)(x.requires_grad, dtype=new.dtype) if isinstance(x, Parameter) else type(x)(dtype=new.dtype)
    elif isinstance(x, Parameter):
        if new is own or new.base is x:
            memo[id(x)] = x, x
            return x
        if new.dtype.kind != "f":
            grad, new = None, _integer_parameter(new, x)
        else:
            grad = None if x._grad is None else convert(x._grad)
            new = Parameter(new, x.requires_grad)
        new._grad = grad
    memo[id(x)] = x, new
    return new


def _integer_parameter(array: Any, x: Parameter) -> Parameter:
    new = type(array).view(array, type=kind_of(Parameter, type(array)))
    new.requires_grad = False
    return new
