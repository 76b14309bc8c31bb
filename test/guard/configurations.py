"""Random configurations of modules with valid arguments: each a label, a constructor and the shapes of its input.

A generator is a function of a random generator whose name is the layer's; it gives ``(arguments, make, shape)``, the
shape being a list for a table. Sizes are small, odd, or next to the widths of vectors, where kernels have their seams.
"""

from __future__ import annotations

import numpy as np

import dpnn
import nn
import rnn

GENERATORS = {}
EDGES = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65]
PLANES = [1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 24, 31, 32, 33, 48, 64]
#: The most multiplications of one configuration.
WORK = 4e6


def generator(function):
    GENERATORS[function.__name__] = function
    return function


def number(rng, low, high):
    return int(rng.integers(low, high + 1))


def numbers(rng, count, low, high):
    return [number(rng, low, high) for _ in range(count)]


def size(rng, low, high):
    near = [n for n in EDGES if low <= n <= high]
    return int(rng.choice(near)) if near and rng.random() < 0.6 else number(rng, low, high)


def planes(rng):
    return int(rng.choice(PLANES))


def maybe(rng, p=0.5):
    return rng.random() < p


def some(rng, count, low, high, other):
    """Numbers that are ``other`` most of the time."""
    return [number(rng, low, high) if maybe(rng, 0.4) else other for _ in range(count)]


def turned(*groups):
    """Numbers per axis, outermost first, in the order of constructors: height behind width."""
    return [group[n] for group in groups for n in (*range(len(group) - 2), len(group) - 1, len(group) - 2)]


def windowed(rng, kernel, pad, gap, more):
    """Sizes of an image that windows fit into."""
    return [
        size(rng, max(1, g * (k - 1) + 1 - 2 * p), max(1, g * (k - 1) + 1 - 2 * p) + more)
        for k, p, g in zip(kernel, pad, gap)
    ]


def convolution(rng, cls, dims, dilated=False, inputs=None):
    kernel = [int(k) for k in rng.choice([1, 2, 3, 3, 4, 5, 7] if dims == 2 else [1, 2, 3, 4], dims)]
    stride, pad = some(rng, dims, 1, 4, 1), some(rng, dims, 0, 3, 0)
    gap = numbers(rng, dims, 1, 3) if dilated else [1] * dims
    sizes = windowed(rng, kernel, pad, gap, 30 if dims == 2 else 8)
    i, o, n = inputs or planes(rng), planes(rng), size(rng, 1, 5)
    while n * i * o * np.prod(kernel) * np.prod(sizes) > WORK:
        n, i, o = max(1, n // 2), max(1, i // 2), max(1, o // 2)
    arguments = [i, o, *turned(kernel, stride, pad, *([gap] if dilated else []))]
    bare = maybe(rng, 0.15)
    return arguments, lambda: cls(*arguments).noBias() if bare else cls(*arguments), (n, i, *sizes)


@generator
def SpatialConvolution(rng):
    return convolution(rng, nn.SpatialConvolution, 2)


@generator
def SpatialConvolutionMM(rng):
    return convolution(rng, nn.SpatialConvolutionMM, 2)


@generator
def SpatialDilatedConvolution(rng):
    return convolution(rng, nn.SpatialDilatedConvolution, 2, dilated=True)


@generator
def SpatialDepthWiseConvolution(rng):
    arguments, _, shape = convolution(rng, nn.SpatialConvolution, 2)
    arguments[1] = number(rng, 1, 4)
    return arguments, lambda: nn.SpatialDepthWiseConvolution(*arguments), shape


@generator
def VolumetricConvolution(rng):
    return convolution(rng, nn.VolumetricConvolution, 3)


@generator
def VolumetricDilatedConvolution(rng):
    return convolution(rng, nn.VolumetricDilatedConvolution, 3, dilated=True)


@generator
def ConvolutionOf3x3(rng):
    """What Winograd's algorithm takes in float, and what lies beside it."""
    i, o = (int(rng.choice([48, 64, 65, 80])) for _ in "io")
    k, n = int(rng.choice([3, 3, 5, 4])), number(rng, 1, 2)
    step, n = (2, 16 * n) if k == 4 else (1, n)
    pad = number(rng, 0, k - 1)
    sizes = [size(rng, max(1, k - 2 * pad), 12) for _ in "hw"]
    arguments = [i, o, k, k, step, step, pad, pad]
    return arguments, lambda: nn.SpatialConvolution(*arguments), (n, i, *sizes)


def full_convolution(rng, cls, dims):
    kernel, stride = numbers(rng, dims, 1, 5 if dims == 2 else 3), numbers(rng, dims, 1, 4)
    pad, adj = [number(rng, 0, k // 2) for k in kernel], [number(rng, 0, d - 1) for d in stride]
    sizes = [size(rng, 1, 14 if dims == 2 else 5) for _ in kernel]
    sizes = [
        n + (0 if (n - 1) * d - 2 * p + k + a > 0 else 1) for n, k, d, p, a in zip(sizes, kernel, stride, pad, adj)
    ]
    i, o, n = planes(rng), planes(rng), size(rng, 1, 4)
    while n * i * o * np.prod(kernel) * np.prod(sizes) > WORK:
        n, i, o = max(1, n // 2), max(1, i // 2), max(1, o // 2)
    arguments = [i, o, *turned(kernel, stride, pad, adj)]
    return arguments, lambda: cls(*arguments), (n, i, *sizes)


@generator
def SpatialFullConvolution(rng):
    return full_convolution(rng, nn.SpatialFullConvolution, 2)


@generator
def VolumetricFullConvolution(rng):
    return full_convolution(rng, nn.VolumetricFullConvolution, 3)


@generator
def SpatialConvolutionLocal(rng):
    kernel, stride, pad = numbers(rng, 2, 1, 4), numbers(rng, 2, 1, 3), numbers(rng, 2, 0, 3)
    sizes = windowed(rng, kernel, pad, (1, 1), 9)
    i, o = number(rng, 1, 9), number(rng, 1, 17)
    arguments = [i, o, *turned(sizes, kernel, stride, pad)]
    return arguments, lambda: nn.SpatialConvolutionLocal(*arguments), (size(rng, 1, 9), i, *sizes)


@generator
def SpatialConvolutionMap(rng):
    i, o, full = number(rng, 1, 6), number(rng, 1, 6), maybe(rng)
    table = np.vstack([rng.integers(1, [i + 1, o + 1], (number(rng, 1, 12), 2)), [[i, o]]])
    kernel, stride = numbers(rng, 2, 1, 5), numbers(rng, 2, 1, 3)
    sizes = [size(rng, 1 if full else k, 24) for k in kernel]
    cls = nn.SpatialFullConvolutionMap if full else nn.SpatialConvolutionMap
    arguments = [table, *turned(kernel, stride)]
    return [cls.__name__, table.tolist(), *arguments[1:]], lambda: cls(*arguments), (number(rng, 1, 4), i, *sizes)


@generator
def TemporalConvolution(rng):
    i, o, k, d = size(rng, 1, 65), size(rng, 1, 65), number(rng, 1, 7), number(rng, 1, 9)
    return [i, o, k, d], lambda: nn.TemporalConvolution(i, o, k, d), (size(rng, 1, 5), size(rng, k, k + 40), i)


@generator
def TemporalRowConvolution(rng):
    i, k, d, first = size(rng, 1, 40), number(rng, 1, 7), number(rng, 1, 9), maybe(rng)
    n, T = number(rng, 1, 4), size(rng, k, k + 40)
    return [i, k, d, first], lambda: nn.TemporalRowConvolution(i, k, d, first), (n, i, T) if first else (n, T, i)


@generator
def TemporalSubSampling(rng):
    i, k, d = size(rng, 1, 65), number(rng, 1, 5), number(rng, 1, 8)
    return [i, k, d], lambda: nn.TemporalSubSampling(i, k, d), (number(rng, 1, 4), size(rng, k, k + 30), i)


@generator
def SpatialSubSampling(rng):
    i, kernel, stride = number(rng, 1, 9), numbers(rng, 2, 1, 5), numbers(rng, 2, 1, 8)
    arguments = [i, *turned(kernel, stride)]
    return (
        arguments,
        lambda: nn.SpatialSubSampling(*arguments),
        (number(rng, 1, 4), i, *windowed(rng, kernel, (0, 0), (1, 1), 30)),
    )


def pooling(rng, cls, dims, border=True, dilated=False, setting=lambda module: module):
    kernel, stride = numbers(rng, dims, 1, 6 if dims == 2 else 4), numbers(rng, dims, 1, 6)
    pad = [number(rng, 0, k // 2) if border and maybe(rng) else 0 for k in kernel]
    gap = numbers(rng, dims, 1, 3) if dilated else [1] * dims
    sizes = windowed(rng, kernel, pad, gap, 50 if dims == 2 else 10)
    arguments = turned(kernel, stride, *([pad] if border else []), *([gap] if dilated else []))
    up = border and maybe(rng, 0.6)  # a stride beyond the window then has windows beyond the image

    def make():
        module = setting(cls(*arguments))
        return module.ceil() if up else module

    return [*arguments, "ceil" if up else "floor"], make, (number(rng, 1, 3), number(rng, 1, 9), *sizes)


@generator
def SpatialMaxPooling(rng):
    return pooling(rng, nn.SpatialMaxPooling, 2)


@generator
def SpatialDilatedMaxPooling(rng):
    return pooling(rng, nn.SpatialDilatedMaxPooling, 2, dilated=True)


@generator
def VolumetricMaxPooling(rng):
    return pooling(rng, nn.VolumetricMaxPooling, 3)


@generator
def VolumetricDilatedMaxPooling(rng):
    return pooling(rng, nn.VolumetricDilatedMaxPooling, 3, dilated=True)


@generator
def SpatialAveragePooling(rng):
    include, divide = maybe(rng), maybe(rng, 0.8)

    def setting(module):
        module.count_include_pad, module.divide = include, divide
        return module

    arguments, make, shape = pooling(rng, nn.SpatialAveragePooling, 2, setting=setting)
    return [*arguments, include, divide], make, shape


@generator
def VolumetricAveragePooling(rng):
    return pooling(rng, nn.VolumetricAveragePooling, 3, border=False)


@generator
def SpatialAdaptivePooling(rng):
    cls = nn.SpatialAdaptiveMaxPooling if maybe(rng) else nn.SpatialAdaptiveAveragePooling
    outputs = numbers(rng, 2, 1, 12)
    shape = number(rng, 1, 4), number(rng, 1, 9), size(rng, 1, 40), size(rng, 1, 50)
    return [cls.__name__, *outputs], lambda: cls(*outputs), shape


@generator
def FractionalMaxPooling(rng):
    dims = number(rng, 2, 3)
    windows, outputs = numbers(rng, dims, 2, 4), numbers(rng, dims, 1, 8)
    sizes = [o + k + number(rng, 0, 12) for k, o in zip(windows, outputs)]
    cls = nn.SpatialFractionalMaxPooling if dims == 2 else nn.VolumetricFractionalMaxPooling
    arguments = [*windows, *outputs]
    shape = number(rng, 1, 3), number(rng, 1, 5), *sizes[::-1]
    return arguments, lambda: cls(*arguments).fixPoolingRegions(), shape


@generator
def TemporalMaxPooling(rng):
    k, d = number(rng, 1, 6), number(rng, 1, 9)
    return [k, d], lambda: nn.TemporalMaxPooling(k, d), (number(rng, 1, 4), size(rng, k, k + 40), size(rng, 1, 65))


@generator
def MaxUnpooling(rng):
    dims = number(rng, 2, 3)
    kernel = numbers(rng, dims, 1, 3)
    sizes = [k * number(rng, 1, 6) + number(rng, 0, k - 1) for k in kernel]
    pairs = (nn.SpatialMaxPooling, nn.SpatialMaxUnpooling), (nn.VolumetricMaxPooling, nn.VolumetricMaxUnpooling)

    def make():
        pooling, unpooling = pairs[dims - 2]
        module = pooling(*turned(kernel, kernel))
        return nn.Sequential().add(module).add(unpooling(module))

    return kernel, make, (number(rng, 1, 3), number(rng, 1, 5), *sizes)


@generator
def UpSampling(rng):
    kind, scale = int(rng.integers(4)), number(rng, 2, 5)
    target = {"oheight": number(rng, 1, 30), "owidth": number(rng, 1, 30)}
    make = (
        lambda: nn.SpatialUpSamplingNearest(scale),
        lambda: nn.SpatialUpSamplingBilinear(scale),
        lambda: nn.UpSampling(scale, "nearest"),
        lambda: nn.SpatialUpSamplingBilinear(target),
    )[kind]
    return [kind, scale, target], make, (number(rng, 1, 3), number(rng, 1, 6), size(rng, 1, 20), size(rng, 1, 40))


@generator
def SpatialPadding(rng):
    cls = (nn.SpatialZeroPadding, nn.SpatialReflectionPadding, nn.SpatialReplicationPadding)[int(rng.integers(3))]
    H, W = size(rng, 4, 20), size(rng, 4, 40)
    pads = numbers(rng, 4, -1, 3)
    return [cls.__name__, *pads], lambda: cls(*pads), (number(rng, 1, 3), number(rng, 1, 5), H, W)


@generator
def VolumetricReplicationPadding(rng):
    pads = numbers(rng, 6, 0, 3)
    return pads, lambda: nn.VolumetricReplicationPadding(*pads), (*numbers(rng, 2, 1, 4), *numbers(rng, 3, 1, 8))


@generator
def BatchNormalization(rng):
    dims, c = int(rng.choice([0, 2, 3])), planes(rng)
    cls = {0: nn.BatchNormalization, 2: nn.SpatialBatchNormalization, 3: nn.VolumetricBatchNormalization}[dims]
    affine = maybe(rng, 0.7)
    shape = number(rng, 2, 9), c, *(size(rng, 1, 12) for _ in range(dims))
    return [cls.__name__, c, affine], lambda: cls(c, 1e-3, 0.1, affine), shape


@generator
def SpatialCrossMapLRN(rng):
    arguments = [number(rng, 1, 7), 0.7, 0.8, 1.5]
    shape = number(rng, 1, 3), planes(rng), number(rng, 1, 7), number(rng, 1, 20)
    return arguments, lambda: nn.SpatialCrossMapLRN(*arguments), shape


@generator
def Linear(rng):
    i, o, bias = size(rng, 1, 200), size(rng, 1, 200), maybe(rng, 0.8)
    return [i, o, bias], lambda: nn.Linear(i, o, bias), (size(rng, 1, 70), i)


@generator
def SoftMax(rng):
    cls = (nn.SoftMax, nn.LogSoftMax, nn.SoftMin)[int(rng.integers(3))]
    shape = [size(rng, 1, 65 if n < 2 else 9) for n in range(number(rng, 1, 4))]
    return [cls.__name__], cls, tuple(shape)


@generator
def Elementwise(rng):
    cls = (nn.Tanh, nn.Sigmoid, nn.ReLU, nn.ELU, nn.LeakyReLU, nn.SoftPlus, nn.SoftSign, nn.LogSigmoid, nn.TanhShrink,
           nn.HardTanh, nn.HardShrink, nn.SoftShrink, nn.Abs, nn.Square, nn.PReLU)[int(rng.integers(15))]  # fmt: skip
    shape = tuple(size(rng, 1, 40 if n < 2 else 9) for n in range(number(rng, 1, 4)))
    return [cls.__name__], cls, (number(rng, 3000, 70000),) if maybe(rng, 0.1) else shape


@generator
def GatedLinearUnit(rng):
    shape = [size(rng, 1, 17) for _ in range(number(rng, 1, 4))]
    axis = number(rng, 1, len(shape))
    shape[axis - 1] *= 2
    return [axis], lambda: nn.GatedLinearUnit(axis), tuple(shape)


@generator
def Bilinear(rng):
    a, b, o = numbers(rng, 3, 1, 20)
    n = number(rng, 1, 20)
    return [a, b, o], lambda: nn.Bilinear(a, b, o), [(n, a), (n, b)]


@generator
def MM(rng):
    a, b, c = (size(rng, 1, 40) for _ in "abc")
    left, right, batch = maybe(rng), maybe(rng), (number(rng, 1, 5),) if maybe(rng) else ()
    shapes = [(*batch, *((b, a) if left else (a, b))), (*batch, *((c, b) if right else (b, c)))]
    return [left, right], lambda: nn.MM(left, right), shapes


@generator
def Distances(rng):
    cls, i, o = (
        (nn.Euclidean, nn.WeightedEuclidean, nn.Cosine)[int(rng.integers(3))],
        size(rng, 1, 40),
        size(rng, 1, 40),
    )
    return [cls.__name__, i, o], lambda: cls(i, o), (size(rng, 1, 20), i)


@generator
def Reductions(rng):
    cls = (nn.Max, nn.Min, nn.Sum, nn.Mean)[int(rng.integers(4))]
    shape = tuple(size(rng, 1, 20) for _ in range(number(rng, 2, 4)))
    axis = number(rng, 1, len(shape))
    return [cls.__name__, axis], lambda: cls(axis), shape


@generator
def SeqLSTM(rng):
    i, h, cls = size(rng, 1, 40), size(rng, 1, 49), (rnn.SeqLSTM, rnn.SeqGRU)[int(rng.integers(2))]
    return [cls.__name__, i, h], lambda: cls(i, h), (number(rng, 1, 7), size(rng, 1, 17), i)


@generator
def SeqLSTMP(rng):
    i, h = size(rng, 1, 30), size(rng, 1, 33)
    return [i, h], lambda: rnn.SeqLSTMP(i, h, max(1, h // 2)), (number(rng, 1, 5), size(rng, 1, 9), i)


@generator
def Steps(rng):
    i, h, kind = size(rng, 1, 33), size(rng, 1, 33), int(rng.integers(4))
    cell = (rnn.LSTM, rnn.FastLSTM, rnn.GRU, rnn.MuFuRu)[kind]
    return [cell.__name__, i, h], lambda: rnn.Sequencer(cell(i, h)), (number(rng, 1, 5), size(rng, 1, 17), i)


@generator
def SpatialNormalizations(rng):
    cls = (nn.SpatialSubtractiveNormalization, nn.SpatialDivisiveNormalization)[int(rng.integers(2))]
    c, k = number(rng, 1, 5), int(rng.choice([1, 3, 5]))
    shape = number(rng, 1, 3), c, k + number(rng, 0, 9), k + number(rng, 0, 20)
    return [cls.__name__, c, k], lambda: cls(c, np.linspace(0.5, 1.5, k)), shape


@generator
def SpatialBinaryConvolution(rng):
    i, o = planes(rng), planes(rng)
    arguments = [i, o, 3, 3, 1, 1, 1, 1]
    shape = number(rng, 1, 3), i, number(rng, 3, 9), number(rng, 3, 12)
    return arguments, lambda: dpnn.SpatialBinaryConvolution(*arguments), shape
