"""The parameters of one direction of a recurrent layer."""

from __future__ import annotations

from typing import Any, NamedTuple


class Weights(NamedTuple):
    """The parameters of a direction; the biases and the projection may be None."""

    ih: Any
    hh: Any
    bias_ih: Any = None
    bias_hh: Any = None
    hr: Any = None
