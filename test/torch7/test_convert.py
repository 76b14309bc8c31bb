"""``python -m torch7 convert`` and ``torch.loadarrays``: no parameter is lost on the way, there or back."""

import os

import numpy as np
import pytest
from records import HERE, load

import nn
import torch7 as torch
from torch7 import T7Error, TorchObject
from torch7.__main__ import main
from torch7.serialization.convert import NO_PARAMETER, convert
from torch7.serialization.names import places

MODELS = load("t7")
SUFFIXES = [".npz", ".safetensors"]


def arrays_of(path):
    if path.suffix == ".npz":
        return dict(np.load(path))
    from safetensors.numpy import load_file

    return load_file(path)


def converted(value, path, **options):
    torch.save(path.with_suffix(".t7"), value)
    left_out = convert(path.with_suffix(".t7"), path, **options)
    return arrays_of(path), {name: why for name, why in left_out.items() if why != NO_PARAMETER}


def deep(levels):
    net = nn.Linear(2, 2)
    for _ in range(levels):
        net = nn.Sequential().add(net).add(nn.Linear(2, 2))
    return net


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_deep_networks_and_long_names_lose_nothing(tmp_path, suffix):
    net, long = deep(20), "layer_" * 30
    table = {long + "a": np.arange(2.0), long + "b": np.arange(3.0)}
    arrays, left_out = converted({"net": net, "more": table}, tmp_path / f"a{suffix}")
    assert len(arrays) == len(net.parameters()[0]) + 2 and not left_out
    assert "net" + ".modules[1]" * 20 + ".weight" in arrays and f"more.{long}b" in arrays
    for place in places({"net": net}):
        if place.field in ("weight", "bias"):
            assert np.array_equal(arrays[place.name], place.array)


def test_names_that_would_collide_are_told_apart(tmp_path):
    value = {"a/b": np.ones(1), "a_b": np.ones(2), "a\\b": np.ones(3), 1: np.ones(4), "1": np.ones(5)}
    arrays, left_out = converted(value, tmp_path / "a.npz")
    assert sorted(map(len, arrays.values())) == [1, 2, 3, 4, 5] and not left_out
    assert torch.loadarrays({k: 0 * v for k, v in value.items()}, arrays)["a\\b"].tolist() == [1, 1, 1]
    keys = torch.LuaTable([(np.ones(k), np.full(k, 2.0)) for k in (1, 2, 3)])
    assert len(converted(keys, tmp_path / "b.npz")[0]) == 3


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("record", MODELS, ids=lambda r: r["name"])
def test_there_and_back(record, suffix, tmp_path):
    path = HERE / f"{record['name']}.t7"
    model = torch.load(path).evaluate()
    out = tmp_path / f"a{suffix}"
    convert(path, out)
    expected = [np.array(x) for x in model.parameters()[0]]
    for x in [*model.parameters()[0], *(p.array for p in places(model) if p.field in ("running_mean", "running_var"))]:
        x.fill(9)
    assert torch.loadarrays(model, out) is model
    assert all(np.array_equal(a, b) for a, b in zip(model.parameters()[0], expected))
    outputs = model.forward(record["input"])
    original = torch.load(path).evaluate().forward(record["input"])
    for a, b in zip(outputs, original) if isinstance(outputs, list) else [(outputs, original)]:
        assert np.array_equal(a, b)


def network():
    return (
        nn.Sequential()
        .add(nn.SpatialConvolution(2, 3, 3, 3))
        .add(nn.SpatialBatchNormalization(3))
        .add(nn.View(-1).setNumInputDims(3))
        .add(nn.WeightNorm(nn.Linear(12, 4)))
        .add(nn.PReLU())
        .add(nn.CMul(4))
        .add(nn.LinearWeightNorm(4, 3))
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_into_a_network_built_by_hand(tmp_path, suffix):
    net, x = network(), torch.randn(5, 2, 4, 4)
    for _ in range(3):
        net.forward(x)
    expected = net.evaluate().forward(x)
    converted(net, tmp_path / f"a{suffix}")
    again = network().evaluate()
    assert not np.allclose(again.forward(x), expected)
    again = torch.loadarrays(again, tmp_path / f"a{suffix}")
    np.testing.assert_allclose(again.forward(x), expected, rtol=1e-12)
    np.testing.assert_allclose(torch.loadarrays(network(), tmp_path / f"a{suffix}").evaluate().forward(x), expected)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_transposed_and_shared_tensors(tmp_path, suffix):
    flat = np.arange(24.0)
    value = {"t": flat[:6].reshape(2, 3).T, "every": flat[::5], "part": flat[6:12].reshape(2, 3), "again": flat[::5]}
    arrays, left_out = converted(value, tmp_path / f"a{suffix}")
    assert left_out == {"again": "every"}
    assert all(np.array_equal(arrays[name], value[name]) for name in arrays) and len(arrays) == 3


def test_tied_modules_are_written_once_and_filled_together(tmp_path):
    one = nn.Linear(3, 3)
    net = nn.Sequential().add(one).add(nn.Linear(3, 3).share(one, "weight", "bias"))
    arrays, left_out = converted(net, tmp_path / "a.npz")
    assert len(arrays) == 2 and left_out == {f"modules[2].{n}": f"modules[1].{n}" for n in ("weight", "bias")}
    loaded = torch.load(tmp_path / "a.t7")
    one.weight.fill(0)
    assert np.array_equal(torch.loadarrays(loaded, arrays).modules[1].weight, arrays["modules[1].weight"])
    apart = nn.Sequential().add(nn.Linear(3, 3)).add(nn.Linear(3, 3))
    with pytest.raises(ValueError, match=r"no array for the parameters modules\[2\].weight, modules\[2\].bias"):
        torch.loadarrays(apart, arrays)


def test_what_is_no_parameter_is_counted_in_a_line(tmp_path, capsys):
    net = nn.Sequential().add(nn.Linear(3, 2)).add(nn.Dropout())
    net.backward(np.ones((4, 3)), net.forward(np.ones((4, 3))).copy())
    torch.save(tmp_path / "a.t7", net)
    left_out = convert(tmp_path / "a.t7", tmp_path / "a.npz")
    assert set(left_out.values()) == {NO_PARAMETER} and "modules[1].gradWeight" in left_out
    everything = convert(tmp_path / "a.t7", tmp_path / "b.npz", everything=True)
    both = {*arrays_of(tmp_path / "a.npz"), *left_out}
    assert both == {name for name, a in arrays_of(tmp_path / "b.npz").items() if a.size} | set(everything)
    assert main(["convert", str(tmp_path / "a.t7"), str(tmp_path / "a.npz")]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"left out: {len(left_out)} tensors that are no parameters, such as ")
    assert line.endswith("; --all writes them")


def test_tensors_of_unknown_classes_go_along_or_are_named(tmp_path):
    inner = {"weight": np.ones(2), "gradWeight": np.zeros(2), "anchors": np.ones(3), "output": np.ones(4)}
    fields = inner | {"list": [np.ones(5), {"x": np.ones(6)}], "net": nn.Linear(2, 1)}
    value = {"model": TorchObject("my.Net", fields), "vector": TorchObject("tds.Vec", [np.ones(7)])}
    arrays, left_out = converted(value, tmp_path / "a.npz")
    assert sorted(map(len, arrays.values())) == [1, 1, 2, 3, 5, 6, 7]
    assert set(left_out) == {"model.gradWeight", "model.output"}
    assert all("a buffer of my.Net" in why for why in left_out.values())
    everything, none = converted(value, tmp_path / "b.npz", everything=True)
    assert not none and {"model.gradWeight", "model.output"} < set(everything)
    again = torch.load(tmp_path / "a.t7")
    torch.loadarrays(again, {name: 2 * x for name, x in arrays.items()})
    assert again["model"].anchors.tolist() == [2, 2, 2] and again["vector"].fields[0][0] == 2


def test_batch_normalisation_of_old_files(tmp_path):
    layer = nn.BatchNormalization(2)
    fields = {k: v for k, v in vars(layer).items() if k not in ("running_var", "_dtype", "_fitted")}
    old = TorchObject("nn.BatchNormalization", fields | {"running_std": np.array([2.0, 4.0])})
    arrays, _ = converted(old, tmp_path / "a.npz")
    assert arrays["running_std"].tolist() == [2, 4]
    torch.loadarrays(layer, arrays)
    np.testing.assert_allclose(layer.running_var, np.array([0.25, 0.0625]) - layer.eps)


def test_objects_that_are_not_whole_have_names_too():
    for network in ([1], {"modules": 5}, None):
        broken = torch.deserialize(
            torch.serialize(TorchObject("nn.PartialLinear", {"network": network, "gradBias": np.ones(2)}))
        )
        assert [place.name for place in places(broken)] == ["gradBias", "gradInput"]


def test_sub_sampling_of_old_files(tmp_path):
    module = nn.SpatialSubSampling(3, 2, 2)
    fields = {k: v for k, v in vars(module).items() if k != "_dtype"} | {"weight": np.arange(12.0).reshape(3, 2, 2)}
    arrays, _ = converted(TorchObject("nn.SpatialSubSampling", fields), tmp_path / "a.npz")
    loaded = torch.load(tmp_path / "a.t7")
    loaded.weight.fill(9)
    assert torch.loadarrays(loaded, arrays).weight.tolist() == [0, 4, 8]


def test_what_does_not_fit_changes_nothing(tmp_path):
    net = nn.Sequential().add(nn.Linear(3, 2)).add(nn.Linear(2, 2))
    arrays, _ = converted(net, tmp_path / "a.npz")
    arrays = {name: x + 1 for name, x in arrays.items()}
    before = [x.copy() for x in net.parameters()[0]]
    last = "modules[2].bias"
    wrong = [
        (arrays | {"modules[3].weight": np.ones(2)}, ValueError, r"no tensor modules\[3\].weight"),
        ({f"model.{name}": x for name, x in arrays.items()}, ValueError, r"is it modules\[1\]"),
        (arrays | {last: np.ones(3)}, ValueError, r"modules\[2\].bias is 2 torch.DoubleTensor, .*\(3,\)"),
        (arrays | {last: np.ones(2, complex)}, TypeError, "complex128"),
        ({name: x for name, x in arrays.items() if name != last}, ValueError, r"no array for .* modules\[2\].bias"),
    ]
    for bad, error, message in wrong:
        with pytest.raises(error, match=message):
            torch.loadarrays(net, bad)
        assert all(np.array_equal(a, b) for a, b in zip(net.parameters()[0], before))
    arrays["modules[1].weight"] = arrays["modules[1].weight"].reshape(1, 6).astype(np.float32)
    torch.loadarrays(net, arrays)
    np.testing.assert_allclose(net.modules[0].weight, before[0] + 1, rtol=1e-6)


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"old")
    nested = [np.ones(1)]
    for _ in range(6000):
        nested = [nested]
    torch.save(tmp_path / "a.t7", nested)
    with pytest.raises(T7Error, match="too deep"):
        convert(tmp_path / "a.t7", tmp_path / "a.npz")
    assert (tmp_path / "a.npz").read_bytes() == b"old" and sorted(os.listdir(tmp_path)) == ["a.npz", "a.t7"]
