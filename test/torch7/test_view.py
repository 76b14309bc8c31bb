"""The page of a file: every golden file, well-formed and alone; numbers, pictures, what is shared or odd."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import nn
import torch7 as torch
from torch7.__main__ import main
from torch7.serialization.files import opened_records
from torch7.serialization.sketch import BOXES, Sketch
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


def alone(text):
    """Whether nothing in the page could ask for anything elsewhere."""
    asks = (
        r"https?:|@import|url\((?!#)|fetch\s*\(|XMLHttpRequest|WebSocket|import\s*\(|<link|<script\s+src|srcset|ping="
    )
    return not re.search(asks, text)


def boxes(text):
    """The texts of the boxes of the drawings, line by line."""
    found = re.findall(r'<g class="box[^"]*"[^>]*>(.*?)</g>', text)
    return [re.findall(r"<text[^>]*>([^<]*)</text>", box) for box in found]


def page(tmp_path, thing, name="net.t7"):
    torch.save(str(tmp_path / name), thing)
    return Path(view(tmp_path / name)).read_text()


@pytest.mark.parametrize("file", GOLDEN, ids=lambda path: path.name)
def test_golden_files(file, tmp_path):
    text = Path(view(file, tmp_path / "page.html")).read_text()
    Checked(text)
    assert alone(text) and len(text) < 200_000


def test_numbers_and_histograms(tmp_path):
    net = nn.Sequential(nn.Linear(4, 3))
    net[0].weight[...] = np.arange(12).reshape(3, 4)
    net[0].bias[...] = [0, np.nan, np.inf]
    text = page(tmp_path, net)
    assert "from 0 to 11, mean 5.5, deviation 3.452, 8% zeros" in text
    assert "from 0 to 0, mean 0, deviation 0, 100% zeros, 1 nan, 1 inf" in text
    assert text.count('<svg width="160"') == 1 and "15 parameters" in text


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_the_largest_numbers(tmp_path):
    Checked(page(tmp_path, {"x": np.full(9, 1e308), "y": np.array([-1e308, 1e308] * 8)}))


def test_filters_of_the_first_layer(tmp_path):
    pytest.importorskip("PIL")
    text = page(tmp_path, nn.Sequential(nn.SpatialConvolution(3, 8, 5, 5), nn.SpatialConvolution(8, 4, 3, 3)))
    assert text.count("data:image/png;base64,") == 1


def test_shared_tensors_are_told_once(tmp_path):
    linear = nn.Linear(20, 20)
    text = page(tmp_path, nn.Sequential(linear, nn.Tanh(), linear))
    assert text.count('<svg width="160"') == 2 and "same as modules[1]" in text


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


class TestDrawing:
    def test_a_chain_and_branches(self, tmp_path):
        net = nn.Sequential(nn.SpatialConvolution(3, 8, 5, 5, 2, 2), nn.ReLU())
        net.add(nn.ConcatTable(nn.Identity(), nn.SpatialConvolution(8, 8, 1, 1))).add(nn.CAddTable())
        net.forward(torch.randn(2, 3, 9, 9))
        text = page(tmp_path, net)
        found = boxes(text)
        assert found[0] == ["SpatialConvolution", "3 → 8, 5×5, step 2×2", "608 parameters", "gave 2×8×3×3"]
        assert [box[0] for box in found] == [
            "SpatialConvolution", "ReLU", "ConcatTable", "Identity", "SpatialConvolution", "CAddTable",
        ]  # fmt: skip
        assert text.count('class="edge"') == 9

    def test_a_graph_by_its_nodes(self):
        text = Path(GOLDEN[0].parent / "graph-5.t7")
        with opened_records(text, None) as (root, _):
            sketch = Sketch({}, lambda record: 0)
            drawn = sketch.block(root)
        names = [node.lines[0] for node in drawn.nodes if getattr(node, "lines", None)]
        assert names[0] == "input" and names[-1] == "output" and "CAddTable" in names
        ranks = {i: rank for rank, layer in enumerate(drawn.layers) for i in layer}
        assert all(ranks[b] == ranks[a] + 1 for a, b in drawn.edges)
        for layer in drawn.layers:  # no box lies on another one
            ends = [
                (drawn.middles[i] - drawn.nodes[i].width / 2, drawn.middles[i] + drawn.nodes[i].width / 2)
                for i in layer
            ]
            assert all(a[1] <= b[0] for a, b in pairwise(ends))

    def test_classes_that_are_not_known(self, tmp_path):
        inner = torch.TorchObject("my.Layer", {"output": np.zeros((2, 3)), "gradInput": np.zeros(1), "_type": "x"})
        fields = {"modules": [inner, inner], "output": np.zeros(0), "gradInput": np.zeros(0), "_type": "x"}
        text = page(tmp_path, torch.TorchObject("my.Net", fields))
        assert [box[0] for box in boxes(text)] == ["Net", "Layer", "Layer"]

    def test_circles_and_odd_fields_end(self, tmp_path):
        fields = {"output": np.zeros(0), "gradInput": np.zeros(0), "_type": "x", "kW": np.nan, "kH": 2.0}
        net = torch.TorchObject("nn.Odd", fields)
        fields["modules"] = [net, 3.0, "x"]
        Checked(page(tmp_path, net))
        graph = torch.TorchObject("nn.gModule", {**fields, "modules": [], "forwardnodes": [1.0, None, "x"]})
        Checked(page(tmp_path, graph, "graph.t7"))

    def test_large_networks_are_cut(self, tmp_path):
        net = nn.Sequential(*(nn.Sequential(*(nn.Tanh() for _ in range(60))) for _ in range(60)))
        text = page(tmp_path, net)
        assert len(boxes(text)) <= BOXES + 60 and "60 modules" in text


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
@pytest.mark.parametrize("name", ["lenet", "graph-5", "lm"])
def test_in_a_browser(name, tmp_path):
    """Search marks boxes and rows, a box leads to its row, and nothing is asked for."""
    text = Path(view(GOLDEN[0].parent / f"{name}.t7", tmp_path / "page.html")).read_text()
    (tmp_path / "page.html").write_text(text.replace("</html>", BROWSED))
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--dump-dom",
        (tmp_path / "page.html").as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600, check=True)
    told = re.search(r"<title>([^<]*)</title>", done.stdout).group(1)
    assert re.fullmatch(r"[1-9]\d* of [1-9]\d* boxes, [1-9]\d* rows, found 1, asked for 0", told), told


BROWSED = """<script>
addEventListener("load", () => {
  const all = selector => document.querySelectorAll(selector).length, search = document.getElementById("search");
  search.value = document.querySelector(".box[data-e] text.t").textContent;
  search.dispatchEvent(new Event("input"));
  const hits = all(".hit"), rows = all("#tree details:not(.hidden)");
  document.querySelector(".box[data-e]").dispatchEvent(new Event("click"));
  const asked = performance.getEntriesByType("resource").length;
  document.title = `${hits} of ${all(".box")} boxes, ${rows} rows, found ${all(".found")}, asked for ${asked}`;
});
</script></html>"""


def test_the_command(tmp_path, capsys):
    torch.save(str(tmp_path / "net.t7"), nn.Linear(2, 2))
    assert main(["view", str(tmp_path / "net.t7"), "-o", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "page.html")
    assert main(["view", str(tmp_path / "none.t7")]) == 1
    (tmp_path / "broken.t7").write_bytes(b"\x04\x00\x00\x00\x01")
    assert main(["view", str(tmp_path / "broken.t7")]) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["broken.t7", "net.t7", "page.html"]
