"""Every case of nnx through the whole battery, and every class in some case."""

import cases_criterions
import cases_densecap
import cases_fbnn
import cases_nnx
import cases_nnx_tables
import pytest

from nn.testing import check_criterion, check_module
from torch7 import registry

MODULES = [*cases_nnx.CASES, *cases_nnx_tables.CASES, *cases_densecap.CASES, *cases_fbnn.CASES]


@pytest.mark.parametrize("case", MODULES, ids=str)
def test_module(case):
    check_module(case)


@pytest.mark.parametrize("case", cases_criterions.CASES, ids=str)
def test_criterion(case):
    check_criterion(case)


def test_every_class_has_a_case():
    made = [case.make() for case in (*MODULES, *cases_criterions.CASES)]
    seen = {type(m) for top in made for m in (top.listModules() if hasattr(top, "listModules") else [top])}
    classes = [*registry.registered().values(), *(c for known in registry.variants().values() for c in known)]
    own = {cls for cls in classes if cls.__module__.startswith("nnx.")}
    seen |= set(cases_densecap.ELSEWHERE)
    assert own <= seen, f"without a case: {', '.join(sorted(cls.__name__ for cls in own - seen))}"
