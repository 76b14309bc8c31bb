"""Train a transformer language model, written in nn.pytorch, on words.

    python examples/pytorch_transformer_lm.py [--data FOLDER] [--layers 2] [--size 64] [--heads 4] [--epochs 3]

Reads ptb.train.txt, ptb.valid.txt and ptb.test.txt in FOLDER, else sentences of the Python manual, as
``language_model_data`` does. Batches are seqlen x batchsize words; every place sees itself and those before it. Prints
the perplexity of the training words of each epoch and that of held-out words, beside that of guessing by word counts.
"""

import argparse
import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import dataload as dl
import nn.pytorch as tnn
import optim
import torch7 as torch


class TransformerLM(tnn.Module):
    """Word numbers T x N, from 0, to the scores of the next word, T x N x words; T up to ``longest``."""

    def __init__(
        self, words: int, size: int = 64, heads: int = 4, layers: int = 2, longest: int = 64, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.size = size
        self.embedding = tnn.Embedding(words, size)
        self.position = tnn.Parameter(np.zeros((longest, 1, size), np.float32))
        self.dropout = tnn.Dropout(dropout)
        layer = tnn.TransformerEncoderLayer(size, heads, 4 * size, dropout, "gelu", norm_first=True)
        self.encoder = tnn.TransformerEncoder(layer, layers, tnn.LayerNorm(size))
        self.decoder = tnn.Linear(size, words)
        tnn.init.normal_(self.embedding.weight, 0, 0.1)
        tnn.init.normal_(self.position, 0, 0.1)

    def forward(self, words: Any) -> Any:
        length = words.shape[0]
        mask = np.triu(np.full((length, length), -np.inf, np.float32), 1)
        x = self.dropout(self.embedding(words) * math.sqrt(self.size) + self.position[:length])
        return self.decoder(self.encoder(x, mask=mask, is_causal=True))


def step(model: tnn.Module, criterion: Any, inputs: np.ndarray, targets: np.ndarray) -> Any:
    """The mean loss of a batch; leaves the gradients in the model."""
    model.zero_grad()
    scores = model(inputs)
    flat = scores.reshape(-1, scores.shape[-1])
    loss = criterion(flat, targets.ravel())
    model.backward(inputs, criterion.backward(flat, targets.ravel()).reshape(scores.shape))
    return loss


def batches(loader: Any, seqlen: int) -> Iterator[Any]:
    """Batches of a loader with words counted from 0; its last, shorter one too."""
    for _, inputs, targets in loader.subiter(seqlen):
        yield inputs.astype(np.int64) - 1, targets.astype(np.int64) - 1
    loader.reset()


def perplexity(model: tnn.Module, loader: Any, seqlen: int) -> Any:
    """exp of the mean loss of all words of a loader."""
    criterion, total, count = tnn.CrossEntropyLoss(reduction="sum"), 0.0, 0
    model.eval()
    with tnn.no_tape():
        for inputs, targets in batches(loader, seqlen):
            scores = model(inputs)
            total += criterion(scores.reshape(-1, scores.shape[-1]), targets.ravel())
            count += targets.size
    return math.exp(total / count)


def by_counts(train: Any, valid: Any, seqlen: int) -> Any:
    """The perplexity of guessing each word by how often it comes in the training text."""
    counts = np.ones(len(train.vocab))
    for word, count in train.wordfreq.items():
        counts[train.vocab[word] - 1] += count
    chances = np.log(counts / counts.sum())
    found = np.concatenate([chances[targets].ravel() for _, targets in batches(valid, seqlen)])
    return math.exp(-found.mean())


def main(arguments: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(description="Train a transformer language model.")
    parser.add_argument("--data", help="folder with the text files")
    parser.add_argument("--size", type=int, default=64, help="of word vectors")
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--seqlen", type=int, default=32)
    parser.add_argument("--batchsize", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--cutoff", type=float, default=1.0, help="largest norm of the gradients")
    opt = parser.parse_args(arguments)
    torch.manualSeed(1)
    tnn.manual_seed(1)

    train, valid, test = dl.loadPTB([opt.batchsize, 1, 1], opt.data)
    model = TransformerLM(len(train.vocab), opt.size, opt.heads, opt.layers, opt.seqlen)
    parameters, gradients = model.getParameters()
    print(f"# {len(train.vocab)} words, {parameters.size} parameters")
    criterion, state = tnn.CrossEntropyLoss(), {"learningRate": opt.lr}
    for epoch in range(1, opt.epochs + 1):
        model.train()
        losses, start = [], time.perf_counter()
        for inputs, targets in batches(train, opt.seqlen):

            def evaluate(_: np.ndarray, inputs: np.ndarray = inputs, targets: np.ndarray = targets) -> tuple[Any, Any]:
                loss = step(model, criterion, inputs, targets)
                gradients[...] *= min(1.0, opt.cutoff / (float(np.linalg.norm(gradients)) + 1e-6))
                return loss, gradients

            losses.append(optim.adam(evaluate, parameters, state)[1][0])
        milliseconds = 1e3 * (time.perf_counter() - start) / len(losses)
        print(f"# epoch {epoch}: perplexity {math.exp(np.mean(losses)):.1f}, {milliseconds:.1f} ms a step")
    results = {"words": by_counts(train, valid, opt.seqlen)}
    for name, loader in (("valid", valid), ("test", test)):
        results[name] = perplexity(model, loader, opt.seqlen)
    print("# perplexity: valid {valid:.1f}, test {test:.1f}; by word counts {words:.1f}".format(**results))
    return results


if __name__ == "__main__":
    main()
