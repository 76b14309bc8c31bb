"""Training of networks of nn.pytorch on pictures that a function draws: what pytorch_resnet18 and pytorch_vgg share."""

from collections.abc import Callable
from typing import Any

import numpy as np

import nn.pytorch as tnn
import optim


def train(model: tnn.Module, draw: Callable[..., Any], steps: tuple[int, int], lr: float, random: Any) -> None:
    """Minimise the cross-entropy by Adam for (epochs, batches of 32 in each); prints the mean loss of each epoch."""
    criterion, state = tnn.CrossEntropyLoss(), {"learningRate": lr}
    parameters, gradients = model.getParameters()
    model.train()
    for epoch in range(1, steps[0] + 1):
        losses = []
        for _ in range(steps[1]):
            x, y = draw(32, random)

            def evaluate(_: np.ndarray, x: np.ndarray = x, y: np.ndarray = y) -> tuple[Any, Any]:
                model.zero_grad()
                scores = model(x)
                loss = criterion(scores, y)
                model.backward(x, criterion.backward(scores, y))
                return loss, gradients

            losses.append(optim.adam(evaluate, parameters, state)[1][0])
        print(f"# epoch {epoch}: loss {np.mean(losses):.4f}")


def accuracy(model: tnn.Module, draw: Callable[..., Any], random: Any, count: int = 256) -> float:
    """The share of new pictures whose largest score is their class's."""
    model.eval()
    x, y = draw(count, random)
    with tnn.no_tape():
        return float(np.mean(model(x).argmax(1) == y))


def largest_scores(model: tnn.Module, weights: str, picture: np.ndarray) -> np.ndarray:
    """Load a state dict in torchvision's layout, print the five largest scores of a picture; returns their classes."""
    model.load_state_dict(tnn.load(weights))
    model.eval()
    scores = model(picture)[0]
    best = np.argsort(-scores)[:5]
    print("# largest scores:", ", ".join(f"{n}: {scores[n]:.3f}" for n in best.tolist()))
    return best
