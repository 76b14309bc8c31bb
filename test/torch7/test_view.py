"""The page of a file: every golden file, well-formed and alone; numbers, pictures, what is shared or odd."""

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import nn
import torch7 as torch
from torch7.__main__ import main
from torch7.serialization.view import ALL_ENTRIES, ENTRIES, view

GOLDEN = sorted((Path(__file__).parent.parent / "golden").glob("*.t7"))
EMPTY = {"meta", "input", "img", "path"}


class Checked(HTMLParser):
    """Elements must close in order, and nothing may come from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.open, self.lines = [], []
        self.feed(text)
        assert self.open in ([], ["html"])

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            assert name not in ("src", "href") or value.startswith("data:"), value
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.lines.append(data)


def page(tmp_path, thing, name="net.t7"):
    torch.save(str(tmp_path / name), thing)
    return Path(view(tmp_path / name)).read_text()


@pytest.mark.parametrize("file", GOLDEN, ids=lambda path: path.name)
def test_golden_files(file, tmp_path):
    text = Path(view(file, tmp_path / "page.html")).read_text()
    Checked(text)
    assert "http" not in text and len(text) < 200_000


def test_numbers_and_histograms(tmp_path):
    net = nn.Sequential(nn.Linear(4, 3))
    net[0].weight[...] = np.arange(12).reshape(3, 4)
    net[0].bias[...] = [0, np.nan, np.inf]
    text = page(tmp_path, net)
    assert "from 0 to 11, mean 5.5, deviation 3.452, 8% zeros" in text
    assert "from 0 to 0, mean 0, deviation 0, 100% zeros, 1 nan, 1 inf" in text
    assert text.count("<svg") == 1 and "15 parameters" in text


def test_the_largest_numbers(tmp_path, recwarn):
    Checked(page(tmp_path, {"x": np.full(9, 1e308), "y": np.array([-1e308, 1e308] * 8)}))
    assert not recwarn.list


def test_filters_of_the_first_layer(tmp_path):
    pytest.importorskip("PIL")
    text = page(tmp_path, nn.Sequential(nn.SpatialConvolution(3, 8, 5, 5), nn.SpatialConvolution(8, 4, 3, 3)))
    assert text.count("data:image/png;base64,") == 1


def test_shared_tensors_are_told_once(tmp_path):
    linear = nn.Linear(20, 20)
    text = page(tmp_path, nn.Sequential(linear, nn.Tanh(), linear))
    assert text.count("<svg") == 2 and "same as modules[1]" in text


def test_names_are_no_html(tmp_path):
    text = page(tmp_path, {"<script>alert(1)</script>": "<b>"}, "a&b.t7")
    assert "<script>alert" not in text and "a&amp;b.t7" in text


def test_large_tables_and_deep_ones_are_cut(tmp_path):
    text = page(tmp_path, [{"a": float(i)} for i in range(3 * ENTRIES)])
    Checked(text)
    assert text.count("<details") < 2 * ENTRIES + 3 < ALL_ENTRIES
    deep = [1.0]
    for _ in range(200):
        deep = [deep]
    Checked(page(tmp_path, deep, "deep.t7"))


def test_the_command(tmp_path, capsys):
    torch.save(str(tmp_path / "net.t7"), nn.Linear(2, 2))
    assert main(["view", str(tmp_path / "net.t7"), "-o", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "page.html")
    assert main(["view", str(tmp_path / "none.t7")]) == 1
    (tmp_path / "broken.t7").write_bytes(b"\x04\x00\x00\x00\x01")
    assert main(["view", str(tmp_path / "broken.t7")]) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["broken.t7", "net.t7", "page.html"]
