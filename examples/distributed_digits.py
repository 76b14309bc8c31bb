"""Train LeNet on handwritten digits on several nodes, each with a part of every batch.

    mpirun -n 2 python examples/distributed_digits.py [--epochs 4] [--batch 24] [--rate 0.05] [--double]
        [--compression float16] [--algorithm sgd|ea] [--out out]

With torch-distlearn this was examples/mnist.lua. The digits come in one order on any number of nodes, and gradients
are means over all samples of the batch: any number of nodes learns what one learns. Prints the accuracy on the test
digits; the first node writes OUT/distributed_digits.log and OUT/distributed_digits.t7.
"""

import argparse
import contextlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
from train_a_digit_classifier import CLASSES, dataset_of, lenet, load_digits

import dataload as dl
import distlearn
import nn
import optim
import torch7 as torch


def loader_of(examples: Any) -> Any:
    """The examples as a loader of two arrays."""
    return dl.TensorLoader(np.stack([image for image, _ in examples]), np.array([label for _, label in examples]))


class SGD:
    """Every node adds its gradients to the others' at every step, while backward runs."""

    def __init__(self, tree: Any, model: nn.Module, compression: Any) -> None:
        self.params, self.grads = model.getParameters()
        self.model, self.engine = model, distlearn.AllReduceSGD(tree, compression)
        self.engine.synchronizeParameters(self.params)

    def step(self, input: np.ndarray, gradOutput: np.ndarray, rate: float) -> None:
        samples = len(input)
        self.grads.fill(0)
        with self.engine.overlap(self.model, self.grads, samples):
            self.model.backward(input, gradOutput)
        self.engine.sumAndNormalizeGradients(self.grads, samples)
        optim.sgd(lambda _: (0, self.grads), self.params, {"learningRate": rate})

    def end_epoch(self) -> None:
        self.engine.synchronizeParameters(self.params)


class ElasticAveraging:
    """Every node takes steps of its own; at every tenth it and the common centre move towards each other."""

    def __init__(self, tree: Any, model: nn.Module, compression: Any = None) -> None:
        self.params, self.grads = model.getParameters()
        self.model, self.engine = model, distlearn.AllReduceEA(tree, 10, 0.2)
        self.engine.synchronizeParameters(self.params)

    def step(self, input: np.ndarray, gradOutput: np.ndarray, rate: float) -> None:
        self.grads.fill(0)
        self.model.backward(input, gradOutput)
        optim.sgd(lambda _: (0, self.grads), self.params, {"learningRate": rate})
        self.engine.averageParameters(self.params)

    def end_epoch(self) -> None:
        self.engine.synchronizeCenter(self.params)


def accuracy(tree: Any, model: nn.Module, loader: Any, type: Any) -> Any:
    """The share of digits that are recognised; every node looks at its part."""
    model.evaluate()
    confusion = optim.ConfusionMatrix(CLASSES)
    for _, inputs, targets in loader.shard(tree.rank, tree.numNodes).subiter(100):
        confusion.batchAdd(model.forward(torch.arrays.cast(inputs, type)), targets)
    confusion.mat, _ = tree.allReduce(confusion.mat)
    confusion.updateValids()
    model.training()
    return confusion.totalValid


def main(arguments: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(description="Train LeNet on handwritten digits on several nodes.")
    parser.add_argument("--data", help="folder with the idx files of MNIST")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=24, help="digits of a step, of all nodes together")
    parser.add_argument("--samples", type=int, help="train on so many digits only")
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--double", action="store_true", help="compute in double precision")
    parser.add_argument("--compression", choices=["float16", "bfloat16"])
    parser.add_argument("--algorithm", choices=["sgd", "ea"], default="sgd")
    parser.add_argument("--out", type=Path, default=Path("out"))
    opt = parser.parse_args(arguments)

    tree = distlearn.Tree()
    if opt.batch % tree.numNodes:
        raise SystemExit(f"a batch of {opt.batch} cannot be divided among {tree.numNodes} nodes")
    with contextlib.redirect_stdout(None if tree.rank else sys.stdout):  # the first node speaks for all
        return train(tree, opt)


def train(tree: Any, opt: Any) -> tuple[Any, Any]:
    """Train as the options say; the accuracy on the test digits and the flat parameters."""
    torch.manualSeed(opt.seed)
    type = "torch.DoubleTensor" if opt.double else "torch.FloatTensor"
    digits, held_out = load_digits(opt.data)
    trainData, mean, std = dataset_of(*(part[: opt.samples] for part in digits))
    testData, _, _ = dataset_of(*held_out, mean, std)
    loader = loader_of(trainData).shard(tree.rank, tree.numNodes, opt.seed)

    model = lenet().type(type)
    criterion = nn.ClassNLLCriterion().type(type)
    distlearn.manualSeed(tree, opt.seed)
    engine = {"sgd": SGD, "ea": ElasticAveraging}[opt.algorithm](tree, model, opt.compression)
    log = distlearn.onFirst(tree, optim.Logger, opt.out / "distributed_digits.log")
    log.setNames(["training error", "test accuracy"])
    share = 0.0
    for epoch in range(1, opt.epochs + 1):
        loader.shuffle()
        total = np.zeros(2)
        for _, inputs, targets in loader.subiter(opt.batch // tree.numNodes):
            output = model.forward(torch.arrays.cast(inputs, type))
            total += criterion.forward(output, targets) * len(targets), len(targets)
            engine.step(torch.arrays.cast(inputs, type), criterion.backward(output, targets), opt.rate)
        engine.end_epoch()
        total, _ = tree.allReduce(total)
        share = accuracy(tree, model, loader_of(testData), type)
        log.add([total[0] / total[1], share])
        distlearn.save(tree, opt.out / "distributed_digits.t7", model.clearState())
        print(f"# epoch {epoch}: training error {total[0] / total[1]:.4f}, test accuracy {100 * share:.2f} %")
    return share, engine.params


if __name__ == "__main__":
    main()
