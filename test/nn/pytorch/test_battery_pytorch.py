"""Every case of nn.pytorch through the battery, and every class in some case."""

import inspect

import pytest
from cases_pytorch import CASES, WAIVED

import nn.pytorch as tnn
from nn.testing import check_module


def identifiers():
    names = [str(case) for case in CASES]
    return [name if names.count(name) == 1 else f"{name} {names[:i].count(name)}" for i, name in enumerate(names)]


@pytest.mark.parametrize("case", CASES, ids=identifiers())
def test_module(case):
    check_module(case)


def test_every_class_has_a_case():
    """Classes inside another case's network count too; bases are waived with a reason."""
    seen = set(WAIVED) | {type(m).__name__ for case in CASES for m in case.make().modules()}
    classes = {n for n, c in vars(tnn).items() if inspect.isclass(c) and issubclass(c, tnn.Module)}
    assert classes - seen == set()
