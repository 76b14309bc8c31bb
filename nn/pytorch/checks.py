"""Whether backward gets the input of the last forward, and gradients that fit its output."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

FLOAT, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


def is_float(x: Any) -> bool:
    """Whether kernels take the numbers of an array: float32 or float64 in the machine's byte order."""
    return x.dtype == FLOAT or x.dtype == DOUBLE


def writable(x: Any) -> bool:
    """Whether a kernel may write an array as it lies in memory."""
    return bool(x.flags.carray if isinstance(x, np.ndarray) else x.flags.c_contiguous)


def dimension(dim: int, ndim: int) -> int:
    """``dim`` counted from 0; ``IndexError`` for one that an array of ``ndim`` dimensions has not."""
    most = max(ndim, 1)
    if not -most <= dim < most:
        raise IndexError(f"dimension {dim} is not there: {ndim} dimensions count from {-most} to {most - 1}")
    return dim % most


def together(name: str, *given: Any) -> None:
    """``TypeError`` unless the arrays are all NumPy's or all on a GPU; None counts for nothing.

    Callers ask before whether there is a GPU in use, so that programs on the CPU spare the call.
    """
    if len({arrays.array_module(x) for x in given if x is not None}) > 1:
        raise TypeError(
            f"{name}: arrays of NumPy's and arrays on a GPU in one call: use module.cuda() or module.cpu(), "
            "cupy.asarray(x) or x.get()"
        )


def checked_inputs(self: Any, input: Any) -> tuple:
    """The inputs of the last forward; ``ValueError`` if ``input`` is something else."""
    call = self.__dict__.get("_call")
    if call is None:
        raise ValueError(f"{type(self).__name__}: call forward first")
    given = call[0]
    if len(given) == 1 and given[0] is input:
        return given
    parts = tuple(input) if len(given) != 1 and isinstance(input, (list, tuple)) else (input,)
    if len(parts) != len(given) or not all(map(same, parts, given)):
        raise ValueError(
            f"{type(self).__name__}: backward must get the input of the last forward, {_shapes(given)}, "
            f"got {_shapes(parts)}; call forward first"
        )
    return given


def same(a: Any, b: Any) -> bool:
    """Whether two inputs are one array or hold the same numbers."""
    if a is b:
        return True
    if arrays.is_array(a) and arrays.is_array(b):
        alike = a.shape == b.shape and a.dtype == b.dtype and arrays.array_module(a) is arrays.array_module(b)
        return alike and bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(map(same, a.values(), b.values()))
    return type(a) is type(b) and bool(a == b)


def _shapes(x: Any) -> str:
    return ", ".join(str(getattr(part, "shape", type(part).__name__)) for part in x)


def floating(output: Any) -> list:
    """The arrays of floats in an output, in order."""
    if arrays.is_array(output):
        return [output] if output.dtype.kind == "f" else []
    if isinstance(output, (float, np.floating)):
        return [np.asarray(output)]
    if isinstance(output, (list, tuple)):
        return [a for part in output for a in floating(part)]
    return [a for part in output.values() for a in floating(part)] if isinstance(output, dict) else []


def checked_gradients(self: Any, gradOutput: Any) -> list:
    """A gradient for each floating output of the last forward; zeros for None and for a missing tail.

    Where there is one for every output, those of places and truths are left out.
    """
    output = self.__dict__.get("_result")
    if type(output) is np.ndarray and type(gradOutput) is np.ndarray:
        return [_gradient(self, output, gradOutput)]
    outputs = floating(output)
    if isinstance(gradOutput, dict):
        gradOutput = _in_order(self, output, gradOutput)
    flat = _flat(gradOutput) if isinstance(gradOutput, (list, tuple)) else [gradOutput]
    if len(flat) > len(outputs) and isinstance(output, (list, tuple)) and len(flat) == len(_flat(output)):
        flat = [g for g, y in zip(flat, _flat(output)) if floating(y)]
    if len(flat) > len(outputs):
        if any(g is not None for g in flat[len(outputs) :]):
            raise ValueError(f"{type(self).__name__}: {len(flat)} gradients for {len(outputs)} outputs")
        flat = flat[: len(outputs)]
    flat += [None] * (len(outputs) - len(flat))
    return [_gradient(self, y, g) for y, g in zip(outputs, flat)]


def _in_order(self: Any, output: Any, gradOutput: Any) -> list:
    """Gradients by name as a list, one for each array of floats in the output; None for those left out."""
    if isinstance(gradOutput, dict):
        if not isinstance(output, dict) or not gradOutput.keys() <= output.keys():
            names = ", ".join(map(str, output)) if isinstance(output, dict) else "none"
            raise ValueError(
                f"{type(self).__name__}: gradients named {', '.join(map(str, gradOutput))}, the output has {names}"
            )
        return [g for name, y in output.items() for g in _in_order(self, y, gradOutput.get(name))]
    count = len(floating(output))
    flat = _flat([gradOutput])
    return [None] * count if gradOutput is None else (flat + [None] * count)[:count] if len(flat) <= count else flat


def _flat(x: Any) -> list:
    return [a for part in x for a in (_flat(part) if isinstance(part, (list, tuple)) else [part])]


def _gradient(self: Any, output: Any, gradOutput: Any) -> Any:
    if gradOutput is None:
        return np.zeros_like(output)
    if not arrays.is_array(gradOutput):
        gradOutput = np.asarray(gradOutput, output.dtype, like=output)
    if gradOutput.shape == output.shape and gradOutput.dtype is output.dtype:
        return gradOutput
    if gradOutput.shape != output.shape:
        if gradOutput.size == output.size == 1:
            return gradOutput.reshape(output.shape)
        raise ValueError(
            f"{type(self).__name__}: gradOutput has the shape {gradOutput.shape}, the output {output.shape}"
        )
    if gradOutput.dtype != output.dtype:
        raise TypeError(
            f"{type(self).__name__}: gradOutput is {gradOutput.dtype}, the output {output.dtype}: "
            f"use gradOutput.astype({str(output.dtype)!r})"
        )
    return gradOutput
