"""Layers of nnx that old files hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import computed, named, rule, trace, walk
from .convolution import batched, unbatched
from .recurrent import written

#: The least that a neighbourhood's deviation counts as.
LEAST = 1e-3


@rule("nnx.spatial_normalization.SpatialNormalization")
def spatial_normalization(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The mean of a window over all planes taken off; divided by the deviation, or the mean of it over the image."""
    if x.ndim not in (3, 4):
        raise g.refuse(f"{m} of a matrix")
    kernels = m.kernel if isinstance(m.kernel, list) else [m.kernel]
    weights = [g.constant(np.tile(np.asarray(k, np.float32), (m.nfeatures, m.nfeatures, 1, 1))) for k in kernels]
    coefficients = g.constant(np.asarray(m.coef).reshape(-1, *x.shape[-2:])[:1])
    name, single = batched(g, x, 2)

    def around(value: Any) -> str:
        for k, weight in zip(kernels, weights):
            border = [k.shape[0] // 2, k.shape[1] // 2] * 2
            value = g.op("Conv", value, weight, kernel_shape=k.shape, pads=border)
        return value

    apart = g.op("Sub", name, g.op("Div", around(name), coefficients))
    spread = g.op("Div", g.op("Sqrt", around(g.op("Mul", apart, apart))), coefficients)
    if m.fixedThres is None:
        least = spread
        for axis in (1, 2, 3):
            least = g.reduce("ReduceMean", least, axis)
        least = g.op("Max", least, LEAST)
    else:
        least = g.constant(m.fixedThres)
    return unbatched(g, g.op("Div", apart, g.op("Max", spread, least)), single)


@walk("nnx.spatial_classifier.SpatialClassifier")
def spatial_classifier(g: Graph, m: Any, x: Value) -> Value:
    """A row for each pixel."""
    y = computed(m, x)
    last = [*range(x.ndim - 3), x.ndim - 2, x.ndim - 1, x.ndim - 3]

    def rows(v: Any) -> Any:
        return None if v is None else v.transpose(last).reshape(-1, v.shape[-3])

    inner = Value("", rows(x.array), rows(x.other))
    inner.name = g.reshape(g.op("Transpose", x, perm=last), inner.sizes)
    made = trace(g, m.classifier, inner, 1)
    if not m.spatialOutput:
        return made
    planes = g.reshape(made, [*x.sizes[:-3], *x.sizes[-2:], made.shape[-1]])
    back = [*range(x.ndim - 3), x.ndim - 1, x.ndim - 3, x.ndim - 2]
    return named(g.op("Transpose", planes, perm=back), y)


@walk("nnx.torch_rnn.language_model.LanguageModel")
def language_model(g: Graph, m: Any, x: Value) -> Value:
    """Its views take the places of all texts as rows, and put them back."""
    sizes = x.sizes
    into = {id(v) for v in (m.view1, *(m.bn_view_in or []))}
    out = {id(v) for v in (m.view2, *(m.bn_view_out or []))}
    value = x
    for i, module in enumerate(m.net.modules, 1):
        if id(module) in into or id(module) in out:
            front = (-1,) if id(module) in into else None
            shapes = [front or v.shape for v in (x.array, x.array if x.other is None else x.other)]
            arrays = [value.array.reshape(*shapes[0], value.shape[-1])]
            if value.other is not None:
                arrays.append(value.other.reshape(*shapes[1], value.shape[-1]))
            made = Value("", *arrays)
            value = named(g.reshape(value, made.sizes if front else [*sizes, value.shape[-1]]), made)
        else:
            value = trace(g, module, value, f"net.{i}")
    return value


@rule("nnx.torch_rnn.vanilla_rnn.VanillaRNN")
def simple_sequence(g: Graph, m: Any, x: Any, y: Value) -> str:
    *given, x = x if isinstance(x, list) else [x]
    return written(g, m, x, given, ("RNN", m.hidden_dim, m.weight, m.bias))


@rule("nnx.torch_rnn.gru.GRU")
def turned_gru(g: Graph, m: Any, x: Any, y: Value) -> str:
    """Its update says how much is new, ONNX's how much stays: 1 - sigmoid(a) is sigmoid(-a)."""
    *given, x = x if isinstance(x, list) else [x]
    H, signs = m.hidden_dim, np.ones(3 * m.hidden_dim, m.weight.dtype)
    signs[:H] = -1
    return written(g, m, x, given, ("GRU", H, m.weight * signs, m.bias * signs))


@walk(
    "nnx.style.total_variation.TotalVariation", "nnx.style.total_variation.TVLoss", "nnx.probe.Probe",
    "nnx.waifu2x.small.GradWeight",
)  # fmt: skip
def passed(g: Graph, m: Any, x: Any) -> Any:
    """What only backward does, or what looks on."""
    return x


@walk("nnx.style.content_loss.ContentLoss", "nnx.style.style_loss.StyleLoss")
def loss_between(g: Graph, m: Any, x: Any) -> Any:
    """Losses of neural-style between layers pass what they see."""
    return x


@rule("nnx.style.instance_normalization.InstanceNormalization")
def instance_normalization(g: Graph, m: Any, x: Value, y: Value) -> str:
    name, single = batched(g, x, 2)
    planes = x.shape[-3]
    there = [getattr(m, n) is not None and getattr(m, n).size == planes for n in ("weight", "bias")]
    scales = (
        g.parameter(n, getattr(m, n)) if held else g.constant(np.full(planes, number))
        for n, number, held in zip(("weight", "bias"), (1, 0), there)
    )
    return unbatched(g, g.op("InstanceNormalization", name, *scales, epsilon=float(m.eps)), single)


@rule("nnx.style.shave_image.ShaveImage")
def shaved(g: Graph, m: Any, x: Value, y: Value) -> str:
    """As much on each side."""
    name: Any = x.name
    for axis in (x.ndim - 2, x.ndim - 1):
        cut = (x.shape[axis] - y.shape[axis]) // 2
        name = g.slice(name, axis, cut, cut + y.shape[axis])
    return name


@rule("nnx.waifu2x.inplace_clip01.InplaceClip01")
def clipped(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Clip", x, 0, 1)


@rule("nnx.waifu2x.scale_table.ScaleTable")
def scaled(g: Graph, m: Any, x: list, y: Value) -> str:
    planes = x[1] if x[1].ndim == x[0].ndim else g.reshape(x[1], [*x[1].sizes, *[1] * (x[0].ndim - x[1].ndim)])
    return g.op("Mul", x[0], planes)


@rule("nnx.inn.mean_subtraction.MeanSubtraction")
def without_mean(g: Graph, m: Any, x: Value, y: Value) -> str:
    mean = m.mean[0] if m.mean.ndim == 4 else m.mean
    return g.op("Sub", x, g.constant(mean if mean.ndim == 3 else mean.reshape(-1, 1, 1)))


@rule("nnx.minus.Minus")
def minus(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Neg", x)


@rule("nnx.spatial_symmetric_padding.SpatialSymmetricPadding")
def mirrored(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The edge pixel is repeated: copies of places along each axis."""
    name: Any = x.name
    for axis, sides in ((x.ndim - 2, (m.pad_t, m.pad_b)), (x.ndim - 1, (m.pad_l, m.pad_r))):
        places = g.constant(m.axis(x.shape[axis], *sides), np.int64)
        name = g.op("Gather", name, places, axis=axis)
    return name
