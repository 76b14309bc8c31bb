from __future__ import annotations

from typing import Any

import nn
from nnx.named import named
from torch7 import registry

#: The word that stands for nothing; its row of an embedding does not learn.
PAD = 1


@named("onmt.Network")
class Network(nn.Decorator):
    """A module made of a network, the field ``net``, which computes for it: OpenNMT's LSTM, GRU, attention, generator.

    Input, output and gradients are the network's. Source: OpenNMT.
    """

    net: Any = None

    def __init__(self, net: nn.Module) -> None:
        super().__init__(net)
        self.net = net

    def replace(self, callback: Any) -> Any:
        """:meth:`nn.Module.replace`; ``net`` is the module that takes its place."""
        result = super().replace(callback)
        self.net = self.modules[0]
        return result


@named("onmt.LSTM")
class LSTM(Network):
    """Layers of LSTM: states and an input, states out: a :class:`Network`."""


@named("onmt.GRU")
class GRU(Network):
    """Layers of GRU: states and an input, states out: a :class:`Network`."""


@named("onmt.GlobalAttention")
class GlobalAttention(Network):
    """The attention of a state on all the words of a source: a :class:`Network`."""


@named("onmt.NoAttention")
class NoAttention(Network):
    """The state without an attention: a :class:`Network`."""


@named("onmt.Generator")
class Generator(Network):
    """Log-probabilities of words: a :class:`Network`."""


@named("onmt.FeaturesGenerator")
class FeaturesGenerator(Network):
    """Log-probabilities of the features of words: a :class:`Network`."""


@named("onmt.FeaturesEmbedding")
class FeaturesEmbedding(Network):
    """Embeddings of the features of words: a :class:`Network`."""


@named("onmt.Bridge")
class Bridge(Network):
    """What the decoder begins with, of the encoder's last states: a :class:`Network`."""


@named("onmt.WordEmbedding")
class WordEmbedding(Network):
    """An embedding, a :class:`nn.LookupTable`, whose first row, of the padding, does not learn; with ``fix`` none does.

    Source: OpenNMT.
    """

    fix: Any = None

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        if not self.fix:
            super().accGradParameters(input, gradOutput, scale)
            self.modules[0].gradWeight[PAD - 1] = 0


@registry.upgrade(Network)
def _upgrade(module: Network, fields: dict) -> None:
    """One of the two may be missing: the network, and the list of it."""
    if not fields.get("modules") and fields.get("net") is not None:
        fields["modules"] = [fields["net"]]
    elif fields.get("net") is None and fields.get("modules"):
        fields["net"] = fields["modules"][0]
