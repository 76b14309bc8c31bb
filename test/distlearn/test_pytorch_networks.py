"""Networks of nn.pytorch on several nodes learn what one process with the whole batch learns."""

import pytest


@pytest.mark.parametrize("nodes", [1, 2])
def test_nodes_together_compute_what_one_computes(mpirun, nodes):
    code, printed = mpirun(nodes, "pytorch_networks.py")
    assert code == 0, printed
    assert printed.count("holds") == 9, printed
