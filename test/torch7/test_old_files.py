"""Fields that old files and files of cudnn lack or hold in another form."""

import numpy as np
import pytest
from t7_values import head, number, storage, string, table, tensor

import nn
import rnn  # noqa: F401  (the models were printed with it)
import torch7 as torch
from torch7 import TorchObject, registry


def module(index, name, *fields):
    """An object with fields, and the tensors in it."""
    return head(index, name) + table(index + 1, *[(string(k), v) for k, v in fields])


def doubles(index, values):
    values = np.asarray(values, float)
    strides = tuple(s // 8 for s in values.strides)
    return tensor(index, values.shape, strides, 1, storage(index + 1, values.ravel()))


def test_the_type_of_modules_written_before_there_was_a_type_field():
    weight = tensor(3, (1, 2), (2, 1), 1, storage(4, [1, 2], b"torch.FloatStorage", "<f4"), b"torch.FloatTensor")
    bias = tensor(5, (1,), (1,), 1, storage(6, [3], b"torch.FloatStorage", "<f4"), b"torch.FloatTensor")
    linear = torch.deserialize(module(1, b"nn.Linear", (b"weight", weight), (b"bias", bias)))
    assert linear.type() == "torch.FloatTensor"
    assert linear.forward(np.ones(2, np.float32)).tolist() == [6]


def test_a_linear_layer_without_bias():
    linear = torch.deserialize(module(1, b"nn.Linear", (b"weight", doubles(3, [[1, 2]]))))
    assert linear.forward(np.ones(2)).tolist() == [3] and len(linear.parameters()[0]) == 1


def test_batch_normalization_before_version_2():
    fields = [(b"running_mean", doubles(3, [1, 2])), (b"running_std", doubles(5, [2, 4])), (b"eps", number(0.01))]
    fields += [(b"momentum", number(0.1)), (b"train", b"\5\0\0\0\0\0\0\0"), (b"affine", b"\5\0\0\0\0\0\0\0")]
    layer = torch.deserialize(module(1, b"nn.BatchNormalization", *fields))
    np.testing.assert_allclose(layer.running_var, [0.24, 0.0525])
    assert not hasattr(layer, "running_std")
    assert torch.serialize(layer).startswith(head(1, b"nn.BatchNormalization", b"V 2"))


def test_shared_modules_of_old_files_are_marked_as_shared():
    share = b"\7\0\0\0\5\0\0\0\2\0\0\0LJ" + table(6)
    fields = [(b"weight", doubles(3, [[1.0, 2]])), (b"accUpdateGradParameters", share)]
    with pytest.warns(UserWarning, match="accUpdateGradParameters"):
        linear = torch.deserialize(module(1, b"nn.Linear", *fields))
    assert linear.shared is True


def aged(module, *lacking, **old):
    """A module as an old file has it: some fields lack, others have old names or values."""
    fields = {k: v for k, v in vars(module).items() if k not in ("_dtype", "_type", *lacking)}
    return torch.deserialize(torch.serialize(TorchObject(registry.class_name(type(module)), fields | old, 1)))


AGED = {
    "SpatialConvolution": ([1, 2, 3, 3], ["dW", "dH", "padW", "padH"], {}),
    "SpatialConvolutionMM": ([1, 2, 3, 3], ["dW", "dH", "padW", "padH"], {}),
    "SpatialMaxPooling": ([2, 2], ["padW", "padH", "ceil_mode", "indices"], {}),
    "SpatialAveragePooling": ([2, 2], ["padW", "padH", "ceil_mode", "count_include_pad"], {}),
    "VolumetricMaxPooling": ([1, 2, 2], ["padT", "padW", "padH", "ceil_mode"], {}),
    "HardTanh": ([], ["min_val", "max_val", "inplace"], {}),
    "ELU": ([], ["inplace"], {}),
    "LeakyReLU": ([], ["inplace"], {}),
    "Reshape": ([64], ["batchMode"], {}),
    "View": ([-1], ["numInputDims"], {}),
    "Squeeze": ([], ["numInputDims"], {}),
    "Max": ([1], ["nInputDims", "_indices"], {}),
    "Mean": ([1], ["nInputDims", "squeeze", "sizeAverage"], {}),
    "Sum": ([1], ["nInputDims", "squeeze", "sizeAverage"], {}),
    "Padding": ([1, 2, 3], ["value", "index"], {}),
    "Dropout": ([0.5], ["inplace", "stochastic_inference"], {}),
    "GradientReversal": ([], ["lambda_"], {}),
}


@pytest.mark.parametrize("name", AGED)
def test_fields_that_old_files_lack(name):

    arguments, lacking, old = AGED[name]
    module = getattr(nn, name)(*arguments).evaluate()
    x = np.linspace(-2, 2, 64).reshape(1, 1, 8, 8)
    again = aged(module, *lacking, **old)
    expected = module.forward(x)
    assert np.array_equal(again.forward(x), expected) and str(again) == str(module)
    assert np.array_equal(again.backward(x, expected), module.backward(x, expected))


def test_one_padding_for_both_sides_and_a_flat_weight():

    convolution = nn.SpatialConvolution(1, 2, 3, 3, 1, 1, 1, 1)
    flat = {name: vars(convolution)[name].reshape(2, 9) for name in ("weight", "gradWeight")}
    again = aged(convolution, "padW", "padH", padding=1, **flat)
    x = np.linspace(-2, 2, 64).reshape(1, 1, 8, 8)
    assert np.array_equal(again.forward(x), convolution.forward(x)) and (again.padW, again.padH) == (1, 1)


def test_a_lookup_table_before_version_4():

    table = nn.LookupTable(4, 2)
    again = aged(table, "paddingValue", "maxNorm", "normType", "shouldScaleGradByFreq", "_count", "_input")
    x, gradOutput = np.array([[1, 3], [4, 3]]), np.arange(8.0).reshape(2, 2, 2)
    assert np.array_equal(again.forward(x), table.forward(x))
    again.backward(x, gradOutput)
    table.backward(x, gradOutput)
    assert np.array_equal(again.gradWeight, table.gradWeight)
    assert torch.serialize(table).startswith(head(1, b"nn.LookupTable", b"V 4"))


def test_a_module_on_a_device_has_a_header():

    gpu = nn.GPU(nn.Linear(2, 3), 2)
    data = torch.serialize([gpu, 5])
    header = table(3, (number(1), string(b"torch.DoubleTensor")), (number(2), number(2)))
    assert head(2, b"nn.GPU") + header in data
    back, five = torch.deserialize(data)
    assert five == 5 and back.device == 2 and np.array_equal(back.forward(np.ones(2)), gpu.forward(np.ones(2)))
    record = torch.deserialize(data.replace(b"nn.Linear", b"no.Linear"))[0]
    assert isinstance(record.modules[0], TorchObject)


def test_dropout_of_version_1_scales_when_evaluating():

    again = aged(nn.Dropout(0.25), "v2").evaluate()
    assert again.forward(np.ones(4)).tolist() == [0.75] * 4


@pytest.mark.parametrize(
    "name, target, lacking",
    [
        ("ClassNLLCriterion", 2, ["sizeAverage", "output_tensor", "total_weight_tensor", "target", "ignoreIndex"]),
        ("MultiMarginCriterion", 2, ["p", "margin", "weights"]),
        ("MultiLabelMarginCriterion", np.array([2, 0, 0]), ["target", "isTarget"]),
        ("HingeEmbeddingCriterion", np.array([1, -1, 1]), ["sizeAverage"]),
    ],
)
def test_fields_that_old_criterions_lack(name, target, lacking):

    criterion, x = getattr(nn, name)(), np.array([0.5, -1, 2])
    target = target.astype(float) if name.startswith("Hinge") else target
    again = aged(criterion, *lacking)
    assert again.forward(x, target) == criterion.forward(x, target)
    assert np.array_equal(again.backward(x, target), criterion.backward(x, target))


def test_normalised_weights_are_made_again():

    layer = nn.WeightNorm(nn.SpatialConvolution(2, 3, 3, 3))
    x = np.linspace(-2, 2, 128).reshape(1, 2, 8, 8)
    expected = layer.evaluate().forward(x).copy()
    inner = layer.modules[0]
    kept = {k: v for k, v in vars(inner).items() if k not in ("weight", "gradWeight", "_dtype")}
    again = aged(layer, modules=[TorchObject("nn.SpatialConvolution", kept)], weightSize=inner.weight.shape)
    np.testing.assert_allclose(again.forward(x), expected, rtol=1e-12)
    assert np.array_equal(again.backward(x, expected), layer.backward(x, expected))
    fields = torch.deserialize(torch.serialize(layer).replace(b"nn.WeightNorm", b"no.WeightNorm")).fields
    assert fields["weightSize"] == inner.weight.shape and fields["viewIn"] == (3, 18)
    assert fields["viewOut"] == inner.weight.shape and fields["bias"] is fields["modules"][0].bias


def test_index_buffers_that_were_cast_to_floats():

    x = np.linspace(-2, 2, 64).reshape(1, 1, 8, 8)
    for module in (nn.SpatialMaxPooling(2, 2), nn.Max(3), nn.Min(3)):
        module.forward(x)
        casts = {k: v.astype(np.float64) for k, v in vars(module).items() if getattr(v, "dtype", None) == np.int64}
        again = aged(module, **casts)
        assert casts and np.array_equal(again.forward(x), module.output)
        assert np.array_equal(again.backward(x, module.output), module.backward(x, module.output))


def test_buffers_that_are_not_contiguous_are_not_written_to():

    x = np.arange(6.0).reshape(2, 3)
    for module in (nn.LogSoftMax(), nn.Tanh(), nn.Linear(3, 3)):
        expected = module.forward(x).copy()
        module.output = module.gradInput = np.zeros((3, 2)).T
        again = torch.deserialize(torch.serialize(module))
        assert np.array_equal(again.forward(x), expected)
        assert again.backward(x, expected).flags.c_contiguous


def test_fields_that_lua_needs_are_written():

    def fields(module):
        data = torch.serialize(module)
        name = registry.class_name(type(module)).encode()
        return torch.deserialize(data.replace(name, name.replace(b"nn.", b"no."), 1)).fields

    assert fields(nn.Reshape(2, 3))["batchsize"] == (1, 2, 3) and fields(nn.Reshape(2, 3))["size"] == (2, 3)
    assert fields(nn.View(2, -1))["size"] == (2, -1)
    convolution = fields(nn.SpatialConvolution(1, 1, 2, 2).float().training())
    assert convolution["finput"].size == 0 and convolution["finput"].dtype == np.float32
    assert convolution["fgradInput"] is not convolution["finput"]
    if hasattr(nn, "JoinTable"):
        assert fields(nn.JoinTable(1))["size"] == ()
    if hasattr(nn, "FlattenTable"):
        assert fields(nn.FlattenTable())["input_map"] == []
    assert fields(nn.Add(3))["_ones"].tolist() == [1]
    assert fields(nn.LogSigmoid().float().training())["buffer"].dtype == np.float32
    assert {"maxIdx", "mask", "maxVals", "gradMaxVals"} < set(fields(nn.CMaxTable()))
    assert {"minIdx", "mask", "minVals", "gradMaxVals"} < set(fields(nn.CMinTable()))
    assert fields(nn.CosineDistance().training())["ones"].size == 0
    bottle = fields(nn.Bottle(nn.Linear(2, 3), 2, 3))
    assert (bottle["inShape"].size, bottle["outShape"].size) == (2, 3)
    linear = nn.LinearWeightNorm(3, 2)
    linear.v *= 2
    norm, scale = fields(linear)["norm"], fields(linear)["scale"]
    np.testing.assert_allclose(norm * scale, linear.g)
    np.testing.assert_allclose(norm, np.linalg.norm(linear.v, axis=1, keepdims=True))


def as_cudnn(module, **driving):
    """A module as cudnn wrote it."""
    name = registry.class_name(type(module)).replace("nn.", "cudnn.")
    fields = {k: v for k, v in vars(module).items() if k not in ("_dtype", "threshold", "val", "divide")}
    return TorchObject(name, fields | {"iSize": (0, 0, 0, 0), "_type": "torch.CudaTensor"} | driving, 1)


def test_cudnn_layers_run():

    net = nn.Sequential()
    net.add(nn.SpatialConvolution(1, 2, 3, 3)).add(nn.SpatialBatchNormalization(2)).add(nn.ReLU(True))
    net.add(nn.SpatialMaxPooling(2, 2, 2, 2)).add(nn.View(-1).setNumInputDims(3)).add(nn.Linear(18, 3))
    net.add(nn.LogSoftMax()).float().evaluate()
    image = np.linspace(-1, 1, 64, dtype=np.float32).reshape(1, 1, 8, 8)
    expected = net.forward(image).copy()
    modules = list(net.modules)
    for k, driving in ((0, {"groups": 1, "fmode": 1}), (1, {}), (2, {"mode": "CUDNN_RELU"}), (3, {"mode": "MAX"})):
        modules[k] = as_cudnn(modules[k], **driving)
    modules[6] = as_cudnn(modules[6], mode="CUDNN_SOFTMAX_MODE_INSTANCE", algorithm="CUDNN_SOFTMAX_LOG", ssm=True)
    cudnn = TorchObject("nn.Sequential", {"modules": modules, "_type": "torch.CudaTensor", "train": False})
    loaded = torch.deserialize(torch.serialize(cudnn))
    assert np.array_equal(loaded.forward(image), expected)
    assert loaded.type() == "torch.FloatTensor" and str(loaded) == str(net)
    assert b"cudnn" not in torch.serialize(loaded)
    batch = np.repeat(image, 2, 0)
    assert loaded.training().backward(batch, np.ones_like(loaded.forward(batch))).shape == batch.shape
