"""nn.pytorch on the stand-in for CuPy: every record of PyTorch's modules, and the battery's cases in both types."""

import copy
import sys
from pathlib import Path

import numpy as np
import on_gpu
import pytest
import quiet
import records
import stand_in
from replay import agree

import nn.pytorch as tnn
import nn.pytorch.functional as F
import optim
from nn.pytorch import utils
from nn.pytorch.utils import parametrizations, prune
from rocks import cutorch

sys.path.insert(0, str(Path(__file__).parents[1] / "nn" / "pytorch"))
from cases_pytorch import CASES
from test_battery_pytorch import identifiers

RECORDS = [pytest.param(r, id=f"{r['id']}-{r['class']}") for r in records.load("torchnn")]
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}


@pytest.mark.parametrize("record", RECORDS)
def test_record(cupy, record):
    module = getattr(tnn, record["class"])(*record["args"], **record["kwargs"]).double()
    module.load_state_dict(record["state"])
    module.train(record["mode"] == "train")
    module.cuda()
    inputs = on_gpu.there([x.copy() for x in record["inputs"]])
    output = module.forward(*inputs, **on_gpu.there(record["call"]))
    agree(on_gpu.here(list(output) if isinstance(output, tuple) else [output]), record["outputs"], "outputs")
    gradOutputs = on_gpu.there(record["gradOutputs"])
    gradInput = module.backward(inputs if len(inputs) > 1 else inputs[0], gradOutputs)
    agree(on_gpu.here(gradInput if isinstance(gradInput, list) else [gradInput]), record["gradInputs"], "gradInputs")
    agree(on_gpu.here(dict(module.named_gradients())), record["gradState"], "gradState")
    agree(on_gpu.here(dict(module.state_dict())), record["stateAfter"], "stateAfter")


def floats(value, dtype):
    """Floats of a nested value as ``dtype``; copies."""
    if isinstance(value, np.ndarray):
        return value.astype(dtype) if value.dtype.kind == "f" else value.copy()
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(floats(v, dtype) for v in value)
    return type(value)(*(floats(v, dtype) for v in value)) if isinstance(value, tuple) else value


def gradients_like(output):
    """Random gradients of the floats of an output, in a list."""
    generator = np.random.default_rng(1)
    arrays = [y for y in on_gpu.flat(output) if y.dtype.kind == "f"]
    return [generator.standard_normal(y.shape).astype(y.dtype) for y in arrays]


def passes(case, module, inputs, call, to):
    """Output, gradients by inputs and by parameters, on the CPU; ``to`` brings arrays to where the module is."""
    tnn.manual_seed(3)
    output = module.forward(*inputs, **call)
    g = [to(x) for x in gradients_like(on_gpu.here(output))]
    given = module.backward(list(inputs) if len(inputs) > 1 else inputs[0], g if len(g) > 1 else g[0])
    gradients = [(name, p.grad) for name, p in module.named_parameters()]
    return on_gpu.here((output, given, gradients))


@pytest.mark.parametrize(("case", "dtype"), on_gpu.in_types(CASES, TOLERANCE, identifiers()))
def test_case(cupy, case, dtype):
    tnn.manual_seed(0)
    module = case.make()
    module = module.double() if dtype == "float64" else module.float()
    module.train(not case.evaluate)
    data, call = floats(case.data(), dtype), floats(case.call, dtype)
    inputs = tuple(data) if isinstance(data, list) else (data,)
    other = copy.deepcopy(module).cuda()
    expected = passes(case, module, copy.deepcopy(inputs), call, lambda x: x)
    found = passes(case, other, on_gpu.there(inputs), on_gpu.there(call), cupy.asarray)
    on_gpu.alike(found, expected, TOLERANCE[dtype])
    inputs, call = on_gpu.there(inputs), on_gpu.there(call)
    argument = list(inputs) if len(inputs) > 1 else inputs[0]
    gradOutputs = list(map(cupy.asarray, gradients_like(found[0])))

    def step():
        output = other.forward(*inputs, **call)
        if hasattr(output, "array"):  # a loss
            other.backward(*inputs)
            return
        other.backward(argument, gradOutputs if len(gradOutputs) > 1 else gradOutputs[0])

    quiet.check(f"tnn.{type(other).__name__}", step)


def test_exceptions_are_of_classes_that_there_are():
    kinds = {f"tnn.{type(case.make()).__name__}" for case in CASES}
    named = {kind for kind in quiet.MAY_WAIT | quiet.MAY_ALLOCATE if kind.startswith("tnn.")}
    assert named <= kinds, named - kinds


def test_there_and_back(cupy, tmp_path):
    tied = tnn.Linear(3, 3)
    net = tnn.Sequential(tied, tnn.Tanh(), tied, tnn.BatchNorm1d(3)).double()
    x = np.random.default_rng(0).standard_normal((4, 3))
    expected = net.eval().forward(x).copy()
    assert net.cuda() is net and type(net.state_dict()["0.weight"]) is cupy.ndarray
    weight = net[0].weight
    assert isinstance(weight, tnn.Parameter) and isinstance(weight, cupy.ndarray) and weight is net[2].weight
    y = net.forward(cupy.asarray(x))
    assert type(y) is cupy.ndarray
    np.testing.assert_allclose(y.get(), expected, rtol=1e-12)
    tnn.save(net, tmp_path / "net.safetensors")
    state = tnn.load(tmp_path / "net.safetensors")
    assert all(type(v) is np.ndarray for v in state.values())
    net[0].weight.data[...] = 0
    net.load_state_dict(state)
    np.testing.assert_allclose(net.forward(cupy.asarray(x)).get(), expected, rtol=1e-12)
    assert type(net.cpu()[0].weight.data) is np.ndarray and net[0].weight is net[2].weight
    np.testing.assert_array_equal(net.forward(x), expected)
    assert type(net.to("cuda", "float32")[0].weight.data) is cupy.ndarray and net[0].weight.dtype == np.float32
    assert net.to("cpu").to("cuda:0").to(np.zeros(1)) is net and type(net[0].bias.data) is np.ndarray


def test_parameters_compute_as_plain_arrays(cupy):
    p = tnn.Linear(2, 3).cuda().weight
    plain = [p + 1, 2 * p, -p, p @ p.T, p == p, p[0], p.sum(), np.exp(p), np.concatenate([p, p]), cupy.ones(2) * p]
    assert all(type(x) is cupy.ndarray for x in plain)
    before = p.data.copy()
    p -= 0.5 * p
    assert isinstance(p, tnn.Parameter) and np.allclose(p.data.get(), 0.5 * before.get())
    again = copy.deepcopy(p)
    assert isinstance(again, tnn.Parameter) and type(again.data) is cupy.ndarray and again.grad.shape == p.shape


def test_optimisers_and_flat_parameters(cupy):
    tnn.manual_seed(0)
    nets = [tnn.Sequential(tnn.Linear(3, 4), tnn.ReLU(), tnn.Linear(4, 2)) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    x, t = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32), np.array([0, 1, 1, 0, 1])
    found = []
    for net, to in zip(nets, (np.asarray, cupy.asarray)):
        net = net.cuda() if to is cupy.asarray else net
        (parameters, gradients), loss, state = net.getParameters(), tnn.CrossEntropyLoss(), {"learningRate": 0.1}

        def evaluate(_, net=net, loss=loss, gradients=gradients, to=to):
            gradients.fill(0)
            value = loss.forward(net.forward(to(x)), to(t))
            net.backward(net._call[0][0], loss.backward(*loss._call[0]))
            return value, gradients

        losses = [optim.adam(evaluate, parameters, state)[1][0] for _ in range(3)]
        found.append((list(map(float, losses)), on_gpu.here(parameters)))
    on_gpu.alike(found[1], found[0], 1e-5)


def test_a_step_waits_for_nothing(cupy):
    net = tnn.Sequential(tnn.Conv2d(1, 4, 3), tnn.ReLU(), tnn.MaxPool2d(2), tnn.Flatten(), tnn.Linear(36, 5)).cuda()
    loss, x, t = tnn.CrossEntropyLoss(), cupy.ones((2, 1, 8, 8), np.float32), cupy.asarray(np.array([1, 4]))
    kept = []

    def step():
        net.zero_grad()
        kept.append(loss.forward(net.forward(x), t))
        net.backward(x, loss.backward(net.output, t))

    step()
    waits, _, _ = stand_in.counted(step)
    assert not waits and np.isfinite(float(kept[0])) and float(kept[0]) == float(kept[1])
    bad = loss.forward(net.forward(x), cupy.asarray(np.array([1, 5])))
    with pytest.raises(IndexError, match="Target 5 is out of bounds"):
        float(bad)


def test_a_loss_in_a_network_of_ones_own(cupy):
    class Net(tnn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.loss = tnn.Linear(3, 2), tnn.CrossEntropyLoss()

        def forward(self, x, t):
            return self.loss(self.linear(x), t) + 0.5 * (self.linear.weight**2).sum()

    tnn.manual_seed(0)
    net, x, t = Net(), np.ones((2, 3), np.float32), np.array([0, 1])
    other = copy.deepcopy(net).cuda()
    expected = net.forward(x, t), net.backward([x, t], 1.0)[0], net.linear.weight.grad
    xs = [cupy.asarray(x), cupy.asarray(t)]
    found = other.forward(*xs), other.backward(xs, 1.0)[0], other.linear.weight.grad
    on_gpu.alike([on_gpu.here(v) for v in found], expected, 1e-6)


def test_what_is_mixed_is_refused(cupy):
    x = np.ones((1, 2), np.float32)
    for call in (
        lambda: tnn.Linear(2, 2).cuda().forward(x),
        lambda: tnn.Linear(2, 2).forward(cupy.asarray(x)),
        lambda: F.linear(x, cupy.ones((2, 2), np.float32)),
        lambda: F.prelu(cupy.asarray(x), np.ones(1, np.float32)),
    ):
        with pytest.raises(TypeError, match=r"arrays of NumPy's and arrays on a GPU in one call: use module\.cuda"):
            call()


def test_devices_have_names(cupy):
    net = tnn.Linear(2, 2)
    for device in ("gpu", "cuda:x", "cpus"):
        with pytest.raises(ValueError, match="devices are 'cpu', 'cuda'"):
            net.to(device=device)
    with pytest.raises(ValueError, match=r"move them by module\.to\('cuda'\)"):
        tnn.Linear(2, 2, device="cuda")


def pruned():
    layer = tnn.Linear(4, 3)
    prune.l1_unstructured(layer, "weight", 0.5)
    return layer


#: What computes weights anew for every call.
COMPUTED = {
    "weight_norm": lambda: utils.weight_norm(tnn.Linear(4, 3)),
    "spectral_norm": lambda: utils.spectral_norm(tnn.Linear(4, 3)),
    "weight_norm, parametrized": lambda: parametrizations.weight_norm(tnn.Linear(4, 3)),
    "spectral_norm, parametrized": lambda: parametrizations.spectral_norm(tnn.Linear(4, 3)),
    "orthogonal": lambda: parametrizations.orthogonal(tnn.Linear(4, 4)),
    "orthogonal, cayley": lambda: parametrizations.orthogonal(tnn.Linear(4, 4), orthogonal_map="cayley"),
    "orthogonal, householder": lambda: parametrizations.orthogonal(tnn.Linear(4, 3)),
    "pruned": pruned,
}


@pytest.mark.parametrize("name", COMPUTED)
def test_computed_weights(cupy, name):
    tnn.manual_seed(0)
    layer, x = COMPUTED[name]().double(), np.random.default_rng(0).standard_normal((3, 4))
    other, there = copy.deepcopy(layer).cuda(), cupy.asarray(x)
    found = []
    for module, given in ((other, there), (layer, x)):
        y = module(given)
        gradient = module.backward(given, np.ones_like(y))
        found.append(on_gpu.here([y, gradient, *(p.grad for p in module.parameters())]))
    on_gpu.alike(*found, 1e-10)


@pytest.mark.parametrize("name", COMPUTED)
def test_computed_weights_go_there_and_back(cupy, name):
    layer, x = COMPUTED[name]().eval(), np.ones((3, 4), np.float32)
    expected = layer(x).copy()
    on_gpu.alike(layer.cuda()(cupy.asarray(x)).get(), expected, 1e-5)
    on_gpu.alike(layer.cpu()(x), expected, 1e-5)


@pytest.mark.parametrize("name", COMPUTED)
def test_computed_weights_wait_for_nothing(cupy, name):
    layer, x = COMPUTED[name]().cuda(), cupy.ones((3, 4), np.float32)

    def step():
        layer.backward(x, cupy.ones_like(layer(x)))

    step()
    waits, _, _ = stand_in.counted(step)
    assert not waits


@pytest.mark.parametrize("bound", [0.1, 100.0, np.nan])
@pytest.mark.parametrize("p", [2.0, 1.0, 3.0, np.inf])
def test_clipping_waits_for_nothing(cupy, p, bound):
    random = np.random.default_rng(0)
    layers = [tnn.Linear(4, 3), tnn.Linear(4, 3).cuda()]
    values = [random.standard_normal(x.shape).astype(np.float32) for x in layers[0].parameters()]
    values[0][0, 0] = np.nan if np.isnan(bound) else 1
    for layer, to in zip(layers, (np.array, cupy.asarray)):
        for x, value in zip(layer.parameters(), values):
            x.grad = to(value)
    kept = []
    waits, _, _ = stand_in.counted(lambda: kept.append(utils.clip_grad_norm_(layers[1].parameters(), bound, p)))
    assert not waits
    expected = utils.clip_grad_norm_(layers[0].parameters(), bound, p)
    on_gpu.alike([float(kept[0])], [expected], 1e-6)
    on_gpu.alike(*([on_gpu.here(x.grad) for x in layer.parameters()] for layer in layers), 1e-6)
    total = utils.get_total_norm([x.grad for x in layers[1].parameters()], p)
    if np.isnan(bound):
        with pytest.raises(RuntimeError, match="non-finite"):
            utils.clip_grad_norm_(layers[1].parameters(), bound, p, error_if_nonfinite=True)
    else:
        utils.clip_grads_with_norm_(layers[1].parameters(), float(total) / 2, total)
        on_gpu.alike(
            [float(utils.get_total_norm([x.grad for x in layers[1].parameters()], p))], [float(total) / 2], 1e-5
        )
    assert utils.get_total_norm([]) == 0.0


@pytest.mark.parametrize("name", ["normal_", "xavier_uniform_", "trunc_normal_", "eye_", "orthogonal_", "zeros_"])
def test_initialisers(cupy, name):
    layers = tnn.Linear(4, 3), tnn.Linear(4, 3).cuda()
    for layer in layers:
        tnn.manual_seed(1)
        getattr(tnn.init, name)(layer.weight)
    on_gpu.alike(layers[1].weight.data.get(), layers[0].weight.data, 1e-6)


def test_what_is_done_to_parameters_there(cupy):
    layer, x = tnn.Linear(4, 3).cuda(), cupy.ones((2, 4), np.float32)
    y = layer.forward(x)
    layer.backward(x, cupy.ones_like(y))
    assert utils.clip_grad_norm_(layer.parameters(), 0.1) > 0.1
    assert abs(utils.get_total_norm([p.grad for p in layer.parameters()]) - 0.1) < 1e-5
    before = utils.parameters_to_vector(layer.parameters())
    utils.vector_to_parameters(before * 2, layer.parameters())
    on_gpu.alike(layer.bias.data.get(), before[12:].get() * 2, 1e-6)
    for method in (prune.l1_unstructured, prune.random_unstructured):
        method(layer, "weight", 3)
    assert int((layer.weight_mask == 0).sum()) == 6 and type(layer(x)) is cupy.ndarray
    fused = utils.fusion.fuse_linear_bn_eval(tnn.Linear(4, 3).cuda().eval(), tnn.BatchNorm1d(3).cuda().eval())
    assert type(fused(x)) is cupy.ndarray and type(tnn.LazyLinear(3).cuda()(x)) is cupy.ndarray
    padded = utils.rnn.pad_sequence([cupy.ones((2, 3)), cupy.ones((4, 3))])
    packed = utils.rnn.pack_padded_sequence(padded, np.array([4, 2]), enforce_sorted=False)
    assert type(tnn.GRU(3, 2).double().cuda()(packed)[0].data) is cupy.ndarray
    assert F.one_hot(cupy.asarray(np.array([0, 2]))).get().tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    "layer", [tnn.Embedding(5, 3), tnn.EmbeddingBag(5, 3), tnn.EmbeddingBag(5, 3, mode="max")], ids=str
)
def test_embeddings_wait_for_nothing(cupy, layer):
    layer, words, wrong = copy.deepcopy(layer).cuda(), *(cupy.asarray(np.array([[0, 4], w])) for w in ([2, 2], [2, 5]))

    def step(words=words):
        return layer.backward(words, cupy.ones_like(layer.forward(words)))

    step()
    waits, _, _ = stand_in.counted(step)
    assert not waits
    before = layer.weight.grad.get()
    step(wrong)
    assert np.isfinite(layer.weight.grad.get()).all() and (layer.weight.grad.get() - before)[1].max() == 0
    with pytest.raises(IndexError, match=r"indices count from 0 to 4, got 0\.\.5"):
        cutorch.synchronize()
