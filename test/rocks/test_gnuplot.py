"""gnuplot through matplotlib: what the axes hold, and the files."""

import numpy as np
import pytest

import torch7
from rocks import display, figure, gnuplot

pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def fresh():
    gnuplot.closeall()


def axes():
    return gnuplot._now().axes()


def test_lines_and_their_forms():
    x = torch7.linspace(0, 3, 4)
    gnuplot.plot(x * x)
    (line,) = axes().lines
    assert line.get_xdata().tolist() == [1, 2, 3, 4] and line.get_ydata().tolist() == [0, 1, 4, 9]
    gnuplot.plot("name", x, 2 * x, "-")
    (line,) = axes().lines
    assert line.get_label() == "name" and line.get_linestyle() == "-" and line.get_marker() == "None"
    assert axes().get_legend() is not None and line.get_xdata().tolist() == [0, 1, 2, 3]
    gnuplot.plot(["a", x, x, "+"], ["b", x, -x, "with lines ls 1"])
    first, second = axes().lines
    assert (
        first.get_marker() == "+" and first.get_linestyle() == "None" and second.get_ydata().tolist() == [0, -1, -2, -3]
    )
    gnuplot.plot([[x, x, "."], [x, x, "+-"]])
    assert [line.get_marker() for line in axes().lines] == [",", "o"]
    gnuplot.plot(np.stack([x, x, 3 * x], 1))
    assert [line.get_ydata()[-1] for line in axes().lines] == [3, 9]


def test_boxes_arrows_and_smooth_lines():
    x = torch7.linspace(0, 3, 4)
    gnuplot.bar(x, x + 1)
    assert [box.get_height() for box in axes().patches] == [1, 2, 3, 4]
    both = np.stack([x, x], 1)
    gnuplot.plot(both, both, "v")
    assert len(axes().collections) == 1
    gnuplot.plot(np.stack([x, x, x, x], 1), "v")
    assert len(axes().collections) == 1
    gnuplot.plot(x, x**3, "~")
    smooth = axes().lines[0]
    assert len(smooth.get_xdata()) == 300 and smooth.get_ydata()[-1] == pytest.approx(27)
    at = np.linspace(0, 3, 300)
    assert np.abs(figure._smooth(at, np.sin(at))[1] - np.sin(at)).max() < 1e-3
    gnuplot.plot(np.stack([x, x - 1, x + 1], 1), "with filledcurves fill transparent")
    assert len(axes().collections) == 1


def test_hist_and_imagesc():
    found = gnuplot.hist(torch7.Tensor([0, 0.1, 0.9, 1, 1]), 2)
    assert found["raw"].tolist() == [2, 3] and found[2] == {"val": 0.75, "nb": 3} == found["max"]
    assert [box.get_height() for box in axes().patches] == [2, 3]
    assert gnuplot.histc(torch7.zeros(3), None, 0, 10)["bins"] == 10
    gnuplot.imagesc(torch7.Tensor([[0, 1], [2, 3]]), "color")
    assert axes().images[0].get_array().tolist() == [[0, 1], [2, 3]]
    with pytest.raises(ValueError, match="a matrix"):
        gnuplot.imagesc(torch7.zeros(3))


def test_space():
    gnuplot.splot("hill", torch7.Tensor([[0, 1], [2, 3]]))
    assert axes().name == "3d" and axes().get_zlabel() == ""
    gnuplot.zlabel("z")
    assert axes().get_zlabel() == "z"
    gnuplot.scatter3(torch7.zeros(3), torch7.ones(3), torch7.range(1, 3))
    assert len(axes().collections) == 1
    with pytest.raises(ValueError, match="one length"):
        gnuplot.scatter3(torch7.zeros(3), torch7.ones(3), torch7.ones(2))


def test_words_and_limits_stay():
    gnuplot.plot(torch7.ones(3))
    gnuplot.title("T")
    gnuplot.xlabel("X")
    gnuplot.ylabel("Y")
    gnuplot.grid(True)
    gnuplot.axis([0, 13, 0, ""])
    gnuplot.plot("a", torch7.zeros(4))
    gnuplot.movelegend("left", "bottom")
    now = axes()
    assert (now.get_title(), now.get_xlabel(), now.get_ylabel()) == ("T", "X", "Y")
    assert now.get_xlim() == (0, 13) and now.get_ylim()[0] == 0
    gnuplot.axis("equal")
    assert axes().get_aspect() == 1 and axes().get_xlim() == (0, 13)
    gnuplot.axis("auto")
    assert axes().get_aspect() == "auto" and axes().get_xlim() != (0, 13)


def test_figures_and_files(tmp_path, capsys):
    gnuplot.plotflush()
    assert capsys.readouterr().out == "no figure nil\n"
    assert gnuplot.pngfigure(f"{tmp_path}/a.png") == 1
    gnuplot.plot(torch7.ones(3))
    assert not (tmp_path / "a.png").exists()
    gnuplot.plotflush()
    from PIL import Image

    assert Image.open(f"{tmp_path}/a.png").size == (1024, 768)
    assert gnuplot.figure() == 2 and gnuplot.figure(7) == 7 and gnuplot.figure(1) == 1
    gnuplot.figprint(f"{tmp_path}/b.pdf")
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")
    gnuplot.svgfigure(f"{tmp_path}/c.svg")
    gnuplot.plot(torch7.ones(3))
    gnuplot.title("named")
    assert "named" in (tmp_path / "c.svg").read_text() or (tmp_path / "c.svg").stat().st_size > 1000
    gnuplot.close()
    with pytest.raises(ValueError, match=r"\.png"):
        gnuplot.figprint("a.txt")


@pytest.mark.parametrize(
    "call,said",
    [
        (lambda: gnuplot.raw("set xtics 3"), "gnuplot's commands"),
        (lambda: gnuplot.plot(), "at least a tensor"),
        (lambda: gnuplot.plot("a", [1, 2]), "string"),
        (lambda: gnuplot.plot(torch7.ones(3), torch7.ones(2)), "do not fit"),
        (lambda: (gnuplot.plot(torch7.ones(3), "with stars"), axes()), "none of"),
        (lambda: gnuplot.movelegend("up", "top"), "left"),
        (lambda: gnuplot.axis("square"), "auto"),
    ],
)
def test_refusals(call, said):
    with pytest.raises((ValueError, TypeError, NotImplementedError), match=said):
        call()


def test_display(tmp_path):
    display.configure({"folder": f"{tmp_path}/out"})
    win = display.image(torch7.rand(3, 4, 5))
    assert display.image(torch7.rand(6, 3, 4, 5), {"win": win}) == win
    from rocks import image

    assert image.load(display.file(win)).shape == (3, 2 * 6, 3 * 7)
    assert display.images([torch7.rand(2, 2)] * 4, {"title": "four"}) != win
    plot = display.plot([[1, 2, 3], [2, 4, 5]], {"title": "loss", "labels": ["step", "a", "b"]})
    assert image.load(display.file(plot)).ndim == 3
    text = display.text("hello", {"win": "notes/1"})
    assert (tmp_path / "out" / "notes_1.txt").read_text() == "hello" and text == "notes/1"
    display.close(win)
    display.configure(folder="display")
