"""The examples of dpnn learn."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import torch7 as torch

ROOT = Path(__file__).parents[2]

pytest.importorskip("mlxtend")


@pytest.fixture(autouse=True)
def default_type():
    yield
    torch.setdefaulttensortype("torch.DoubleTensor")


def example(name):
    return runpy.run_path(str(ROOT / "examples" / f"{name}.py"))


def test_a_network_that_only_hears_right_or_wrong_learns(capsys):
    assert example("reinforce_digits")["main"](["--epochs", "3"]) > 0.7
    guesses = [float(line.split("right guesses ")[1].split()[0]) for line in capsys.readouterr().out.splitlines()]
    assert guesses == sorted(guesses) and guesses[0] < 35 and guesses[-1] > 55


def test_momentum_under_a_bound(capsys):
    main = example("momentum_maxnorm_mlp")["main"]
    assert main(["--epochs", "2", "--maxOutNorm", "0.8"]) > 0.85
    norms = capsys.readouterr().out.splitlines()[-2].split(":")[1].split()
    assert len(norms) == 3 and max(map(float, norms)) == pytest.approx(0.8, abs=1e-3)


@pytest.mark.slow
def test_nce_on_the_manual_of_python(monkeypatch):
    """A tenth of the text, so that it takes seconds: NCE comes near the full softmax."""
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import nce

    data, held_out, words = nce.pairs(nce.text())
    assert words >= 10_000
    data = data[:30_000]
    full, quick = nce.models(words, 32, 100, nce.unigrams_of(data, words))
    nce.train(quick, data, held_out[:2000], 8, 5, "NCE")
    nce.train(full, data, held_out[:2000], 2, 5, "full")
    assert nce.perplexity(quick, held_out[:2000]) < 1.1 * nce.perplexity(full, held_out[:2000])
    assert np.isfinite(nce.perplexity(quick, held_out[:2000]))
