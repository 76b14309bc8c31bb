"""What each operator of the traced graph is in PyTorch's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from torch7.onnx import NotExportable

#: For each operator: (names of its inputs, its attributes, constants by input or None) -> an expression.
EXPRESSIONS: dict[str, Callable] = {}


def says(*names: str) -> Callable:
    def put(function: Callable) -> Callable:
        EXPRESSIONS.update(dict.fromkeys(names, function))
        return function

    return put


FUNCTIONS = {
    "Tanh": "torch.tanh", "Sigmoid": "torch.sigmoid", "Abs": "torch.abs", "Exp": "torch.exp", "Log": "torch.log",
    "Sqrt": "torch.sqrt", "Relu": "F.relu", "Neg": "torch.neg", "Where": "torch.where", "PRelu": "",
    "Erf": "torch.erf", "Sign": "torch.sign", "Floor": "torch.floor", "Ceil": "torch.ceil", "Round": "torch.round",
    "Sin": "torch.sin", "Cos": "torch.cos", "Tan": "torch.tan", "Atan": "torch.atan", "Sinh": "torch.sinh",
    "Cosh": "torch.cosh", "Reciprocal": "torch.reciprocal", "Not": "torch.logical_not", "IsNaN": "torch.isnan",
    "IsInf": "torch.isinf", "And": "torch.logical_and", "Or": "torch.logical_or",
}  # fmt: skip
SIGNS = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Pow": "**", "Greater": ">", "MatMul": "@"}
SIGNS |= {"Less": "<", "LessOrEqual": "<=", "GreaterOrEqual": ">=", "Equal": "==", "Mod": "%"}
EXTREMES = {"Min": "minimum", "Max": "maximum"}


@says(*FUNCTIONS, *SIGNS, *EXTREMES, "Identity")
def plain(kind: str, x: list[str], a: dict, c: list) -> str:
    if kind == "PRelu":
        return f"torch.where({x[0]} > 0, {x[0]}, {x[0]} * {x[1]})"
    if kind in SIGNS:
        return f"{x[0]} {SIGNS[kind]} {x[1]}"
    if kind in EXTREMES:
        number = next((v for v in c if v is not None and np.size(v) == 1), None)
        if number is None:
            return f"torch.{EXTREMES[kind]}({', '.join(x)})"
        tensor = x[0] if c[0] is None else x[1]
        return f"torch.clamp({tensor}, {'max' if kind == 'Min' else 'min'}={float(number)!r})"
    return x[0] if kind == "Identity" else f"{FUNCTIONS[kind]}({', '.join(x)})"


@says("Dropout")
def dropout(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"F.dropout({x[0]}, {a['ratio']!r}, self.training)"


@says("Clip")
def clip(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"torch.clamp({x[0]}, {float(c[1])!r}, {float(c[2])!r})"


@says("Elu", "LeakyRelu")
def leaky(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"F.{'elu' if kind == 'Elu' else 'leaky_relu'}({x[0]}, {round(a['alpha'], 9)!r})"


@says("Softmax", "LogSoftmax")
def soft_max(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"F.{'softmax' if kind == 'Softmax' else 'log_softmax'}({x[0]}, dim={a['axis']})"


@says("Gemm")
def gemm(kind: str, x: list[str], a: dict, c: list) -> str:
    if a.get("transB", 0):
        return f"F.linear({', '.join(x)})"
    return f"{x[0]} @ {x[1]}" + "".join(f" + {bias}" for bias in x[2:])


@says("Conv", "ConvTranspose")
def convolution(kind: str, x: list[str], a: dict, c: list) -> str:
    dims = len(a["kernel_shape"])
    pads, behind = a.get("pads", [0] * 2 * dims)[:dims], a.get("pads", [0] * 2 * dims)[dims:]
    if pads != behind:
        sides = [n for axis in reversed(range(dims)) for n in (pads[axis], behind[axis])]
        x, pads = [f"F.pad({x[0]}, {tuple(sides)})", *x[1:]], [0] * dims
    words = {"stride": tuple(a.get("strides", [1] * dims)), "padding": tuple(pads)}
    if kind == "ConvTranspose":
        words["output_padding"] = tuple(a.get("output_padding", [0] * dims))
    words |= {"dilation": tuple(a.get("dilations", [1] * dims)), "groups": a.get("group", 1)}
    plain = {"padding": (0,) * dims, "output_padding": (0,) * dims, "stride": (1,) * dims, "dilation": (1,) * dims}
    kept = ", ".join(f"{k}={v}" for k, v in words.items() if v != plain.get(k, 1))
    bias = x[2:] or ["None"]
    function = f"F.conv{'_transpose' if kind == 'ConvTranspose' else ''}{dims}d"
    return f"{function}({', '.join([*x[:2], *bias])}{', ' if kept else ''}{kept})"


@says("MaxPool", "AveragePool")
def pooling(kind: str, x: list[str], a: dict, c: list) -> str:
    """Borders of two sizes are put around by themselves."""
    kernel = tuple(a["kernel_shape"])
    dims = len(kernel)
    strides = tuple(a.get("strides", [1] * dims))
    pads = a.get("pads", [0] * 2 * dims)
    dilation = tuple(a.get("dilations", [1] * dims))
    name = f"{'max' if kind == 'MaxPool' else 'avg'}_pool{dims}d"
    value = x[0]
    if a["outputs"] == 2:  # places of what is inside the border
        if pads[:dims] != pads[dims:]:
            raise NotExportable("places of a max pooling with borders of two sizes have no form in PyTorch here")
        return f"F.{name}({value}, {kernel}, {strides}, {tuple(pads[:dims])}, {dilation}, return_indices=True)"
    if any(pads):
        sides = [n for axis in reversed(range(dims)) for n in (pads[axis], pads[axis + dims])]
        value = f"F.pad({value}, {tuple(sides)}, value=-torch.inf)"
    more = f", dilation={dilation}" if set(dilation) != {1} else ""
    return f"F.{name}({value}, {kernel}, {strides}{more})"


@says("BatchNormalization")
def batch_normalization(kind: str, x: list[str], a: dict, c: list) -> str:
    value, weight, bias, mean, variance = x
    return (
        f"F.batch_norm({value}, {mean}, {variance}, {weight}, {bias}, self.training, eps={round(a['epsilon'], 12)!r})"
    )


@says("Concat")
def concat(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"torch.cat(({', '.join(x)},), dim={a['axis']})"


@says("Transpose")
def transpose(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"{x[0]}.permute({', '.join(map(str, a['perm']))})"


@says("Unsqueeze", "Squeeze")
def squeeze(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"{x[0]}.{kind.lower()}({int(c[1][0])})"


@says("Reshape", "Expand")
def reshape(kind: str, x: list[str], a: dict, c: list) -> str:
    sizes = [int(n) for n in c[1]]
    if kind == "Reshape":
        return f"{x[0]}.reshape({', '.join(str(n) if n else f'{x[0]}.shape[{i}]' for i, n in enumerate(sizes))})"
    return f"{x[0]}.expand({', '.join(str(-1 if n == 1 else n) for n in sizes)})"


@says("Gather")
def gather(kind: str, x: list[str], a: dict, c: list) -> str:
    axis = a.get("axis", 0)
    if c[1] is not None and np.ndim(c[1]) == 0:
        return f"{x[0]}.select({axis}, {int(c[1])})"
    if axis == 0:
        return f"{x[0]}[{x[1]}]"
    return (
        f"{x[0]}.index_select({axis}, {x[1]})"
        if c[1] is None or np.ndim(c[1]) == 1
        else f"{x[0]}[{':, ' * axis}{x[1]}]"
    )


@says("Cast")
def cast(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"{x[0]}.{ {7: 'long', 1: 'float', 9: 'bool'}[a['to']] }()"


@says("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin")
def reduction(kind: str, x: list[str], a: dict, c: list) -> str:
    axis = a["axes"][0] if "axes" in a else int(c[1][0])
    name = {"ReduceSum": "sum", "ReduceMean": "mean", "ReduceMax": "amax", "ReduceMin": "amin"}[kind]
    return f"{x[0]}.{name}({axis}{', keepdim=True' if a.get('keepdims', 1) else ''})"


@says("Slice")
def slices(kind: str, x: list[str], a: dict, c: list) -> str:
    start, end, axis = (int(c[i][0]) for i in (1, 2, 3))
    step = int(c[4][0]) if len(c) > 4 else 1
    if step < 0:
        if step != -1 or start != -1 or end > -(2**30):
            raise NotExportable("a slice that goes backwards in part has no form in PyTorch here")
        return f"{x[0]}.flip({axis})"
    part = f"{start or ''}:{'' if end >= 2**31 - 1 else end}" + (f":{step}" if step != 1 else "")
    return f"{x[0]}[{', '.join([':'] * axis + [part])}]"


@says("Pad")
def pad(kind: str, x: list[str], a: dict, c: list) -> str:
    pads = [int(n) for n in c[1]]
    ndim = len(pads) // 2
    sides = [n for axis in reversed(range(ndim)) for n in (pads[axis], pads[axis + ndim])]
    mode = {b"reflect": "reflect", b"edge": "replicate"}.get(a.get("mode", b"constant"))
    while len(sides) > 2 and not any(sides[-2:]):
        sides = sides[:-2]
    if mode:
        return f'F.pad({x[0]}, {tuple(sides)}, mode="{mode}")'
    value = float(c[2]) if len(c) > 2 else 0.0
    return f"F.pad({x[0]}, {tuple(sides)}{f', value={value!r}' if value else ''})"


@says("DepthToSpace")
def depth_to_space(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"F.pixel_shuffle({x[0]}, {a['blocksize']})"


@says("ArgMax", "ArgMin")
def arg_max(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"{x[0]}.{kind.lower()}({a['axis']}{', keepdim=True' if a['keepdims'] else ''})"


@says("LayerNormalization")
def layer_normalization(kind: str, x: list[str], a: dict, c: list) -> str:
    """Of as many axes as the weight has."""
    return f"F.layer_norm({x[0]}, {x[1]}.shape, {', '.join(x[1:])}, eps={round(a['epsilon'], 12)!r})"


@says("InstanceNormalization")
def instance_normalization(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"F.instance_norm({x[0]}, weight={x[1]}, bias={x[2]}, eps={round(a['epsilon'], 12)!r})"


@says("GridSample")
def grid_sample(kind: str, x: list[str], a: dict, c: list) -> str:
    mode = a["mode"].decode()
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(mode, mode)
    words = f'mode="{mode}", padding_mode="{a["padding_mode"].decode()}", align_corners={bool(a["align_corners"])}'
    return f"F.grid_sample({x[0]}, {x[1]}, {words})"


@says("ScatterElements")
def scatter(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"{x[0]}.scatter({a['axis']}, {x[1]}, {x[2]})"


@says("GatherElements")
def gather_elements(kind: str, x: list[str], a: dict, c: list) -> str:
    return f"{x[0]}.gather({a['axis']}, {x[1]})"


@says("TopK")
def top_k(kind: str, x: list[str], a: dict, c: list) -> str:
    """The stable sort keeps the first of equal ones in front."""
    largest = bool(a.get("largest", 1))
    sort = f"torch.sort({x[0]}, dim={a['axis']}, descending={largest}, stable=True)"
    return f"(v.narrow({a['axis']}, 0, {int(c[1][0])}) for v in {sort})"


def literal(x: np.ndarray) -> str | None:
    """A number in the text; None for what is a tensor."""
    if x.size != 1:
        return None
    value: Any = x.reshape(-1)[0].item()
    if isinstance(value, float) and not np.isfinite(value):
        return f"float({str(value)!r})"
    return repr(float(f"{value:.9g}")) if isinstance(value, float) else repr(value)
