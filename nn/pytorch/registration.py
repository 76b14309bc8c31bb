"""A module's parameters, buffers and children: how they come in, and how to go through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch7 import arrays

from .parameter import Parameter

KINDS = ("_parameters", "_buffers", "_modules")
#: Attributes that modules have here and not in PyTorch: networks may call their children so.
OURS = {"output", "saved", "buffer", "needs", "accumulate", "check", "clone", "evaluate", "as_nn", "held"}
OURS |= {"getParameters", "zeroGradParameters", "updateParameters", "named_gradients", "sum_of", "sums_of", "room"}


class Registration:
    """The part of Module that keeps ``_parameters``, ``_buffers`` and ``_modules``."""

    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    _modules: dict[str, Any]
    _non_persistent: set[str]

    def _assign(self, kind: str, name: str, value: Any) -> None:
        state = self.__dict__
        if kind not in state:
            what = "parameters" if kind == "_parameters" else "module"
            raise AttributeError(f"cannot assign {what} before Module.__init__() call")
        if kind == "_parameters" and "_computed" in state and any(n == name for _, n in state["_computed"]):
            return self._assign_other(name, value)
        state.pop(name, None)
        for other in KINDS:
            if other != kind:
                state[other].pop(name, None)
        self._non_persistent.discard(name)
        state[kind][name] = value
        self._uncover(kind, name, value)

    def _uncover(self, kind: str, name: str, value: Any) -> None:
        """Let a child be found under a name that is also an attribute of all modules here."""
        if kind == "_modules" and name in OURS and name != "output":
            self.__dict__[name] = value

    def _assign_other(self, name: str, value: Any) -> None:
        state = self.__dict__
        for kind in KINDS:
            if name in state.get(kind, ()):
                if kind == "_parameters" and value is not None:
                    raise TypeError(f"cannot assign {type(value).__name__} as parameter {name!r} (Parameter or None)")
                if kind == "_modules" and value is not None:
                    raise TypeError(f"cannot assign {type(value).__name__} as child module {name!r} (Module or None)")
                if kind == "_buffers" and not (value is None or arrays.is_array(value)):
                    raise TypeError(f"cannot assign {type(value).__name__} as buffer {name!r} (array or None)")
                state[kind][name] = value
                self._uncover(kind, name, value)
                return
        if "_computed" in state and name in state:
            for (_, computed), (rule, _) in state["_computed"].items():
                if computed == name:
                    return rule.assign(self, value)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        for kind in KINDS:
            if name in self.__dict__.get(kind, ()):
                del self.__dict__[kind][name]
                self.__dict__.pop(name, None)
                self._non_persistent.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def _check_name(self, kind: str, name: Any) -> None:
        """Raise unless ``name`` may be registered as a new one of ``kind``."""
        if kind not in self.__dict__:
            raise AttributeError(f"cannot register {name!r} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"a name should be a string, got {type(name).__name__}")
        if "." in name or not name:
            raise KeyError("a name can't contain '.'" if "." in name else 'a name can\'t be empty string ""')
        free = name == "output" or (name in OURS and kind == "_modules")
        if hasattr(self, name) and name not in self.__dict__[kind] and not (free and name not in self.__dict__):
            raise KeyError(f"attribute {name!r} already exists")

    def register_parameter(self, name: str, param: Any) -> None:
        """Add a parameter under ``name``; None keeps the name for later and is left out of ``state_dict``."""
        self._check_name("_parameters", name)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"cannot assign {type(param).__name__} object to parameter {name!r} (Parameter or None)")
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Add an array that is no parameter, such as a running mean; ``persistent=False`` keeps it out of files."""
        self._check_name("_buffers", name)
        if tensor is not None and not arrays.is_array(tensor):
            raise TypeError(f"cannot assign {type(tensor).__name__} object to buffer {name!r} (array or None)")
        self._buffers[name] = tensor
        (self._non_persistent.discard if persistent else self._non_persistent.add)(name)

    def add_module(self, name: str, module: Any) -> None:
        """Add a child module under ``name``; a child of that name is replaced."""
        from .module import Module

        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._check_name("_modules", name)
        self._modules[name] = module
        self._uncover("_modules", name, module)

    register_module = add_module

    # -- going through them

    def named_modules(self, memo: Any = None, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple]:
        """Pairs of dotted name and module, this one first under ''; a module held twice comes once."""
        memo = set() if memo is None else memo
        if id(self) in memo:
            return
        if remove_duplicate:
            memo.add(id(self))
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                inside = prefix + ("." if prefix else "") + name
                yield from module.named_modules(memo, inside, remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Any]:
        """This module and all in it, each once."""
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def named_children(self) -> Iterator[tuple]:
        """Pairs of name and direct child; a child under two names comes under the first, None is left out."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Any]:
        """The direct children, each once."""
        return (module for _, module in self.named_children())

    def _named(self, kind: str, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[tuple]:
        seen = set()
        own = [(prefix, self)]
        for path, module in self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else own:
            for name, x in getattr(module, kind).items():
                if x is not None and id(x) not in seen:
                    if remove_duplicate:
                        seen.add(id(x))
                    yield path + ("." if path else "") + name, x

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple]:
        """Pairs of dotted name and parameter: own ones first, then those of the children; a shared one once."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        """The parameters, in the order of :meth:`named_parameters`."""
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple]:
        """Pairs of dotted name and buffer."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Any]:
        """The buffers, in the order of :meth:`named_buffers`."""
        return (b for _, b in self.named_buffers(recurse=recurse))

    def named_gradients(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple]:
        """Pairs of dotted name and gradient, in the order of :meth:`named_parameters`."""
        return ((name, p.grad) for name, p in self.named_parameters(prefix, recurse))

    def get_submodule(self, target: str) -> Any:
        """The module at a dotted path; '' is this one."""
        found: Any = self
        for part in target.split(".") if target else []:
            if part not in found._modules:
                raise AttributeError(f"{found._get_name()} has no attribute `{part}`")
            found = found._modules[part]
        return found

    def set_submodule(self, target: str, module: Any) -> None:
        """Put ``module`` at a dotted path."""
        if not target:
            raise ValueError("Cannot set the submodule without a target name!")
        parent, _, name = target.rpartition(".")
        setattr(self.get_submodule(parent), name, module)

    def get_parameter(self, target: str) -> Any:
        """The parameter at a dotted path."""
        return self._found("_parameters", target)

    def get_buffer(self, target: str) -> Any:
        """The buffer at a dotted path."""
        return self._found("_buffers", target)

    def _found(self, kind: str, target: str) -> Any:
        parent, _, name = target.rpartition(".")
        held = getattr(self.get_submodule(parent), kind)
        if name not in held:
            raise AttributeError(f"`{name}` is not one of the {kind[1:]}")
        return held[name]
