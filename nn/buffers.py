"""What the passes of every module need: buffers that are reused, and checks of arguments."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from torch7 import arrays, registry

from .typed import Typed


class Buffers(Typed):
    """Base of Module: ``output`` and ``gradInput`` as buffers, arguments of the module's type."""

    #: What places are kept in; those of maxima in less where :mod:`.convolution.places` is told to.
    _indexType = "int64"

    output: Any
    gradInput: Any
    weight: Any
    _type: str
    _dtype: Any

    def resizeOutput(self, input: Any, shape: tuple | None = None) -> Any:
        """``self.output`` as a buffer of ``shape`` (that of ``input`` if None), after a check of ``input``'s type.

        An output in the memory of the input or of the parameters is let go: what is written first would be read later.
        """
        output = self.output
        if shape is None:
            shape = getattr(input, "shape", None)
        same = type(output) is type(input) and output.shape == shape and output.dtype is self._dtype is input.dtype
        alone = same and output is not input and output is not self.weight and output is not self.bias
        if alone and output.base is not None:
            alone = arrays.apart(output, input, self.weight, self.bias)
        elif alone and input.base is not None:
            alone = arrays.apart(output, input)
        if alone and (output.flags.carray if type(output) is np.ndarray else arrays.plain(output)):
            return output
        self.checkType(input)
        self.output = output = arrays.resized(self.unshared(output, input), shape, input)
        return output

    def resizeGradInput(self, input: Any, gradOutput: Any) -> Any:
        """``self.gradInput`` as a buffer of ``input``'s shape, after a check of both arguments' types.

        A gradInput in the memory of the input, of gradOutput, the output or the parameters is let go.
        """
        gradInput = self.gradInput
        dtype = self._dtype
        same = type(gradInput) is type(gradOutput) and gradInput.shape == input.shape
        alone = gradInput is not gradOutput and gradInput is not input
        alone = alone and gradInput is not self.weight and gradInput is not self.output
        same = same and alone and gradInput.dtype is dtype is input.dtype and gradOutput.dtype is dtype
        if same and gradInput.base is not None:
            same = arrays.apart(gradInput, input, gradOutput, self.weight, self.output)
        elif same and not input.base is None is gradOutput.base:
            same = arrays.apart(gradInput, input, gradOutput)
        if same and (gradInput.flags.carray if type(gradInput) is np.ndarray else arrays.plain(gradInput)):
            return gradInput
        self.checkType(input)
        self.checkType(gradOutput, "gradOutput")
        kept = self.unshared(gradInput, input, gradOutput, self.output)
        self.gradInput = gradInput = arrays.resized(kept, input.shape, input)
        return gradInput

    def unshared(self, buffer: Any, *used: Any) -> Any:
        """``buffer``, or None where it shares memory with one of the arrays ``used`` or with a parameter."""
        if buffer is self.weight:
            return None
        for x in used:
            if buffer is x:
                return None
        return buffer if not arrays.is_array(buffer) or arrays.apart(buffer, *used, self.weight, self.bias) else None

    def resized(self, buffer: Any, shape: tuple, *used: Any) -> Any:
        """``buffer`` itself if it is a plain tensor of ``shape`` and the module's type, else a new one.

        A result - the output or gradInput - is let go where it shares memory with one of the arrays ``used``, which are
        named for it, or with a parameter. Any other buffer is let go unless its memory is its own.
        """
        dtype = self._dtype
        if arrays.is_array(buffer) and buffer.shape == shape and buffer.dtype == dtype and arrays.plain(buffer):
            if used:
                if self.unshared(buffer, *used) is not None:
                    return buffer
            elif buffer.base is None and buffer is not self.output and buffer is not self.gradInput:
                return buffer
        return arrays.module_of(self._type).empty(shape, dtype)

    def resizeIndices(self, shape: tuple[int, ...], input: Any, name: str = "indices") -> Any:
        """The field ``name`` as a buffer of whole numbers that kernels may write to, of ``shape`` and beside ``input``.

        They are of int64, or of the smaller type that was asked for, where that holds every place in a plane of
        ``input`` (of at most three sizes) and the kernels are the CPU's.
        """
        indices, dtype = getattr(self, name, None), self._indexType
        if dtype != "int64" and (type(input) is not np.ndarray or prod(input.shape[-3:]) > np.iinfo(dtype).max):
            dtype = "int64"
        same = type(indices) is type(input) and indices.shape == shape and indices.dtype == dtype
        if not same or indices.base is not None or not arrays.plain(indices):
            indices = arrays.array_module(input).empty(shape, dtype)
            setattr(self, name, indices)
        return indices

    def checkType(self, input: Any, what: str = "input") -> None:
        """Raise ``TypeError`` unless ``input`` is a tensor of the module's type."""
        if type(input) is type(self.output) and input.dtype is self._dtype is self.output.dtype:
            return
        name = registry.class_name(type(self))
        if not arrays.is_array(input):
            raise TypeError(f"{name}: {what} must be a tensor, got {arrays.describe(input)}")
        expected = arrays.module_of(self._type)
        if arrays.array_module(input) is not expected:
            where = "module.cuda()" if expected.__name__ == "numpy" else "cupy.asarray(x), or module.float()"
            raise TypeError(f"{name} is of type {self._type}, its {what} is on another device: call {where}")
        if input.dtype != self._dtype:
            raise TypeError(
                f"{name} is of type {self._type} ({self._dtype}), its {what} is {arrays.describe(input)}: "
                f"{arrays.advice(input, self._dtype, 'module')}"
            )

    def gradOutputAs(self, gradOutput: Any, like: Any, exact: bool = False) -> Any:
        """``gradOutput`` in the output's shape: ``like`` is that shape, or a tensor that has it.

        ``ValueError`` where the numbers of elements differ, and with ``exact`` where the sizes do, apart from a batch
        of one. ``TypeError`` for another type than the module's; beside a tensor any type passes, as through ``View``.
        """
        shape = getattr(like, "shape", like)
        fits = getattr(gradOutput, "shape", None) == shape
        if fits and like is not shape:
            return gradOutput
        if like is shape or not arrays.is_array(gradOutput):
            self.checkType(gradOutput, "gradOutput")
        if fits:
            return gradOutput
        batch_of_one = shape[:1] == (1,) and gradOutput.shape == shape[1:]
        if gradOutput.size != prod(shape) or (exact and not batch_of_one):
            wanted = f"for this input it must be {'x'.join(map(str, shape))}"
            if like is not shape:
                wanted = f"the output of the last forward {arrays.describe(like)}; call forward before backward"
            raise ValueError(
                f"{registry.class_name(type(self))}: gradOutput is {arrays.describe(gradOutput)}, {wanted}"
            )
        return gradOutput.reshape(shape)

    def checkForward(self, shape: tuple[int, ...]) -> None:
        """Raise ``ValueError`` unless ``output`` has ``shape``, as a forward of the input at hand leaves it."""
        if self.output.shape != shape:
            raise ValueError(
                f"{registry.class_name(type(self))}: the last output is {arrays.describe(self.output)}, "
                f"for this input it must have the shape {shape}; call forward before backward"
            )

    def checkTensors(self, **shapes: tuple[int, ...]) -> None:
        """As :meth:`checkFields`, and none of the fields may be None."""
        for name in shapes:
            self.checkType(getattr(self, name), name)
        self.checkFields(**shapes)

    def checkFields(self, **shapes: tuple[int, ...]) -> None:
        """Raise unless the tensors of these names, such as ``weight``, have the shapes given and the module's type.

        A field that is None is left out.
        """
        for name, shape in shapes.items():
            x = getattr(self, name)
            if x is None:
                continue
            self.checkType(x, name)
            if x.shape != shape:
                raise ValueError(
                    f"{registry.class_name(type(self))}: size mismatch, {name} is {arrays.describe(x)}, "
                    f"must have the shape {shape}"
                )


def drop_float_indices(fields: dict, *names: str) -> None:
    """Empty the index buffers of an old file that Lua's ``type`` turned into floats; the next forward fills them."""
    for name in names:
        if arrays.is_array(fields.get(name)) and fields[name].dtype.kind == "f":
            fields[name] = np.empty(0, np.int64)
