"""ModuleCriterion: types and parameters."""

import warnings

import pytest

import nn


def test_module_criterion_keeps_the_type_of_its_target_module():
    kept, cast = nn.Sigmoid(), nn.Sigmoid()
    nn.ModuleCriterion(nn.MSECriterion(), None, kept, False).float()
    nn.ModuleCriterion(nn.MSECriterion(), None, cast).float()
    assert (kept.type(), cast.type()) == ("torch.DoubleTensor", "torch.FloatTensor")


def test_module_criterion_warns_of_parameters():
    with pytest.warns(UserWarning, match="inputModule has parameters"):
        nn.ModuleCriterion(nn.MSECriterion(), nn.Linear(2, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.ModuleCriterion(nn.MSECriterion(), nn.Tanh())
