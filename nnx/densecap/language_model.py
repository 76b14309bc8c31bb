from __future__ import annotations

from typing import Any

import numpy as np

import nn
import torch7 as torch
from nnx import torch_rnn
from nnx.parts import Net
from nnx.tables import no_gradient
from torch7 import arrays, registry

from .localization_layer import with_defaults

NEEDED = "vocab_size", "input_encoding_size", "image_vector_dim", "rnn_size", "seq_length", "idx_to_token"


class LanguageModel(Net):
    """densecap's ``nn.LanguageModel``: captions of regions, word after word behind the vector of the region.

    Input ``{vectors, labels}``: ``N x image_vector_dim`` and ``N x T``, 1-based words, 0 behind the end. Output: scores
    ``N x (T + 2) x (vocab_size + 1)`` for nothing, the words and the end. Where labels have no elements it is ``N x
    seq_length`` words instead, as ``sample(vectors)`` gives them: the likeliest, or drawn with the field
    ``sample_argmax`` False. ``getTarget(labels)`` is what a TemporalCrossEntropyCriterion wants.

    Options: ``vocab_size``, ``input_encoding_size``, ``image_vector_dim``, ``rnn_size``, ``seq_length``,
    ``idx_to_token``, and ``num_layers`` (1), ``dropout`` (0). ``ValueError`` for other shapes. Files tell it from
    torch-rnn's by its fields. Source: densecap.
    """

    sample_argmax = True
    _transient = ("_sampled", "_words")

    def __init__(self, opt: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        opt = with_defaults("nn.LanguageModel", {**(opt or {}), **settings}, NEEDED, num_layers=1, dropout=0)
        for name in (*NEEDED, "num_layers", "dropout"):
            setattr(self, name, opt[name])
        V, W, H = self.vocab_size, self.input_encoding_size, self.rnn_size
        self.START_TOKEN, self.END_TOKEN, self.NULL_TOKEN = V + 1, V + 1, V + 2
        self.image_encoder = nn.Sequential().add(nn.Linear(self.image_vector_dim, W)).add(nn.ReLU(True))
        self.image_encoder.add(nn.View(1, -1).setNumInputDims(1))
        self.lookup_table = nn.LookupTable(V + 2, W)
        self.sample_argmax = True
        self.rnn = nn.Sequential()
        for i in range(self.num_layers):
            self.rnn.add(torch_rnn.LSTM(H if i else W, H))
            if self.dropout > 0:
                self.rnn.add(nn.Dropout(self.dropout))
        self.view_in, self.view_out = nn.View(1, 1, -1).setNumInputDims(3), nn.View(1, -1).setNumInputDims(2)
        self.rnn.add(self.view_in).add(nn.Linear(H, V + 1)).add(self.view_out)
        both = nn.ParallelTable().add(self.image_encoder).add(self.lookup_table)
        self.net = nn.Sequential().add(both).add(nn.JoinTable(1, 2)).add(self.rnn)
        self.training()

    def updateOutput(self, input: Any) -> Any:
        vectors, labels = self._pair(input)
        self._sampled = not labels.size
        if self._sampled:
            return self.sample(vectors)
        N, T = labels.shape
        self._words = words = np.empty((N, T + 1), labels.dtype, like=labels)
        words[:, 0], words[:, 1:] = self.START_TOKEN, labels
        words[words == 0] = self.NULL_TOKEN
        self._resize(N, T + 2)
        self.output = self.net.updateOutput([vectors, words])
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        vectors, labels = self._given(input)
        gradient = self.net.updateGradInput([vectors, self._words], gradOutput)[0]
        self.gradInput = [gradient, no_gradient(self, labels)]
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        vectors, _ = self._given(input)
        self.net.accGradParameters([vectors, self._words], gradOutput, scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        vectors, _ = self._given(input)
        self.net.accUpdateGradParameters([vectors, self._words], gradOutput, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        vectors, _ = self._given(input)
        self.net.sharedAccUpdateGradParameters([vectors, self._words], gradOutput, lr)

    def getTarget(self, gt_sequence: Any) -> Any:
        """Words ``N x T`` as targets ``N x (T + 2)``: nothing, the words, the end token, zeros; of the same type."""
        N, T = gt_sequence.shape
        target = np.zeros((N, T + 2), gt_sequence.dtype, like=gt_sequence)
        target[:, 1:-1] = gt_sequence
        ends = (target[:, 1:] == 0).argmax(1) + 1
        target[np.arange(N, like=target), ends] = self.END_TOKEN
        return target

    def decodeSequence(self, seq: Any) -> list[str]:
        """The captions of rows of words, up to the end token."""
        tokens, captions = self.idx_to_token, []
        tokens = tokens if isinstance(tokens, dict) else dict(enumerate(tokens, 1))
        for row in np.asarray(seq).astype(np.int64).tolist():
            row = row[: row.index(self.END_TOKEN)] if self.END_TOKEN in row else row
            captions.append(" ".join(str(tokens[index] if index in tokens else tokens[str(index)]) for index in row))
        return captions

    def sample(self, image_vectors: Any) -> Any:
        """Words ``N x seq_length`` for vectors of regions, a LongTensor."""
        N = len(image_vectors)
        seq = np.zeros((N, int(self.seq_length)), np.int64)
        layers = [layer for layer in self.rnn.modules if isinstance(layer, torch_rnn.LSTM)]
        for layer in layers:
            layer.resetStates()
            layer.remember_states = True
        self._resize(N, 1)
        self.rnn.updateOutput(self.image_encoder.updateOutput(image_vectors))
        words = np.full((N, 1), self.START_TOKEN)
        for t in range(seq.shape[1]):
            scores = self.rnn.updateOutput(self.lookup_table.updateOutput(words)).reshape(N, -1)
            seq[:, t : t + 1] = words = self._next(scores)
        for layer in layers:
            layer.resetStates()
            layer.remember_states = False
        self.output = seq
        return seq

    def _next(self, scores: Any) -> Any:
        """A word for every row of scores, ``N x 1``."""
        if self.sample_argmax is not False:
            return scores.argmax(1)[:, None] + 1
        e = np.exp(scores - scores.max(1, keepdims=True))
        return torch.multinomial(e / e.sum(1, keepdims=True), 1)

    def _resize(self, N: int, T: int) -> None:
        self.view_in.resetSize(N * T, -1)
        self.view_out.resetSize(N, T, -1)

    def _pair(self, input: Any) -> tuple[Any, Any]:
        if not nn.utils.is_table(input) or len(input) != 2 or not all(map(arrays.is_array, input)):
            raise TypeError(f"{self}: input must be a table of vectors and labels, got {arrays.describe(input)}")
        vectors, labels = input
        self.checkType(vectors)
        if vectors.ndim != 2 or (labels.size and (labels.ndim != 2 or len(labels) != len(vectors))):
            raise ValueError(f"{self}: vectors must be N x D, labels N x T, got {arrays.describe(list(input))}")
        return vectors, labels

    def _given(self, input: Any) -> tuple[Any, Any]:
        vectors, labels = self._pair(input)
        words = vars(self).get("_words")
        if self._sampled or words is None or words.shape != (len(labels), labels.shape[-1] + 1):
            raise ValueError(f"{self}: backward needs a forward with the same labels; there is none through sampling")
        return vectors, labels

    _sampled = False

    def clearState(self) -> LanguageModel:
        vars(self).pop("_words", None)
        return super().clearState()


registry.variant("nn.LanguageModel", LanguageModel, lambda fields: "image_encoder" in fields)
