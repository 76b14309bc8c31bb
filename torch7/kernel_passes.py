"""The way of a kernel through Numba without what a kernel has no use for.

Half of the time of a compilation is Numba's own, before LLVM. Here a pass runs only over functions that have what it
looks for: closures, ``with``, ``raise``, formulas of whole arrays, calls to be replaced by the text of a function. Such
a text is not copied. References are counted only of values that have references. What a call of certain types gives is
asked once. Nothing is noted for debuggers and annotations. The code is the same, to the letter, but where a kernel
is marked ``compact``: that is optimised for size.
"""

from __future__ import annotations

from dis import opname
from functools import cache
from types import CodeType
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.compiler import DefaultPassBuilder
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.inline_closurecall import InlineWorker
from numba.core.ir import Block
from numba.core.lowering import Lower
from numba.core.typed_passes import AnnotateTypes, DumpParforDiagnostics, NativeLowering, NopythonRewrites
from numba.core.typing import Context
from numba.core.untyped_passes import (
    InlineClosureLikes,
    InlineInlinables,
    MakeFunctionToJitFunction,
    RewriteDynamicRaises,
    WithLifting,
)

#: Calls that Numba puts in the place of loops over lists, as it does with closures.
REPLACED = {"array", "reduce", "stencil"}
#: Of passes that look for statements of one kind, the instructions of which one is in each such statement.
STATEMENTS = {
    RewriteDynamicRaises: {"RAISE_VARARGS"},
    WithLifting: {"BEFORE_WITH", "SETUP_WITH", "LOAD_SPECIAL"},
}


def shorten(passes: PassManager, code: CodeType) -> PassManager:
    """The passes for a function of such code."""
    instructions = {opname[number] for number in set(code.co_code[::2])}
    left_out = {AnnotateTypes, DumpParforDiagnostics}
    left_out |= {one for one, names in STATEMENTS.items() if not instructions & names}
    if not any(isinstance(constant, CodeType) for constant in code.co_consts):
        left_out.add(MakeFunctionToJitFunction)
        if not REPLACED.intersection(code.co_names):
            left_out.add(InlineClosureLikes)
    own = {NativeLowering: KernelLowering, NopythonRewrites: ArrayRewrites, InlineInlinables: InlineTexts}
    passes.passes = [(own.get(one, one), name) for one, name in passes.passes if one not in left_out]
    passes.finalize()
    return passes


@register_pass(mutates_CFG=True, analysis_only=False)
class InlineTexts(InlineInlinables):
    """Numba's putting the text of functions where they are called, which says whether there was any."""

    _name = "torch7_inline_texts"
    #: How many there were; only the difference counts.
    texts = 0

    def run_pass(self, state: Any) -> bool:
        before = self.texts
        super().run_pass(state)
        return self.texts > before

    def _do_work(self, state: Any, work_list: Any, block: Block, i: int, expr: Any, worker: InlineWorker) -> bool:
        worker.__class__ = _Worker
        done = super()._do_work(state, work_list, block, i, expr, worker)
        self.texts += done
        return done


class _Worker(InlineWorker):
    def run_untyped_passes(self, func: Any, enable_ssa: bool = False) -> Any:
        self._compiler_pipeline = lambda state: shorten(
            DefaultPassBuilder.define_untyped_pipeline(state), func.__code__
        )
        text = super().run_untyped_passes(func, enable_ssa)
        for block in text.blocks.values():
            block.__class__ = _Block
        return text


class _Block(Block):
    """A block of a text that was made for one place: Numba puts a copy there and keeps another."""

    def __deepcopy__(self, memo: dict) -> Block:
        return self


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

    def lower_normal_function(self, fndesc: Any) -> None:
        super().lower_normal_function(fndesc)
        if getattr(self.func_ir.func_id.func, "compact", False):
            self.function.attributes.add("optsize")

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
