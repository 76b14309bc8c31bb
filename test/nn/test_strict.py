"""torch7.strict and networks: each trap is silent while the mode is off and raises while it is on."""

import sys

import numpy as np
import pytest

import nn
import optim
import torch7 as torch

X, Y = np.linspace(-1, 1, 15).reshape(5, 3), np.linspace(1, 0, 10).reshape(5, 2)
LABELS = np.array([1, 2, 3, 1, 2])
criterion = nn.MSECriterion()


@pytest.fixture(autouse=True)
def off():
    torch.strict(False)
    torch.manualSeed(1)
    yield
    torch.strict(False)


def network(*more):
    net = plain()
    for layer in more:
        net.insert(layer, 3)
    return net


def plain():
    return nn.Sequential().add(nn.Linear(3, 4)).add(nn.Tanh()).add(nn.Linear(4, 2))


def gradient_step(net, zero=lambda: None):
    zero()
    loss = criterion.forward(net.forward(X), Y)
    net.backward(X, criterion.backward(net.output, Y))
    return loss


# -- traps


def rebound_weight():
    net = plain()
    params, _ = net.getParameters()
    net.get(1).weight = np.ones((4, 3))
    net.forward(X)
    return params


def rebound_gradient():
    net = plain()
    flat = net.getParameters()
    net.forward(X)
    net.get(3).gradBias = np.zeros(2)
    net.backward(X, Y)
    return flat


def converted():
    net = plain()
    flat = net.getParameters()
    net.float()
    net.double().forward(X)
    return flat


def moved_again():
    net = plain()
    flat = net.getParameters()
    later = net.getParameters()
    net.forward(X)
    return flat, later


def optimiser_of_a_stranger():
    net = plain()
    params, _ = net.getParameters()
    outer = nn.Sequential().add(net)
    later = outer.getParameters()

    def feval(_):
        gradient_step(outer, outer.zeroGradParameters)
        return 0, later[1]

    optim.sgd(feval, params, {"learningRate": 0.1})


def parameters_of_another_name():
    """params = params * 0.1 is a new array, of which the network never hears."""
    net = plain()
    params, grads = net.getParameters()
    params = params * 0.1
    optim.sgd(lambda _: (gradient_step(net, net.zeroGradParameters), grads), params, {"learningRate": 0.1})


def held_output_in_criterion():
    net = plain()
    first, _ = net.forward(X), net.forward(X + 1)
    criterion.forward(first, Y)


def held_output_in_criterion_backward():
    net = plain()
    first = net.forward(X)
    criterion.forward(first, Y)
    net.forward(X + 1)
    criterion.backward(first, Y)


def held_output_in_backward():
    features, head = nn.Linear(3, 4), nn.Linear(4, 2)
    first = features.forward(X)
    head.forward(first)
    features.forward(X + 1)
    head.backward(first, Y)


def held_output_of_a_part():
    """The features that a call of the whole network computes anew."""
    features = nn.Linear(3, 4)
    net = nn.Sequential().add(features).add(nn.Linear(4, 2))
    first = features.forward(X)
    net.forward(X + 1)
    nn.Sum(1).forward(first)


def held_output_in_a_table():
    net = plain()
    first, second = net.forward(X), net.forward(X + 1)
    nn.CAddTable().forward([first, second])


def held_table():
    net = nn.ConcatTable().add(nn.Linear(3, 2)).add(nn.Linear(3, 2))
    first, _ = net.forward(X), net.forward(X + 1)
    nn.CSubTable().forward(first)


def held_part_of_an_output():
    net = plain()
    parts = net.forward(X)[:3], net.forward(X + 1)[3:]
    criterion.forward(parts[0], Y[:3])
    return parts


def held_output_in_another_shape():
    net = plain()
    first = torch.select(torch.view(net.forward(X), 10), 1, 2)
    second = torch.narrow(net.forward(X + 1).T, 1, 1, 1)
    nn.Sum(1).forward(second)
    net.forward(X)
    nn.Sum(1).forward(second)
    return first


def held_gradient():
    net = plain()
    first = criterion.backward(net.forward(X), Y)
    criterion.backward(net.output, Y + 1)
    net.backward(X, first)


def backward_of_another_batch():
    net = plain()
    net.forward(X)
    net.backward(X + 1, Y)


def backward_of_the_batch_before():
    net = plain()
    net.forward(X)
    net.forward(X + 1)
    net.backward(X, Y)


def input_refilled_before_backward():
    net, input = plain(), X.copy()
    net.forward(input)
    input[...] = 0
    net.backward(input, Y)


def update_grad_input_alone():
    net = plain()
    net.forward(X)
    net.updateGradInput(X + 1, Y)


def update_output_alone():
    net = nn.Linear(3, 2)
    net.updateOutput(X)
    net.accGradParameters(X + 1, Y)


def gradients_kept_under_an_optimiser():
    net = plain()
    params, grads = net.getParameters()
    for _ in range(2):
        optim.sgd(lambda _: (gradient_step(net), grads), params, {"learningRate": 0.1})


def gradients_kept_and_clipped():
    net = plain()
    params, grads = net.getParameters()

    def feval(_):
        loss = gradient_step(net)
        torch.clamp_(grads, -0.01, 0.01)
        return loss, grads

    for _ in range(2):
        optim.adam(feval, params, {})


def gradients_kept_under_updateParameters():
    net = plain()
    for _ in range(2):
        gradient_step(net)
        net.updateParameters(0.1)


def gradients_kept_by_hand():
    net = plain()
    params, grads = net.getParameters()
    for _ in range(3):
        gradient_step(net)
        torch.add_(params, -0.1, grads)


def training_forgotten():
    net = network(nn.Dropout(0.5))
    net.evaluate()
    gradient_step(net, net.zeroGradParameters)
    net.updateParameters(0.1)


def training_forgotten_under_an_optimiser():
    net = nn.Sequential().add(nn.BatchNormalization(3)).add(nn.Linear(3, 2))
    params, grads = net.getParameters()
    net.evaluate()
    optim.sgd(lambda _: (gradient_step(net, net.zeroGradParameters), grads), params, {})


def evaluation_forgotten():
    net, confusion = network(nn.Dropout(0.5)), optim.ConfusionMatrix(2)
    gradient_step(net, net.zeroGradParameters)
    for _ in range(2):
        confusion.batchAdd(net.forward(X), np.ones(5))


def evaluation_forgotten_sample_by_sample():
    net, confusion = nn.Sequential().add(nn.BatchNormalization(3)).add(nn.Linear(3, 2)), optim.ConfusionMatrix(2)
    for _ in range(2):
        output = net.forward(X)
        for row in output:
            confusion.add(row, 1)


def evaluation_forgotten_before_losses():
    net = network(nn.Dropout(0.5))
    gradient_step(net, net.zeroGradParameters)
    for _ in range(3):
        criterion.forward(net.forward(X), Y)


def evaluation_forgotten_before_losses_of_tables():
    net = nn.Sequential(nn.BatchNormalization(3), nn.ConcatTable(nn.Linear(3, 2), nn.Linear(3, 2)))
    losses = nn.ParallelCriterion().add(nn.MSECriterion()).add(nn.MSECriterion())
    for _ in range(3):
        losses.forward(net.forward(X), [Y, Y])


def criterion_backward_of_another_pair():
    loss = nn.CrossEntropyCriterion()
    loss.forward(X, LABELS)
    loss.backward(X + X**2, LABELS)


def criterion_backward_of_another_batch():
    loss = nn.ClassNLLCriterion(np.array([1.0, 2, 3]))
    loss.forward(X, np.ones(5))
    loss.backward(X, LABELS)


def module_made_later():
    class Twice(nn.Module):
        def updateOutput(self, input):
            self.output = 2 * input
            return self.output

        def updateGradInput(self, input, gradOutput):
            self.gradInput = 2 * gradOutput
            return self.gradInput

    twice = Twice()
    twice.updateOutput(X)
    twice.updateGradInput(X + 1, X)


OVERWRITTEN = r"result of nn\.\w+\.\w+ at test_strict.py:\d+, .* test_strict.py:\d+ has overwritten.*torch.clone\(\)"
TRAPS = [
    (rebound_weight, r"nn.Sequential: modules\[1\].weight is no longer part of the flat array"),
    (rebound_gradient, r"the gradient of modules\[3\].bias is no longer part"),
    (converted, r"modules\[1\].weight is no longer part .* call getParameters\(\) once, after float\(\)"),
    (moved_again, r"still holds a flat array of an earlier getParameters\(\)"),
    (parameters_of_another_name, r"optim.sgd: x does not hold the parameters .* change params in place"),
    (optimiser_of_a_stranger, r"optim.sgd: x does not hold the parameters of nn.Sequential"),
    (held_output_in_criterion, f"nn.MSECriterion.forward: its input is the {OVERWRITTEN}"),
    (held_output_in_criterion_backward, f"nn.MSECriterion.backward: its input is the {OVERWRITTEN}"),
    (held_output_in_backward, f"nn.Linear.backward: its input is the {OVERWRITTEN}"),
    (held_output_of_a_part, f"nn.Sum.forward: its input is the {OVERWRITTEN}"),
    (held_output_in_a_table, f"nn.CAddTable.forward: its input is the {OVERWRITTEN}"),
    (held_table, f"nn.CSubTable.forward: its input is the {OVERWRITTEN}"),
    (held_part_of_an_output, f"nn.MSECriterion.forward: its input is the {OVERWRITTEN}"),
    (held_output_in_another_shape, f"nn.Sum.forward: its input is the {OVERWRITTEN}"),
    (held_gradient, f"nn.Sequential.backward: its gradOutput is the {OVERWRITTEN}"),
    (
        backward_of_another_batch,
        r"nn.Sequential.backward: its input is not that of the last forward, at test_strict.py",
    ),
    (backward_of_the_batch_before, "its input is not that of the last forward"),
    (input_refilled_before_backward, "other elements in 5x3 torch.DoubleTensor"),
    (update_grad_input_alone, "nn.Sequential.updateGradInput: its input is not"),
    (update_output_alone, "nn.Linear.accGradParameters: its input is not"),
    (gradients_kept_under_an_optimiser, r"gradient of modules\[1\].weight still held that of the step before"),
    (gradients_kept_and_clipped, "still held that of the step before"),
    (gradients_kept_under_updateParameters, "still held that of the step before"),
    (gradients_kept_by_hand, "still held that of the step before"),
    (training_forgotten, r"a step in evaluation, where nn.Dropout does not train: call training\(\)"),
    (training_forgotten_under_an_optimiser, "nn.BatchNormalization does not train"),
    (evaluation_forgotten, r"batchAdd: it measures outputs of nn.Sequential in training.* nn.Dropout .* evaluate\(\)"),
    (evaluation_forgotten_sample_by_sample, "ConfusionMatrix.add: .* no backward since, where nn.BatchNormalization"),
    (evaluation_forgotten_before_losses, "MSECriterion.forward: it measures .* no backward since, where nn.Dropout"),
    (evaluation_forgotten_before_losses_of_tables, "ParallelCriterion.forward: it measures .* nn.BatchNormalization"),
    (criterion_backward_of_another_pair, "nn.CrossEntropyCriterion.backward: its input or target is not"),
    (criterion_backward_of_another_batch, r"nn.ClassNLLCriterion.backward: .*, at test_strict.py:\d+, which"),
    (module_made_later, "its input is not that of the last forward"),
]


@pytest.mark.parametrize("trap, message", TRAPS, ids=lambda x: getattr(x, "__name__", ""))
def test_trap(trap, message):
    trap()
    with torch.strict(True), pytest.raises(torch.StrictError, match=message):
        trap()
    trap()


# -- what is right


def clones_that_share():
    net = plain()
    twin = net.clone("weight", "bias", "gradWeight", "gradBias")
    for _ in range(3):
        net.zeroGradParameters()
        gradient_step(net)
        gradient_step(twin)
        net.updateParameters(0.1)


def batches_added_up():
    net = plain()
    params, grads = net.getParameters()

    def feval(_):
        grads.fill(0)
        return sum(gradient_step(net) for _ in range(3)), grads

    for _ in range(3):
        optim.sgd(feval, params, {"learningRate": 0.1})


def two_networks_against_each_other():
    """The gradients of D that G's step leaves are set to zero before D's next one, as in DCGAN."""
    G, D = nn.Linear(3, 3), nn.Linear(3, 2)
    (pG, gG), (pD, gD) = G.getParameters(), D.getParameters()

    def fDx(_):
        gD.fill(0)
        gradient_step(D)
        fake = G.forward(X)
        loss = criterion.forward(D.forward(fake), Y)
        D.backward(fake, criterion.backward(D.output, Y))
        return loss, gD

    def fGx(_):
        gG.fill(0)
        fake = G.forward(X)
        loss = criterion.forward(D.forward(fake), Y)
        G.backward(X, D.backward(fake, criterion.backward(D.output, Y)))
        return loss, gG

    for _ in range(3):
        optim.adam(fDx, pD, {"learningRate": 0.01})
        optim.adam(fGx, pG, {"learningRate": 0.01})


def gradients_scaled_as_momentum():
    net = plain()
    params, grads = net.getParameters()
    for _ in range(4):
        grads *= 0.9
        gradient_step(net)
        torch.add_(params, -0.01, grads)


def searches():
    net = plain()
    params, grads = net.getParameters()

    def feval(x):
        if x is not params:
            params[...] = x
        return gradient_step(net, lambda: grads.fill(0)), grads

    optim.lbfgs(feval, params, {"maxIter": 4})
    optim.cg(feval, params, {"maxIter": 3})


def in_place_layers():
    for layer in (nn.ReLU(True), nn.MulConstant(2, True), nn.AddConstant(1, True), nn.ELU(1, True)):
        net, input = nn.Sequential().add(layer).add(nn.Linear(3, 2)), X.copy()
        net.forward(input)
        net.updateGradInput(input, Y)
        net.accGradParameters(input, Y)
        assert layer.forward(input) is input


def result_changed_by_the_script_or_by_another_layer():
    features, head = nn.Linear(3, 4), nn.Sequential().add(nn.ReLU(True)).add(nn.Linear(4, 2))
    first = features.forward(X)
    first *= 2
    output = head.forward(first)
    head.backward(first, criterion.backward(output, Y))


def same_input_again():
    net = plain()
    first = net.forward(X)
    net.forward(X)
    criterion.forward(first, Y)
    net.backward(X.copy(), criterion.backward(first, Y))


def output_as_input():
    m = nn.Linear(3, 3)
    m.forward(m.forward(m.forward(X)))
    m.forward(X)
    m.backward(X, m.backward(X, X))


def getParameters_again():
    net = plain()
    params, grads = net.getParameters()
    params, grads = net.getParameters()
    params, grads = net.float().double().getParameters()
    net.forward(X)
    counted, _ = nn.Sequential().add(net).getParameters()
    gradient_step(net)
    return params, grads, counted


def one_criterion_for_all_steps():
    """Losses of all steps first, then their gradients: right where the criterion keeps nothing."""
    outputs, targets = [X, 2 * X, 3 * X], [LABELS, LABELS[::-1].copy(), np.ones(5)]
    for loss in (nn.ClassNLLCriterion(), nn.MultiMarginCriterion()):
        for output, target in zip(outputs, targets):
            loss.forward(output, target)
        for output, target in zip(outputs, targets):
            loss.backward(output, target)


def point_that_is_copied():
    net = plain()
    params, grads = net.getParameters()

    def feval(x):
        params[...] = x
        return gradient_step(net, net.zeroGradParameters), grads

    x = params.copy()
    for _ in range(3):
        optim.adam(feval, x, {"learningRate": 0.1})
    optim.lbfgs(feval, x, {"maxIter": 3, "lineSearch": optim.lswolfe})
    optim.checkgrad(feval, x)


def parts_of_results():
    """Parts lead to the array that they are part of, also for the sake of what is written."""
    net = nn.Linear(3, 3)
    output = net.forward(X)
    net.forward(output[:, ::-1].T.T)
    net.forward(net.forward(X)[1:3])
    np.testing.assert_array_equal(net.forward(net.forward(X)[:, ::-1]), net.forward(plain_forward(net, X)[:, ::-1]))


def plain_forward(net, x):
    return x @ net.weight.T + net.bias


def passes_with_arguments_of_their_own():
    class Scaled(nn.Module):
        def forward(self, input, factor, shift=0):
            self.output = factor * input + shift
            return self.output

    class Weighted(nn.Criterion):
        def forward(self, input, target, weight=1):
            return weight * float(((input - target) ** 2).sum())

    y = Scaled().forward(X, 2, shift=1)
    assert Weighted().forward(input=y, target=X, weight=0) == 0


def stochastic_gradient():
    trainer = nn.StochasticGradient(plain(), criterion)
    trainer.maxIteration, trainer.verbose = 2, False
    trainer.train({i: [X[i - 1], Y[i - 1]] for i in range(1, 6)})


def outputs_of_training_and_of_tests_are_counted():
    net, confusion = network(nn.Dropout(0.5)), optim.ConfusionMatrix(2)
    for _ in range(3):
        output = net.forward(X)
        for row in output:
            confusion.add(row, 1)
        gradient_step(net, net.zeroGradParameters)
        confusion.batchAdd(net.forward(X), np.ones(5))
        net.backward(X, Y)
        confusion.batchAdd(net.output, np.ones(5))
        net.zeroGradParameters()
    net.evaluate()
    for other in (net, plain()):
        for _ in range(3):
            confusion.batchAdd(other.forward(X), np.ones(5))


def losses_of_reports_and_of_tests():
    net = network(nn.Dropout(0.5))
    for _ in range(3):
        gradient_step(net, net.zeroGradParameters)
        net.updateParameters(0.1)
        for _ in range(2):  # one output, two losses
            criterion.forward(net.output, Y)
        criterion.forward(net.forward(X), Y)  # how good it is now, before the next step
    net.evaluate()
    for _ in range(4):
        criterion.forward(net.forward(X), Y)


RIGHT = [
    losses_of_reports_and_of_tests,
    outputs_of_training_and_of_tests_are_counted,
    clones_that_share,
    batches_added_up,
    two_networks_against_each_other,
    gradients_scaled_as_momentum,
    searches,
    in_place_layers,
    result_changed_by_the_script_or_by_another_layer,
    same_input_again,
    output_as_input,
    getParameters_again,
    one_criterion_for_all_steps,
    point_that_is_copied,
    parts_of_results,
    passes_with_arguments_of_their_own,
    stochastic_gradient,
]


@pytest.mark.parametrize("program", RIGHT, ids=lambda f: f.__name__)
def test_no_alarm(program, capsys):
    with torch.strict(True):
        program()


def train():
    torch.manualSeed(3)
    net = network(nn.Dropout(0.2))
    params, grads = net.getParameters()
    feval = lambda _: (gradient_step(net, lambda: grads.fill(0)), grads)
    return [optim.sgd(feval, params, {"learningRate": 0.1})[1] for _ in range(3)], params


def test_results_are_the_same():
    losses, params = train()
    with torch.strict(True):
        strictLosses, strictParams = train()
    assert losses == strictLosses
    np.testing.assert_array_equal(params, strictParams)


def calls_of(function):
    """How many functions of Python and C a call runs."""
    count = 0

    def profile(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    function()
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


def test_off_costs_nothing():
    """Every class has its very own functions, and a step makes as many calls as before."""
    classes = [nn.Module, nn.Sequential, nn.Linear, nn.Criterion, nn.MSECriterion, nn.BatchNormalization]
    before = [dict(vars(cls)) for cls in classes]
    evaluate = optim.common.evaluate, vars(sys.modules["optim.sgd"])["evaluate"]
    net = plain()
    params, grads = net.getParameters()
    feval = lambda _: (gradient_step(net, lambda: grads.fill(0)), grads)
    step = lambda: optim.sgd(feval, params, {"learningRate": 0.1})
    calls = calls_of(step)
    with torch.strict(True):
        assert calls_of(step) > calls
        assert vars(nn.Module)["forward"] is not before[0]["forward"]
    for cls, methods in zip(classes, before):
        assert vars(cls).keys() == methods.keys()
        assert all(vars(cls)[name] is method for name, method in methods.items())
    assert (optim.common.evaluate, vars(sys.modules["optim.sgd"])["evaluate"]) == evaluate
    assert calls_of(step) == calls
