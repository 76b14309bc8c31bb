"""Every case of every chapter through the whole battery, and every class in some case."""

from importlib import import_module
from pathlib import Path

import pytest

import nn
from nn.testing import Case, CriterionCase, check_criterion, check_module
from torch7 import registry

FILES = sorted(path.stem for path in Path(__file__).parent.glob("cases_*.py"))
TABLES = [import_module(name) for name in FILES]
CASES = [case for table in TABLES for case in table.CASES]
WAIVED = {name: reason for table in TABLES for name, reason in getattr(table, "WAIVED", {}).items()}


@pytest.mark.parametrize("case", [c for c in CASES if isinstance(c, Case)], ids=str)
def test_module(case):
    check_module(case)


@pytest.mark.parametrize("case", [c for c in CASES if isinstance(c, CriterionCase)], ids=str)
def test_criterion(case):
    check_criterion(case)


def test_every_class_has_a_case():
    """Also classes that only appear inside another case's network count; bases are waived with a reason."""
    seen = set(WAIVED)
    for case in CASES:
        made = case.make()
        modules = made.listModules() if isinstance(made, nn.Module) else [made]
        seen.update(registry.class_name(type(m)) for m in modules)
    own = {name for name, cls in registry.registered().items() if cls.__module__.startswith("nn.")}
    assert own <= seen, f"without a case: {', '.join(sorted(own - seen))}"
