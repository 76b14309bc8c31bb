"""Files of other times and projects: fields that hide methods, fields that lack, classes that are other ones."""

import copy
import importlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from t7_values import head, number, string, table

import dpnn
import nn
import rnn  # noqa: F401
import torch7 as torch
from nn.testing.tensors import flat
from torch7 import TorchObject, registry
from torch7.serialization.attributes import is_hollow, python_name

TEST = Path(__file__).parents[1]


def cases():
    """The modules that the battery checks, one of a class."""
    found = {}
    for package, chapters in (
        ("nn", ("simple", "transfer", "table", "containers", "convolution", "convolution_pooling")),
        ("rnn", ("rnn",)),
        ("dpnn", ("dpnn",)),
    ):
        sys.path.insert(0, str(TEST / package))
        try:
            for chapter in chapters:
                for case in importlib.import_module(f"cases_{chapter}").CASES:
                    if hasattr(case, "module"):
                        found.setdefault(registry.class_name(type(case.make())), case)
        finally:
            sys.path.pop(0)
    return sorted(found.items())


def with_fields(module, lacking=(), **more):
    """The module as a file has it that lacks some fields and has more."""
    name = registry.class_name(type(module)).encode()
    data = torch.serialize(module)
    fields = torch.deserialize(data.replace(name, name.replace(b"nn.", b"no."), 1)).fields
    fields = {k: v for k, v in fields.items() if k not in lacking} | more
    return torch.deserialize(torch.serialize(TorchObject(name.decode(), fields, 1)))


def forward(module, input):
    torch.manualSeed(3)
    return [np.array(x) for x in flat(module.forward(copy.deepcopy(input)))]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name, case", [c for c in cases() if c[0] not in ("nn.GPU", "nn.PrintSize")])
def test_no_field_of_a_file_hides_a_method_or_property(name, case):
    module, input = case.module(), case.data()
    expected = forward(module.clone(), input)
    own = set(vars(module)) | {"weight", "bias", "gradWeight", "gradBias", "train", "shared"}
    known = dir(type(module))
    hidden = {n for n in known if callable(getattr(type(module), n, None)) or n.startswith("_")}
    hidden |= {"_t7_fields", "_lua_fields", "_restore", "_dtype", "_keyed", "torch_typename"}
    hidden = {n for n in hidden - own - {"_remember"} if not n.startswith("__")}  # a field in Lua too
    for value in (5, np.ones(2)):
        loaded = with_fields(module, **dict.fromkeys(hidden, value))
        for again in (loaded, loaded.clone(), torch.deserialize(torch.serialize(loaded))):
            outputs = forward(again, input)
            assert len(outputs) == len(expected)
            assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(outputs, expected))
        assert str(loaded) == str(module) and torch.typename(loaded) == name


def test_fields_that_hide_methods_are_written_back():
    table_ = with_fields(nn.LookupTable(4, 2), _indices=np.ones(3, int))
    assert table_.forward(np.array([1, 4])).shape == (2, 2)
    data = torch.serialize(table_).replace(b"nn.LookupTable", b"no.LookupTable")
    assert torch.deserialize(data)._indices.tolist() == [1, 1, 1]
    linear = with_fields(nn.Linear(2, 3), _gradOutput=np.ones((4, 3)))
    x = np.ones((2, 2))
    assert linear.backward(x, linear.forward(x)).shape == (2, 2)


def test_fields_of_a_suite_of_tests():
    data = head(1, b"torch.TestSuite") + table(2, (string(b"_tests"), table(3, (number(1), number(2)))))
    assert torch.typename(torch.deserialize(data)) == "torch.TestSuite"


# -- what old files lack

LACKING = {
    "BatchNormalization": ([3], ["eps", "momentum"], (4, 3)),
    "Dropout": ([0.5], ["p", "stochastic_inference", "inplace"], (3, 4)),
    "SpatialDropout": ([], ["p", "stochastic_inference"], (2, 3, 4, 4)),
    "ELU": ([], ["alpha", "inplace"], (3, 4)),
    "HardShrink": ([], ["lambda"], (3, 4)),
    "SoftShrink": ([], ["lambda"], (3, 4)),
    "HardTanh": ([], ["min_val", "max_val", "inplace"], (3, 4)),
    "LeakyReLU": ([], ["negval", "inplace"], (3, 4)),
    "RReLU": ([], ["lower", "upper", "inplace"], (3, 4)),
    "ReLU": ([], ["threshold", "val", "inplace"], (3, 4)),
    "Threshold": ([], ["threshold", "val", "inplace"], (3, 4)),
    "SoftPlus": ([], ["beta", "threshold"], (3, 4)),
    "Sqrt": ([], ["eps"], (3, 4)),
    "Normalize": ([2], ["eps"], (3, 4)),
    "Replicate": ([3], ["dim", "ndim"], (3, 4)),
    "Narrow": ([1, 2], ["length"], (3, 4)),
    "Max": ([], ["dimension", "nInputDims"], (3, 4)),
    "Min": ([], ["dimension", "nInputDims"], (3, 4)),
    "Mean": ([], ["dimension", "nInputDims", "squeeze", "sizeAverage"], (3, 4)),
    "Sum": ([], ["dimension", "nInputDims", "squeeze", "sizeAverage"], (3, 4)),
    "View": ([-1], ["numElements", "numInputDims"], (3, 4)),
    "CMul": ([4], ["size", "_expand", "_output"], (3, 4)),
    "Linear": ([4, 2], ["bias", "gradBias", "addBuffer"], None),
    "SpatialMaxPooling": ([2, 2], ["dW", "dH", "padW", "padH", "ceil_mode", "indices"], (2, 3, 6, 6)),
    "SpatialAveragePooling": (
        [2, 2, 2, 2],
        ["dW", "dH", "padW", "padH", "ceil_mode", "count_include_pad"],
        (2, 3, 6, 6),
    ),
    "VolumetricMaxPooling": ([2, 2, 2], ["dT", "dW", "dH", "padT", "padW", "padH", "ceil_mode"], (2, 3, 4, 6, 6)),
    "VolumetricAveragePooling": ([2, 2, 2], ["dT", "dW", "dH", "padT", "padW", "padH"], (2, 3, 4, 6, 6)),
    "TemporalMaxPooling": ([2], ["dW", "indices"], (6, 3)),
    "TemporalConvolution": ([3, 2, 2], ["dW"], (6, 3)),
    "TemporalSubSampling": ([3, 2], ["dW"], (6, 3)),
    "SpatialSubSampling": ([3, 2, 2], ["dW", "dH"], (2, 3, 6, 6)),
    "SpatialConvolution": ([3, 2, 3, 3], ["dW", "dH", "padW", "padH"], (2, 3, 6, 6)),
    "SpatialConvolutionMM": ([3, 2, 3, 3], ["dW", "dH", "padW", "padH"], (2, 3, 6, 6)),
    "SpatialConvolutionLocal": ([3, 2, 6, 6, 3, 3], ["dW", "dH", "padW", "padH"], (2, 3, 6, 6)),
    "SpatialFullConvolution": ([3, 2, 3, 3], ["dW", "dH", "padW", "padH", "adjW", "adjH"], (2, 3, 6, 6)),
    "SpatialDilatedConvolution": ([3, 2, 3, 3], ["dW", "dH", "dilationW", "dilationH"], (2, 3, 6, 6)),
    "VolumetricConvolution": ([3, 2, 2, 2, 2], ["dT", "dW", "dH", "padT", "padW", "padH"], (2, 3, 4, 6, 6)),
    "SpatialCrossMapLRN": ([3], ["alpha", "beta", "k"], (2, 3, 6, 6)),
}


@pytest.mark.parametrize("name", LACKING)
def test_fields_that_old_files_lack_have_their_defaults(name):
    arguments, lacking, shape = LACKING[name]
    module = getattr(nn, name)(*arguments)
    if shape is None:  # without a bias
        module, shape = module.noBias(), (3, 4)
    x = np.abs(torch.randn(*shape)) + 0.1 if name == "Sqrt" else torch.randn(*shape)
    if name == "Dropout":
        module.v2 = False
    again = with_fields(module, lacking)
    assert not isinstance(again, TorchObject)
    torch.manualSeed(1)
    expected = module.forward(x)
    torch.manualSeed(1)
    assert np.array_equal(again.forward(x), expected) and str(again) == str(module)
    assert np.array_equal(again.backward(x, expected), module.backward(x, expected))


@pytest.mark.parametrize(
    "name, arguments, lacking",
    [
        ("CosineEmbeddingCriterion", [], ["margin", "sizeAverage"]),
        ("MarginRankingCriterion", [], ["margin", "sizeAverage"]),
        ("MarginCriterion", [], ["margin", "sizeAverage"]),
        ("HingeEmbeddingCriterion", [], ["margin", "sizeAverage"]),
        ("L1HingeEmbeddingCriterion", [], ["margin"]),
        ("MultiMarginCriterion", [], ["margin", "p", "sizeAverage", "target"]),
        ("MultiLabelMarginCriterion", [], ["sizeAverage", "target", "isTarget"]),
        ("MSECriterion", [], ["sizeAverage"]),
        ("AbsCriterion", [], ["sizeAverage"]),
        ("SmoothL1Criterion", [], ["sizeAverage"]),
        ("DistKLDivCriterion", [], ["sizeAverage"]),
        ("SoftMarginCriterion", [], ["sizeAverage"]),
    ],
)
def test_criterions_that_lack_fields(name, arguments, lacking):
    criterion = getattr(nn, name)(*arguments)
    again = with_fields(criterion, lacking)
    x, y = np.array([0.5, -1, 2]), np.array([1.0, -1, 1])
    if name in ("CosineEmbeddingCriterion", "MarginRankingCriterion", "L1HingeEmbeddingCriterion"):
        x, y = [x[:1], y[:1]] if name.startswith("Margin") else [x, y], -1
    if name == "MultiMarginCriterion":
        y = 2
    if name == "MultiLabelMarginCriterion":
        y = np.array([2, 0, 0])
    assert again.forward(x, y) == criterion.forward(x, y)
    for a, b in zip(flat(again.backward(x, y)), flat(criterion.backward(x, y))):
        assert np.array_equal(a, b)


def test_weights_for_every_pixel_of_a_window():
    module, x = nn.SpatialSubSampling(3, 2, 2, 2, 2), torch.randn(2, 3, 6, 6)
    weight = np.arange(12.0).reshape(3, 2, 2)
    again = with_fields(module, ["weight"], weight=weight)
    module.weight[...] = [0, 4, 8]
    assert np.array_equal(again.forward(x), module.forward(x))
    assert np.array_equal(again.backward(x, module.output), module.backward(x, module.output))
    assert np.array_equal(again.gradWeight, module.gradWeight)


def test_old_modules_of_dpnn():
    glimpse, images = dpnn.SpatialGlimpse(3, 2), [torch.randn(2, 1, 8, 8), np.zeros((2, 2))]
    expected = glimpse.forward(images)
    for size in (3, (3, 3)):
        assert np.array_equal(with_fields(glimpse, ["height", "width"], size=size).forward(images), expected)
    nce = dpnn.NCEModule(3, 5, 2, np.ones(5)).training()
    again = with_fields(nce, ["aliasmultinomial", "batchnoise"])
    assert again.batchnoise is False
    output = again.forward([torch.randn(2, 3), np.array([1, 2])])
    assert len(output) == 4 and output[1].shape == (2, 2)


STEPS = ("outputs", "gradInputs", "gradOutputs", "_gradOutputs", "sharedClones", "step")


@pytest.mark.parametrize("make", [nn.LSTM, nn.FastLSTM, nn.GRU, lambda n, m: nn.Recursor(nn.Linear(n, m))])
@pytest.mark.parametrize("lacking", [STEPS, ("_gradOutputs",), ("_gradOutputs", "sharedClones", "mono", "p")])
def test_recurrent_modules_of_2015(make, lacking):
    old = {"fastBackward": True, "copyInputs": True, "inputs": [], "scales": [], "recurrentOutputs": []}
    module = make(3, 4)
    check_sequences(nn.Sequencer(with_fields(module, lacking, **old)), nn.Sequencer(module))


@pytest.mark.parametrize("make", [nn.Linear, nn.LSTM])
def test_sequencers_of_2015(make):
    held = make(3, 4)
    fields = {"module": held, "modules": [held], "sharedClones": [held], "isRecurrent": make is nn.LSTM}
    sequencer = TorchObject("nn.Sequencer", {**fields, "output": [], "gradInput": []}, 1)
    check_sequences(torch.deserialize(torch.serialize(sequencer)), nn.Sequencer(make(3, 4).share(held, *SHARED)))


SHARED = ("weight", "bias", "gradWeight", "gradBias")


def check_sequences(old, module):
    x = [torch.randn(2, 3) for _ in range(4)]
    for mode in ("training", "evaluate", "training"):
        expected, got = (getattr(m, mode)().forward(x) for m in (module, old))
        assert all(np.allclose(a, b, 1e-12, 1e-12) for a, b in zip(got, expected)) and len(got) == 4
        if mode == "training":
            pairs = zip(old.backward(x, got), module.backward(x, expected))
            assert all(np.allclose(a, b, 1e-12, 1e-12) for a, b in pairs)
    assert old.clone().forget().forward(x)[3].shape == (2, 4)


# -- other classes of the same name, and of none


@pytest.mark.parametrize("name", ["nn.LSTM", "nn.Linear", "nn.WeightNorm", "nn.Sequential", "nn.SpatialGlimpse"])
def test_an_object_without_the_fields_of_its_class_stays_a_record(name):
    fields = {"input_dim": 5, "remember_states": True, "cell": np.ones(2), "output": np.ones(2), "train": True}
    for held in (fields, {}):
        data = torch.serialize({"net": [TorchObject(name, held, 1)]})
        with pytest.warns(UserWarning, match=rf"the file's {name} has none of the fields.*at net\[1\]$"):
            value = torch.deserialize(data)["net"][0]
        assert type(value) is TorchObject and value.torch_typename == name and value.fields.keys() == held.keys()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert torch.serialize({"net": [value]}) == data


@pytest.mark.parametrize("name", ["ArgMax", "TotalDropout", "SpatialRegionDropout", "MultiCriterion"])
def test_a_number_that_a_constructor_chooses_is_needed_too(name):
    for held in ({}, {"note": "3", "output": np.ones(2)}):
        with pytest.warns(UserWarning, match=f"the file's nn.{name} has none of the fields"):
            value = torch.deserialize(torch.serialize(TorchObject(f"nn.{name}", held, 1)))
        assert type(value) is TorchObject


def test_a_pooling_with_fields_of_another_class_stays_a_record():
    with pytest.warns(UserWarning, match="none of the fields"):
        value = torch.deserialize(torch.serialize(TorchObject("nn.SpatialAveragePooling", {"note": 3}, 1)))
    assert type(value) is TorchObject


def test_an_old_object_may_lack_what_the_constructor_chooses():
    for name in ("GradientReversal", "CAddTable", "Copy", "Identity"):
        layer = torch.deserialize(torch.serialize(TorchObject(f"nn.{name}", {"train": True}, 1)))
        x = [np.ones(2), np.ones(2)] if name == "CAddTable" else np.ones(2)
        assert np.array_equal(layer.forward(x), np.full(2, 2.0 if name == "CAddTable" else 1.0)), name


def test_every_recorded_object_has_fields_of_its_class():
    for line in (TEST / "golden" / "lua-fields.jsonl").read_text().splitlines():
        record = json.loads(line)
        fields = {python_name(k): v for k, v in record["fields"].items()}
        assert not is_hollow(registry.find(record["class"]), fields, upgraded=True), record["class"]


def test_unknown_classes_are_named_once_with_their_place():
    value = {"a": [1, TorchObject("my.Layer", {"n": TorchObject("my.Inner", {})})], "b": TorchObject("my.Layer", {})}
    data = torch.serialize(value)
    with pytest.warns(UserWarning) as caught:
        torch.deserialize(data)
    caught = [w for w in caught if w.category is UserWarning]
    texts = [str(w.message) for w in caught]
    assert len(texts) == 2 and caught[0].filename.endswith("builder.py") is False
    assert "no class my.Layer is registered" in texts[0] and texts[0].endswith("at a[2] and 1 more places")
    assert "no class my.Inner is registered" in texts[1] and texts[1].endswith("at a[2].n")
    for name, shown in ((b"a.\xff", r"a.\\xff"), (b"a.\n", r"a.\n"), (b"a." + b"x" * 1000, "x...")):
        with pytest.warns(UserWarning) as caught:
            torch.deserialize(head(1, name) + table(2))
        (text,) = (str(w.message) for w in caught if w.category is UserWarning)
        assert shown in text and text.isprintable() and len(text) < 250
    with pytest.warns(UserWarning, match="at the whole"):
        torch.deserialize(torch.serialize(TorchObject("my.Layer", {})))
    many = torch.serialize([TorchObject(f"my.Layer{k}", {}) for k in range(1000)])
    with pytest.warns(UserWarning) as caught:
        torch.deserialize(many)
    texts = [str(w.message) for w in caught if w.category is UserWarning]
    assert len(texts) == 21 and "980 more unknown classes" in texts[-1]


def test_hashes_and_vectors_are_no_unknown_classes():
    data = head(1, b"tds.Vec") + b"\1\0\0\0\0\0\0\0" + number(5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.deserialize(data).fields == [5]


@pytest.mark.parametrize("fields", [{}, {"train": True, "output": np.zeros(0), "gradInput": np.zeros(0)}])
@pytest.mark.parametrize("name", ["nn.SpatialMaxPooling", "nn.SpatialAveragePooling", "nn.VolumetricMaxPooling",
                                  "nn.Linear", "nn.MapTable", "nn.LSTM"])  # fmt: skip
def test_an_object_without_fields_is_a_record(name, fields):
    with pytest.warns(UserWarning, match=f"{name}.*at modules"):
        net = torch.deserialize(torch.serialize(TorchObject("nn.Sequential", {"modules": [TorchObject(name, fields)]})))
    assert isinstance(net.modules[0], TorchObject)
    with pytest.raises((TypeError, ValueError, NotImplementedError), match=name):
        net.forward(np.ones((2, 3)))


@pytest.mark.parametrize("make", [nn.MarginRankingCriterion, nn.CosineEmbeddingCriterion, nn.L1HingeEmbeddingCriterion])
def test_criterions_of_pairs_without_gradients(make):
    criterion = torch.deserialize(
        torch.serialize(TorchObject(f"nn.{make.__name__}", {"margin": 1, "sizeAverage": True}))
    )
    x = [np.ones(3), np.zeros(3)]
    y = 1 if make is not nn.MarginRankingCriterion else np.ones(3)
    assert criterion.forward(x, y) == make(1).forward(x, y)
    np.testing.assert_array_equal(criterion.backward(x, y), make(1).backward(x, y))
