import re
import sys

import numpy as np
import pytest

import optim


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "folder" / "train.log"


def test_named_columns(path):
    log = optim.Logger(path)
    assert log.setNames(["loss", "accuracy"]) is log
    log.add([1.5, 12])
    log.add({"accuracy": -2.5e-7, "loss": np.float32(3)})
    log.add(loss=float("nan"), accuracy="none")
    assert path.read_text() == (
        "loss\taccuracy\t\n 1.5000e+00\t 1.2000e+01\t\n 3.0000e+00\t-2.5000e-07\t\n        nan\tnone\t\n"
    )
    assert log.symbols[1][:2] == [1.5, 3]
    assert log.nsymbols == 2


def test_the_first_row_names_the_columns(path):
    log = optim.Logger(path)
    log.add({"train": 1, "test": 2})
    log.add({"test": 4, "train": 3})
    assert path.read_text() == "train\ttest\t\n 1.0000e+00\t 2.0000e+00\t\n 3.0000e+00\t 4.0000e+00\t\n"
    assert log.symbols == {"train": [1, 3], "test": [2, 4]}
    assert log.nsymbols == 0


def test_a_list_without_names_numbers_the_columns(path):
    optim.Logger(path).add([5, 6])
    assert path.read_text() == "1\t2\t\n 5.0000e+00\t 6.0000e+00\t\n"


def test_starts_the_file_anew(path):
    optim.Logger(path).add([1])
    optim.Logger(path)
    assert path.read_text() == ""


def test_timestamp(path):
    log = optim.Logger(path, True)
    (file,) = path.parent.iterdir()
    assert re.fullmatch(r"train\.log-\d{4}_\d\d_\d\d_.+", file.name)
    assert (log.name, log.epsfile) == (str(path), f"{path}.eps")


def test_standard_output(capsys):
    with pytest.warns(UserWarning, match="standard output"):
        log = optim.Logger()
    log.add({"loss": 1})
    assert capsys.readouterr().out == "loss\t\n 1.0000e+00\t\n"
    with pytest.raises(ValueError, match="needs plot"):
        log.plot()


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        ([1, None], TypeError, "can only log numbers and strings, not NoneType"),
        ([1, [2]], TypeError, "not list"),
        ([1, np.zeros(2)], TypeError, "not ndarray"),
        ([1, 2, 3], ValueError, "3 values for 2 columns"),
        ({"a": 1, "c": 2}, ValueError, r"columns are \['a', 'b'\], not \['a', 'c'\]"),
        (7, TypeError, "a row is a list or a dict"),
    ],
)
def test_refusals_write_nothing(path, row, error, message):
    log = optim.Logger(path).setNames(["a", "b"])
    with pytest.raises(error, match=message):
        log.add(row)
    assert path.read_text() == "a\tb\t\n"
    assert log.symbols == {1: [], 2: []}


def test_names_are_given_once(path):
    log = optim.Logger(path).setNames(["a"])
    with pytest.raises(ValueError, match="named already"):
        log.setNames(["b"])


def test_plot(path, tmp_path):
    log = optim.Logger(path).setNames(["a", "b", "note"])
    log.style(["-", "+-", "|"])
    log.setlogscale(True)
    log.display(False)
    for i in range(1, 6):
        log.add([i, i * i, "text"])
    png = log.plot()
    assert png == path.with_name("train.log.png")
    assert png.read_bytes().startswith(b"\x89PNG")
    log.epsfile = str(path.with_name("own.eps"))  # as a Lua script says where to
    eps = log.plot()
    assert eps == path.with_name("own.eps") and eps.read_bytes().startswith(b"%!PS")
    png = log.plot(tmp_path / "plots" / "log.png")
    pixels = np.asarray(pytest.importorskip("PIL.Image").open(png))
    assert len(np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0)) > 3


@pytest.mark.parametrize("style", ["+", "-", "+-", "-+", ".", "~", "|", ["-", "red"]])
def test_styles(path, style):
    log = optim.Logger(path)
    assert log.style({"a": style}) is log
    log.add({"a": 1})
    log.add({"a": 2})
    assert log.plot(path.with_suffix(".svg")).stat().st_size > 1000


def test_unknown_style(path):
    log = optim.Logger(path)
    log.add({"a": 1})
    log.style({"a": "wavy"})
    with pytest.raises(ValueError, match="no style is called 'wavy'"):
        log.plot()


def test_plot_of_nothing(path):
    assert optim.Logger(path).plot().exists()


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 40])
def test_epochs_are_whole_numbers(path, rows, monkeypatch):
    figures = pytest.importorskip("matplotlib.figure")
    made = []
    monkeypatch.setattr(figures.Figure, "savefig", lambda figure, target: made.append(figure))
    log = optim.Logger(path)
    for i in range(rows):
        log.add([i])
    log.plot()
    (axes,) = made[0].axes
    assert all(float(tick).is_integer() for tick in axes.get_xticks())


def test_a_training_without_matplotlib_goes_on(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    log = optim.Logger(path)
    log.add([1])
    with pytest.warns(UserWarning, match=r"no plot: matplotlib is not installed: pip install 'torch7\[plot\]'"):
        assert log.plot() is None


def test_rewrite(path):
    log = optim.Logger(path)
    for i in range(4):
        log.add({"epoch": i, "loss": i / 2})
    before = path.read_text().splitlines()
    log.rewrite([{"epoch": 0, "loss": 0.0}, {"epoch": 1, "loss": 0.5}])
    assert path.read_text().splitlines() == before[:3] and log.symbols == {"epoch": [0, 1], "loss": [0.0, 0.5]}
    fresh = optim.Logger(path)
    fresh.rewrite([{"epoch": 0, "loss": 0.0}])
    assert path.read_text().splitlines() == before[:2]


def test_it_says_what_it_is(path):
    log = optim.Logger(path).setNames(["loss", "accuracy"])
    log.add([1, 2])
    assert repr(log) == f"optim.Logger({str(path)!r}, columns ['loss', 'accuracy'], 1 rows)"
