"""The recorded runs of optimisers, and of whole trainings, on the stand-in for CuPy."""

import sys
from pathlib import Path

import numpy as np
import on_gpu
import pytest
from replay import agree, build

import torch7 as torch

sys.path.insert(0, str(Path(__file__).parents[1] / "optim"))
import test_recorded_runs
import test_training_golden

RUNS = {
    "float64": test_recorded_runs.RUNS,
    "float32": [r for r in test_recorded_runs.RUNS if r["optimiser"] not in ("cg", "lbfgs")],
}
OPTIMISERS = [pytest.param(r, t, id=f"{test_recorded_runs.name(r)}-{t}") for t, runs in RUNS.items() for r in runs]


@pytest.mark.parametrize(("run", "dtype"), OPTIMISERS)
def test_optimiser(cupy, run, dtype):
    x = cupy.asarray(run["x0"], dtype)
    test_recorded_runs.follow(run, x, {"float64": 1e-9, "float32": 1e-4}[dtype], here=on_gpu.here)


@pytest.mark.parametrize("run", test_training_golden.RUNS, ids=lambda r: r["name"])
def test_training(cupy, run):
    torch.manualSeed(run["seed"])
    model, criterion = build(run["model"]), build(run["criterion"])
    for recorded in (run["input"], run["target"]):  # drawn after the model, before what dropout draws
        test_training_golden.redraw(recorded, test_training_golden.largest(recorded))
    kind = on_gpu.CUDA[np.dtype(model._dtype).char]
    model, criterion = model.type(kind), criterion.type(kind)
    flat, data = model.getParameters(), (on_gpu.there(run["input"]), on_gpu.there(run["target"]))
    losses = test_training_golden.trained(run, model, criterion, flat, *data)
    agree(list(map(float, losses)), run["losses"], "losses")
    agree(on_gpu.here(flat[0]), run["params"], "parameters")
