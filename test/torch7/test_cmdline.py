import builtins
import re

import pytest

import torch7 as torch


@pytest.fixture
def cmd():
    cmd = torch.CmdLine()
    cmd.text("Train.")
    cmd.text()
    cmd.argument("data", "where the data lies")
    cmd.option("-lr", 0.1, "learning rate")
    cmd.option("-n", 20, "units")
    cmd.option("-model", "mlp", "which model")
    cmd.option("-gpu", False, "use the GPU")
    cmd.option("--dash", 1)
    yield cmd
    cmd.close()


def failure(cmd, words, capsys):
    with pytest.raises(SystemExit) as end:
        cmd.parse(words)
    assert end.value.code == 1
    out, err = capsys.readouterr()
    assert out.startswith("Usage: ")
    return err.rstrip("\n")


def test_defaults_and_values(cmd):
    assert cmd.default() == {"lr": 0.1, "n": 20, "model": "mlp", "gpu": False, "dash": 1}
    opt = cmd.parse(["-lr", "1e-3", "d", "-gpu", "-model", "-n", "--dash", "0x10"])
    assert opt == {"lr": 0.001, "n": 20, "model": "-n", "gpu": True, "dash": 16, "data": "d"}
    assert opt.lr == 0.001 and isinstance(opt.dash, int)


def test_reads_sys_argv(cmd, monkeypatch):
    monkeypatch.setattr("sys.argv", ["train.py", "digits", "-n", "3"])
    assert cmd.parse().n == 3


def test_mistakes(cmd, capsys):
    assert failure(cmd, ["d", "-lr"], capsys) == "missing argument for option -lr"
    assert failure(cmd, ["d", "-lr", "x"], capsys) == "invalid type for option -lr (should be number)"
    assert failure(cmd, ["d", "-unknown", "1"], capsys) == "invalid argument: -unknown"
    assert failure(cmd, [], capsys) == "not enough arguments"


def test_number_arguments(capsys):
    cmd = torch.CmdLine()
    cmd.argument("n", "how many", "number")
    assert cmd.parse(["3"]).n == 3
    assert failure(cmd, ["x"], capsys) == "invalid type for argument n (should be number)"


@pytest.mark.parametrize("word", ["-help", "-h", "--help"])
def test_help_ends_the_program(cmd, word, capsys):
    with pytest.raises(SystemExit) as end:
        cmd.parse([word])
    assert end.value.code == 0 and capsys.readouterr().out.startswith("Usage: ")


def test_help_text(cmd, capsys):
    cmd.help(["train.lua"])
    assert capsys.readouterr().out.splitlines() == [
        "Usage: train.lua [options] <data>",
        "Train.",
        "",
        "  <data> where the data lies",
        "  -lr    learning rate [0.1]",
        "  -n     units [20]",
        "  -model which model [mlp]",
        "  -gpu   use the GPU [false]",
        "  --dash [1]",
    ]


def test_wrong_declarations(cmd):
    with pytest.raises(ValueError, match="option -x has no default value"):
        cmd.option("-x")
    with pytest.raises(ValueError, match="option -x has wrong default type value"):
        cmd.option("-x", "1", "", "number")


def test_string(cmd, capsys):
    opt = cmd.parse(["d", "-gpu", "-lr", "0.5"])
    assert cmd.string("run", opt, {}) == "run,data=d,gpu=t,lr=0.5"
    assert "IGNORING for DIRECTORY NAME" in capsys.readouterr().out
    assert cmd.string("", opt, {"gpu": True, "n": False}) == ",data=d,lr=0.5,n=20"
    assert capsys.readouterr().out.splitlines()[-3:] == ["-- ignore option gpu", "lr\t0.5\t0.1", "n\t20\t20"]
    with pytest.raises(TypeError, match="ignore"):
        cmd.string("run", opt, None)


def test_string_without_anything_to_add():
    cmd = torch.CmdLine()
    cmd.option("-n", 1)
    assert cmd.string("run", cmd.parse([]), {}) == "run"


def test_string_prints_name_value_and_default(capsys):
    """As recorded in Lua: a number with 14 digits, a boolean as its letter and its default in full."""
    cmd = torch.CmdLine()
    for name, default in (("-l2", 0), ("-lr", 0.1 + 0.2), ("-gpu", False), ("-name", "a"), ("-big", 1e20)):
        cmd.option(name, default)
    opt = cmd.parse(["-l2", "0.001", "-gpu", "-name", "b", "-lr", "1e-3", "-big", "3"])
    assert cmd.string("x", opt, {}) == "x,big=3,gpu=t,l2=0.001,lr=0.001,name=b"
    assert capsys.readouterr().out.splitlines() == [
        "big\t3\t1e+20",
        "gpu\tt\tfalse",
        "l2\t0.001\t0",
        "lr\t0.001\t0.3",
        "name\tb\ta",
    ]


def test_string_of_arguments_alone_ends_in_a_separator():
    cmd = torch.CmdLine()
    cmd.argument("data")
    cmd.option("-n", 1)
    assert cmd.string("run", cmd.parse(["d"]), {}) == "run,data=d,"


def test_other_separators():
    cmd = torch.CmdLine("_", "-")
    cmd.option("-n", 1)
    assert cmd.string("run", cmd.parse(["-n", "2"]), {}) == "run_n-2"


def test_log(cmd, tmp_path, capsys):
    path = tmp_path / "log"
    cmd.log(str(path), {"lr": 0.5, "gpu": True})
    print("epoch", 1, 0.1 + 0.2, None, True)
    lines = path.read_text().splitlines()
    assert re.fullmatch(r"\[program started on .+\]", lines[0])
    assert lines[1:] == [
        "[command line arguments]",
        "lr 0.5",
        "gpu true",
        "[----------------------]",
        "epoch 1 0.3 nil true",
    ]
    assert "epoch 1" in capsys.readouterr().out


def test_silent_log_with_times(cmd, tmp_path, capsys):
    cmd.silent()
    cmd.addTime("xor", "%Y")
    with open(tmp_path / "log", "w+") as file:
        cmd.log(file)
        print("hello")
        file.seek(0)
        assert re.fullmatch(r"\d{4}\[xor\]: hello", file.read().splitlines()[-1])
    assert capsys.readouterr().out == ""


def test_close_restores_print(cmd, tmp_path):
    original = builtins.print
    cmd.log(str(tmp_path / "log"))
    assert builtins.print is not original
    cmd.close()
    assert builtins.print is original
