"""The examples that read data run and do what they promise."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dataload as dl
import torch7 as torch

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def nothing_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(dl, "DATA_PATH", str(tmp_path / "data"))
    yield
    torch.setdefaulttensortype("torch.DoubleTensor")


def example(name):
    return runpy.run_path(str(EXAMPLES / f"{name}.py"))


@pytest.mark.parametrize("sentences", [False, True])
def test_counts_of_pairs_guess_better_than_counts_of_words(sentences, capsys):
    results = example("language_model_data")["main"](["--sentences"] if sentences else [])
    printed = capsys.readouterr().out
    assert "a batch of 20 x 32 words" in printed and "column 2 target" in printed
    assert max(results["pairs"]) < 0.5 * min(results["words"]) < 200


def test_classifier_learns_a_folder_of_images(tmp_path, capsys):
    random = np.random.default_rng(0)
    for part, count in (("train", 40), ("test", 10)):
        for name in ("across", "down"):
            (tmp_path / part / name).mkdir(parents=True)
            for i in range(count):
                pixels = random.integers(0, 256, (30, 1, 3)).repeat(40, 1).astype(np.uint8)
                pixels = pixels if name == "across" else pixels.transpose(1, 0, 2)
                Image.fromarray(pixels).save(tmp_path / part / name / f"{i}.png")
    accuracy = example("train_on_image_folder")["main"](["--data", str(tmp_path), "--epochs", "3", "--batchsize", "8"])
    assert accuracy > 0.9
    assert "# epoch 3: loss" in capsys.readouterr().out


@pytest.mark.slow
def test_classifier_learns_digits(tmp_path):
    assert example("train_on_image_folder")["main"](["--epochs", "2", "--out", str(tmp_path)]) > 0.9
    assert len(list((tmp_path / "digits" / "test").iterdir())) == 10
