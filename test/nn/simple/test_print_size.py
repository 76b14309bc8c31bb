"""PrintSize: what is printed."""

import numpy as np

import nn


def row(*values):
    return np.array(values, float)


def test_print_size(capsys):
    m = nn.PrintSize("here")
    m.forward(row(1, 2))
    m.backward(row(1, 2), None)
    assert capsys.readouterr().out == "here:input\n\t2\nhere:gradOutput\n\tmissing size\n"
