"""Mistakes of the user, each refused where it is made, in words that lead on."""

import subprocess
import sys

import numpy as np
import pytest

import nn
import optim
import rnn  # noqa: F401
import torch7 as torch

HOLDERS = {
    "Sequential": lambda m: nn.Sequential().add(m),
    "insert": lambda m: nn.Sequential().insert(m, 1),
    "Concat": lambda m: nn.Concat(1).add(m),
    "ConcatTable": lambda m: nn.ConcatTable().add(m),
    "ParallelTable": lambda m: nn.ParallelTable().add(m),
    "MapTable": lambda m: nn.MapTable().add(m),
    "Bottle": lambda m: nn.Bottle(m),
    "DontCast": lambda m: nn.DontCast(m),
    "GPU": lambda m: nn.GPU(m, 1),
    "Profile": lambda m: nn.Profile(m),
    "NaN": lambda m: nn.NaN(m),
    "Serial": lambda m: nn.Serial(m),
    "WeightNorm": lambda m: nn.WeightNorm(m),
    "MaskZero": lambda m: nn.MaskZero(m, 1),
    "Sequencer": lambda m: nn.Sequencer(m),
    "Recursor": lambda m: nn.Recursor(m),
    "Recurrence": lambda m: nn.Recurrence(m, 3, 1),
    "Recurrent": lambda m: nn.Recurrent(3, m, nn.Linear(3, 3)),
    "feedback": lambda m: nn.Recurrent(3, nn.Linear(3, 3), m),
    "Repeater": lambda m: nn.Repeater(m, 2),
    "BiSequencer": lambda m: nn.BiSequencer(m),
    "BiSequencerLM": lambda m: nn.BiSequencerLM(m),
    "RecurrentAttention": lambda m: nn.RecurrentAttention(m, nn.Linear(3, 3), 2, [3]),
    "replace": lambda m: nn.Sequential().add(nn.Tanh()).replace(lambda old: m if isinstance(old, nn.Tanh) else old),
}


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("given, words", [(nn.Tanh, r"the class Tanh: write Tanh\(\)"), (None, "None"), (3, "int")])
def test_what_is_no_module_is_refused_when_it_is_added(name, given, words):
    with pytest.raises(TypeError, match=rf"expecting a module, got {words}"):
        HOLDERS[name](given)


CRITERIONS = {
    "MultiCriterion": lambda c: nn.MultiCriterion().add(c),
    "ParallelCriterion": lambda c: nn.ParallelCriterion().add(c),
    "SequencerCriterion": lambda c: nn.SequencerCriterion(c),
    "RepeaterCriterion": lambda c: nn.RepeaterCriterion(c),
    "MaskZeroCriterion": lambda c: nn.MaskZeroCriterion(c, 1),
    "ModuleCriterion": lambda c: nn.ModuleCriterion(c),
}


@pytest.mark.parametrize("name", CRITERIONS)
@pytest.mark.parametrize("given", [nn.MSECriterion, None])
def test_what_is_no_criterion_is_refused_when_it_is_added(name, given):
    with pytest.raises(TypeError, match=r"expecting a criterion, got (the class MSECriterion|None)"):
        CRITERIONS[name](given)


@pytest.mark.parametrize("name", ["torch.LongTensor", "torch.HalfTensor", "torch.ByteTensor"])
def test_a_type_that_kernels_do_not_have_is_refused_at_the_conversion(name):
    net = nn.Sequential().add(nn.Linear(2, 3)).add(nn.Tanh())
    weight = net.modules[0].weight
    for module in (net, *net.modules, nn.LSTM(2, 2), nn.Sequencer(nn.Linear(2, 2))):
        with pytest.raises(TypeError, match=rf"nn\.\w+ computes in torch.FloatTensor or .* not in {name}"):
            module.type(name)
    assert net.modules[0].weight is weight and net.modules[0].forward(np.ones(2)).shape == (3,)
    assert nn.Sequential().add(nn.Identity()).add(nn.SelectTable(1)).type(name).type() == name


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float16", "bool"])
def test_advice_for_integers_and_half_precision_leads_to_floats(dtype):
    x = np.ones((2, 3), dtype)
    for call in (lambda: nn.Linear(3, 2).forward(x), lambda: nn.MSECriterion().forward(x, np.ones((2, 3)))):
        with pytest.raises(TypeError, match=r"convert it by x\.astype\('float64'\)$"):
            call()


LISTS = [
    nn.Linear(2, 2),
    nn.Tanh(),
    nn.SoftMax(),
    nn.Reshape(2),
    nn.View(-1),
    nn.Narrow(1, 1, 1),
    nn.Dropout(),
    nn.CReLU(1),
]
LISTS += [nn.LookupTable(3, 2), nn.LSTM(2, 2), nn.Sequencer(nn.Linear(2, 2)), nn.Bottle(nn.Linear(2, 2)), nn.Max(1)]
LISTS += [nn.SplitTable(1), nn.Concat(1).add(nn.Linear(2, 2)), nn.SpatialMaxPooling(1, 1), nn.BatchNormalization(2)]
LISTS += [
    nn.MSECriterion(),
    nn.ClassNLLCriterion(),
    nn.BCECriterion(),
    nn.SmoothL1Criterion(),
    nn.CrossEntropyCriterion(),
]


@pytest.mark.parametrize("layer", LISTS, ids=repr)
def test_a_list_where_a_tensor_belongs(layer):
    given = [[[0.1, 0.2]] * 50] * 50 if isinstance(layer, nn.Sequencer) else [[0.1, 0.2]] * 500
    with pytest.raises((TypeError, ValueError), match=r"numpy\.asarray|tensor, got float") as error:
        layer.forward(given, given) if isinstance(layer, nn.Criterion) else layer.forward(given)
    assert len(str(error.value)) < 250 and "\n" not in str(error.value)


@pytest.mark.parametrize(
    "layer", [nn.Linear(2, 2), nn.Tanh(), nn.View(-1), nn.Narrow(1, 1, 2), nn.MulConstant(2)], ids=repr
)
def test_a_list_as_gradient(layer):
    x = np.ones((3, 2))
    layer.forward(x)
    with pytest.raises(TypeError, match=r"gradOutput must be a tensor, got a list of numbers; numpy\.asarray"):
        layer.backward(x, np.ones((3, 2)).tolist())


SCORES = np.log(np.full((2, 3), 1 / 3))
LABELS = {
    "ClassNLLCriterion": lambda y: nn.ClassNLLCriterion().forward(SCORES, y),
    "CrossEntropyCriterion": lambda y: nn.CrossEntropyCriterion().forward(SCORES, y),
    "MultiMarginCriterion": lambda y: nn.MultiMarginCriterion().forward(SCORES, y),
    "ClassSimplexCriterion": lambda y: nn.ClassSimplexCriterion(3).forward(SCORES, y),
    "MultiLabelMarginCriterion": lambda y: nn.MultiLabelMarginCriterion().forward(
        SCORES, np.stack([y, np.zeros_like(y), np.zeros_like(y)], 1)
    ),
    "SpatialClassNLLCriterion": lambda y: nn.SpatialClassNLLCriterion().forward(
        SCORES.reshape(1, 3, 2, 1), y.reshape(1, 2, 1)
    ),
    "LookupTable": lambda y: nn.LookupTable(3, 2).forward(y),
    "LookupTableMaskZero": lambda y: nn.LookupTableMaskZero(3, 2).forward(y),
    "OneHot": lambda y: nn.OneHot(3).forward(y),
    "Index": lambda y: nn.Index(1).forward([np.ones((3, 2)), y]),
    "IndexLinear": lambda y: nn.IndexLinear(3, 2).forward([y, np.ones(2)]),
    "SparseLinear": lambda y: nn.SparseLinear(3, 2).forward(np.stack([y, np.ones(2)], 1)),
    "PartialLinear": lambda y: nn.PartialLinear(3, 3).setPartition(y),
    "NCEModule": lambda y: nn.NCEModule(3, 3, 2, np.ones(3), 1).forward([SCORES, y]),
    "VRClassReward": lambda y: nn.VRClassReward(nn.Identity()).forward([SCORES, np.ones((2, 1))], y),
    "BinaryClassReward": lambda y: nn.BinaryClassReward(nn.Identity()).forward([np.ones(2), np.ones((2, 1))], y),
    "ConfusionMatrix.add": lambda y: optim.ConfusionMatrix(3).add(1, y[1]),
    "ConfusionMatrix.batchAdd": lambda y: optim.ConfusionMatrix(3).batchAdd(y, np.ones(2)),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("bad", [1.5, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", LABELS)
def test_labels_that_are_not_whole(name, bad, dtype):
    y = np.array([1, bad], dtype if name != "SparseLinear" else "float64")
    with pytest.raises(ValueError, match=r"must be whole numbers, got (1\.5|nan|-?inf)"):
        LABELS[name](y)
    LABELS[name](np.array([1, 2], y.dtype))


def test_a_fraction_as_the_only_label():
    with pytest.raises(ValueError, match=r"whole numbers, got 1\.5"):
        nn.ClassNLLCriterion().forward(SCORES[0], 1.5)


HINTS = """
import nn
for name, package in (("sharedClone", "dpnn"), ("Serial", "dpnn"), ("remember", "rnn"), ("forget", "rnn")):
    net = nn.Sequential()
    assert not hasattr(net, name)
    try:
        getattr(net, name)
    except AttributeError as e:
        assert str(e) == f"Sequential.{name} is in package {package}: add `import {package}`", e
import rnn
assert nn.Sequential().add(nn.LSTM(2, 2)).remember().sharedClone().forget()
"""


def test_methods_of_packages_that_are_not_imported():
    subprocess.run([sys.executable, "-c", HINTS], check=True)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_labels_that_no_integer_holds(dtype):
    y = np.full((1, 1, 1), 1e30, dtype)
    with pytest.raises(ValueError, match=r"whole numbers up to 2\^53, got 1e\+30"):
        nn.SpatialClassNLLCriterion().forward(np.zeros((1, 3, 1, 1)), y)
    with pytest.raises(IndexError, match="9007199254740992"):
        nn.ClassNLLCriterion().forward(np.zeros((1, 3)), np.full(1, 2.0**53, dtype))


@pytest.mark.parametrize("index", [1.5, np.inf, -np.inf, np.nan, 3, -3, 0])
def test_entries_that_are_not_there(index):
    with pytest.raises(IndexError, match="does not exist"):
        nn.SelectTable(index).forward([SCORES, SCORES])


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("name", ["Recurrent", "Recurrence"])
def test_another_batch_size_names_recurrent_modules_of_any_network(name, wrapped):
    join = nn.Sequential().add(nn.JoinTable(1, 1)).add(nn.Linear(5, 2))
    module = nn.Recurrence(join, 2, 1) if name == "Recurrence" else nn.Recurrent(2, nn.Linear(3, 2), nn.Linear(2, 2))
    module = nn.Recursor(module) if wrapped else module
    module.forward(np.ones((4, 3)))
    with pytest.raises(ValueError, match=rf"nn\.{name}: .*step 2 is 5x3.*4x2.*forget"):
        module.forward(np.ones((5, 3)))
    with pytest.raises(ValueError, match="size"):
        module.forward(np.ones((4, 7)))
    assert module.forward(np.ones((4, 3))).shape == (4, 2)
    module.forget()
    module.forward(np.ones((5, 3)))


@pytest.mark.parametrize("cell", [nn.LSTM(3, 2), nn.FastLSTM(3, 2), nn.GRU(3, 2), nn.MuFuRu(3, 2)], ids=repr)
def test_another_batch_size_in_a_sequence_names_the_cell(cell):
    cell.forward(np.ones((4, 3)))
    with pytest.raises(ValueError, match=rf"nn\.{type(cell).__name__}\(3 -> 2.*5x3.*4x2.*forget"):
        cell.forward(np.ones((5, 3)))
    cell.forward(np.ones((4, 3)))
    cell.forget()
    cell.forward(np.ones((5, 3)))


@pytest.mark.parametrize("name", ["userPrevOutput", "userPrevCell"])
def test_a_state_that_is_no_tensor_is_refused_by_name(name):
    cell = nn.LSTM(3, 2)
    setattr(cell, name, (np.ones((4, 2)), np.ones((4, 2))))
    with pytest.raises(TypeError, match=rf"nn\.LSTM\(3 -> 2\): {name} must be a tensor, got"):
        cell.forward(np.ones((4, 3)))


def test_half_shared_clones_are_named():
    first = nn.Linear(2, 2)
    net = nn.Sequential().add(first).add(nn.Sequential().add(nn.Tanh()).add(first.clone("weight")))
    with pytest.raises(ValueError, match=r"modules\[2\]\.modules\[2\]\.weight and modules\[1\]\.weight share"):
        net.getParameters()


def test_networks_without_gradients():
    net = nn.Sequential().add(nn.Linear(2, 3)).add(nn.Tanh()).add(nn.Linear(3, 1))
    x, g = np.ones((2, 2)), np.ones((2, 1))
    net.forward(x)
    expected = [net.backward(x, g), *net.parameters()[1]]
    expected = [e.copy() for e in expected]
    for module in net.listModules():
        for name in ("gradWeight", "gradBias"):
            vars(module).pop(name, None)
    net = torch.deserialize(torch.serialize(net))
    assert net.zeroGradParameters() is net
    weights, grads = net.getParameters()
    assert weights.size == 6 + 3 + 3 + 1 and grads.size == 0
    with pytest.raises(ValueError, match="no gradients; backward makes them"):
        net.updateParameters(0.1)
    net.forward(x)
    for result, value in zip([net.backward(x, g), *net.parameters()[1]], expected, strict=True):
        np.testing.assert_allclose(result, value, atol=1e-12)
    assert net.getParameters()[1].size == weights.size


@pytest.mark.parametrize(
    "make, x",
    [
        (lambda: nn.WeightNorm(nn.Linear(2, 3)), np.ones((4, 2))),
        (lambda: nn.LinearWeightNorm(2, 3), np.ones((4, 2))),
        (lambda: nn.SeqLSTMP(2, 3, 2), np.ones((4, 1, 2))),
        (lambda: nn.WeightedEuclidean(2, 3), np.ones((4, 2))),
        (lambda: nn.LookupTable(3, 2), np.array([1, 2])),
    ],
)
def test_any_gradient_that_lacks_is_made(make, x):
    module = make()
    module.zeroGradParameters()
    module.backward(x, module.forward(x))
    expected = [g.copy() for g in module.parameters()[1]]
    for inner in module.listModules():
        for name in ("gradWeight", "gradBias", "gradV", "gradG", "gradWeightO", "gradDiagCov"):
            vars(inner).pop(name, None)
    module.zeroGradParameters()
    module.backward(x, module.forward(x))
    for result, value in zip(module.parameters()[1], expected, strict=True):
        np.testing.assert_allclose(result, value, atol=1e-12)


def test_emptied_gradients_are_made_again():
    net = torch.deserialize(torch.serialize(nn.Linear(2, 3).Serial().lightSerial()))
    assert net.getParameters()[1].size == 0
    net.forward(np.ones(2))
    net.backward(np.ones(2), np.ones(3))
    np.testing.assert_array_equal(net.modules[0].gradWeight, np.ones((3, 2)))


def test_a_record_of_an_unknown_class_is_a_leaf():
    net = nn.Sequential().add(nn.Linear(3, 3)).add(nn.Tanh())
    net.insert(torch.TorchObject("my.Layer", {"weight": np.ones(3), "train": True}), 2).remove(3).add(nn.Tanh())
    assert len(nn.Concat(1).add(torch.TorchObject("my.Layer")).add(nn.Tanh()).clearState().evaluate().modules) == 2
    net = torch.deserialize(torch.serialize(net))
    for method in ("evaluate", "training", "float", "double", "zeroGradParameters", "clearState", "reset", "forget"):
        assert getattr(net, method)() is net
    assert [len(tensors) for tensors in net.parameters()] == [2, 2]
    assert net.getParameters()[0].size == 12
    assert net.clone("weight", "bias").modules[1].weight.tolist() == [1, 1, 1]
    assert [len(found) for found in net.findModules("my.Layer")] == [1, 1]
    assert len(net.findModules("nn.Tanh")[0]) == 1
    visited = []
    net.apply(visited.append)
    assert visited[2] is net.modules[1]
    with pytest.raises(NotImplementedError, match=r"my\.Layer: no class .*class_\('my\.Layer'.*net\.replace") as error:
        net.forward(np.ones((2, 3)))
    assert error.value.__notes__ == ["In 2 module of nn.Sequential:"]
    net.replace(lambda m: nn.Identity() if torch.typename(m) == "my.Layer" else m)
    assert net.forward(np.ones((2, 3))).shape == (2, 3)


def test_a_tensor_of_two_modules_stays_one_object():
    for tensor in (np.ones(3), np.ones(8)[2:5]):
        one, two = nn.Linear(2, 3), nn.Linear(2, 3)
        one.bias = two.bias = tensor
        net = nn.Sequential().add(one).add(two)
        for other in (net.float(), net.double(), net.clone()):
            assert other.modules[0].bias is other.modules[1].bias


TABLES = {
    "CAddTable": nn.CAddTable,
    "CMulTable": nn.CMulTable,
    "JoinTable": lambda: nn.JoinTable(1),
    "NarrowTable": lambda: nn.NarrowTable(1),
    "MapTable": lambda: nn.MapTable(nn.Tanh()),
    "ParallelTable": lambda: nn.ParallelTable().add(nn.Tanh()),
    "DotProduct": nn.DotProduct,
    "ZipTable": nn.ZipTable,
    "MixtureTable": nn.MixtureTable,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_tensor_where_a_table_belongs_names_the_layer(name):
    with pytest.raises(TypeError, match=rf"nn\.{name}: expecting a table of tensors, got 3x4 torch.DoubleTensor"):
        TABLES[name]().forward(np.ones((3, 4)))


@pytest.mark.parametrize(
    "layer, words",
    [(nn.View(7), r"nn\.View\(7\): input view \(3x4\)"), (nn.Reshape(7), r"nn\.Reshape\(7\): wrong size for view")],
    ids=repr,
)
def test_views_that_do_not_fit_name_the_layer(layer, words):
    with pytest.raises(ValueError, match=words):
        layer.forward(np.ones((3, 4)))


@pytest.mark.parametrize(
    "name, near", [("Softmax", "SoftMax"), ("Relu", "ReLU"), ("relu", "ReLU"), ("Sigmoide", "Sigmoid")]
)
def test_a_misspelt_class_is_named(name, near):
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'; is nn.{near} meant"):
        getattr(nn, name)
    with pytest.raises(AttributeError, match=r"has no attribute 'Nothing'$"):
        _ = nn.Nothing


def test_a_file_in_a_folder_that_is_not_there(tmp_path):
    path = tmp_path / "missing" / "net.t7"
    with pytest.raises(FileNotFoundError) as refused:
        torch.save(path, 1)
    assert refused.value.filename == str(path)


@pytest.mark.parametrize("target", [np.inf, np.nan])
def test_training_warns_of_errors_that_are_no_numbers(target, capsys):
    trainer = nn.StochasticGradient(nn.Linear(2, 1), nn.MSECriterion())
    trainer.maxIteration = 2
    with pytest.warns(RuntimeWarning, match=r"the error is (infinite|NaN) in iteration 1") as warned:
        trainer.train([(np.ones(2), np.full(1, target))])
    assert len([w for w in warned if w.category is RuntimeWarning and "the error" in str(w.message)]) == 1


def test_settings_by_the_names_of_other_libraries():
    with pytest.warns(UserWarning, match="optim.adamax has no setting 'lr'.*'learningRate'"):
        optim.adamax(lambda x: (1.0, x), np.ones(2), {"lr": 0.1})


def test_nothing_is_a_batch_without_samples():
    nothing = np.zeros((0, 3))
    for criterion in (nn.BCECriterion(), nn.MSECriterion(), nn.MultiLabelSoftMarginCriterion()):
        assert criterion.forward(nothing, nothing) == 0 and criterion.backward(nothing, nothing).shape == (0, 3)
    assert nn.ReinforceCategorical().forward(nothing).shape == (0, 3)
    assert torch.multinomial(nothing, 2).shape == (0, 2)
    with pytest.raises(ValueError, match="cannot draw 4"):
        torch.multinomial(nothing, 4)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: nn.Concat(nn.Tanh()), "nn.Concat: dimension must be a number, got nn.Tanh"),
        (lambda: nn.Parallel(1, outputDimension=nn.Tanh()), "outputDimension must be a number"),
        (lambda: nn.Select(1, nn.Tanh), "nn.Select: index must be a number, got the class Tanh"),
        (lambda: nn.Linear(2, nn.Linear(2, 3)), "nn.Linear: outputSize must be a number"),
        (lambda: nn.StochasticGradient(nn.Tanh, nn.MSECriterion()), r"module is the class Tanh: write Tanh\(\)"),
        (lambda: nn.StochasticGradient(nn.Tanh(), nn.MSECriterion), "criterion is the class MSECriterion"),
        (lambda: nn.MSECriterion().type("torch.HalfTensor"), "nn.MSECriterion computes in"),
        (lambda: nn.MultiCriterion().add(nn.AbsCriterion()).type("torch.IntTensor"), "nn.MultiCriterion computes in"),
    ],
)
def test_what_is_no_number_and_no_object(make, words):
    with pytest.raises(TypeError, match=words):
        make()


@pytest.mark.parametrize(
    "name, here", [("eval", r"evaluate\(\)"), ("zero_grad", "zeroGradParameters"), ("to", "float")]
)
def test_names_of_pytorch(name, here):
    module = nn.Sequential().add(nn.Linear(2, 1))
    assert not hasattr(module, name)
    with pytest.raises(AttributeError, match=here):
        getattr(module, name)()


def test_a_class_of_ones_own_may_use_these_names():
    class Mine(nn.Module):
        def eval(self):
            return 3

    assert Mine().eval() == 3
