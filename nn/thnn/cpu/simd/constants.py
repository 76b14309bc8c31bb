"""Constants of LLVM's language: one object for each, since to write it down takes longer than the rest of it."""

from __future__ import annotations

from functools import cache
from math import copysign

from llvmlite import ir

INDEX = ir.IntType(32)


def vector_of(element: ir.Type, lanes: int) -> ir.Type:
    """The LLVM type of ``lanes`` elements."""
    return ir.VectorType(element, lanes)


def constant(type_: ir.Type, number: float) -> ir.Constant:
    """``number`` as a constant of a scalar or vector type."""
    element = type_.element if isinstance(type_, ir.VectorType) else type_
    number = int(number) if isinstance(element, ir.IntType) else float(number)
    return _constant(type_, number, copysign(1, number))


@cache
def _constant(type_: ir.Type, number: float, sign: float) -> ir.Constant:
    return ir.Constant(type_, [number] * type_.count if isinstance(type_, ir.VectorType) else number)


@cache
def lane_numbers(*lanes: int) -> ir.Constant:
    """A vector of these 32-bit integers: which lanes are meant."""
    return ir.Constant(vector_of(INDEX, len(lanes)), lanes)
