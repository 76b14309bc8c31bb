"""xlua's progress, options and profiler; lapp."""

import io
import re

import pytest

import torch7
from rocks import lapp, process, progress, xlua


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(progress._State, "done", True)
    monkeypatch.setattr(progress._State, "previous", -1)


def test_progress_writes_torchs_text(capsys):
    for i in range(1, 5):
        xlua.progress(i, 4)
    written = capsys.readouterr().out
    lines = written.split("\r")
    assert len(lines) == 4 and written.endswith("4/4 \n")
    for i, line in enumerate(lines, 1):
        part = i * 77 // 4
        bar = "=" * (part - 1) + ">" + "." * (77 - part)
        times = re.match(r" \[(.{77})\] {51}\x08{50}(ETA: \S+ \| Step: \S+?)(\x08+) (\d)/4 \n?$", line)
        assert times and times[1] == bar and int(times[4]) == i and len(times[3]) == 47 + len(times[2])
    xlua.progress(1, 10)
    assert capsys.readouterr().out.startswith(" [======>")


def test_progress_on_a_terminal_is_tqdms(monkeypatch):
    pytest.importorskip("tqdm")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    out = Terminal()
    monkeypatch.setattr("sys.stdout", out)
    for i in range(1, 4):
        xlua.progress(i, 3)
    shown = out.getvalue()
    xlua.progress(3, 3)
    assert out.getvalue() == shown
    assert "3/3" in out.getvalue() and "it/s" in out.getvalue() and progress._State.bar is None


@pytest.mark.parametrize(
    "seconds,text",
    [(0, "0ms"), (0.0004, "0ms"), (0.25, "250ms"), (61.5, "1m1s"), (3600, "1h"), (90061, "1D1h"), (59.125, "59s125ms")],
)
def test_times(seconds, text):
    assert xlua.formatTime(seconds) == text


def test_tables_errors_and_packages(capsys, monkeypatch):
    assert xlua.table2string({"b": 1, "a": {"c": True}}) == "{a = {  c = true}, b = 1}"
    assert xlua.table2string([5, "x"], True) == "{\n1 = 5\n2 = x\n}"
    with pytest.raises(RuntimeError, match="<net> no such layer"):
        xlua.error("no such layer", "net")
    assert xlua.require("cjson") is torch7.require("cjson")
    assert xlua.require("qtwidget") is False and "could not be loaded" in capsys.readouterr().out
    monkeypatch.setenv("batch", "16")
    monkeypatch.setenv("name", "7x")
    assert xlua.envparams({"batch": 4, "name": "a", "lr": 0.1}) == {"batch": 16, "name": "7x", "lr": 0.1}
    caught = []
    xlua.trycatch(lambda: 1 / 0, caught.append)
    assert caught == ["division by zero"]


def test_usage():
    text = xlua.usage("f", "makes f", "f(1)", {"arg": "x", "req": True, "help": "a number"}, "", {"type": "string"})
    assert text.split("\n") == ["f", "makes f", "  x                        -- a number", "or", "  [string]", "f(1)"]


def test_unpack():
    specs = [
        {"arg": "x", "type": "number", "req": True, "help": "a number"},
        {"arg": "y", "type": "number", "default": 2},
        {"arg": "z", "type": "number", "defaulta": "x"},
    ]
    assert xlua.unpack([5], "f", "", *specs)[1:] == (5, 2, 5)
    table, *values = xlua.unpack([{"x": 1, "z": 4}], "f", "", *specs)
    assert values == [1, 2, 4] and table == {"x": 1, "y": 2, "z": 4}
    with pytest.raises(TypeError, match="<f> missing argument: x"):
        xlua.unpack([], "f", "", *specs)


def test_profiler(capsys):
    p = xlua.Profiler()
    p.start("load")
    assert p.lap("load").real >= 0 and p.real("load") >= 0 and p.mean("load") >= 0 and p.cpu("load") >= 0
    p.printAll()
    assert re.match(r"load: \S+ s in 1 laps\n", capsys.readouterr().out)
    with pytest.raises(ValueError, match="nothing was not started"):
        p.lap("nothing")


def options():
    op = xlua.OptionParser("%prog [options]")
    op.option("-n", "--epochs", dest="epochs", default=3, help="how many")
    op.option({1: "-s", 2: "--save", "action": "store", "help": "where"})
    op.add_option("-g", "--gpu", action="store_true")
    return op


def test_option_parser(capsys):
    opt, rest = options().parse(["-n", "5", "a", "--save=x.t7", "-g", "-3"])
    assert opt == {"epochs": 5, "save": "x.t7", "gpu": True} and opt.epochs == 5 and rest == ["a", "-3"]
    assert options().parse([])[0] == {"epochs": 3}
    for words in (["--fast"], ["-n"]):
        with pytest.raises(SystemExit) as end:
            options().parse(words)
        assert end.value.code == 1
    with pytest.raises(SystemExit) as end:
        options().parse(["--help"])
    assert end.value.code == 0 and "-n, --epochs  how many" in capsys.readouterr().out


TEXT = """Train a network
 -r,--learningRate (default 0.1)      the rate
 -m,--model        (default "linear") which one
 -q,--quiet                           say nothing
 --batch           (number default 16) size
 --kind            (sgd|adam default sgd)
 --part            (0..1 default 0.5)
 -o,--out          (optional string)
 <file>            (string)           data
"""


def test_lapp(monkeypatch):
    opt = lapp(TEXT, ["-r", "0.5", "--quiet", "--batch=8", "d.t7", "more"])
    assert opt.learningRate == 0.5 and opt.model == "linear" and opt.quiet is True and opt.batch == 8
    assert opt.kind == "sgd" and opt.part == 0.5 and opt.file == "d.t7" and opt[1] == "more" and "out" not in opt
    opt = lapp.process_options_string(TEXT, ["-q", "-r3", "--out", "x", "-m", "-1", "f"])
    assert (opt.learningRate, opt.out, opt.model, opt.quiet) == (3, "x", "-1", True)
    monkeypatch.setattr(process.current, "arguments", lambda: ["f", "-q"])
    assert lapp(TEXT).quiet


@pytest.mark.parametrize(
    "words,said",
    [
        (["--speed", "f"], "unknown parameter: speed"),
        ([], "missing required parameter: file"),
        (["f", "-r", "x"], "number: x"),
        (["f", "--kind", "cg"], "sgd, adam"),
        (["f", "--part", "2"], "out of range 0..1"),
        (["f", "--out"], "needs a value"),
    ],
)
def test_lapp_ends_the_script_with_a_word(words, said, capsys):
    with pytest.raises(SystemExit) as end:
        lapp(TEXT, words)
    assert end.value.code == 1 and said in capsys.readouterr().err


def test_lapp_flags_in_one_word_and_repeated_places():
    text = " -a,--all\n -b,--both\n --on (default true)\n <names...> (string)\n"
    opt = lapp(text, ["-ab", "x", "y"])
    assert opt.all and opt.both and opt.on and opt.names == ["x", "y"]
    assert lapp(text, ["--on", "x"]).on is False


def test_lapp_types_of_a_script(capsys):
    lapp.add_type("even", "integer", lambda n: lapp.assert_(n % 2 == 0, "not even"))
    lapp.add_type("words", lambda text: text.split("+"))
    text = " --size (even default 4)\n --names (words)\n --mode (fast,slow default slow)\n"
    opt = lapp(text, ["--size", "6", "--names=a+b", "--mode", "fast"])
    assert (opt.size, opt.names, opt.mode) == (6, ["a", "b"], "fast") and lapp(text, ["--names", "a"]).size == 4
    for words, said in ((["--size", "5", "--names", "a"], "not even"), (["--mode", "x", "--names", "a"], "fast, slow")):
        with pytest.raises(SystemExit):
            lapp(text, words)
        assert said in capsys.readouterr().err
    with pytest.raises(SystemExit):
        lapp.error("no more")
