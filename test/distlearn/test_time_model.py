"""The model of time: its formula, its limits, and that it finds what it was made of."""

import pytest

from distlearn.time_model import NETWORKS, NODES, StepTime, fit, table

STEP = StepTime(compute=0.3, backward=0.2, bytes=4e8, latency=1e-4, bandwidth=1e9)


def test_formula():
    assert STEP.sum(1) == 0 and STEP.step(1) == 0.3 and STEP.efficiency(1) == 1
    assert STEP.sum(2) == pytest.approx(2e-4 + 0.4)
    assert STEP.sum(5) == pytest.approx(6e-4 + 2 * 0.8 * 0.4)
    assert STEP.step(2) == pytest.approx(0.7002)
    assert STEP.compressed().sum(2) == pytest.approx(2e-4 + 0.2)
    assert STEP.on(10, 0).sum(2) == pytest.approx(0.32)


def test_what_is_hidden_is_at_most_the_backward_pass():
    assert STEP.overlapped(1).step(2) == pytest.approx(0.3 + 0.4002 - 0.2)
    assert STEP.on(100, 0).overlapped(1).step(2) == pytest.approx(0.3)
    assert STEP.on(100, 0).overlapped(0.5).step(2) == pytest.approx(0.3 + 0.016)


def test_fit_finds_latency_and_bandwidth():
    sizes = [(n, b) for n in (2, 4) for b in (1e3, 1e5, 1e7)]
    seconds = [StepTime(0, 0, b, 2e-5, 3e9).sum(n) for n, b in sizes]
    latency, bandwidth = fit(*zip(*sizes), seconds)
    assert latency == pytest.approx(2e-5) and bandwidth == pytest.approx(3e9)


def test_fit_refuses_what_says_nothing():
    for nodes, sizes, seconds in (([2], [1], [1]), ([1, 2], [1, 2], [1, 2]), ([2, 2], [1, 1e6], [1, 0.5])):
        with pytest.raises(ValueError, match="fit"):
            fit(nodes, sizes, seconds)


def test_table_has_a_row_for_every_way_on_every_network():
    lines = table(STEP, 0.8).splitlines()
    assert len(lines) == 1 + 4 * len(NETWORKS)
    assert lines[0].split()[1:] == [str(n) for n in NODES]
    for line in lines[1:]:
        shares = [float(cell) for cell in line[30:].split()]
        assert shares[0] == 100 and shares == sorted(shares, reverse=True)
