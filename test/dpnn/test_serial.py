"""Serial and its modes, in .t7 files, pickles and clones."""

import copy
import pickle

import numpy as np
import pytest

import nn
import nngraph  # noqa: F401, calls of modules make nodes
import torch7 as torch


def network():
    torch.manualSeed(1)
    net = nn.Sequential().add(nn.SpatialConvolution(1, 2, 3, 3)).add(nn.SpatialBatchNormalization(2))
    net.add(nn.SpatialMaxPooling(2, 2)).add(nn.View(-1).setNumInputDims(3)).add(nn.Linear(8, 3)).add(nn.LogSoftMax())
    return net


def trained(net):
    x = torch.randn(5, 1, 6, 6)
    net.zeroGradParameters()
    y = net.forward(x).copy()
    net.backward(x, torch.randn(5, 3))
    net.updateGradParameters(0.9)
    return x, y


WAYS = {
    "t7": lambda m: torch.deserialize(torch.serialize(m)),
    "ascii": lambda m: torch.deserialize(torch.serialize(m, "ascii"), "ascii"),
    "pickle": lambda m: pickle.loads(pickle.dumps(m)),
    "deepcopy": copy.deepcopy,
    "clone": lambda m: m.clone(),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
class TestModes:
    def test_heavy(self, way):
        serial = nn.Serial(network()).heavySerial()
        trained(serial)
        other = way(serial)
        assert np.array_equal(other.get(1).get(5).output, serial.get(1).get(5).output)
        assert all(np.array_equal(a, b) for a, b in zip(other.parameters()[1], serial.parameters()[1]))

    def test_medium(self, way):
        serial = nn.Serial(network())
        x, y = trained(serial)
        assert serial.mediumSerial() is serial
        other = way(serial)
        conv, norm, pool, _, linear, _ = other.get(1).modules
        assert not conv.output.size and not pool.indices.size and not norm.output.size and not linear.gradInput.size
        assert linear.momGradParams == [] and serial.get(1).get(5).momGradParams
        assert all(np.array_equal(a, b) for a, b in zip(other.parameters()[1], serial.parameters()[1]))
        assert np.allclose(other.forward(x), y) and linear.output.size
        other.backward(x, torch.randn(5, 3))

    def test_light(self, way):
        serial = nn.Serial(network()).lightSerial()
        x, _ = trained(serial)
        serial.evaluate()
        y = serial.forward(x).copy()
        before = [g.copy() for g in serial.parameters()[1]]
        other = way(serial)
        assert all(g.size == 0 for g in other.parameters()[1])
        assert all(np.array_equal(a, b) for a, b in zip(before, serial.parameters()[1]))
        assert np.array_equal(other.forward(x), y)
        with pytest.raises(ValueError):
            other.updateParameters(0.1)

    def test_types(self, way):
        serial = nn.Serial(network(), "torch.FloatTensor")
        serial.tied = serial.get(1).get(5).weight.T
        x, y = trained(serial)
        other = way(serial)
        assert serial.type() == "torch.DoubleTensor" and serial.get(1).get(5).weight.dtype == np.float64
        assert other.type() == other.get(1).get(1).type() == "torch.FloatTensor"
        assert all(p.dtype == np.float32 for lists in other.parameters() for p in lists)
        assert np.shares_memory(other.tied, other.get(1).get(5).weight)
        assert np.allclose(other.forward(x.astype(np.float32)), y, atol=1e-5)


def test_sizes_of_files():
    serial = nn.Serial(network())
    trained(serial)
    heavy, medium, light = (
        len(torch.serialize(m())) for m in (serial.heavySerial, serial.mediumSerial, serial.lightSerial)
    )
    assert light < medium < heavy


def test_a_bare_module_ignores_the_mode():
    linear = nn.Linear(3, 2).lightSerial()
    assert copy.deepcopy(linear).gradWeight.size == 6


def test_a_shared_clone_keeps_what_it_shares():
    serial = nn.Serial(network()).lightSerial()
    trained(serial)
    clone = serial.sharedClone()
    for which in (0, 1):
        assert all(np.shares_memory(a, b) for a, b in zip(serial.parameters()[which], clone.parameters()[which]))
    assert not clone.get(1).get(5).output.size
    step = nn.Linear(2, 2)
    step.dpnn_stepclone = True
    assert nn.Serial(nn.Sequential().add(step)).mediumSerial().stepClone().get(1).get(1) is step


def test_sharing_and_cycles_survive():
    linear = nn.Linear(3, 3)
    serial = nn.Serial(nn.Sequential().add(linear).add(linear)).mediumSerial()
    serial.get(1).parent = serial
    other = pickle.loads(pickle.dumps(serial))
    assert other.get(1).get(1) is other.get(1).get(2)
    for copied in (other, copy.deepcopy(serial), torch.deserialize(torch.serialize(serial))):
        assert copied.get(1).parent is copied


def test_modes_and_states():
    linear = nn.Linear(3, 2)
    net = nn.Sequential().add(linear)
    net.hidden = {"list": [nn.Tanh()]}
    assert net.serialMode(["output"]) is net
    assert linear.dpnn_serialEmpty == net.hidden["list"][0].dpnn_serialEmpty == ["output"]
    with pytest.raises(TypeError, match="Expecting table at arg 1"):
        net.serialMode("output")
    net.forward(torch.randn(4, 3))
    state = net.getSerialState()
    assert state["dpnn_typename"] == "nn.Sequential" and state["modules"][0]["dpnn_typename"] == "nn.Linear"
    assert state["modules"][0]["weight"] is linear.weight and state["modules"][0]["output"].size == 0
    states = {}
    assert net.getSerialState(states)["modules"][0] is linear.getSerialState(states)


def test_mode_lists():
    convolution, norm = nn.SpatialConvolution(1, 1, 1, 1), nn.SpatialBatchNormalization(1)
    assert nn.Module.dpnn_mediumEmpty == ["output", "gradInput", "momGradParams", "dpnn_input"]
    assert nn.Module.dpnn_lightEmpty is nn.Module.dpnn_gradParameters and nn.Module.dpnn_serialEmpty == []
    assert {"finput", "fgradinput", "_input", "_gradOutput"} <= set(convolution.dpnn_mediumEmpty)
    assert {"buffer", "buffer2", "centered", "std", "normalized"} <= set(norm.dpnn_mediumEmpty)


def test_method_and_arguments():
    linear = nn.Linear(3, 2)
    serial = linear.Serial("torch.FloatTensor")
    assert isinstance(serial, nn.Serial) and serial.get(1) is linear and repr(serial) == "nn.Serial @ nn.Linear(3 -> 2)"
    for bad in ("float", "torch.NoTensor", 3):
        with pytest.raises(ValueError):
            nn.Serial(linear, bad)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("mode", ["heavySerial", "mediumSerial", "lightSerial"])
def test_a_graph_in_a_serial_keeps_its_wiring_and_empties_the_modules_of_its_nodes(way, mode):
    torch.manualSeed(3)
    x = nn.Identity()()
    hidden = nn.Tanh()(nn.Linear(4, 3)(x))
    serial = nn.Serial(nn.Sequential().add(nn.gModule([x], [nn.CAddTable()([hidden, nn.Linear(4, 3)(x)])])))
    getattr(serial, mode)()
    inputs = torch.randn(2, 4)
    y = serial.forward(inputs).copy()
    serial.backward(inputs, torch.randn(2, 3))
    other = way(serial)
    linear, own = (s.findModules("nn.Linear")[0][0] for s in (other, serial))
    assert any(node.data.module is linear for node in other.get(1).get(1).forwardnodes)
    assert bool(linear.output.size) is (mode == "heavySerial") and own.output.size
    assert np.array_equal(other.forward(inputs), y)
    assert linear.output.size and linear is not own
