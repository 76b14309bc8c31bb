"""Calls that once waited for the GPU to check what they were given: they do not, and what is wrong is told later."""

import numpy as np
import pytest
import stand_in

import dpnn  # noqa: F401
import nn
from nn.thnn.cuda.replay.program import Program
from rocks import cutorch
from torch7 import arrays

R = np.random.default_rng(0)


def floats(*shape):
    return arrays.cupy().asarray(R.standard_normal(shape).astype(np.float32))


def indices(*values, dtype=np.int64):
    return arrays.cupy().asarray(np.array(values, dtype))


def unpooling(pooling, unpooling, *shape):
    pool = pooling.cuda()
    x = pool.forward(floats(*shape))
    return unpooling(pool).cuda(), x


#: Name -> a module and an input, or a criterion, an input and a target.
CALLS = {
    "LookupTable": lambda: (nn.LookupTable(5, 3).cuda(), indices(1, 5, 2)),
    "LookupTable, indices of floats": lambda: (nn.LookupTable(5, 3).cuda(), indices(1, 5, 2, dtype=np.float32)),
    "MultiMargin": lambda: (nn.MultiMarginCriterion().cuda(), floats(3, 4), indices(1, 4, 2)),
    "MultiLabelMargin": lambda: (nn.MultiLabelMarginCriterion().cuda(), floats(2, 3), indices([3, 1, 0], [2, 0, 0])),
    "fractional pooling": lambda: (nn.SpatialFractionalMaxPooling(2, 2, 3, 3).cuda(), floats(1, 2, 7, 7)),
    "fractional pooling of volumes": lambda: (
        nn.VolumetricFractionalMaxPooling(2, 2, 2, 2, 2, 2).cuda(),
        floats(1, 2, 5, 5, 5),
    ),
    "unpooling": lambda: unpooling(nn.SpatialMaxPooling(2, 2), nn.SpatialMaxUnpooling, 1, 2, 4, 4),
    "unpooling of volumes": lambda: unpooling(
        nn.VolumetricMaxPooling(2, 2, 2), nn.VolumetricMaxUnpooling, 1, 2, 4, 4, 4
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_nobody_waits(cupy, name):
    module, *given = CALLS[name]()
    output = module.forward(*given)
    flow = given[1] if len(given) == 2 else floats(*output.shape)

    def step():
        module.forward(*given)
        module.backward(given[0], flow)

    step()
    waits, _, _ = stand_in.counted(step)
    assert not waits


#: Name -> the same with something wrong, and what is said about it.
WRONG = {
    "LookupTable": (lambda: (nn.LookupTable(5, 3).cuda(), indices(1, 6)), IndexError, "index out of range 1..5: 1..6"),
    "LookupTable, fraction": (
        lambda: (nn.LookupTable(5, 3).cuda(), indices(1, 2.5, dtype=np.float64)),
        ValueError,
        "indices must be whole numbers, got 2.5",
    ),
    "MultiMargin": (
        lambda: (nn.MultiMarginCriterion().cuda(), floats(2, 4), indices(1, 7)),
        IndexError,
        r"labels are 1\.\.4 as in Lua, got 7",
    ),
    "MultiLabelMargin": (
        lambda: (nn.MultiLabelMarginCriterion().cuda(), floats(2, 3), indices([3, 1, 0], [2, 9, 0])),
        IndexError,
        r"labels are 1\.\.3 as in Lua, got 9",
    ),
    "fractional pooling": (
        lambda: (nn.SpatialFractionalMaxPooling(2, 2, 3, 3).cuda(), floats(1, 1, 7, 7) * np.nan),
        ValueError,
        "a window has no maximum",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_when_a_number_is_asked_for(cupy, name):
    made, error, words = WRONG[name]
    module, *given = made()
    loss = nn.MSECriterion().cuda().forward(floats(2), floats(2))
    stand_in.waits.clear()
    output = module.forward(*given)
    module.backward(*given) if len(given) == 2 else module.backward(given[0], output)
    assert not stand_in.waits
    with pytest.raises(error, match=words):
        float(loss)
    cutorch.synchronize()  # what was told once is not told again
    module.forward(*given)
    with pytest.raises(error, match=words):
        cutorch.synchronize()


def gradients(local):
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    for g in net.parameters()[1]:
        g[...] = np.random.default_rng(0).standard_normal(g.shape)
    return net, lambda net: net.gradParamClip(0.5, local)


#: What dpnn does around a step of gradients: a network, and what returns a norm or None.
AROUND = {
    "all gradients": lambda: gradients(False),
    "those of each module": lambda: gradients(True),
    "weights of neurons": lambda: (gradients(False)[0], lambda net: net.maxParamNorm(0.3, 0.2)),
    "words": lambda: (nn.LookupTable(5, 3), lambda net: net.maxParamNorm(None, 0.3)),
}


@pytest.mark.parametrize("name", AROUND)
def test_bounds_of_norms(cupy, name):
    here, bounded = AROUND[name]()
    there, found = here.clone().cuda(), []
    waits, _, _ = stand_in.counted(lambda: found.append(bounded(there)))
    assert not waits
    expected = bounded(here)
    if expected is not None:
        assert abs(float(found[0]) - expected) < 1e-5
    for a, b in zip(there.parameters(), here.parameters()):
        for x, y in zip(a, b):
            np.testing.assert_allclose(x.get(), y, rtol=1e-5, atol=1e-6)


def test_indices_that_are_wrong_change_nothing(cupy):
    table = nn.LookupTable(3, 2).cuda()
    table.zeroGradParameters()
    words = indices(0, 2, 4)
    assert (table.forward(words).get()[[0, 2]] == 0).all()
    table.backward(words, floats(3, 2))
    assert (table.gradWeight.get()[[0, 2]] == 0).all() and (table.gradWeight.get()[1] != 0).all()
    with pytest.raises(IndexError):
        cutorch.synchronize()


def test_faults_of_many_calls_are_told_in_between(cupy):
    table = nn.LookupTable(3, 2).cuda()
    table.forward(indices(4))
    with pytest.raises(IndexError):
        for _ in range(300):
            table.forward(indices(1))
    cutorch.synchronize()


def test_indices_of_a_graph_that_is_launched_again(cupy):
    table = nn.LookupTable(3, 2).cuda()
    table.forward(indices(1, 2))
    program = Program(table.forward, [indices(1, 2)])
    program.run(indices(1, 3))
    cutorch.synchronize()
    program.run(indices(1, 4))
    program.run(indices(1, 2))
    with pytest.raises(IndexError, match="index out of range"):
        cutorch.synchronize()
    program.run(indices(1, 4))
    with pytest.raises(IndexError, match="index out of range"):  # nobody asks: it is told after some more runs
        for _ in range(300):
            program.run(indices(1, 2))
    cutorch.synchronize()
