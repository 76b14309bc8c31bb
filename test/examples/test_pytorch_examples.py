"""The examples of nn.pytorch learn, and have the names and the order of torchvision's networks."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import dataload as dl
import nn.pytorch as tnn

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def _programs_import_their_neighbours(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)


def example(name):
    return runpy.run_path(str(EXAMPLES / f"pytorch_{name}.py"))


def normalised(name):
    """The names of a layer of batch normalisation, in torchvision's order."""
    return [f"{name}.{end}" for end in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")]


def resnet18_names():
    names = ["conv1.weight", *normalised("bn1")]
    for layer in range(1, 5):
        for block in range(2):
            at = f"layer{layer}.{block}"
            for n in (1, 2):
                names += [f"{at}.conv{n}.weight", *normalised(f"{at}.bn{n}")]
            if layer > 1 and block == 0:
                names += [f"{at}.downsample.0.weight", *normalised(f"{at}.downsample.1")]
    return [*names, "fc.weight", "fc.bias"]


def test_resnet18_has_torchvisions_layout():
    model = example("resnet18")["ResNet18"]()
    state = model.state_dict()
    assert list(state) == resnet18_names()
    assert sum(p.size for p in model.parameters()) == 11_689_512
    shapes = {"conv1.weight": (64, 3, 7, 7), "layer2.0.downsample.0.weight": (128, 64, 1, 1), "fc.weight": (1000, 512)}
    assert {name: state[name].shape for name in shapes} == shapes


@pytest.mark.parametrize(
    ("name", "convolutions", "parameters"),
    [
        ("vgg11", [0, 3, 6, 8, 11, 13, 16, 18], 132_863_336),
        ("vgg16", [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28], 138_357_544),
        ("vgg11_bn", [0, 4, 8, 11, 15, 18, 22, 25], 132_868_840),
    ],
)
def test_vgg_has_torchvisions_layout(name, convolutions, parameters):
    layers = example("vgg")["features"](name, 64)
    names = []
    for n in convolutions:
        names += [f"{n}.weight", f"{n}.bias"] + (normalised(str(n + 1)) if name.endswith("bn") else [])
    assert list(layers.state_dict()) == names
    small = example("vgg")["VGG"](name, 1000, 2)
    assert [n for n in small.state_dict() if n.startswith("classifier")] == [
        f"classifier.{n}.{end}" for n in (0, 3, 6) for end in ("weight", "bias")
    ]
    classifier = 25088 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 1000 + 1000
    assert sum(p.size for p in layers.parameters()) + classifier == parameters


def test_resnet18_learns_and_reads_its_weights_again(tmp_path, capsys):
    file = tmp_path / "narrow.safetensors"
    main = example("resnet18")
    result = main["main"](["--width", "8", "--epochs", "2", "--batches", "25", "--save", str(file)])
    assert result["accuracy"] > 0.8
    again = main["ResNet18"](4, 8)
    again.load_state_dict(tnn.load(file))
    again.eval()
    x, _ = main["stripes"](4, np.random.default_rng(5))
    np.testing.assert_array_equal(again(x), result["model"](x))


def test_vgg_learns(capsys):
    assert example("vgg")["main"]([])["accuracy"] > 0.7


def test_speech_network_learns(capsys):
    assert example("speech_conv1d")["main"](["--epochs", "2", "--channels", "8", "--batches", "20"])["accuracy"] > 0.7


def test_transformer_guesses_better_than_word_counts(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(dl, "DATA_PATH", str(tmp_path / "data"))
    results = example("transformer_lm")["main"](["--epochs", "1", "--size", "32", "--layers", "1"])
    assert max(results["valid"], results["test"]) < 0.8 * results["words"]
