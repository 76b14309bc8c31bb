"""Networks as public projects saved them, field by field: they load, run, train, convert and go out again."""

import numpy as np
import pytest

import nn
import nnx  # noqa: F401
import torch7 as torch
from torch7 import TorchObject

rng = np.random.default_rng(1)
NONE = np.empty(0, np.float32)


def draw(*shape):
    return (0.2 * rng.standard_normal(shape)).astype(np.float32)


def layer(name, **fields):
    return TorchObject(name, {"output": NONE, "gradInput": NONE, "_type": "torch.FloatTensor", **fields}, 1)


def trained(name, weight, bias=None, **fields):
    arrays = {"weight": draw(*weight), "gradWeight": draw(*weight)}
    if bias:
        arrays |= {"bias": draw(bias), "gradBias": draw(bias)}
    return layer(name, **arrays, **fields)


def conv(i, o, k, pad=0, step=1, name="nn.SpatialConvolution", **fields):
    sizes = {"kW": k, "kH": k, "dW": step, "dH": step, "padW": pad, "padH": pad, "finput": NONE, "fgradInput": NONE}
    shape = (o, i * k * k) if name.endswith("MM") else (o, i, k, k)
    return trained(name, shape, o, nInputPlane=i, nOutputPlane=o, **sizes, **fields)


def full(i, o, k, step, pad, adj=0):
    sizes = {"kW": k, "kH": k, "dW": step, "dH": step, "padW": pad, "padH": pad, "adjW": adj, "adjH": adj}
    return trained("nn.SpatialFullConvolution", (i, o, k, k), o, nInputPlane=i, nOutputPlane=o, **sizes)


def linear(i, o):
    return trained("nn.Linear", (o, i), o)


def norm(n, name="nn.SpatialBatchNormalization", **fields):
    moments = {"running_mean": draw(n), "running_var": abs(draw(n)) + 1}
    return trained(name, (n,), n, eps=1e-5, momentum=0.1, affine=True, train=False, **(fields or moments))


def relu():
    return layer("nn.ReLU", inplace=True, threshold=0, val=0)


def view(*size, dims=None):
    return layer("nn.View", size=size, numElements=int(np.prod(size)), numInputDims=dims)


def pool(k, step, name="nn.SpatialMaxPooling", **fields):
    return layer(name, kW=k, kH=k, dW=step, dH=step, padW=0, padH=0, ceil_mode=False, **fields)


def average(k, step=1):
    return pool(k, step, "nn.SpatialAveragePooling", divide=True, count_include_pad=True)


def branches(*modules, name="nn.ConcatTable", **fields):
    return layer(name, modules=list(modules), train=False, **fields)


def chain(*modules, **fields):
    return branches(*modules, **{"name": "nn.Sequential", **fields})


def torch_rnn():
    def lstm(i, h):
        buffers = dict.fromkeys(("cell", "gates", "buffer1", "buffer2", "buffer3", "grad_a_buffer", "grad_x"), NONE)
        states = {"h0": draw(2, h), "c0": draw(2, h), "grad_h0": NONE, "grad_c0": NONE, "remember_states": True}
        return trained("nn.LSTM", (i + h, 4 * h), 4 * h, input_dim=i, hidden_dim=h, **buffers, **states)

    views = view(6, -1, dims=3), view(2, 3, -1, dims=2)
    rnns = [lstm(4, 5), lstm(5, 5)]
    words = trained("nn.LookupTable", (7, 4), _count=np.zeros(1, np.int32), shouldScaleGradByFreq=False)
    net = chain(words, *rnns, views[0], linear(5, 7), views[1])
    idx = dict(enumerate("abcdefg", 1))
    sizes = {"wordvec_dim": 4, "rnn_size": 5, "num_layers": 2, "dropout": 0, "batchnorm": 0, "vocab_size": 7}
    fields = {"idx_to_token": idx, "token_to_idx": {c: k for k, c in idx.items()}, "model_type": "lstm", **sizes}
    lists = {"rnns": rnns, "bn_view_in": [], "bn_view_out": [], "view1": views[0], "view2": views[1]}
    return layer("nn.LanguageModel", net=net, train=False, **fields, **lists), np.array([[1, 2, 3], [4, 5, 6]])


def resnet():
    def cudnn(i, o, k, pad, step=1):
        driving = {"groups": 1, "iSize": (0, 0, 0, 0), "fmode": 0, "bdmode": 0, "autotunerHash": "x", "input_offset": 0}
        made = conv(i, o, k, pad, step, "cudnn.SpatialConvolution", **driving)
        del made.fields["bias"], made.fields["gradBias"]
        return made

    half = layer("nn.MulConstant", constant_scalar=0, inplace=None)
    short = chain(average(1, 2), branches(layer("nn.Identity"), half, name="nn.Concat", dimension=2, size=(2, 8, 3, 3)))
    block = branches(chain(cudnn(4, 8, 3, 1, 2), norm(8, "cudnn.SpatialBatchNormalization")), short)
    add = layer("nn.CAddTable", inplace=True)
    return chain(cudnn(3, 4, 3, 1), relu(), block, add, average(3), view(8, dims=3), linear(8, 5)), draw(2, 3, 6, 6)


def openface():
    power = chain(
        layer("nn.Square"),
        average(3, 3),
        layer("nn.MulConstant", constant_scalar=9, inplace=False),
        layer("nn.Sqrt", eps=0),
        name="nn.SpatialLPPooling",
    )
    border = layer("nn.SpatialZeroPadding", pad_l=1, pad_r=1, pad_t=1, pad_b=1)
    parts = [chain(conv(4, 3, 3, 1, name="nn.SpatialConvolutionMM"), norm(3), relu()), chain(power, border)]
    depths = branches(*parts, name="nn.DepthConcat", dimension=2, size=(2, 7, 4, 4))
    inception = branches(depths, name="nn.Inception", module=depths, inputSize=4, kernelSize=[3], reduceSize=[2, 2])
    unit = layer("nn.Normalize", p=2, eps=1e-10, norm=NONE, normp=NONE, buffer=NONE, _output=NONE, _indices=NONE)
    return chain(conv(3, 4, 3, 1), pool(2, 2), inception, average(4), view(7, dims=3), linear(7, 6), unit), draw(
        2, 3, 8, 8
    )


def deepmask():
    trunk = chain(conv(3, 4, 3, 1), relu(), pool(2, 2, indices=NONE), view(64, dims=3), linear(64, 8))
    dropout = layer("nn.Dropout", p=0.5, noise=NONE, v2=True, train=False)
    score = chain(dropout, linear(8, 4), layer("nn.Threshold", threshold=0, val=1e-6, inplace=False), linear(4, 1))
    mask = chain(linear(8, 16), view(4, 4, dims=1))
    return layer("nn.DeepMask", trunk=trunk, maskBranch=mask, scoreBranch=score), draw(2, 3, 8, 8)


def waifu2x():
    squeeze = [layer("nn.Mean", dimension=3, sizeAverage=True, squeeze=True, nInputDims=-1) for _ in range(2)]
    weights = chain(*squeeze, view(-1, 4, 1, 1), conv(4, 2, 1), relu(), conv(2, 4, 1), layer("nn.Sigmoid"))
    scaled = chain(branches(layer("nn.Identity"), weights), layer("w2nn.ScaleTable", gradInput=[]))
    block = branches(scaled, layer("nn.SpatialZeroPadding", pad_l=0, pad_r=0, pad_t=0, pad_b=0))
    clip, leaky = layer("w2nn.InplaceClip01"), layer("w2nn.LeakyReLU", negative_scale=0.1, negative=NONE)
    arch = {"w2nn_arch_name": "upresnet", "w2nn_offset": 3, "w2nn_scale_factor": 2, "w2nn_channels": 3}
    add = layer("nn.CAddTable", inplace=True)
    return chain(conv(3, 4, 3), leaky, block, add, full(4, 3, 4, 2, 3), clip, **arch), draw(1, 3, 8, 8)


def dcgan():
    old = norm(4, running_mean=draw(4), running_std=abs(draw(4)) + 1, buffer=NONE, normalized=NONE, centered=NONE)
    return chain(full(5, 4, 4, 1, 0), old, relu(), full(4, 3, 4, 2, 1), layer("nn.Tanh")), draw(2, 5, 1, 1)


def stn():
    matrix = layer("nn.AffineTransformMatrixGenerator", useRotation=False, useScale=True, useTranslation=True)
    grid = layer("nn.AffineGridGeneratorBHWD", height=10, width=10, baseGrid=draw(10, 10, 3), batchGrid=NONE)
    where = chain(pool(2, 2), conv(1, 2, 3), relu(), view(18), linear(18, 3), matrix, grid)
    turned = chain(layer("nn.Transpose", permutations=[[2, 3], [3, 4]]))
    sampler = layer("nn.BilinearSamplerBHWD", gradInput=[NONE, NONE])
    back = layer("nn.Transpose", permutations=[[3, 4], [2, 3]])
    return chain(branches(turned, where), sampler, back, conv(1, 2, 3), view(128, dims=3)), draw(2, 1, 10, 10)


def fast_rcnn():
    both = branches(conv(3, 4, 3, 1), layer("nn.Identity"), name="nn.ParallelTable")
    pooling = layer("inn.ROIPooling", W=2, H=2, spatial_scale=0.5, indices=NONE, gradInput=[NONE, NONE], v2=True)
    heads = branches(linear(16, 3), linear(16, 12))
    rois = np.array([[1, 1, 1, 8, 8], [2, 3, 3, 10, 12]], np.float32)
    return chain(both, pooling, view(-1, dims=3), heads), [draw(2, 3, 8, 8), rois]


def fbcunn():
    kinds = ("FBFFT", "CuFFT")
    parts = [conv(3, 2, 3, 1, name=f"nn.SpatialConvolution{kind}") for kind in kinds]
    split = branches(*parts, name="nn.ModelParallel", dimension=2, gpu_assignments=[1, 2], size=(1, 4, 6, 6))
    return chain(split, layer("nn.CrossMapNormalization", size=5, scale=1e-4, power=0.75)), draw(2, 3, 6, 6)


def speech():
    D, H = 4, 3
    count = 2 * sum(4 * H * (d + H) + 8 * H for d in (D, 2 * H))
    driving = {"seqLength": 1, "miniBatch": 1, "numDirections": 2, "reserve": NONE, "sync": True, "seed": 4660}
    settings = {"inputSize": D, "hiddenSize": H, "numLayers": 2, "dropout": 0, "batchFirst": False}
    kind = {"mode": "CUDNN_LSTM", "bidirectional": "CUDNN_BIDIRECTIONAL", "rememberStates": False}
    return chain(trained("cudnn.BLSTM", (count,), **driving, **settings, **kind), view(-1, 6), linear(6, 5)), draw(
        6, 2, D
    )


def replicas():
    inner = chain(conv(3, 4, 3, 1), relu())
    table = branches(inner, inner, name="nn.DataParallelTable", dimension=1, gpuAssignments=[1, 2], flattenParams=True)
    return chain(table, view(-1, dims=3), linear(144, 2)), draw(2, 3, 6, 6)


MAKERS = [torch_rnn, resnet, openface, deepmask, waifu2x, dcgan, stn, fast_rcnn, fbcunn, speech, replicas]


def tensors(y):
    return [y] if isinstance(y, np.ndarray) else [x for entry in y for x in tensors(entry)]


def ones(y):
    return np.ones_like(y) if isinstance(y, np.ndarray) else [ones(entry) for entry in y]


def doubled(x):
    if isinstance(x, list):
        return [doubled(entry) for entry in x]
    return x.astype(np.float64) if x.dtype == np.float32 else x


@pytest.mark.filterwarnings("error", "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("make", MAKERS)
def test_checkpoint(make):
    record, x = make()
    net = torch.deserialize(torch.serialize({"model": record, "epoch": 3}))["model"]
    again = torch.deserialize(torch.serialize(net))
    y = [entry.copy() for entry in tensors(net.evaluate().forward(x))]
    assert all(np.isfinite(entry).all() and entry.dtype == np.float32 for entry in y)
    assert all(map(np.array_equal, tensors(again.evaluate().forward(x)), y))
    before = [p.copy() for p in net.parameters()[0]]
    net.training()
    net.zeroGradParameters()
    net.backward(x, ones(net.forward(x)))
    net.updateParameters(0.01)
    moved = [not np.array_equal(p, q) for p, q in zip(net.parameters()[0], before)]
    assert sum(moved) >= len(moved) // 2 and str(net).startswith("nn.")
    net.clearState()
    cleared = torch.deserialize(torch.serialize(net.double())).evaluate()
    y = tensors(net.evaluate().forward(doubled(x)))
    assert all(map(np.array_equal, tensors(cleared.forward(doubled(x))), y))
    flat, gradients = nn.Sequential().add(net.float()).getParameters()
    assert flat.size == gradients.size == sum(p.size for p in before)
