"""What notebooks show of networks, criterions and counts."""

import re

import numpy as np

import nn
import nn.pytorch as tnn
import optim
import torch7 as torch


def rows(html):
    return [re.sub(r"<[^>]*>", "", row).strip() for row in re.findall(r"<span.*?</span> <span.*?</span>", html)]


def test_a_tree_of_a_network():
    net = nn.Sequential(nn.Linear(4, 3), nn.Sequential(nn.Tanh()))
    net.forward(torch.randn(2, 4))
    html = net._repr_html_()
    assert rows(html) == [
        "nn.Sequential 2x3, 15 parameters", "(1) nn.Linear(4 -&gt; 3) 2x3, 15 parameters", "(2) nn.Sequential 2x3",
        "(1) nn.Tanh 2x3",
    ]  # fmt: skip
    assert html.count("<details") == html.count("</details>") == 2
    assert not re.search("https?:|<script|src=", html)


def test_what_is_shared_or_circular_is_told_once():
    linear = nn.Linear(4, 4)
    html = nn.Sequential(linear, nn.Tanh(), linear)._repr_html_()
    assert "20 parameters" in rows(html)[0] and "again" in rows(html)[-1]
    assert len(rows(nn.Sequential(*(nn.Tanh() for _ in range(300)))._repr_html_())) == 201


def test_modules_of_nn_pytorch():
    net = tnn.Sequential(tnn.Linear(4, 3), tnn.Sequential(tnn.Tanh()))
    net(np.ones((2, 4), np.float32))
    assert rows(net._repr_html_()) == [
        "Sequential 2x3, 15 parameters",
        "(0) Linear(in_features=4, out_features=3, bias=True) 2x3, 15 parameters",
        "(1) Sequential", "(0) Tanh() 2x3",
    ]  # fmt: skip


def test_criterions():
    criterion = nn.MultiCriterion().add(nn.MSECriterion()).add(nn.AbsCriterion(), 0.5)
    criterion.forward(np.ones(3), np.zeros(3))
    assert rows(criterion._repr_html_())[1:] == ["(1) nn.MSECriterion 1", "(2) nn.AbsCriterion 1"]


def test_counts_and_logs(tmp_path):
    matrix = optim.ConfusionMatrix(["cat", "<dog>"])
    matrix.batchAdd(np.array([1, 2, 2]), np.array([1, 2, 1]))
    html = matrix._repr_html_()
    assert html.count("<tr>") == 3 and "&lt;dog&gt;" in html and "global correct: 66" in html
    log = optim.Logger(tmp_path / "log")
    log.setNames(["loss", "a<b"])
    for i in range(12):
        log.add([float(i), 2.0])
    html = log._repr_html_()
    assert html.count("<tr>") == 11 and "<td>11.0</td>" in html and "a&lt;b" in html
