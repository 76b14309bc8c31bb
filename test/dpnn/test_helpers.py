"""The small methods that dpnn adds."""

import copy
import pickle

import numpy as np
import pytest

import nn
import torch7 as torch


def test_check_parameters():
    net = nn.Sequential().add(nn.Linear(2, 2)).add(nn.Linear(2, 2))
    net.checkParameters()
    net.get(2).weight[0, 1] = np.nan
    with pytest.raises(ValueError, match="NaN Error for param at index3"):
        net.checkParameters()


@pytest.mark.parametrize("copied", [lambda m: m, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_dont_backward(copied):
    linear = nn.Linear(2, 2)
    assert linear.dontBackward() is linear
    linear = copied(linear)
    x = torch.randn(3, 2)
    linear.zeroGradParameters()
    assert linear.forward(x).shape == (3, 2)
    assert linear.backward(x, x) is None and linear.updateGradInput(x, x) is None
    linear.accUpdateGradParameters(x, x, 1)
    assert not linear.gradWeight.any()


def test_contiguous_input():
    linear, x = nn.Linear(3, 2), torch.randn(3, 4)
    assert linear.contiguousInput(x) is x
    flat = linear.contiguousInput(x.T)
    assert flat.flags.c_contiguous and np.array_equal(flat, x.T)
    assert linear.contiguousInput(x.T, True) is flat
    assert linear.contiguousInput(x, True) is x


@pytest.mark.parametrize("owner", [nn.Linear(3, 2), nn.MSECriterion()], ids=str)
def test_to_and_from_batch(owner):
    sample, batch = torch.randn(2, 3), torch.randn(4, 2, 3)
    assert owner.toBatch(sample, 2).shape == (1, 2, 3) and np.shares_memory(owner.toBatch(sample, 2), sample)
    assert owner.fromBatch(owner.toBatch(sample, 2, 2), 2).shape == (2, 3)
    with pytest.raises(ValueError, match="one sample"):
        owner.fromBatch(batch, 1)
    assert owner.toBatch(batch, 2) is batch and owner.fromBatch(batch, 1) is batch


def test_outside():
    assert nn.Linear(3, 2).float().outside([5, 3]) == (5, 2)
    assert nn.Linear(3, 2).outside(3) == (2,)
    assert nn.SpatialConvolution(1, 2, 3, 3).outside((1, 1, 8, 9)) == (1, 2, 6, 7)


def test_accept():
    class Visitor:
        def visit(self, module):
            self.seen = module

    visitor, net = Visitor(), nn.Sequential()
    net.accept(visitor)
    assert visitor.seen is net


def test_sparse_parameters_and_extend():
    net = nn.Sequential().extend(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    assert net.size() == 3
    params, grads, scales, sizes = net.sparseParameters()
    assert all(a is b for a, b in zip(params, net.parameters()[0])) and len(grads) == 4 and not scales + sizes


def test_profile(capsys):
    net = nn.Sequential().add(nn.Linear(2, 2)).add(nn.ParallelTable())
    net = nn.Sequential().add(nn.ConcatTable().add(nn.Identity()).add(nn.Identity()))
    net.add(nn.ParallelTable().add(nn.Linear(2, 1)).add(nn.Tanh()))
    net.profile()
    net = pickle.loads(pickle.dumps(net.clone()))
    x = torch.randn(3, 2)
    net.forward(x)
    net.backward(x, [torch.randn(3, 1), torch.randn(3, 2)])
    lines = capsys.readouterr().out.splitlines()
    names = [line.partition(":")[0] for line in lines]
    assert names[:4] == [f"nn.{n} updateOutput" for n in ("ConcatTable", "Linear", "Tanh", "ParallelTable")]
    assert {"nn.ParallelTable updateGradInput", "nn.Linear accGradParameters"} <= set(names)
    other = nn.Sequential().add(nn.Linear(2, 1))
    other.forward(x)
    assert not capsys.readouterr().out
