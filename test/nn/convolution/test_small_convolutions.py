"""Every convolution on small images, one geometry after another, against sums that NumPy's einsum writes out.

A convolution is a sum of products of three: weight, what each tap of each output meets, and input. With one term for
each in einsum's letters the output and both gradients are the same formula with two of the four exchanged.
"""

import numpy as np
import pytest
from geometries import DILATED, PLAIN, SMALL, SMALL_DILATED, mixed, numbers, square

import nn

pytestmark = pytest.mark.slow

#: Input and output planes: so few that vectors lie along rows, and so many that they lie along planes.
PLANES = [(1, 1), (2, 13), (13, 3), (16, 17)]
TOLERANCE = {"float": 1e-5, "double": 1e-13}

# Letters of the terms: n images, i and o planes (f: both), t taps, p outputs (the small side), q pixels (the large).
CONVOLUTION = ("oit", "niq", "nop", "o")
FULL = ("iot", "nip", "noq", "o")
DEPTH_WISE = ("oit", "niq", "niop", "oi")
LOCAL = ("poit", "niq", "nop", "op")
FRAMES = ("oti", "nqi", "npo", "o")
FEATURES = ("ft", "nqf", "npf", "f")
FEATURES_FIRST = ("ft", "nfq", "nfp", "f")
FRAME_SUMS = ("f", "nqf", "npf", "f")
SUMS = ("f", "nfq", "nfp", "f")
CONNECTED = ("kt", "niq", "nop", "o")
FULL_CONNECTED = ("kt", "nip", "noq", "o")


def meeting(geometry):
    """Whether a tap of an output meets a pixel, [t][p][q] over all axes."""
    together = np.ones((1, 1, 1))
    for axis in geometry:
        one = axis.meets()
        shape = [a * b for a, b in zip(together.shape, one.shape)]
        together = np.einsum("tpq,uvw->tupvqw", together, one).reshape(shape)
    return together


def passes(terms, weight, bias, fixed, x, dy):
    """Output, gradInput, gradWeight and gradBias; ``fixed``: further terms and their numbers."""
    W, X, Y, B = terms
    names, values = ",".join(fixed), list(fixed.values())
    y = np.einsum(f"{W},{names},{X}->{Y}", weight, *values, x, optimize=True)
    y = y + np.einsum(f"{B},{Y}->{Y}", bias, np.ones_like(dy))
    dx = np.einsum(f"{W},{names},{Y}->{X}", weight, *values, dy, optimize=True)
    dw = np.einsum(f"{Y},{names},{X}->{W}", dy, *values, x, optimize=True)
    return y, dx, dw, np.einsum(f"{Y}->{B}", dy)


def near(found, expected, tolerance):
    return np.abs(found - expected.reshape(found.shape)).max() <= tolerance * max(1, np.abs(expected).max())


def drawn(terms, geometry, planes, table=None):
    """Weight, input, gradOutput and bias in single precision, and what the passes must give."""
    sizes = {"n": 2, "i": planes[0], "o": planes[1], "f": planes[1]}
    shapes = {"p": [a.outputs for a in geometry], "q": [a.size for a in geometry]}
    meet = meeting(geometry)
    sizes |= zip("tpq", meet.shape)
    fixed = {"tpq": meet}
    if table is not None:
        fixed["kio"] = np.zeros((len(table), *planes))
        fixed["kio"][np.arange(len(table)), *(table.T - 1)] = 1
        sizes["k"] = len(table)
    rng = np.random.default_rng(0)
    values = [rng.normal(size=[sizes[letter] for letter in term]).astype("f4") for term in terms]
    weight, x, dy, bias = (v.astype(float) for v in values)
    expected = passes(terms, weight, bias, fixed, x, dy)

    def shaped(array, term):
        return array.reshape([s for letter in term for s in shapes.get(letter, [sizes[letter]])])

    return values[0], shaped(values[1], terms[1]), shaped(values[2], terms[2]), values[3], expected


def wrong(module, weight, x, dy, bias, expected, tolerance):
    """The passes of a new module that differ from what is expected."""
    module.weight[...], module.bias[...] = weight.reshape(module.weight.shape), bias.reshape(module.bias.shape)
    module.zeroGradParameters()
    x, dy = (v.astype(module.weight.dtype) for v in (x, dy))
    y = module.forward(x)
    dx = module.backward(x, dy.reshape(y.shape))
    found = (y, dx, module.gradWeight, module.gradBias)
    names = ("output", "gradInput", "gradWeight", "gradBias")
    return [name for name, *pair in zip(names, found, expected) if not near(*pair, tolerance)]


def sweep(terms, make, geometries, planes, kinds=("float", "double"), **more):
    for n, geometry in enumerate(geometries):
        chosen = planes[n % len(planes)]
        numbers = drawn(terms, geometry, chosen, **more)
        for kind in kinds:
            found = wrong(getattr(make(chosen, geometry), kind)(), *numbers, TOLERANCE[kind])
            assert not found, (found, kind, chosen, geometry)


def convolution(cls, *more):
    return lambda planes, geometry: cls(*planes, *numbers(geometry, "kernel", "stride", "pad", *more))


def full(cls):
    """The full convolution whose output has the size of the geometry."""

    def make(planes, geometry):
        adj = [(a.size + 2 * a.pad - a.kernel) % a.stride for a in geometry]
        order = [*range(len(adj) - 2), *range(len(adj))[:-3:-1]]
        return cls(*planes, *numbers(geometry, "kernel", "stride", "pad"), *(adj[n] for n in order))

    return make


def local(planes, geometry):
    return nn.SpatialConvolutionLocal(*planes, *numbers(geometry, "size", "kernel", "stride", "pad"))


@pytest.mark.parametrize("planes", PLANES, ids=str)
@pytest.mark.parametrize("cls", [nn.SpatialConvolution, nn.SpatialFullConvolution])
def test_planes(cls, planes):
    """Every geometry with two of the planes, few and many."""
    terms, make = (FULL, full(cls)) if cls is nn.SpatialFullConvolution else (CONVOLUTION, convolution(cls))
    sweep(terms, make, square(PLAIN, 2)[PLANES.index(planes) % 2 :: 2], [planes])


@pytest.mark.parametrize("cls", [nn.SpatialConvolution, nn.SpatialConvolutionMM, nn.SpatialFullConvolution])
def test_planes_of_two_sizes(cls):
    terms, make = (FULL, full(cls)) if cls is nn.SpatialFullConvolution else (CONVOLUTION, convolution(cls))
    sweep(terms, make, mixed(PLAIN, 2), [*PLANES, (17, 16)])


def test_rows():
    """Images of one row, as long as 20 pixels."""
    rows = [(PLAIN[0], axis._replace(size=axis.size + 12 * (n % 2))) for n, axis in enumerate(PLAIN)]
    sweep(CONVOLUTION, convolution(nn.SpatialConvolution), rows, [(16, 16), (3, 2), (13, 1)])


def test_rows_below_a_larger_kernel():
    """One row of pixels in its border, so that most taps meet none."""
    geometries = [(PLAIN[0]._replace(kernel=3, stride=2, pad=1), axis) for axis in PLAIN]
    sweep(CONVOLUTION, convolution(nn.SpatialConvolution), geometries, [(16, 16), (3, 2), (13, 1)])


def test_large_weights():
    """Planes for which float takes Winograd's algorithm."""
    chosen = [axis for axis in PLAIN if axis.kernel in (3, 5) and axis.stride == 1 and axis.size in (1, 2, 3, 5, 7)]
    sweep(CONVOLUTION, convolution(nn.SpatialConvolution), square(chosen, 2), [(64, 64)], ["float"])


def test_dilated_planes():
    make = convolution(nn.SpatialDilatedConvolution, "gap")
    sweep(CONVOLUTION, make, [*square(DILATED, 2), *mixed(DILATED, 2)], [(13, 16), (2, 3), (1, 13)])


def test_depth_wise():
    make = convolution(nn.SpatialDepthWiseConvolution)
    sweep(DEPTH_WISE, make, mixed(PLAIN, 2), [(3, 2), (13, 1), (16, 3)])


def test_local():
    sweep(LOCAL, local, mixed(PLAIN, 2), [(3, 2), (5, 13)])


@pytest.mark.parametrize("planes", [(1, 1), (5, 13), (16, 16)], ids=str)
def test_volumes(planes):
    geometries = [*square(SMALL, 3), *mixed(SMALL, 3)]
    sweep(CONVOLUTION, convolution(nn.VolumetricConvolution), geometries, [planes])
    sweep(FULL, full(nn.VolumetricFullConvolution), geometries, [planes])


def test_dilated_volumes():
    make = convolution(nn.VolumetricDilatedConvolution, "gap")
    sweep(CONVOLUTION, make, mixed(SMALL_DILATED, 3), [(13, 16), (2, 3)])


def without_pad(axes):
    return [axis for axis in axes if not axis.pad]


@pytest.mark.parametrize(
    "terms", [CONNECTED, FULL_CONNECTED], ids=["SpatialConvolutionMap", "SpatialFullConvolutionMap"]
)
def test_connected_planes(terms):
    table = np.array([(1, 1), (3, 2), (2, 1), (3, 4), (1, 4), (3, 4)])
    cls, axes = nn.SpatialConvolutionMap, without_pad(PLAIN)
    if terms is FULL_CONNECTED:
        cls, axes = nn.SpatialFullConvolutionMap, [a for a in axes if (a.size - a.kernel) % a.stride == 0]

    def make(planes, geometry):
        return cls(table, *numbers(geometry, "kernel", "stride"))

    sweep(terms, make, [*square(axes, 2), *mixed(axes, 2)], [(3, 4)], table=table)


def test_subsampling():
    def make(planes, geometry):
        return nn.SpatialSubSampling(planes[0], *numbers(geometry, "kernel", "stride"))

    sweep(SUMS, make, mixed(without_pad(PLAIN), 2), [(1, 1), (5, 5)])


FRAME_LAYERS = {
    "TemporalConvolution": (FRAMES, lambda planes, a: nn.TemporalConvolution(*planes, a.kernel, a.stride)),
    "TemporalSubSampling": (FRAME_SUMS, lambda planes, a: nn.TemporalSubSampling(planes[1], a.kernel, a.stride)),
    "TemporalRowConvolution": (FEATURES, lambda planes, a: nn.TemporalRowConvolution(planes[1], a.kernel, a.stride)),
    "features first": (
        FEATURES_FIRST,
        lambda planes, a: nn.TemporalRowConvolution(planes[1], a.kernel, a.stride, True),
    ),
}


@pytest.mark.parametrize("layer", FRAME_LAYERS)
def test_frames(layer):
    terms, make = FRAME_LAYERS[layer]
    for planes in PLANES:
        sweep(terms, lambda planes, geometry: make(planes, *geometry), square(without_pad(PLAIN), 1), [planes])
