"""Hooks: functions of the user that run around a module's forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

NONE: dict[int, Any] = {}


class RemovableHandle:
    """What registering a hook returns: ``remove()`` takes the hook away, as does the end of a ``with`` block."""

    _next = 0

    def __init__(self, hooks: dict) -> None:
        self.hooks, self.id = hooks, RemovableHandle._next
        RemovableHandle._next += 1

    def remove(self) -> None:
        self.hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: Any) -> None:
        self.remove()


class Hooks:
    """The part of Module that keeps and runs hooks."""

    _forward_pre_hooks: dict[int, Any] = NONE
    _forward_hooks: dict[int, Any] = NONE
    _forward_pre_hooks_with_kwargs: dict[int, Any] = NONE
    _forward_hooks_with_kwargs: dict[int, Any] = NONE
    _forward_hooks_always_called: dict[int, Any] = NONE
    _backward_hooks: dict[int, Any] = NONE
    _backward_pre_hooks: dict[int, Any] = NONE

    def _register(self, kind: str, hook: Any, prepend: bool) -> RemovableHandle:
        hooks = self.__dict__.setdefault(kind, {})
        handle = RemovableHandle(hooks)
        rest = dict(hooks) if prepend else {}
        if prepend:
            hooks.clear()
        hooks[handle.id] = hook
        hooks.update(rest)
        return handle

    def _register_forward(self, kind: str, hook: Any, prepend: bool, keywords: bool) -> RemovableHandle:
        """A hook that may want the keywords of the call: those that do are on a list beside the hooks."""
        handle = self._register(kind, hook, prepend)
        if keywords:
            self.__dict__.setdefault(kind + "_with_kwargs", {})[handle.id] = True
        return handle

    def register_forward_pre_hook(
        self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Run ``hook(module, inputs)`` before ``forward``; what it returns, one value or a tuple, replaces the inputs.

        With ``with_kwargs`` it is ``hook(module, inputs, keywords)`` and returns both or None.
        """
        return self._register_forward("_forward_pre_hooks", hook, prepend, with_kwargs)

    def register_forward_hook(
        self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Run ``hook(module, inputs, output)`` after ``forward``; what it returns replaces the output.

        With ``always_call`` it runs where ``forward`` raises, too, with None for the output.
        """
        handle = self._register_forward("_forward_hooks", hook, prepend, with_kwargs)
        if always_call:
            self.__dict__.setdefault("_forward_hooks_always_called", {})[handle.id] = True
        return handle

    def register_full_backward_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Run ``hook(module, grad_input, grad_output)`` after ``backward``, on tuples; a result replaces grad_input."""
        return self._register("_backward_hooks", hook, prepend)

    register_backward_hook = register_full_backward_hook

    def register_full_backward_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Run ``hook(module, grad_output)`` before ``backward``; a result, a value or a tuple, replaces grad_output."""
        return self._register("_backward_pre_hooks", hook, prepend)

    def _hooked(self, input: tuple, settings: dict) -> Any:
        """``forward`` with the hooks around it; hooks that are always called run where it raises, too."""
        try:
            return self._between_hooks(input, settings)
        except Exception:
            for n in self._forward_hooks_always_called:
                if n in self._forward_hooks:
                    keywords = n in self._forward_hooks_with_kwargs
                    self._forward_hooks[n](self, input, *([settings] if keywords else []), None)
            raise

    def _between_hooks(self, input: tuple, settings: dict) -> Any:
        for n, hook in list(self._forward_pre_hooks.items()):
            if n in self._forward_pre_hooks_with_kwargs:
                result = hook(self, input, settings)
                if result is not None:
                    input, settings = result
            else:
                result = hook(self, input)
                if result is not None:
                    input = result if isinstance(result, tuple) else (result,)
        output = self.forward(*input, **settings)  # type: ignore[attr-defined]
        for n, hook in list(self._forward_hooks.items()):
            keywords = n in self._forward_hooks_with_kwargs
            result = hook(self, input, settings, output) if keywords else hook(self, input, output)
            output = output if result is None else result
        return output

    def _run_backward_pre_hooks(self, gradOutputs: list) -> list:
        for hook in list(self._backward_pre_hooks.values()):
            result = hook(self, tuple(gradOutputs))
            if result is not None:
                gradOutputs = list(result) if isinstance(result, tuple) else [result]
        return gradOutputs

    def _run_backward_hooks(self, gradInput: Any, gradOutputs: list) -> Any:
        several = isinstance(gradInput, (list, tuple))
        for hook in list(self._backward_hooks.values()):
            result = hook(self, tuple(gradInput) if several else (gradInput,), tuple(gradOutputs))
            if result is not None:
                result = result if isinstance(result, tuple) else (result,)
                gradInput = list(result) if several else result[0]
        return gradInput
