"""How kernels become machine code: what only kernels call does so in its callers, once.

Numba optimises every function and translates it, also those that are put into their callers, where both is done again.
Here such a function, an *inner* one, stays what its text says until one that Python or a thread calls takes it in. It
has no address, and what is kept of it on disk is LLVM's bitcode.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from inspect import signature
from typing import Any

import llvmlite.binding as llvm
from numba.core.caching import CompileResultCacheImpl
from numba.core.codegen import JITCodeLibrary, JITCPUCodegen
from numba.core.compiler import Compiler, CompileResult
from numba.core.environment import lookup_environment

from .kernel_passes import remembering, shorten

#: How names begin under which LLVM knows the Python objects of a function, which only errors ask for.
ENVIRONMENT = "_ZN08NumbaEnv"
#: How the names of functions begin that unpack Python's arguments. Nobody takes them in, so that the passes over the
#: whole module, which come later, do for them.
WRAPPER = "_ZN7cpython"
#: Whether Numba, up to 0.61, has one manager of passes for all functions of a module by itself.
ONE_MANAGER = "llvm_module" in signature(JITCPUCodegen._function_pass_manager).parameters


class Library(JITCodeLibrary):
    """Numba's, with one manager of passes for all functions of a module."""

    def _optimize_functions(self, module: llvm.ModuleRef) -> None:
        if ONE_MANAGER:
            return super()._optimize_functions(module)
        module.data_layout = self._codegen._data_layout
        manager, builder = self._codegen._function_pass_manager()
        for function in module.functions:
            if not function.is_declaration and not function.name.startswith(WRAPPER):
                manager.run(function, builder)
        return None


class InnerLibrary(Library):
    """The code of an inner function."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        """What others take in, each a copy, is this module itself."""
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage == llvm.Linkage.external:
                function.linkage = llvm.Linkage.linkonce_odr
        self._shared_module = self._final_module
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Any:
        """Numba sets the function's objects there; :class:`KernelLibrary` does, for all functions in it."""
        return _Nowhere

    def serialize_using_object_code(self) -> tuple:
        return self.name, self._get_module_for_linking().as_bitcode()

    @classmethod
    def read(cls, codegen: Any, name: str, bitcode: bytes) -> InnerLibrary:
        self = cls(codegen, name)
        self._final_module = llvm.parse_bitcode(bitcode)
        self._finalize_final_module()
        return self


class _Nowhere:
    @staticmethod
    def set_env(name: str, environment: Any) -> None:
        pass


class KernelLibrary(Library):
    """The code of a function with an address, and of all that it calls."""

    #: Of one from disk, what another kernel that calls it takes in.
    bitcode = b""

    def serialize_using_object_code(self) -> tuple:
        module = self._get_module_for_linking()
        parts = *module.functions, *module.global_variables
        defined = [part.name for part in parts if not part.is_declaration]
        return self.name, self._get_compiled_object(), defined, module.as_bitcode()

    @classmethod
    def read(cls, codegen: Any, name: str, code: bytes, defined: list[str], bitcode: bytes) -> KernelLibrary:
        self = cls(codegen, name)
        self.enable_object_caching()
        self._set_compiled_object(code)
        self.bitcode = bitcode
        self._finalize_final_module()
        codegen._engine._defined_symbols.update(defined)
        return self

    def _get_module_for_linking(self) -> llvm.ModuleRef:
        if self.bitcode and self._shared_module is None:
            self._shared_module = llvm.parse_bitcode(self.bitcode)
        return super()._get_module_for_linking()

    def _finalize_final_module(self) -> None:
        super()._finalize_final_module()
        for variable in self._final_module.global_variables:
            if variable.name.startswith(ENVIRONMENT):
                environment = lookup_environment(variable.name)
                if environment is not None:
                    self.codegen.set_env(variable.name, environment)


class InnerCompiler(Compiler):
    """Numba's compiler, of inner functions."""

    library = InnerLibrary

    def define_pipelines(self) -> list:
        state = self.state
        state.library = self.library(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        state.typingctx = remembering(state.typingctx)
        pipelines = super().define_pipelines()
        if not state.flags.auto_parallel.enabled:
            pipelines = [shorten(passes, state.func_id.func.__code__) for passes in pipelines]
        return pipelines

    def compile_extra(self, function: Callable) -> CompileResult:
        """Compile without collecting garbage, since next to all that is made meanwhile stays in use."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            return super().compile_extra(function)
        finally:
            if collecting:
                _count_as_old()
                gc.enable()


def _count_as_old() -> None:
    """Let no collection but a full one look at the objects there are."""
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()


class KernelCompiler(InnerCompiler):
    """Numba's compiler, of functions that Python or a thread calls."""

    library = KernelLibrary


class KernelResults(CompileResultCacheImpl):
    """What of a compilation is kept on disk: no annotated text, which nobody reads."""

    library: type[Library] = KernelLibrary

    def reduce(self, result: CompileResult) -> tuple:
        return result._replace(type_annotation="")._reduce()

    def rebuild(self, target_context: Any, payload: tuple) -> CompileResult:
        """Numba's, but that bitcode is parsed only where it is needed."""
        stored, fndesc, environment, signature, objectmode, lifted, _, reload_init, environments = payload
        for prepare in reload_init:
            prepare()
        library = self.library.read(target_context.codegen(), *stored)
        for other in environments:
            library.codegen.set_env(other.env_name, other)
        return CompileResult(
            typing_context=target_context.typing_context,
            target_context=target_context,
            entry_point=target_context.get_executable(library, fndesc, environment),
            typing_error=None,
            type_annotation="",
            signature=signature,
            objectmode=objectmode,
            lifted=lifted,
            fndesc=fndesc,
            library=library,
            call_helper=None,
            environment=environment,
            metadata=None,
            reload_init=reload_init,
            referenced_envs=environments,
        )


class InnerResults(KernelResults):
    """The same for inner functions."""

    library = InnerLibrary
