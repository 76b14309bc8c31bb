"""Tree, AllReduceSGD and AllReduceEA: what every node holds afterwards."""

import pytest


@pytest.mark.parametrize("nodes", [1, 2, 3])
def test_every_node_holds_the_right_numbers(mpirun, nodes):
    code, printed = mpirun(nodes, "sums.py")
    assert code == 0, printed
    assert printed.count("holds") == 15, printed
