"""ResNet-18 written in nn.pytorch, with torchvision's names, and what it learns from made pictures.

    python examples/pytorch_resnet18.py [--weights FILE] [--width 16] [--epochs 3] [--save FILE]

The network has the names, the order and the sizes of torchvision's resnet18 (width 64, 1000 classes), so that
``model.load_state_dict(tnn.load("resnet18.safetensors"))`` needs no mapping: --weights does that, from .safetensors,
.npz or PyTorch's .pth, and says what the largest scores of a picture are. Without it a narrow one is trained on 32 x 32
pictures of stripes, whose direction is the class, and its accuracy on new ones is printed. Source: K. He et al., Deep
residual learning for image recognition, 2016.
"""

import argparse
from typing import Any

import numpy as np
from pytorch_pictures import accuracy, largest_scores, train

import nn.pytorch as tnn


class BasicBlock(tnn.Module):
    """Two 3 x 3 convolutions beside a shortcut."""

    def __init__(self, inplanes: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = tnn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = tnn.BatchNorm2d(planes)
        self.relu = tnn.ReLU(inplace=True)
        self.conv2 = tnn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = tnn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or inplanes != planes:
            convolution = tnn.Conv2d(inplanes, planes, 1, stride, bias=False)
            self.downsample = tnn.Sequential(convolution, tnn.BatchNorm2d(planes))

    def forward(self, x: np.ndarray) -> Any:
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(y)) + shortcut)


class ResNet18(tnn.Module):
    """Images N x 3 x H x W to scores N x classes; planes grow from ``width`` to eight times as many."""

    def __init__(self, num_classes: int = 1000, width: int = 64) -> None:
        super().__init__()
        self.conv1 = tnn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = tnn.BatchNorm2d(width)
        self.relu = tnn.ReLU(inplace=True)
        self.maxpool = tnn.MaxPool2d(3, 2, 1)
        planes = [width, width, 2 * width, 4 * width, 8 * width]
        for n in range(1, 5):
            first = BasicBlock(planes[n - 1], planes[n], 1 if n == 1 else 2)
            setattr(self, f"layer{n}", tnn.Sequential(first, BasicBlock(planes[n], planes[n])))
        self.avgpool = tnn.AdaptiveAvgPool2d((1, 1))
        self.fc = tnn.Linear(8 * width, num_classes)
        for module in self.modules():
            if isinstance(module, tnn.Conv2d):
                tnn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: np.ndarray) -> Any:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


def stripes(count: int, random: Any, classes: int = 4, size: int = 32) -> tuple[Any, Any]:
    """Noisy pictures of stripes of any width and shift; the class is their direction."""
    y = random.integers(0, classes, count)
    angle, wave, shift = np.pi * y / classes, random.uniform(0.5, 1.2, count), random.uniform(0, 2 * np.pi, count)
    rows, columns = np.mgrid[:size, :size]
    place = np.multiply.outer(np.cos(angle), columns) + np.multiply.outer(np.sin(angle), rows)
    plane = np.sin(place * wave[:, None, None] + shift[:, None, None])
    colours = random.uniform(0.3, 1, (count, 3, 1, 1))
    noise = random.normal(0, 0.5, (count, 3, size, size))
    return (plane[:, None] * colours + noise).astype(np.float32), y


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description="ResNet-18 in nn.pytorch.")
    parser.add_argument("--weights", help="a state dict in torchvision's layout")
    parser.add_argument("--save", help="write the trained parameters to this .npz or .safetensors")
    parser.add_argument("--width", type=int, default=16, help="planes of the first layer; torchvision has 64")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batches", type=int, default=30, help="batches of 32 pictures in an epoch")
    opt = parser.parse_args(arguments)
    random = np.random.default_rng(1)
    tnn.manual_seed(1)
    if opt.weights:
        model = ResNet18()
        return {"best": largest_scores(model, opt.weights, stripes(1, random, size=224)[0])}
    model = ResNet18(4, opt.width)
    train(model, stripes, (opt.epochs, opt.batches), 1e-3, random)
    share = accuracy(model, stripes, random)
    print(f"# accuracy on new pictures: {100 * share:.1f} %")
    if opt.save:
        tnn.save(model, opt.save)
    return {"accuracy": share, "model": model}


if __name__ == "__main__":
    main()
