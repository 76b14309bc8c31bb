"""``python -m torch7 run``: exit status, errors, bytecode that is not trusted, the prompt."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import torch7

pytest.importorskip("lupa")
ROOT = Path(__file__).parents[2]


def run(folder, *arguments, text=""):
    return subprocess.run(
        [sys.executable, "-m", "torch7", "run", *arguments],
        input=text,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


def test_an_error_has_its_line_and_ends_with_status_1(tmp_path):
    (tmp_path / "p.lua").write_text(
        "#!/usr/bin/env th\nio.write('before')\nlocal t = torch.ones(2) * torch.ones(3, 3)\n"
    )
    done = run(tmp_path, "p.lua")
    assert (done.returncode, done.stdout) == (1, "before")
    assert "p.lua:3: in main chunk" in done.stderr


def test_a_program_that_does_not_parse_or_is_not_there(tmp_path):
    (tmp_path / "p.lua").write_text("local = 1\n")
    done = run(tmp_path, "p.lua")
    assert done.returncode == 1 and "p.lua:1:" in done.stderr
    done = run(tmp_path, "absent.lua")
    assert done.returncode == 1 and "absent.lua" in done.stderr


def test_exit_gives_the_status_and_all_output(tmp_path):
    (tmp_path / "p.lua").write_text("io.write(arg[0], ' ', #arg, ' ', arg[2], ' ', select('#', ...)) os.exit(7)\n")
    done = run(tmp_path, "p.lua", "-a", "--b")
    assert (done.returncode, done.stdout, done.stderr) == (7, "p.lua 2 --b 2", "")


def test_functions_in_files_run_only_where_they_are_trusted(tmp_path):
    (tmp_path / "make.lua").write_text("torch.save('f.t7', {f = function(x) return x + 1 end})\n")
    (tmp_path / "use.lua").write_text("local f = torch.load('f.t7').f print(pcall(f, 2))\n")
    assert run(tmp_path, "make.lua").returncode == 0
    assert isinstance(torch7.load(tmp_path / "f.t7")["f"], torch7.LuaFunction)
    done = run(tmp_path, "use.lua")
    assert done.stdout.startswith("false") and "--trust" in done.stdout
    assert run(tmp_path, "--trust", "use.lua").stdout == "true\t3\n"


def test_the_prompt_prints_values_tables_and_errors(tmp_path):
    text = (
        "x = torch.ones(2)\nrequire 'optim'\n1 + 1, 'a'\n{1, a = {b = 2}, t = x}\n"
        "for i = 1, 2 do\nprint(i)\nend\nx:nothing()\nfoo bar\n"
    )
    done = run(tmp_path, text=text)
    assert done.returncode == 0
    shown = done.stdout.replace("th> ", "").replace("..> ", "")
    assert shown == "2\na\n{\n  1 : 1\n  a : \n    {\n      b : 2\n    }\n  t : DoubleTensor - size: 2\n}\n1\n2\n"
    first, second = done.stderr.splitlines()
    assert first == "stdin:1: attempt to call method 'nothing' (a nil value)"
    assert second.startswith("stdin:1:") and "bar" in second
