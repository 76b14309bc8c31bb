"""Learn to write a sequence backwards: an encoder reads it, a decoder writes it from the encoder's last state.

    python examples/reverse_sequences.py [--length 6] [--symbols 10] [--hiddenSize 64] [--batchSize 64]
        [--iterations 600] [--learningRate 0.01] [--seed 1]

The port of a sequence-to-sequence script of rnn: two SeqLSTMs, the state handed forward through userPrevOutput and
userPrevCell, its gradient handed back through gradPrevOutput and userNextGradCell. In training the decoder sees the
right symbol before each one it writes, in the test its own. Prints the loss, and how many test sequences it reverses
without a fault.
"""

import argparse
from typing import Any

import numpy as np

import nn
import optim
import rnn  # noqa: F401
import torch7 as torch


def network(inputs: int, hiddenSize: int, *layers: Any) -> tuple[Any, Any]:
    """Vectors of symbols into a SeqLSTM, and what follows it."""
    net = nn.Sequential().extend(nn.LookupTable(inputs, hiddenSize), nn.SeqLSTM(hiddenSize, hiddenSize), *layers)
    return net, net.get(2)


class Reverser:
    """Encoder and decoder; sequences are time x batch of symbols from 1, and ``symbols + 1`` means: begin to write."""

    def __init__(self, symbols: int, hiddenSize: int) -> None:
        self.symbols = symbols
        scores = nn.Bottle(nn.Linear(hiddenSize, symbols)), nn.Bottle(nn.LogSoftMax())
        self.encoder, self.reader = network(symbols, hiddenSize)
        self.decoder, self.writer = network(symbols + 1, hiddenSize, *scores)
        self.both = nn.Container().add(self.encoder).add(self.decoder)
        self.criterion = nn.SequencerCriterion(nn.ClassNLLCriterion(), True)

    def read(self, x: np.ndarray) -> None:
        self.encoder.forward(x)
        self.writer.userPrevOutput, self.writer.userPrevCell = self.reader.output[-1], self.reader.cell[-1]

    def loss(self, x: np.ndarray) -> Any:
        """The loss of reversing x; its gradient is added to that of the parameters."""
        target = x[::-1]
        before = np.concatenate([np.full((1, x.shape[1]), self.symbols + 1), target[:-1]])
        self.read(x)
        output = self.decoder.forward(before)
        loss = self.criterion.forward(output, target)
        self.decoder.backward(before, self.criterion.backward(output, target))
        self.reader.gradPrevOutput = self.writer.userGradPrevOutput
        self.reader.userNextGradCell = self.writer.userGradPrevCell
        self.encoder.backward(x, np.zeros_like(self.reader.output))
        return loss

    def write(self, x: np.ndarray) -> Any:
        """What it makes of x, symbol by symbol."""
        self.both.evaluate()
        self.read(x)
        self.writer.remember("both")
        written = [np.full(x.shape[1], self.symbols + 1)]
        for _ in x:
            written.append(self.decoder.forward(written[-1][None])[0].argmax(1) + 1)
        self.writer.remember("neither")
        self.both.training()
        return np.array(written[1:])


def main(arguments: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(description="A sequence-to-sequence network that reverses.")
    parser.add_argument("--length", type=int, default=6)
    parser.add_argument("--symbols", type=int, default=10)
    parser.add_argument("--hiddenSize", type=int, default=64)
    parser.add_argument("--batchSize", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=600)
    parser.add_argument("--learningRate", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    opt = parser.parse_args(arguments)

    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.seed)
    model = Reverser(opt.symbols, opt.hiddenSize)
    model.both.training()
    x, gradient = model.both.getParameters()

    def draw(count: int) -> Any:
        return torch.random(np.empty((opt.length, count), np.int64), 1, opt.symbols)

    def feval(_: np.ndarray) -> tuple[Any, Any]:
        gradient.fill(0)
        return model.loss(draw(opt.batchSize)), gradient

    config, losses, right = {"learningRate": opt.learningRate}, [], 0.0
    for iteration in range(1, opt.iterations + 1):
        losses += optim.adam(feval, x, config)[1]
        if iteration % 100 == 0:
            test = draw(200)
            right = (model.write(test) == test[::-1]).all(0).mean()
            print(f"iteration {iteration:5}  loss {np.mean(losses[-100:]):.4f}  reversed {100 * right:.1f} %")
    test = draw(1)
    print(f"{test[:, 0].tolist()} -> {model.write(test)[:, 0].tolist()}")
    return right


if __name__ == "__main__":
    main()
