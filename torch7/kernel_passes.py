"""The way of a kernel through Numba without what a kernel has no use for; its code is the same, to the letter.

More than half of the time of a compilation is Numba's own, before LLVM. Here closures are looked for only in functions
that have some, formulas of whole arrays only where an array is a result, and references are counted only of values that
have references. What a call of certain types gives is asked once. Nothing is noted for debuggers and annotations.
"""

from __future__ import annotations

from functools import cache
from types import CodeType
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import AnnotateTypes, DumpParforDiagnostics, NativeLowering, NopythonRewrites
from numba.core.typing import Context
from numba.core.untyped_passes import InlineClosureLikes

#: Calls that Numba puts in the place of loops over lists, as it does with closures.
REPLACED = {"array", "reduce", "stencil"}


def shorten(passes: PassManager, code: CodeType) -> PassManager:
    """The passes for a function of such code."""
    left_out = {AnnotateTypes, DumpParforDiagnostics}
    if not REPLACED.intersection(code.co_names) and not any(isinstance(x, CodeType) for x in code.co_consts):
        left_out.add(InlineClosureLikes)
    own = {NativeLowering: KernelLowering, NopythonRewrites: ArrayRewrites}
    passes.passes = [(own.get(one, one), name) for one, name in passes.passes if one not in left_out]
    passes.finalize()
    return passes


@register_pass(mutates_CFG=True, analysis_only=False)
class ArrayRewrites(NopythonRewrites):
    """Numba's rewriting of formulas of arrays."""

    _name = "torch7_array_rewrites"

    def run_pass(self, state: Any) -> bool:
        results = [found.return_type for found in state.calltypes.values() if found is not None]
        if any(isinstance(result, types.Array) for result in results):
            return super().run_pass(state)
        return False


class _Lower(Lower):
    """Numba's translation to LLVM's language."""

    def alloca_lltype(self, name: str, lltype: ir.Type, datamodel: Any = None) -> ir.Value:
        return cgutils.alloca_once(self.builder, lltype, name=name, zfill=False)

    def incref(self, typ: types.Type, val: ir.Value) -> None:
        if _counted(self.context.data_model_manager, typ):
            super().incref(typ, val)

    def decref(self, typ: types.Type, val: ir.Value) -> None:
        if _counted(self.context.data_model_manager, typ):
            super().decref(typ, val)


@cache
def _counted(models: Any, kind: types.Type) -> bool:
    return models[kind].contains_nrt_meminfo()


@register_pass(mutates_CFG=True, analysis_only=False)
class KernelLowering(NativeLowering):
    """Numba's pass with that translation."""

    _name = "torch7_kernel_lowering"

    @property
    def lowering_class(self) -> type[Lower]:
        return _Lower


@cache
def remembering(context: Context) -> Context:
    """The same knowledge of types, which remembers what it was asked."""
    other = _Typing.__new__(_Typing)
    other.__dict__ = context.__dict__
    return other


class _Typing(Context):
    _known: dict[tuple, Any] = {}

    def resolve_function_type(self, func: Any, args: tuple, kws: dict) -> Any:
        if kws or not isinstance(func, types.Function):
            return super().resolve_function_type(func, args, kws)
        key = func, tuple(args)
        if key not in self._known:
            found = super().resolve_function_type(func, args, kws)
            if found is None:
                return None
            self._known[key] = found
        return self._known[key]
