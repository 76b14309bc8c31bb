"""Tell made sounds apart by one-dimensional convolutions on the wave itself, written in nn.pytorch.

    python examples/pytorch_speech_conv1d.py [--channels 16] [--epochs 4] [--batches 30]

A sound is half a second at 4 kHz: a buzzing voice whose pitch and two resonances are those of a vowel that glides into
another, with noise, at any time and loudness. The class is the pair of vowels. The network has the form of the M5 of
W. Dai et al., Very deep convolutional neural networks for raw waveforms, 2017: a long first filter with a stride, then
short ones with poolings, and a mean over time. Prints the accuracy on new sounds after every epoch.
"""

import argparse
from typing import Any

import numpy as np

import nn.pytorch as tnn
import optim

RATE, LENGTH = 4000, 2000
#: The first two resonances of vowels, in Hz.
VOWELS = {"a": (800, 1200), "i": (300, 1900), "u": (350, 800)}
WORDS = ("ai", "ia", "au", "ua", "iu", "ui")


class SpeechNet(tnn.Module):
    """Waves N x 1 x samples to log-probabilities N x classes."""

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        sizes = [(1, channels, 40, 4), (channels, channels, 3, 1), (channels, 2 * channels, 3, 1)]
        layers = []
        for inputs, outputs, kernel, stride in sizes:
            layers += [tnn.Conv1d(inputs, outputs, kernel, stride, padding=kernel // 2), tnn.BatchNorm1d(outputs)]
            layers += [tnn.ReLU(), tnn.MaxPool1d(4)]
        self.features = tnn.Sequential(*layers)
        self.pool = tnn.AdaptiveAvgPool1d(4)
        self.classifier = tnn.Linear(4 * 2 * channels, len(WORDS))

    def forward(self, x: np.ndarray) -> Any:
        x = self.pool(self.features(x)).flatten(1)
        return tnn.functional.log_softmax(self.classifier(x), 1)


def sound(word: Any, random: Any) -> Any:
    """A wave of ``LENGTH`` samples."""
    count = int(random.uniform(0.5, 0.9) * LENGTH)
    share = np.linspace(0, 1, count)
    glide = 1 / (1 + np.exp(-12 * (share - random.uniform(0.4, 0.6))))
    time, pitch = np.arange(count) / RATE, random.uniform(90, 180)
    wave = np.zeros(count)
    for first, last in zip(VOWELS[word[0]], VOWELS[word[1]]):
        middle = (first + (last - first) * glide) * random.uniform(0.95, 1.05)
        for harmonic in range(1, int(RATE / 2 / pitch)):
            loudness = np.exp(-(((harmonic * pitch - middle) / 120) ** 2))
            wave += loudness * np.sin(2 * np.pi * harmonic * pitch * time + harmonic)
    wave *= np.hanning(count) * random.uniform(0.3, 1) / np.abs(wave).max()
    start = random.integers(0, LENGTH - count + 1)
    whole = random.normal(0, 0.02, LENGTH)
    whole[start : start + count] += wave
    return whole


def sounds(count: int, random: Any) -> tuple[Any, Any]:
    """Waves count x 1 x samples, and which words they are."""
    y = random.integers(0, len(WORDS), count)
    return np.stack([sound(WORDS[k], random) for k in y])[:, None].astype(np.float32), y


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description="Tell sounds apart.")
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batches", type=int, default=30, help="batches of 32 sounds in an epoch")
    opt = parser.parse_args(arguments)
    random = np.random.default_rng(1)
    tnn.manual_seed(1)
    model, criterion, state = SpeechNet(channels=opt.channels), tnn.NLLLoss(), {"learningRate": 5e-3}
    parameters, gradients = model.getParameters()
    heard, words = sounds(256, random)
    share = 0.0
    for epoch in range(1, opt.epochs + 1):
        model.train()
        losses = []
        for _ in range(opt.batches):
            x, y = sounds(32, random)

            def evaluate(_: np.ndarray, x: np.ndarray = x, y: np.ndarray = y) -> tuple[Any, Any]:
                model.zero_grad()
                logp = model(x)
                loss = criterion(logp, y)
                model.backward(x, criterion.backward(logp, y))
                return loss, gradients

            losses.append(optim.adam(evaluate, parameters, state)[1][0])
        model.eval()
        with tnn.no_tape():
            share = float(np.mean(model(heard).argmax(1) == words))
        print(f"# epoch {epoch}: loss {np.mean(losses):.4f}, accuracy on new sounds {100 * share:.1f} %")
    return {"accuracy": share, "model": model}


if __name__ == "__main__":
    main()
