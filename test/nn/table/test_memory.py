"""Containers and table layers allocate no tensors after their first call."""

import tracemalloc

import numpy as np
import pytest

import nn

N, D = 64, 1000
BUFFER = N * D * 8


def tensors(n, *shape):
    return [np.random.default_rng(i).standard_normal(shape or (N, D)) for i in range(n)]


def with_children(container, *children):
    for child in children:
        container.add(child)
    return container


def two(container):
    return with_children(container, nn.Identity(), nn.MulConstant(2.0))


CASES = {
    "Concat(1)": (lambda: two(nn.Concat(1)), lambda: tensors(1)[0]),
    "Concat(2)": (lambda: two(nn.Concat(2)), lambda: tensors(1)[0]),
    "DepthConcat": (lambda: two(nn.DepthConcat(2)), lambda: tensors(1)[0]),
    "Parallel": (lambda: two(nn.Parallel(1, 1)), lambda: tensors(1, 2, N, D)[0]),
    "Parallel(3, 1)": (lambda: two(nn.Parallel(3, 1)), lambda: tensors(1, N, D, 2)[0]),
    "ConcatTable": (lambda: two(nn.ConcatTable()), lambda: tensors(1)[0]),
    "ConcatTable of a table": (
        lambda: with_children(nn.ConcatTable(), nn.Identity(), nn.Identity()),
        lambda: tensors(2),
    ),
    "ParallelTable": (lambda: two(nn.ParallelTable()), lambda: tensors(2)),
    "MapTable": (lambda: nn.MapTable(nn.MulConstant(2.0)), lambda: tensors(2)),
    "Bottle": (lambda: nn.Bottle(nn.MulConstant(2.0)), lambda: tensors(1, 2, N // 2, D)[0]),
    "DontCast": (
        lambda: nn.DontCast(nn.MulConstant(2.0).float(), True),
        lambda: tensors(1)[0],
    ),
    "SplitTable": (lambda: nn.SplitTable(1), lambda: tensors(1)[0]),
    "JoinTable": (lambda: nn.JoinTable(2), lambda: tensors(2)),
    "SelectTable": (lambda: nn.SelectTable(1), lambda: tensors(2)),
    "NarrowTable": (lambda: nn.NarrowTable(2), lambda: tensors(3)),
    "MixtureTable": (nn.MixtureTable, lambda: [tensors(1, N, 3)[0], tensors(3)]),
    "MixtureTable of a tensor": (nn.MixtureTable, lambda: [tensors(1, N, 3)[0], tensors(1, N, 3, D)[0]]),
    "PairwiseDistance": (nn.PairwiseDistance, lambda: tensors(2)),
    "PairwiseDistance(1)": (lambda: nn.PairwiseDistance(1), lambda: tensors(2)),
    "DotProduct": (nn.DotProduct, lambda: tensors(2)),
    "CosineDistance": (nn.CosineDistance, lambda: tensors(2)),
    "CAddTable": (nn.CAddTable, lambda: tensors(3)),
    "CAddTable(True)": (lambda: nn.CAddTable(True), lambda: tensors(3)),
    "CSubTable": (nn.CSubTable, lambda: tensors(2)),
    "CMulTable": (nn.CMulTable, lambda: tensors(3)),
    "CDivTable": (nn.CDivTable, lambda: tensors(2)),
    "CMaxTable": (nn.CMaxTable, lambda: tensors(3)),
    "CAddTensorTable": (nn.CAddTensorTable, lambda: [tensors(1)[0], tensors(2)]),
}


@pytest.mark.parametrize(("make", "data"), CASES.values(), ids=CASES)
def test_no_allocation_after_the_first_call(make, data):
    module, input = make(), data()
    gradOutput = nn.testing.tensors.copied(module.forward(input))
    module.backward(input, gradOutput)
    tracemalloc.start()
    try:
        module.forward(input)
        module.backward(input, gradOutput)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < BUFFER / 3, f"{peak} bytes at its peak"
