"""The training loop with optim.sgd, ConfusionMatrix and Logger."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import torch7 as torch

pytest.importorskip("mlxtend")
FILE = Path(__file__).parents[2] / "examples" / "cifar_style_convnet.py"


@pytest.fixture
def run():
    yield runpy.run_path(str(FILE))["main"]
    torch.setdefaulttensortype("torch.DoubleTensor")


def parameters(folder):
    return torch.load(folder / "model.t7")["model"].getParameters()[0]


def test_stops_and_goes_on_bit_for_bit(run, tmp_path, capsys):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    small = ["-trainSize", "50", "-testSize", "25", "-batchSize", "25"]
    run(["-save", str(whole), "-maxEpoch", "2", *small])
    run(["-save", str(parts), "-maxEpoch", "1", *small])
    run(["-save", str(parts), "-maxEpoch", "2", "-resume", *small])
    np.testing.assert_array_equal(parameters(parts), parameters(whole))
    assert "ConfusionMatrix:" in capsys.readouterr().out
    for name in ("train.log.png", "test.log.png", "confusion.png"):
        assert (whole / name).stat().st_size > 1000
    rows = (whole / "test.log").read_text().splitlines()
    assert (rows[0], len(rows)) == ("% accuracy\tloss\t", 3)


@pytest.mark.slow
def test_recognises_nine_digits_of_ten(run, tmp_path):
    assert run(["-save", str(tmp_path), "-maxEpoch", "3"]) > 0.9
