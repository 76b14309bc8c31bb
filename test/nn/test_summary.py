"""nn.summary: counts by hand, shared parameters, what is left alone; containers as Python's sequences."""

import numpy as np
import pytest

import nn
import rnn  # noqa: F401
import torch7 as torch


def rows(net, input):
    return {row.place: row for row in nn.summary(net, input).rows}


@pytest.mark.parametrize(
    ("layer", "sizes", "products"),
    [
        (lambda: nn.Linear(5, 3), (4, 5), 4 * 5 * 3),
        (lambda: nn.Linear(5, 3), (5,), 5 * 3),
        (lambda: nn.SpatialConvolution(3, 8, 5, 3, 2, 1, 2, 1), (2, 3, 9, 10), 2 * 8 * 9 * 5 * (3 * 5 * 3)),
        (lambda: nn.SpatialConvolutionMM(3, 8, 3, 3), (3, 9, 9), 8 * 7 * 7 * 27),
        (lambda: nn.SpatialDepthWiseConvolution(3, 2, 3, 3), (1, 3, 5, 5), 6 * 9 * 9),
        (lambda: nn.SpatialFullConvolution(4, 3, 4, 4, 2, 2, 1, 1), (2, 4, 6, 6), 2 * 36 * 4 * 3 * 16),
        (lambda: nn.VolumetricConvolution(2, 3, 2, 3, 3), (2, 4, 5, 5), 3 * 3 * 3 * 3 * (2 * 2 * 9)),
        (lambda: nn.TemporalConvolution(4, 6, 3), (2, 9, 4), 2 * 7 * 6 * 12),
        (lambda: nn.SeqLSTM(3, 5), (7, 2, 3), 7 * 2 * (3 + 5) * 20),
        (lambda: nn.LookupTable(9, 4), lambda: np.array([[1, 2, 9]]), None),
        (lambda: nn.ReLU(), (3, 3), None),
    ],
)
def test_products(layer, sizes, products):
    found = rows(nn.Sequential(layer()), sizes() if callable(sizes) else sizes)
    assert found["1"].multiply_adds == products


def test_shared_parameters_count_once():
    linear = nn.Linear(4, 4)
    found = nn.summary(nn.Sequential(linear, nn.Tanh(), linear), (2, 4))
    assert found.parameters == 20 and found.parameter_bytes == 160 and found.multiply_adds == 64
    assert "(again)" in found.rows[3].name and found.rows[3].parameters == 0


def test_the_network_stays_as_it_is():
    net = nn.Sequential(nn.BatchNormalization(3), nn.Dropout(0.5), nn.Linear(3, 2))
    mean, state = net[0].running_mean.copy(), torch.getRNGState()
    nn.summary(net, torch.ones(4, 3))
    assert (net[0].running_mean == mean).all() and net[1].train is True and not net.output.size
    assert (torch.getRNGState() == state).all()


def test_tables_and_text():
    net = nn.Sequential(nn.ConcatTable(nn.Linear(3, 2), nn.Linear(3, 4)), nn.JoinTable(1, 1))
    found = nn.summary(net, (5, 3))
    assert found.rows[1].output == "{5x2, 5x4}"
    text = str(found)
    assert text.splitlines()[0].split() == ["layer", "output", "parameters", "multiply-adds"]
    assert "<td>5x6</td>" in found._repr_html_() and "nn.Linear(3 -&gt; 2)" in found._repr_html_()


def test_without_an_input_the_last_forward_tells():
    net = nn.Sequential(nn.Linear(3, 2))
    assert nn.summary(net).rows[1].output == "-" and nn.summary(net).multiply_adds == 0
    net.forward(torch.ones(4, 3))
    assert nn.summary(net).rows[1].output == "4x2"


def test_a_wrong_input_is_told_as_by_forward():
    with pytest.raises(ValueError, match="size mismatch") as told:
        nn.summary(nn.Sequential(nn.Linear(3, 2)), (4, 5))
    assert "In 1 module of nn.Sequential" in "".join(told.value.__notes__)


def test_containers_are_sequences_of_python():
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.ReLU())
    assert net[0] is net.get(1) and net[-1] is net.get(3) and list(net) == net.modules and len(net) == 3
    assert net[1:] == net.modules[1:]
    with pytest.raises(IndexError):
        net[3]
    table = nn.ParallelTable(nn.Tanh(), nn.ReLU())
    assert len(table) == 2 and len(nn.ConcatTable(nn.Tanh())) == 1
    with pytest.raises(TypeError, match="Tanh"):
        nn.Sequential(nn.Tanh)
