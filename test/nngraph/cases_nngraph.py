"""Graphs for the battery, and the small modules of nngraph."""

import nn
import nngraph
from nn.testing import Case

PASSED = dict.fromkeys(("buffers_are_reused", "strict_types"), "input and gradOutput are passed on as they are")
TARGET = {"input_gradient": "the gradient by the target is zero, as in Lua"}


def chain():
    x = -nn.Linear(4, 3)
    return nn.gModule([x], [x - nn.Tanh() - nn.Linear(3, 2)])


def one_node_used_often():
    x = nn.Identity()()
    h = nn.Linear(4, 4)(x)
    return nn.gModule([x], [nn.CMulTable()([nn.CAddTable()([nn.Tanh()(h), h]), h])])


def lstm_step():
    x, c, h = nn.Identity()(), nn.Identity()(), nn.Identity()()
    gates = nn.Reshape(4, 3)(nn.Linear(2, 12)(x) + nn.Linear(3, 12)(h))
    i, f, o, g = nn.SplitTable(2)(gates).split(4)
    new = nn.Sigmoid()(f) * c + nn.Sigmoid()(i) * nn.Tanh()(g)
    return nn.gModule([x, c, h], [new, nn.Sigmoid()(o) * nn.Tanh()(new)])


def residual():
    x = nn.Identity()()
    h = nn.ReLU()(nn.SpatialBatchNormalization(2)(nn.SpatialConvolution(2, 2, 3, 3, 1, 1, 1, 1)(x)))
    return nn.gModule([x], [nn.CAddTable()([nn.SpatialConvolution(2, 2, 3, 3, 1, 1, 1, 1)(h), x])])


def used_twice_in_place():
    """A module that writes over its gradient, behind a layer with parameters and in front of two uses."""
    x = nn.Linear(4, 4)()
    h = nn.ReLU(True)(x)
    return nn.gModule([x], [nn.CAddTable()([nn.Linear(4, 4)(h), h])])


def tables():
    """A table among the inputs and one among the outputs."""
    x, state = nn.Identity()(), nn.Identity()()
    h, c = state.split(2)
    return nn.gModule(
        [x, state], [nn.CMulTable()([x, h]), nn.ParallelTable().add(nn.Tanh()).add(nn.Linear(3, 2))([h, c])]
    )


def table_used_twice():
    x = nn.Identity()()
    first = nn.Sequential().add(nn.CAddTable()).add(nn.Tanh())(x)
    return nn.gModule([x], [nn.CAddTable()([first, nn.CMulTable()(x)])])


def nested():
    x, y = nn.Identity()(), nn.Identity()()
    inner = nn.gModule([x, y], [nn.CMulTable()([nn.Linear(4, 4)(x), y])])
    a, b = nn.Identity()(), nn.Identity()()
    return nn.gModule([a, b], [nn.CAddTable()([inner([nn.Tanh()(a), b]), a])])


def inputs_as_outputs():
    a, b = nn.Sigmoid()(), nn.Sigmoid()()
    return nn.gModule([a, b], [b, a, nn.Sigmoid()(a)])


def operators():
    a, b = nn.Identity()(), nn.Identity()()
    return nn.gModule([a, b], [(2 * a + b - 1) * (3 - b / 4) + (a - b) / (nn.Exp()(b) + 2) - (-a)])


def with_criterion():
    x, y = nn.Linear(4, 3)(), nn.Identity()()
    return nn.gModule([x, y], [nn.MSECriterion()([nn.Tanh()(x), y])])


def split_of_one():
    x = nn.Linear(4, 3)()
    return nn.gModule([x], [nngraph.JustTable()(x).split(1)])


CASES = [
    Case(chain, (5, 4), name="chain"),
    Case(one_node_used_often, (3, 4), name="one node used often"),
    Case(lstm_step, [(3, 2), (3, 3), (3, 3)], name="lstm step"),
    Case(residual, (2, 2, 4, 4), name="residual"),
    Case(used_twice_in_place, (3, 4), name="used twice in place"),
    Case(tables, [(2, 3), [(2, 3), (2, 3)]], name="tables"),
    Case(table_used_twice, [(3, 2), (3, 2), (3, 2)], name="table used twice"),
    Case(nested, [(3, 4), (3, 4)], name="nested"),
    Case(inputs_as_outputs, [(3,), (2,)], name="inputs as outputs"),
    Case(operators, [(2, 3), (2, 3)], name="operators"),
    Case(with_criterion, [(2, 4), (2, 3)], name="with criterion", waive=TARGET),
    Case(split_of_one, (2, 4), name="split of one"),
    Case(nngraph.JustElement, [(2, 3)], waive=PASSED),
    Case(nngraph.JustTable, (2, 3), waive=PASSED),
    Case(lambda: nn.ModuleFromCriterion(nn.MSECriterion()), [(2, 3), (2, 3)], name="loss", waive=TARGET),
]
