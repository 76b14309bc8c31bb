"""Linear and logistic regression, the first two lessons of Lua Torch's tutorials.

    python examples/linear_and_logistic_regression.py [-epochs 100] [-learningRate 1e-2] [-seed 1]

Linear regression: how many miles a car goes on a gallon, from seven of its properties (392 cars), by optim.sgd one car
at a time; beside it the exact answer of torch.gels. Logistic regression: which of three kinds an iris is, from the
sizes of its leaves (150 flowers), by optim.sgd in batches and by optim.lbfgs on all of them. mlxtend ships the data.
"""

from typing import Any

import numpy as np
from mlxtend.data import autompg_data, iris_data  # type: ignore[import-untyped, unused-ignore]

import nn
import optim
import torch7 as torch


def options(arguments: list[str] | None) -> Any:
    cmd = torch.CmdLine()
    cmd.text("Linear and logistic regression")
    cmd.option("-epochs", 100, "passes over the data")
    cmd.option("-learningRate", 1e-2, "rate of the first step")
    cmd.option("-seed", 1, "seed of the random numbers")
    return cmd.parse(arguments)


def normalised(x: np.ndarray) -> Any:
    """Every column with mean 0 and deviation 1."""
    return (x - torch.mean(x, 1)) / torch.std(x, 1)


def linear_regression(opt: Any) -> tuple[Any, Any]:
    """Trains; the mean squared error, and that of the exact solution."""
    # 1. the data: inputs, 392 x 7, and targets, 392 x 1
    properties, miles = autompg_data()
    inputs, targets = normalised(properties[:, :7]), miles.reshape(-1, 1)

    # 2. the model and the criterion
    model = nn.Sequential()
    model.add(nn.Linear(inputs.shape[1], 1))
    criterion = nn.MSECriterion()

    # 3. training: feval takes the next sample
    x, dl_dx = model.getParameters()
    order, position = torch.randperm(len(inputs)), 0

    def feval(x_new: np.ndarray) -> tuple[Any, Any]:
        nonlocal position
        if x is not x_new:
            x[...] = x_new
        position = position % len(inputs) + 1
        sample = order[position - 1] - 1
        input, target = inputs[sample], targets[sample]
        dl_dx.fill(0)
        loss_x = criterion.forward(model.forward(input), target)
        model.backward(input, criterion.backward(model.output, target))
        return loss_x, dl_dx

    sgd_params = {"learningRate": opt.learningRate, "learningRateDecay": 1e-3, "weightDecay": 0, "momentum": 0}
    for epoch in range(1, opt.epochs + 1):
        current_loss = 0
        for _ in range(len(inputs)):
            _, fs = optim.sgd(feval, x, sgd_params)
            current_loss += fs[0]
        if epoch % 20 == 0:
            print(f"epoch {epoch:3}: mean loss {current_loss / len(inputs):.4f}")

    # 4. the test: the same by linear algebra, A w = y with a column of ones for the bias
    A = torch.cat(inputs, torch.ones(len(inputs), 1))
    exact, _ = torch.gels(targets, A)
    found = criterion.forward(model.forward(inputs), targets)
    best = criterion.forward(torch.mm(A, exact), targets)
    print("property   found   exact")
    for i in range(A.shape[1]):
        print(f"{'bias' if i == 7 else i + 1:>8} {x[i]:7.3f} {exact[i, 0]:7.3f}")
    print(f"mean squared error {found:.4f}, at best {best:.4f}")
    return found, best


def logistic_regression(opt: Any, method: str) -> tuple[Any, Any]:
    """Trains by ``sgd`` or ``lbfgs``; the mean loss and the share of flowers that are told right."""
    sizes, kinds = iris_data()
    inputs, targets = normalised(sizes), kinds + 1
    order = torch.randperm(len(inputs)) - 1
    inputs, targets = inputs[order], targets[order]

    model = nn.Sequential()
    model.add(nn.Linear(4, 3))
    model.add(nn.LogSoftMax())
    criterion = nn.ClassNLLCriterion()

    x, dl_dx = model.getParameters()
    batch = [inputs, targets]

    def feval(x_new: np.ndarray) -> tuple[Any, Any]:
        if x is not x_new:
            x[...] = x_new
        dl_dx.fill(0)
        outputs = model.forward(batch[0])
        loss_x = criterion.forward(outputs, batch[1])
        model.backward(batch[0], criterion.backward(outputs, batch[1]))
        return loss_x, dl_dx

    if method == "lbfgs":
        _, losses, evaluations = optim.lbfgs(feval, x, {"maxIter": 50, "lineSearch": optim.lswolfe})
        print(f"lbfgs: {len(losses)} losses in {evaluations} evaluations")
    else:
        state = {"learningRate": 10 * opt.learningRate, "momentum": 0.9, "dampening": 0}
        for _ in range(opt.epochs):
            for t in range(0, len(inputs), 25):
                batch[:] = inputs[t : t + 25], targets[t : t + 25]
                optim.sgd(feval, x, state)

    confusion = optim.ConfusionMatrix(["setosa", "versicolor", "virginica"])
    outputs = model.forward(inputs)
    confusion.batchAdd(outputs, targets)
    print(confusion)
    return criterion.forward(outputs, targets), confusion.totalValid


def main(arguments: list[str] | None = None) -> Any:
    opt = options(arguments)
    torch.manualSeed(opt.seed)
    print("# linear regression")
    results = {"linear": linear_regression(opt)}
    for method in ("sgd", "lbfgs"):
        print(f"# logistic regression by {method}")
        results[method] = logistic_regression(opt, method)
    return results


if __name__ == "__main__":
    np.set_printoptions(precision=4)
    main()
