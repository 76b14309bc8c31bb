"""One step of an LSTM as a graph, as char-rnn and neuraltalk2 build it."""

from __future__ import annotations

from typing import Any

import nn
import nngraph  # noqa: F401


def lstm(input_size: int, output_size: int, rnn_size: int, n: int, dropout: float = 0) -> Any:
    """``{x, c1, h1, ..., cn, hn}`` -> ``{c1, h1, ..., cn, hn, log-probabilities}``, n layers of ``rnn_size``.

    ``[i, f, o] = sigmoid(W x + U h)``, ``g = tanh(W x + U h)``, ``c = f c + i g``, ``h = o tanh(c)``; the blocks of W
    and U are in the order i, f, o, g. ``dropout`` falls between layers and before the last Linear.
    """
    inputs, outputs = [nn.Identity()() for _ in range(2 * n + 1)], []
    x = inputs[0]
    for layer in range(1, n + 1):
        c, h = inputs[2 * layer - 1 : 2 * layer + 1]
        if layer > 1 and dropout > 0:
            x = nn.Dropout(dropout)(x).annotate(name=f"drop_{layer}")
        i2h = nn.Linear(rnn_size if layer > 1 else input_size, 4 * rnn_size)(x).annotate(name=f"i2h_{layer}")
        h2h = nn.Linear(rnn_size, 4 * rnn_size)(h).annotate(name=f"h2h_{layer}")
        blocks = nn.SplitTable(2)(nn.Reshape(4, rnn_size)(nn.CAddTable()([i2h, h2h]))).split(4)
        i, f, o = (nn.Sigmoid()(block) for block in blocks[:3])
        g = nn.Tanh()(blocks[3])
        c = nn.CAddTable()([nn.CMulTable()([f, c]), nn.CMulTable()([i, g])])
        x = nn.CMulTable()([o, nn.Tanh()(c)])
        outputs += [c, x]
    if dropout > 0:
        x = nn.Dropout(dropout)(x).annotate(name="drop_final")
    scores = nn.Linear(rnn_size, output_size)(x).annotate(name="decoder")
    return nn.gModule(inputs, [*outputs, nn.LogSoftMax()(scores)])
