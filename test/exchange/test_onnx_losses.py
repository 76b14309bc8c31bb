"""Criterions in a runtime, with a free batch."""

import numpy as np
import pytest
from runtimes import run

import nn
import nngraph  # noqa: F401
import torch7 as torch
import torch7.onnx

LABELS, WEIGHTS = np.array([1, 3, 2, 3]), np.array([1.0, 2, 0.5])
CASES = {
    "MSECriterion": (nn.MSECriterion, "numbers"), "MSECriterion, sum": (lambda: nn.MSECriterion(False), "numbers"),
    "AbsCriterion": (nn.AbsCriterion, "numbers"), "AbsCriterion, sum": (lambda: nn.AbsCriterion(False), "numbers"),
    "SmoothL1Criterion": (nn.SmoothL1Criterion, "numbers"),
    "SmoothL1Criterion, sum": (lambda: nn.SmoothL1Criterion(False), "numbers"),
    "BCECriterion": (nn.BCECriterion, "shares"),
    "BCECriterion, weights": (lambda: nn.BCECriterion(WEIGHTS, False), "shares"),
    "ClassNLLCriterion": (nn.ClassNLLCriterion, LABELS),
    "ClassNLLCriterion, weights": (lambda: nn.ClassNLLCriterion(WEIGHTS), np.array([1, 3, -100, 2])),
    "CrossEntropyCriterion": (lambda: nn.CrossEntropyCriterion(WEIGHTS, False), LABELS),
    "labels as floats": (nn.CrossEntropyCriterion, LABELS.astype(float)),
    "DistKLDivCriterion": (nn.DistKLDivCriterion, "parts"),
}  # fmt: skip


def data(target):
    x = torch.randn(4, 3) * 2
    if not isinstance(target, str):
        return x, target
    kinds = {"numbers": (x, torch.randn(4, 3)), "shares": (torch.rand(4, 3), torch.rand(4, 3))}
    return kinds.get(target, (x, torch.rand(4, 3) * (x > 0)))


@pytest.mark.parametrize("name", CASES)
def test_criterion(name):
    make, target = CASES[name]
    x, t = data(target)
    model = torch.onnx.export(make(), [x, t])
    for rows in (np.arange(4), np.array([2]), np.array([0, 1, 2, 3, 0])):
        pair = x[rows].astype(np.float32), t[rows] if t.dtype.kind == "i" else t[rows].astype(np.float32)
        (loss,) = run(model, list(pair))
        if not (loss.shape == () and np.isnan(loss)):  # nothing but labels that are left out
            assert loss == pytest.approx(make().float().forward(*pair), rel=1e-5, abs=1e-6)


def test_a_loss_in_a_graph():
    x, t = nn.Identity()(), nn.Identity()()
    net = nn.gModule([x, t], [nn.MSECriterion()([nn.Linear(3, 2)(x), t])])
    pair = [torch.randn(5, 3), torch.randn(5, 2)]
    assert run(torch.onnx.export(net, pair), pair)[0] == pytest.approx(net.forward(pair), rel=1e-5)
    table = nn.CriterionTable(nn.AbsCriterion())
    assert run(torch.onnx.export(table, [pair[1], pair[1] + 1]), [pair[1], pair[1] + 1])[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("criterion", "pair"),
    [(nn.MarginCriterion(), [np.ones((2, 3)), np.ones((2, 3))]), (nn.MSECriterion(), np.ones((2, 3)))],
)
def test_what_is_refused(criterion, pair):
    with pytest.raises(torch.onnx.NotExportable, match=r"nn.M\w+Criterion.* \(at net\)"):
        torch.onnx.export(criterion, pair)
