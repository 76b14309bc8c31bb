"""Every case of rnn through the whole battery, and every class in some case."""

import cases_rnn
import pytest

import nn
from nn.testing import Case, CriterionCase, check_criterion, check_module
from torch7 import registry

BASES = {"nn.AbstractRecurrent", "nn.AbstractSequencer"}


@pytest.mark.parametrize("case", [c for c in cases_rnn.CASES if isinstance(c, Case)], ids=str)
def test_module(case):
    check_module(case)


@pytest.mark.parametrize("case", [c for c in cases_rnn.CASES if isinstance(c, CriterionCase)], ids=str)
def test_criterion(case):
    check_criterion(case)


def test_every_class_has_a_case():
    seen = {registry.class_name(type(m)) for c in cases_rnn.CASES for m in modules(c.make())}
    own = {name for name, cls in registry.registered().items() if cls.__module__.startswith("rnn.")}
    assert own - BASES <= seen, f"without a case: {', '.join(sorted(own - BASES - seen))}"


def modules(made):
    return made.listModules() if isinstance(made, nn.Module) else [made]
