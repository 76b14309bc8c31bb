"""Every case of nngraph through the whole battery, and every class in some case."""

import cases_nngraph
import pytest

from nn.testing import check_module
from torch7 import registry

NO_MODULES = {"graph.Edge", "graph.Graph", "graph.Node", "nngraph.Node"}


@pytest.mark.parametrize("case", cases_nngraph.CASES, ids=str)
def test_module(case):
    check_module(case)


def test_every_class_has_a_case():
    seen = {registry.class_name(type(m)) for case in cases_nngraph.CASES for m in case.make().listModules()}
    own = {name for name, cls in registry.registered().items() if cls.__module__.startswith("nngraph.")}
    assert own - NO_MODULES <= seen, f"without a case: {', '.join(sorted(own - NO_MODULES - seen))}"
