"""VGG written in nn.pytorch, with torchvision's names, and what it learns from made pictures.

    python examples/pytorch_vgg.py [--name vgg11] [--weights FILE] [--width 8] [--epochs 3]

The networks vgg11, vgg13, vgg16 and vgg19, each also with batch normalisation (vgg11_bn ...), have the names, order and
sizes of torchvision's (width 64, 1000 classes, 224 x 224): --weights loads such a state dict from .safetensors, .npz or
.pth and says what the largest scores of a picture are. Without it a narrow vgg11_bn is trained on 32 x 32 pictures of
shapes, and its accuracy on new ones is printed. Source: K. Simonyan, A. Zisserman, Very deep convolutional networks for
large-scale image recognition, 2015.
"""

import argparse
from typing import Any

import numpy as np
from pytorch_pictures import accuracy, largest_scores, train

import nn.pytorch as tnn

#: Convolutions of each part; the planes are width times 1, 2, 4, 8, 8, and a maximum of 2 x 2 ends every part.
PARTS = {"vgg11": (1, 1, 2, 2, 2), "vgg13": (2, 2, 2, 2, 2), "vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
SHAPES = ("square", "cross", "disc")


def features(name: str, width: int) -> Any:
    """The convolutions, numbered as torchvision numbers them."""
    plain, _, normalised = name.partition("_")
    layers: list[tnn.Module] = []
    inplanes = 3
    for convolutions, times in zip(PARTS[plain], (1, 2, 4, 8, 8)):
        for _ in range(convolutions):
            layers.append(tnn.Conv2d(inplanes, times * width, 3, padding=1))
            layers += [tnn.BatchNorm2d(times * width)] if normalised else []
            layers.append(tnn.ReLU(inplace=True))
            inplanes = times * width
        layers.append(tnn.MaxPool2d(2, 2))
    return tnn.Sequential(*layers)


class VGG(tnn.Module):
    """Images N x 3 x H x W to scores N x classes; the two hidden layers have ``64 * width`` units."""

    def __init__(
        self, name: str = "vgg11", num_classes: int = 1000, width: int = 64, pooled: int = 7, dropout: float = 0.5
    ) -> None:
        super().__init__()
        hidden = 64 * width
        self.features = features(name, width)
        self.avgpool = tnn.AdaptiveAvgPool2d((pooled, pooled))
        self.classifier = tnn.Sequential(
            tnn.Linear(8 * width * pooled * pooled, hidden), tnn.ReLU(True), tnn.Dropout(dropout),
            tnn.Linear(hidden, hidden), tnn.ReLU(True), tnn.Dropout(dropout), tnn.Linear(hidden, num_classes),
        )  # fmt: skip
        for module in self.modules():
            if isinstance(module, tnn.Conv2d):
                tnn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                tnn.init.zeros_(module.bias)
            elif isinstance(module, tnn.Linear):
                tnn.init.normal_(module.weight, 0, 0.01)
                tnn.init.zeros_(module.bias)

    def forward(self, x: np.ndarray) -> Any:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def shapes(count: int, random: Any, size: int = 32) -> tuple[Any, Any]:
    """Noisy pictures of a square, a cross or a disc of any place, size and colour, and which it is."""
    y = random.integers(0, len(SHAPES), count)
    radius, middle = random.uniform(5, 9, (count, 1, 1)), random.uniform(10, size - 10, (count, 2, 1, 1))
    rows, columns = np.mgrid[:size, :size]
    a, b = np.abs(rows - middle[:, 0]), np.abs(columns - middle[:, 1])
    square = (a < radius) & (b < radius)
    inside = np.stack([square, square & ((a < radius / 3) | (b < radius / 3)), a**2 + b**2 < radius**2])
    plane = inside[y, np.arange(count)]
    colours = random.uniform(0.5, 1.5, (count, 3, 1, 1))
    return (plane[:, None] * colours + random.normal(0, 0.2, (count, 3, size, size))).astype(np.float32), y


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description="VGG in nn.pytorch.")
    parser.add_argument("--name", help="vgg11, vgg13, vgg16 or vgg19, or one of these with _bn")
    parser.add_argument("--weights", help="a state dict in torchvision's layout")
    parser.add_argument("--width", type=int, default=8, help="planes of the first layer; torchvision has 64")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batches", type=int, default=30, help="batches of 32 pictures in an epoch")
    opt = parser.parse_args(arguments)
    random = np.random.default_rng(1)
    tnn.manual_seed(1)
    if opt.weights:
        model = VGG(opt.name or "vgg11")
        return {"best": largest_scores(model, opt.weights, shapes(1, random, size=224)[0])}
    model = VGG(opt.name or "vgg11_bn", len(SHAPES), opt.width, 1, 0.1)
    train(model, shapes, (opt.epochs, opt.batches), 3e-3, random)
    share = accuracy(model, shapes, random)
    print(f"# accuracy on new pictures: {100 * share:.1f} %")
    return {"accuracy": share, "model": model}


if __name__ == "__main__":
    main()
