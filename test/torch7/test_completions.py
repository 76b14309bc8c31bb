"""The programs that shells complete ``torch7`` by: each shell that is here reads its own."""

import argparse
import shutil
import subprocess
import sys

import pytest

from torch7.__main__ import _parser, main
from torch7.completions import SHELLS, script

CALLS = [
    ("in", {"inspect"}),
    ("", {"inspect", "convert", "view", "run", "translate", "completions"}),
    ("convert --to ", {"onnx", "pytorch"}),
    ("inspect --mode ", {"binary", "ascii", "b32", "b64"}),
    ("inspect --dep", {"--depth"}),
    ("completions ", set(SHELLS)),
]


def shell(name, *arguments, text=None):
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name}")
    run = subprocess.run([name, *arguments], input=text, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize(("line", "expected"), CALLS)
def test_bash(line, expected):
    words = ["torch7", *line.split(" ")]
    listed = " ".join(f"'{word}'" for word in words)
    call = f"COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _torch7; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    found = set(shell("bash", text=f"{script(_parser(), 'bash')}\n{call}\n").split())
    assert expected <= found and (not line or len(found) < 30)


@pytest.mark.parametrize(("line", "expected"), CALLS)
def test_fish(line, expected):
    call = f"complete -C 'torch7 {line}'"
    found = {row.split("\t")[0] for row in shell("fish", text=f"{script(_parser(), 'fish')}\n{call}\n").splitlines()}
    assert expected <= found


def test_zsh(tmp_path):
    (tmp_path / "_torch7").write_text(script(_parser(), "zsh"))
    shell("zsh", "-n", str(tmp_path / "_torch7"))


@pytest.mark.parametrize("name", SHELLS)
def test_every_command_and_option_is_there(name):
    text = script(_parser(), name)
    (commands,) = (a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction))
    for command, parser in commands.choices.items():
        assert command in text
        for flag in (flag for action in parser._actions for flag in action.option_strings):
            assert (flag if name != "fish" else flag.lstrip("-")) in text
    assert "%(" not in text


def test_the_command_prints_it(capsys):
    assert main(["completions", "bash"]) == 0
    assert capsys.readouterr().out == script(_parser(), "bash")
    with pytest.raises(SystemExit):
        main(["completions", "powershell"])


def test_a_quote_in_a_help_text_stays_one():
    parser = argparse.ArgumentParser()
    parser.add_subparsers().add_parser("it's", help="one's [own]: words").add_argument("--a", help="x's")
    assert "one'\\''s" in script(parser, "fish")
    run = subprocess.run([sys.executable, "-m", "torch7", "completions", "fish"], capture_output=True, check=False)
    assert run.returncode == 0
