"""Networks as PyTorch programs and modules; weights back; the command."""

import ast
import copy

import numpy as np
import pytest
import replay
import test_onnx_golden as golden
import test_onnx_torchnn as torchnn
from onnx_cases import cases, flat, narrow
from runtimes import agree, evaluated

import nn
import nn.pytorch as tnn
import nngraph  # noqa: F401
import rnn  # noqa: F401
import torch7 as torch
import torch7.onnx
import torch7.pytorch
from exchange.pytorch.examples import example_input
from exchange.pytorch.printing import program
from exchange.pytorch.returning import held
from torch7.__main__ import main


def network():
    torch.manualSeed(3)
    net = nn.Sequential(nn.SpatialConvolution(3, 4, 3, 3), nn.SpatialBatchNormalization(4), nn.ReLU())
    net.add(nn.ConcatTable(nn.Identity(), nn.SpatialConvolution(4, 4, 1, 1))).add(nn.CAddTable())
    return net.add(nn.View(4 * 6 * 6)).add(nn.Dropout(0.3)).add(nn.Linear(144, 5)).add(nn.LogSoftMax())


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_every_case_is_a_program(case, recwarn):
    """The text is Python, and names no number that is not in the state."""
    try:
        made = program(case.module(), narrow(case.data()))
    except torch.onnx.NotExportable:
        return
    tree = ast.parse(made.text)
    own = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == "self"}
    assert own - {"register_buffer", "training"} <= set(made.state)


def compare(pytorch, module, x, run, what):
    """Whether PyTorch computes the same, where the module has a form there."""
    try:
        made = torch.pytorch.to_module(module, x)
    except torch.onnx.NotExportable:
        return False
    found = tensors(made(*(pytorch.from_numpy(v) for v in flat(narrow(x)))))
    for a, b in zip(found, run(module, x), strict=True):
        assert a.shape == b.shape, what
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5, err_msg=str(what))
    return True


def test_every_case_in_pytorch(recwarn):
    pytorch = pytest.importorskip("torch")
    made = [compare(pytorch, c.module(), c.data(), evaluated, c) for c in cases()]
    assert sum(made) > 515


@pytest.mark.parametrize("group", golden.COUNTS)
def test_every_record_in_pytorch(group, recwarn):
    pytorch = pytest.importorskip("torch")
    missing = []
    for record in golden.of(group):
        torch.manualSeed(record["seed"])
        module = replay.build(record)
        if not compare(pytorch, module, record["input"], evaluated, record["class"]):
            missing.append(record["class"])
    assert len(missing) == sum(golden.COUNTS[group].values()), missing


def test_modules_of_nn_pytorch_in_pytorch(recwarn):
    pytorch = pytest.importorskip("torch")
    made = 0
    for case in torchnn.CASES:
        module, x = copy.deepcopy(case.make()).float().eval(), case.data()
        x = list(x) if isinstance(x, tuple) else x
        module = torchnn.Called(module, case.call) if case.call else module
        made += compare(pytorch, module, x, torchnn.outputs, case)
    assert made > 200


def tensors(x):
    return [v for part in x for v in tensors(part)] if isinstance(x, list | tuple) else [x.detach().numpy()]


def test_the_text():
    made = program(network(), torch.randn(2, 3, 8, 8))
    lines = [line.strip() for line in made.text.splitlines()]
    assert "self.p1_weight = nn.Parameter(torch.empty(4, 3, 3, 3))" in lines
    assert 'self.register_buffer("p2_running_mean", torch.empty(4))' in lines
    assert "x5 = x3 + x4  # 5" in lines, lines and "x7 = F.dropout(x6, 0.3, self.training)  # 7" in lines
    assert made.state["p8_weight"].shape == (5, 144) and made.state["p8_weight"].dtype == np.float32


def test_a_folder(tmp_path):
    net = network()
    torch.pytorch.write(net, tmp_path / "out", torch.randn(2, 3, 8, 8))
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["model.py", "weights.npz"]
    with np.load(tmp_path / "out" / "weights.npz") as weights:
        assert np.array_equal(weights["p1_weight"], net[0].weight.astype(np.float32))
    assert 'Path(__file__).with_name("weights.npz")' in (tmp_path / "out" / "model.py").read_text()


def test_numbers_without_an_axis_keep_their_shape():
    """A place that Select takes is one: the state goes back as it came."""
    net = nn.Sequential(nn.Linear(3, 4), nn.Select(1, 1))
    state = program(net, torch.randn(5, 3)).state
    assert {x.shape for name, x in state.items() if name.startswith("constant")} <= {()}
    assert torch.pytorch.from_state_dict(net, state, input=torch.randn(5, 3)) is net


def test_what_has_no_form_leaves_no_folder_of_halves(tmp_path):
    with pytest.raises(torch.onnx.NotExportable, match=r"net.1"):
        torch.pytorch.write(
            nn.Sequential(nn.SpatialFractionalMaxPooling(2, 2, 3, 3)), tmp_path / "out", torch.randn(1, 2, 8, 8)
        )
    assert not (tmp_path / "out").exists()


#: Their weight is computed of others, or changed by forward: there is no way back.
COMPUTED = {"nn.LinearWeightNorm", "nn.WeightNorm", "nn.LookupTable", "nn.SpatialBinaryConvolution"}


@pytest.mark.parametrize("group", golden.COUNTS)
def test_every_record_there_and_back(group, recwarn):
    """The numbers of the program go back into a network that lost its own, and it computes the same; one a class."""
    for record in {r.get("class"): r for r in golden.of(group)}.values():
        torch.manualSeed(record["seed"])
        module, x = replay.build(record), record["input"]
        try:
            made = program(module, x)
        except torch.onnx.NotExportable:
            continue
        other = module.clone()
        for array in held(other):
            array[...] = 0.123
        constants = {name: v for name, v in program(other, x).state.items() if name not in made.own}
        assert all(np.array_equal(v, made.state[name]) for name, v in constants.items()), record["class"]
        try:
            torch.pytorch.from_state_dict(other, made.state, input=x)
        except ValueError as error:
            assert record["class"] in COMPUTED and "no way back" in str(error)
            continue
        agree(evaluated(other, x), evaluated(module, x))


class TestWeightsBack:
    def test_what_was_turned_and_cut(self):
        net = nn.Sequential(nn.SeqLSTM(4, 4), nn.Bottle(nn.Euclidean(4, 4))).float()
        x = torch.randn(3, 2, 4).astype(np.float32)
        state = program(net, x).state
        other = nn.Sequential(nn.SeqLSTM(4, 4), nn.Bottle(nn.Euclidean(4, 4))).float()
        torch.pytorch.from_state_dict(other, state, input=x)
        for a, b in zip(other.parameters()[0], net.parameters()[0], strict=True):
            np.testing.assert_array_equal(a, b)

    def test_of_nn_pytorch(self):
        net = tnn.Sequential(tnn.Conv2d(3, 4, 3), tnn.BatchNorm2d(4), tnn.Flatten(), tnn.Linear(64, 5))
        x = np.random.default_rng(0).standard_normal((2, 3, 6, 6)).astype(np.float32)
        state = {name: v + 1 for name, v in program(net, x).state.items()}
        back = torch.pytorch.from_state_dict(copy.deepcopy(net), state, input=x)
        np.testing.assert_array_equal(back[0].weight.data, net[0].weight.data + 1)
        np.testing.assert_array_equal(back[1].running_var, net[1].running_var + 1)

    def test_by_name(self):
        net = network()
        state = program(net, torch.randn(2, 3, 8, 8)).state
        back = torch.pytorch.from_state_dict(network().reset(), dict(reversed(state.items())))
        for a, b in zip(back.parameters()[0], net.parameters()[0], strict=True):
            np.testing.assert_allclose(a, b, atol=1e-7)

    def test_in_order_without_the_counts_of_batches(self):
        net = network()
        state = {}
        for module in (net[0], net[1], net[3][1], net[7]):
            for name in ("weight", "bias", "running_mean", "running_var"):
                if getattr(module, name, None) is not None:
                    state[f"layer{len(state)}.{name}"] = getattr(module, name) + 1
            state[f"layer{len(state)}.num_batches_tracked"] = np.array(7)
        back = torch.pytorch.from_state_dict(network(), state)
        assert np.array_equal(back[7].weight, net[7].weight + 1) and np.array_equal(
            back[1].running_var, net[1].running_var + 1
        )

    @pytest.mark.parametrize(
        ("state", "map", "words"),
        [
            ({"a": np.zeros(3)}, None, "1 tensors for the 10"),
            (
                {"a": np.zeros((4, 3, 3, 3)), "b": np.zeros(5)},
                {"a": "1.weight", "b": "1.bias"},
                r"b is \(5,\), 1.bias is \(4,\)",
            ),
            ({"a": np.zeros(3)}, {"a": "9.weight"}, "no '9.weight' in the network"),
        ],
    )
    def test_nothing_is_changed_where_something_does_not_fit(self, state, map, words):
        net = network()
        before = [p.copy() for p in net.parameters()[0]]
        with pytest.raises(ValueError, match=words):
            torch.pytorch.from_state_dict(net, state, map)
        assert all(np.array_equal(a, b) for a, b in zip(before, net.parameters()[0]))


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        (lambda: nn.Sequential(nn.Linear(7, 3)), (2, 7)),
        (lambda: nn.Sequential(nn.View(784), nn.Linear(784, 10)), (2, 784)),
        (
            lambda: nn.Sequential(nn.SpatialConvolution(3, 4, 5, 5), nn.View(4 * 60 * 60), nn.Linear(14400, 2)),
            (2, 3, 64, 64),
        ),
        (lambda: nn.Sequential(nn.LookupTable(9, 4), nn.Mean(2)), (2, 16)),
        (lambda: nn.Sequential(nn.SeqLSTM(3, 4)), (5, 2, 3)),
        (lambda: nn.Sequential(nn.TemporalConvolution(6, 4, 5)), (2, 16, 6)),
        (lambda: nn.Sequential(nn.VolumetricConvolution(3, 4, 3, 3, 3)), (2, 3, 16, 112, 112)),
    ],
)
def test_an_input_is_found(net, shape):
    assert example_input(net()).shape == shape


def test_no_input_is_found():
    net = nn.Sequential(nn.SpatialConvolution(3, 4, 5, 5), nn.View(4 * 3 * 7), nn.Linear(84, 2))
    with pytest.raises(ValueError, match="give an example input"):
        example_input(net)


class TestCommand:
    def test_to_pytorch_and_to_onnx(self, tmp_path, capsys):
        file = tmp_path / "net.t7"
        torch.save(str(file), {"model": nn.Sequential(nn.Linear(4, 3)), "epoch": 3})
        assert main(["convert", str(file), str(tmp_path / "out"), "--to", "pytorch"]) == 0
        assert main(["convert", str(file), str(tmp_path / "net.onnx"), "--input", "5x4"]) == 0
        assert torch.onnx.load(tmp_path / "net.onnx").forward(np.zeros((2, 4), np.float32)).shape == (2, 3)

    def test_several_networks(self, tmp_path, capsys):
        file = tmp_path / "net.t7"
        torch.save(str(file), {"protos": {"rnn": nn.Linear(4, 3), "head": nn.Linear(3, 2)}})
        assert main(["convert", str(file), str(tmp_path / "net.onnx")]) == 1
        assert "protos.rnn" in capsys.readouterr().err
        assert main(["convert", str(file), str(tmp_path / "net.onnx"), "--at", "protos.rnn"]) == 0

    @pytest.mark.parametrize("sizes", ["4xa", "3x5"])
    def test_wrong_sizes(self, tmp_path, capsys, sizes):
        file = tmp_path / "net.t7"
        torch.save(str(file), nn.Sequential(nn.Linear(4, 3)))
        assert main(["convert", str(file), str(tmp_path / "net.onnx"), "--input", sizes]) == 1
        assert "size" in capsys.readouterr().err and not (tmp_path / "net.onnx").exists()

    def test_layers_with_their_shapes(self, tmp_path, capsys):
        file = tmp_path / "net.t7"
        torch.save(str(file), {"model": nn.Sequential(nn.Linear(4, 3), nn.Sequential(nn.Tanh())), "epoch": 3})
        assert main(["inspect", str(file), "--input", "5x4"]) == 0
        out = capsys.readouterr().out
        assert "(1) nn.Linear(4 -> 3)" in out and "5x3" in out and "60 multiply-adds" in out and "nn.Tanh" in out
        assert main(["inspect", str(file), "--input", "5x4", "--depth", "1"]) == 0
        assert "nn.Tanh" not in capsys.readouterr().out
        assert main(["inspect", str(file), "--input", "5x3"]) == 1
        assert "does not go through" in capsys.readouterr().err

    def test_look_ups_and_tables(self, tmp_path, capsys):
        torch.save(str(tmp_path / "words.t7"), nn.Sequential(nn.LookupTable(9, 4), nn.Mean(2)))
        assert main(["inspect", str(tmp_path / "words.t7"), "--input", "2x5"]) == 0
        torch.save(str(tmp_path / "table.t7"), nn.Sequential(nn.JoinTable(2), nn.Linear(5, 2)))
        assert main(["inspect", str(tmp_path / "table.t7"), "--input", "3x2,3x3"]) == 0
        assert capsys.readouterr().out.count("3x2") >= 1
