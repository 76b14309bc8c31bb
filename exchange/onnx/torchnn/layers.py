"""Layers that are one function of their input, their parameters and their settings."""

from __future__ import annotations

from typing import Any

from ..graph import Graph, Value
from ..tracing import trace
from .registry import called, layer, parameters

ACTIVATIONS = (
    "ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardsigmoid", "Hardswish", "Tanhshrink", "Softsign", "LogSigmoid",
    "Sigmoid", "Tanh", "ELU", "CELU", "LeakyReLU", "Hardtanh", "Threshold", "Hardshrink", "Softshrink", "Softplus",
    "GELU",
)  # fmt: skip
POOLS = [f"{kind}{n}d" for kind in ("AvgPool", "LPPool", "AdaptiveAvgPool") for n in (1, 2, 3)]


@layer(*ACTIVATIONS, *POOLS, "Unfold", "Fold")
def of_settings(g: Graph, m: Any, x: list, y: Any) -> Any:
    """Functions of the input and of what the layer's ``settings()`` gives."""
    settings = list(m.settings())
    if type(m).__name__ in ("ReLU", "ReLU6"):
        settings = []
    return called(g, m.function.__name__, y, x[0], *settings)


@layer("Softmax", "LogSoftmax", "Softmin")
def soft_max(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, m.function.__name__, y, x[0], m.dim)


@layer("Softmax2d")
def soft_max_of_channels(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "softmax", y, x[0], -3)


@layer("GLU")
def glu(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "glu", y, x[0], m.dim)


@layer("PReLU")
def prelu(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "prelu", y, x[0], *parameters(g, m, "weight"))


@layer("RReLU")
def rrelu(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "rrelu", y, x[0], m.lower, m.upper, m.training)


@layer("Linear", "NonDynamicallyQuantizableLinear")
def linear(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "linear", y, x[0], *parameters(g, m, "weight", "bias"))


@layer("Bilinear")
def bilinear(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "bilinear", y, *x, *parameters(g, m, "weight", "bias"))


@layer("Identity")
def same(g: Graph, m: Any, x: list, y: Any) -> str:
    return x[0].name


@layer("Flatten", "Unflatten")
def reshaped(g: Graph, m: Any, x: list, y: Value) -> str:
    return g.reshape(x[0], y.sizes)


@layer("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
def dropped(g: Graph, m: Any, x: list, y: Any) -> str:
    """Evaluation passes on; plain dropout stays where training is kept."""
    return g.op("Dropout", x[0], ratio=m.p) if g.training and type(m).__name__ == "Dropout" else x[0].name


@layer("Embedding")
def embedding(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "embedding", y, x[0], *parameters(g, m, "weight"), max_norm=m.max_norm)


@layer("LocalResponseNorm")
def local_response_norm(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "local_response_norm", y, x[0], m.size, m.alpha, m.beta, m.k)


@layer("CosineSimilarity")
def cosine(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "cosine_similarity", y, *x, m.dim, m.eps)


@layer("PairwiseDistance")
def pairwise_distance(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "pairwise_distance", y, *x, m.norm, m.eps, m.keepdim)


@layer("Torch7")
def of_nn(g: Graph, m: Any, x: list, y: Any) -> Any:
    """A module of nn; its own rules write it."""
    return trace(g, m.module, x[0] if len(x) == 1 else x)
