from __future__ import annotations

from typing import Any

import numpy as np

import nn
import torch7 as torch
from nnx.parts import Net
from torch7 import arrays

from .grid_gru import GRIDGRU
from .gru import GRU
from .lstm import LSTM
from .temporal_adapter import steps
from .vanilla_rnn import VanillaRNN

LAYERS = {"lstm": LSTM, "rnn": VanillaRNN, "gru": GRU, "gridgru": GRIDGRU}


@nn.register
class LanguageModel(Net):
    """torch-rnn's model of text: scores of the next token at every place.

    Input: 1-based tokens, ``N x T``, of any integer or float type; output ``N x T x V``. The field ``net`` is a
    LookupTable, ``num_layers`` recurrent layers, each with batch normalisation and Dropout where asked, and a
    Linear on every step; ``rnns`` lists the recurrent layers, whose state lasts from one forward to the next:
    ``resetStates`` begins a new text.

    ``config``, a dict or keywords: ``idx_to_token``, a list of the tokens or a dict by their numbers; ``model_type``
    (``'lstm'``, ``'rnn'`` or ``'gru'``), ``wordvec_size``, ``rnn_size``, ``num_layers``, ``dropout``, ``batchnorm``
    (1 or 0). Source: torch-rnn.
    """

    def __init__(self, config: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        settings = {"model_type": "lstm", "dropout": 0, "batchnorm": 0, **(config or {}), **settings}
        self.idx_to_token = settings["idx_to_token"]
        tokens = self._tokens()
        self.token_to_idx = {token: index for index, token in tokens.items()}
        self.vocab_size = len(tokens)
        self.model_type, self.wordvec_dim = settings["model_type"], settings["wordvec_size"]
        self.rnn_size, self.num_layers = settings["rnn_size"], settings["num_layers"]
        self.dropout, self.batchnorm = settings["dropout"], settings["batchnorm"]
        if self.model_type not in LAYERS:
            raise ValueError(f"nn.LanguageModel: model_type must be lstm, rnn or gru, got {self.model_type!r}")
        self.rnns, self.bn_view_in, self.bn_view_out = [], [], []
        self.net = nn.Sequential().add(nn.LookupTable(self.vocab_size, self.wordvec_dim))
        for i in range(self.num_layers):
            self._addLayer(self.rnn_size if i else self.wordvec_dim)
        self.view1, self.view2 = nn.View(1, 1, -1).setNumInputDims(3), nn.View(1, -1).setNumInputDims(2)
        self.net.add(self.view1).add(nn.Linear(self.rnn_size, self.vocab_size)).add(self.view2)

    def _addLayer(self, width: int) -> None:
        layer = LAYERS[self.model_type](width, self.rnn_size)
        layer.remember_states = True
        self.rnns.append(layer)
        self.net.add(layer)
        if self.batchnorm == 1:
            self.bn_view_in.append(nn.View(1, 1, -1).setNumInputDims(3))
            self.bn_view_out.append(nn.View(1, -1).setNumInputDims(2))
            self.net.add(self.bn_view_in[-1]).add(nn.BatchNormalization(self.rnn_size)).add(self.bn_view_out[-1])
        if self.dropout > 0:
            self.net.add(nn.Dropout(self.dropout))

    def updateOutput(self, input: Any) -> Any:
        N, T = steps(self, input, 2)
        for view in filter(None, (self.view1, *(self.bn_view_in or []))):
            view.resetSize(N * T, -1)
        for view in filter(None, (self.view2, *(self.bn_view_out or []))):
            view.resetSize(N, T, -1)
        return super().updateOutput(input)

    def resetStates(self) -> None:
        """Begin a new text."""
        for layer in self.rnns:
            layer.resetStates()

    def encode_string(self, text: str) -> np.ndarray:
        """The tokens of ``text``, a LongTensor; ``ValueError`` names a character that is none."""
        encoded: list[int] = []
        for c in text:
            pieces = [c] if c in self.token_to_idx else _bytes_of(c)
            if not all(piece in self.token_to_idx for piece in pieces):
                raise ValueError(f"nn.LanguageModel: got invalid token {c!r}")
            encoded += (self.token_to_idx[piece] for piece in pieces)
        return np.array(encoded, np.int64)

    def decode_string(self, encoded: Any) -> str:
        """The text of a tensor of tokens."""
        tokens = self._tokens()
        return b"".join(_encoded(tokens[int(index)]) for index in np.asarray(encoded)).decode("utf-8", "replace")

    def sample(self, config: dict[str, Any] | None = None, **settings: Any) -> str:
        """Text from the model, drawn from Torch's generator.

        ``length`` (100) tokens, ``start_text`` ("") included; ``sample`` (1), 0 for the likeliest token at every place;
        ``temperature`` (1): scores are divided by it.
        """
        given = {"length": 100, "start_text": "", "sample": 1, "temperature": 1, **(config or {}), **settings}
        start = self.encode_string(given["start_text"])
        text = np.empty((1, given["length"]), np.int64)
        self.resetStates()
        if start.size:
            text[0, : start.size] = start[: given["length"]]
            scores = self.forward(start[None])[0, -1]
        else:
            scores = np.ones(self.vocab_size)
        for t in range(start.size, given["length"]):
            text[0, t] = self._next(scores, given)
            scores = self.forward(text[:, t : t + 1])[0, 0]
        self.resetStates()
        return self.decode_string(text[0])

    @staticmethod
    def _next(scores: Any, given: dict[str, Any]) -> int:
        if given["sample"] == 0:
            return int(scores.argmax()) + 1
        p = np.exp(arrays.moved(scores, np, np.dtype(np.float64)) / given["temperature"])
        return int(torch.multinomial(p / p.sum(), 1)[0])

    def _tokens(self) -> dict[int, Any]:
        table = self.idx_to_token
        return table if isinstance(table, dict) else dict(enumerate(table, 1))


def _bytes_of(character: str) -> list:
    """The bytes of a character as tokens: a model of bytes has halves of characters."""
    parts = [bytes([b]) for b in character.encode()]
    return [part.decode() if part.isascii() else part for part in parts]


def _encoded(token: Any) -> bytes:
    return token if isinstance(token, bytes) else str(token).encode("utf-8", "surrogateescape")
