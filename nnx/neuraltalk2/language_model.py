from __future__ import annotations

from typing import Any

import numpy as np

import nn
import nngraph  # noqa: F401
import torch7 as torch
from nnx.parts import Parts
from nnx.tables import no_gradient
from torch7 import arrays, registry

from .lstm import lstm

NEEDED = "vocab_size", "input_encoding_size", "rnn_size", "seq_length"
SHARED = "weight", "bias", "gradWeight", "gradBias"


class LanguageModel(Parts):
    """neuraltalk2's ``nn.LanguageModel``: an LSTM that sees the code of an image first, then the words of its caption.

    Input ``{codes, words}``: ``N x input_encoding_size`` and ``seq_length x N``, 1..vocab_size of any type, 0 behind
    the end. Output: log-probabilities of the next word or the end, ``(seq_length + 2) x N x (vocab_size + 1)``; steps
    behind the end of all captions are zero. ``core`` is a graph, one step of the LSTM, whose copies for the steps share
    its parameters; ``lookup_table`` holds the words and the token that begins and ends a caption.

    Options: ``vocab_size``, ``input_encoding_size``, ``rnn_size``, ``seq_length``, and ``num_layers`` (1), ``dropout``
    (0). ``ValueError`` for other shapes, ``IndexError`` for other words. Files tell it from torch-rnn's by its fields.
    Source: neuraltalk2.
    """

    PARTS = ("core", "lookup_table")
    _transient = ("clones", "lookup_tables", "state", "inputs", "lookup_tables_inputs", "tmax", "_gradients", "_spread")
    clones: list | None = None
    lookup_tables: list = []
    tmax = 0

    def __init__(self, opt: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        opt = {"num_layers": 1, "dropout": 0, **(opt or {}), **settings}
        missing = [name for name in NEEDED if opt.get(name) is None]
        if missing:
            raise TypeError(f"nn.LanguageModel: options {', '.join(missing)} are needed")
        for name in (*NEEDED, "num_layers"):
            setattr(self, name, opt[name])
        sizes = self.input_encoding_size, self.vocab_size + 1, self.rnn_size, self.num_layers
        self.core = lstm(*sizes, opt["dropout"])
        self.lookup_table = nn.LookupTable(self.vocab_size + 1, self.input_encoding_size)
        self._createInitState(1)

    def _createInitState(self, batch_size: int) -> list:
        """The first state, zeros: cells and hidden states of all layers, ``batch_size x rnn_size`` each."""
        shape = batch_size, int(self.rnn_size)
        held = vars(self).get("init_state") or []
        fits = len(held) == 2 * self.num_layers and all(
            arrays.is_array(x) and x.shape == shape and arrays.type_name(x) == self._type for x in held
        )
        if not fits:
            xp = arrays.module_of(self._type)
            self.init_state = [xp.zeros(shape, self._dtype) for _ in range(2 * int(self.num_layers))]
        self.num_state = len(self.init_state)
        return self.init_state

    def createClones(self) -> None:
        """Make the copies of ``core`` and ``lookup_table`` for all steps; they share the parameters."""
        steps = int(self.seq_length) + 1
        self.clones = [self.core] + [self.core.clone(*SHARED) for _ in range(steps)]
        self.lookup_tables = [self.lookup_table] + [self.lookup_table.clone(*SHARED) for _ in range(steps)]
        self._setModes()

    def getModulesList(self) -> list:
        """``core`` and ``lookup_table``."""
        return [self.core, self.lookup_table]

    def training(self) -> LanguageModel:
        super().training()
        return self._setModes()

    def evaluate(self) -> LanguageModel:
        super().evaluate()
        return self._setModes()

    def _setModes(self) -> LanguageModel:
        for clone in (self.clones or [])[1:]:
            clone.training() if self.core.train is not False else clone.evaluate()
        return self

    def _steps(self) -> list:
        """The copies of core, made anew where they do not share its parameters any more."""
        clones, tables = self.clones, self.lookup_tables
        whole = clones is not None and len(clones) == len(tables) == self.seq_length + 2
        if not whole or not shares(clones[-1], self.core) or not shares(tables[-1], self.lookup_table):
            self.createClones()
        return self.clones

    def updateOutput(self, input: Any) -> Any:
        codes, words = self._pair(input)
        clones, tables = self._steps(), self.lookup_tables
        N, V = words.shape[1], int(self.vocab_size) + 1
        output = self.resizeOutput(codes, (len(clones), N, V))
        output.fill(0)
        state = self._createInitState(N)
        self.inputs, self.lookup_tables_inputs, self.tmax = {}, {}, 0
        rows = [None, np.full(N, V, like=words), *words]
        for t, row in enumerate(rows, 1):
            if t > 2 and not row.any():
                continue
            x = codes
            if t > 1:
                self.lookup_tables_inputs[t] = row = np.where(row == 0, 1, row)
                x = tables[t - 1].updateOutput(row)
            self.inputs[t] = [x, *state]
            *state, logp = clones[t - 1].updateOutput(self.inputs[t])
            output[t - 1], self.tmax = logp, t
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        codes, words = self._pair(input)
        if not self.tmax or self.output.shape[1] != len(codes):
            raise ValueError(f"{self}: call forward before backward, with the same input")
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, self.output.shape)
        state, self._gradients, self._spread = self._createInitState(len(codes)), {}, {}
        for t in range(self.tmax, 0, -1):
            if t in self.inputs:
                self._gradients[t] = [*state, g[t - 1]]
                through, *state = self.clones[t - 1].updateGradInput(self.inputs[t], self._gradients[t])
                self._spread[t] = through
        self.gradInput = [self._spread[1], no_gradient(self, words)]
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        if not vars(self).get("_gradients"):
            raise ValueError(f"{self}: call updateGradInput before")
        for t in sorted(self._gradients, reverse=True):
            self.clones[t - 1].accGradParameters(self.inputs[t], self._gradients[t], scale)
            if t > 1:
                table = self.lookup_tables[t - 1]
                table.accGradParameters(self.lookup_tables_inputs[t], self._spread[t], scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.sharedAccUpdateGradParameters(input, gradOutput, lr)

    # -- captions

    def sample(self, imgs: Any, opt: dict[str, Any] | None = None, **settings: Any) -> tuple[Any, Any]:
        """Words ``seq_length x N``, a LongTensor, and their log-probabilities, for codes of images.

        ``sample_max`` (1): the likeliest word; 0: drawn from Torch's generator, at ``temperature`` (1). ``beam_size``
        (1): above 1, with ``sample_max``, the best of that many captions at a time. Call ``evaluate()`` before.
        """
        given = {"sample_max": 1, "beam_size": 1, "temperature": 1.0, **(opt or {}), **settings}
        if given["sample_max"] == 1 and given["beam_size"] > 1:
            return self.sample_beam(imgs, given)
        N, T = len(imgs), int(self.seq_length)
        seq, logps = np.zeros((T, N), np.int64), np.zeros((T, N), np.float32)
        logp, state = self._begin(imgs)
        for t in range(T):
            words = self._next(logp, given)
            seq[t], logps[t] = words, logp[np.arange(N), words - 1]
            logp, state = self._step(words, state)
        return seq, logps

    def sample_beam(self, imgs: Any, opt: dict[str, Any] | None = None, **settings: Any) -> tuple[Any, Any]:
        """As :meth:`sample`, each caption the likeliest of those that ``beam_size`` (10) beams end with."""
        size = {"beam_size": 10, **(opt or {}), **settings}["beam_size"]
        if size > self.vocab_size + 1:
            raise ValueError(f"{self}: {size} beams for {self.vocab_size + 1} words")
        captions = [self._beams(code[None], size) for code in imgs]
        seq = np.stack([words for words, _ in captions], 1)
        return seq, np.stack([logps for _, logps in captions], 1)

    def _beams(self, code: Any, size: int) -> tuple[Any, Any]:
        """The words and log-probabilities of the best caption of one image."""
        T, end = int(self.seq_length), int(self.vocab_size) + 1
        seq, logps, sums, done = np.zeros((T, size), np.int64), np.zeros((T, size), np.float32), np.zeros(size), []
        logp, state = self._begin(np.repeat(code, size, 0))
        for t in range(T):
            ranks = np.argsort(-logp.astype(np.float32), 1, kind="stable")[:, :size]
            beams = range(size if t else 1)  # at first all beams are the same
            found = [
                (sums[q] + logp[q, c], q, c) for rank in range(ranks.shape[1]) for q in beams for c in [ranks[q, rank]]
            ]
            best = sorted(found, key=lambda entry: -entry[0])[:size]
            sources, words = [q for _, q, _ in best], np.array([c + 1 for _, _, c in best])
            seq[:t], logps[:t], state = seq[:t, sources], logps[:t, sources], [s[sources] for s in state]
            seq[t], logps[t] = words, [logp[q, c] for _, q, c in best]
            sums = np.array([p for p, _, _ in best])
            for beam in range(size):
                if words[beam] == end or t == T - 1:
                    done.append((sums[beam], seq[:, beam] * (np.arange(T) <= t), logps[:, beam] * (np.arange(T) <= t)))
            logp, state = self._step(words, state)
        return max(done, key=lambda entry: entry[0])[1:]

    def _begin(self, codes: Any) -> tuple[Any, list]:
        """Log-probabilities of the first word and the state behind the codes of images and the first token."""
        self.checkType(codes)
        if codes.ndim != 2 or codes.shape[1] != self.input_encoding_size:
            raise ValueError(f"{self}: codes must be N x {self.input_encoding_size}, got {arrays.describe(codes)}")
        *state, _ = self.core.updateOutput([codes, *self._createInitState(len(codes))])
        return self._step(np.full(len(codes), int(self.vocab_size) + 1), [s.copy() for s in state])

    def _step(self, words: Any, state: list) -> tuple[Any, list]:
        *state, logp = self.core.updateOutput([self.lookup_table.updateOutput(words), *state])
        return logp.copy(), [s.copy() for s in state]

    @staticmethod
    def _next(logp: Any, given: dict[str, Any]) -> Any:
        if given["sample_max"] == 1:
            return logp.argmax(1) + 1
        p = np.exp(logp if given["temperature"] == 1 else logp / given["temperature"])
        return np.asarray(torch.multinomial(p, 1)).reshape(-1)

    # -- state

    def _pair(self, input: Any) -> tuple[Any, Any]:
        if not nn.utils.is_table(input) or len(input) != 2 or not all(map(arrays.is_array, input)):
            raise TypeError(f"{self}: input must be a table of codes and words, got {arrays.describe(input)}")
        codes, words = input
        self.checkType(codes)
        size = int(self.seq_length), len(codes)
        if codes.ndim != 2 or codes.shape[1] != self.input_encoding_size or words.shape != size or not codes.size:
            wanted = f"N x {self.input_encoding_size}, words {self.seq_length} x N"
            raise ValueError(f"{self}: codes must be {wanted}, got {arrays.describe(list(input))}")
        return codes, words

    def _forget(self) -> None:
        for name in self._transient:
            vars(self).pop(name, None)

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        if type is not None:
            self._forget()
        return super().type(type, tensorCache)

    def clearState(self) -> LanguageModel:
        self._forget()
        return super().clearState()

    __tostring__ = nn.Module.__tostring__


def shares(module: nn.Module, other: nn.Module) -> bool:
    """Whether two modules have the same tensors for parameters."""
    return all(a is b for a, b in zip(module.parameters()[0], other.parameters()[0]))


def decode_sequence(ix_to_word: dict, seq: Any) -> list[str]:
    """The captions of columns of words, up to the end: ``ix_to_word`` maps numbers, or their digits, to words."""
    captions = []
    for column in np.asarray(seq).astype(np.int64).T.tolist():
        words = []
        for index in column:
            word = ix_to_word.get(str(index), ix_to_word.get(index))
            if word is None:
                break
            words.append(str(word))
        captions.append(" ".join(words))
    return captions


registry.variant("nn.LanguageModel", LanguageModel, lambda fields: "core" in fields and "lookup_table" in fields)


@registry.upgrade(LanguageModel)
def _upgrade(module: LanguageModel, fields: dict) -> None:
    """The copies for the steps are made anew: they share the parameters of ``core``."""
    for name in LanguageModel._transient:
        fields.pop(name, None)
