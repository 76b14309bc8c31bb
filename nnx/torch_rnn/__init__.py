"""torch-rnn, the character models of Justin Johnson: its layers, which take sequences as ``N x T x D``.

Layers over rnn's are imported when they are asked for, so that package rnn comes no earlier.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nn.extension import later
from torch7 import registry

from .temporal_adapter import TemporalAdapter
from .temporal_cross_entropy_criterion import TemporalCrossEntropyCriterion

if TYPE_CHECKING:
    from .grid_gru import GRIDGRU
    from .gru import GRU
    from .language_model import LanguageModel
    from .lstm import LSTM
    from .vanilla_rnn import VanillaRNN

_LAZY = {
    "GRIDGRU": ".grid_gru",
    "GRU": ".gru",
    "LSTM": ".lstm",
    "LanguageModel": ".language_model",
    "VanillaRNN": ".vanilla_rnn",
}
for _name in ("GRIDGRU", "LanguageModel", "VanillaRNN"):
    later(_name, __name__ + _LAZY[_name])
for _name in ("GRU", "LSTM"):  # of files; nn's are rnn's
    registry.later(f"nn.{_name}", __name__ + _LAZY[_name])


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        globals()[name] = cls = getattr(import_module(_LAZY[name], __name__), name)
        return cls
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
