from __future__ import annotations

import nn
from rnn.linear_no_bias import LinearNoBias


@nn.register
class LinearNB(LinearNoBias):
    """fbnn's name for a linear map without a bias, :class:`nn.LinearNoBias`. Source: fbnn."""
