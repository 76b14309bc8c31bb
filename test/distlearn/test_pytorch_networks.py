"""Networks of nn.pytorch on several nodes learn what one process with the whole batch learns."""


def test_nodes_together_compute_what_one_computes(mpirun):
    code, printed = mpirun(2, "pytorch_networks.py")
    assert code == 0, printed
    assert printed.count("holds") == 9, printed
