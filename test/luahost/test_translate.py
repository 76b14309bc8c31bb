"""Lua programs as Python programs: they print the same, line for line and with few helper calls."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("lupa")
from luahost.translator.report import measure

HERE = Path(__file__).parent
ROOT = Path(__file__).parents[2]
# many statements on a line of Lua, or calls that a formatter breaks into lines
DENSE = {
    "closures": 1.5,
    "jumps": 1.3,
    "holes": 1.4,
    "metatables": 1.4,
    "options": 1.3,
    "lua_idioms": 2.1,
    "tensor_tour": 1.9,
    "random_tour": 1.4,
    "idioms3": 2.1,
    "idioms4": 1.7,
    "misc": 2.1,
    "patches": 1.6,
    "tester": 1.6,
    "error_texts": 1.6,
    "own_operators": 1.6,
}
NIL = {"error_texts": 0.16}  # values that are nil wherever they are asked for
PATHS = [p for folder in ("programs", "translated") for p in sorted((HERE / folder).glob("*.lua"))]


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_the_translation_prints_the_same(path):
    result, text = measure(path)
    assert result.right, f"{result.said}\n{text}"
    assert result.python <= DENSE.get(path.stem, 1.3) * result.lua
    assert result.helpers <= NIL.get(path.stem, 0.07 if path.stem in DENSE else 0.05) * result.python


WITHOUT_RUNS = {"charlm_gmodule", "loaders", "lua_idioms", "own_module", "qlearn", "stochgrad", "text_stats"}


@pytest.mark.parametrize("path", [p for p in PATHS if p.stem in WITHOUT_RUNS], ids=lambda p: p.stem)
def test_without_a_run_helpers_find_the_types(path):
    result, text = measure(path, recorded=False)
    assert result.right, f"{result.said}\n{text}"


def translate(folder, source, *options):
    (folder / "p.lua").write_text(source, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "torch7", "translate", "p.lua", *options],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


def test_check_compares_what_both_print(tmp_path):
    done = translate(tmp_path, "print(arg[1], 1 / 3)\n", "-o", "p.py", "--record", "a", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no difference\n")
    assert "print(" in (tmp_path / "p.py").read_text()


def test_what_is_no_lua_and_gotos_without_a_form_are_refused_by_name(tmp_path):
    done = translate(tmp_path, "for i = 1, 2 do\n  ::top::\n  if i > 1 then break end\n  goto top\nend\n")
    assert done.returncode == 1 and re.search(r"p\.lua: line 3: goto top: .* has no form in Python", done.stderr)
    done = translate(tmp_path, "goto nowhere\n")
    assert done.returncode == 1 and "line 1: no visible label 'nowhere'" in done.stderr
    done = translate(tmp_path, "local = 1\n")
    assert done.returncode == 1 and "line 1" in done.stderr


def test_comments_and_empty_lines_stay_in_place(tmp_path):
    source = "-- first\nlocal a = 1 -- one\n\n--[[ two\nlines ]]\nif a then\n  -- inside\n  print(a)\nend\n-- last\n"
    lines = translate(tmp_path, source, "--record", "").stdout.split("\n\n", 1)[1].splitlines()
    assert [line.strip() for line in lines if line.strip()] == [
        "# first", "a = 1  # one", "# two", "# lines", "if a is not None:", "# inside", "print(a)", "# last",
    ]  # fmt: skip


SEVERAL = """
local x = torch.Tensor{{3, 1, 2}, {9, 7, 8}}
local values, places = torch.Tensor(), torch.LongTensor()
torch.sort(values, places, x, 2)
print(values, places)
values:max(places, x, 1)
print(values, places)
local kept = torch.Tensor(2, 1)
local seen = kept
torch.max(kept, torch.LongTensor(2, 1), x, 2)
print(seen)
local a, b = torch.Tensor{{2, 0}, {0, 4}}, torch.Tensor{{2}, {4}}
local left, right = torch.Tensor(), torch.Tensor()
torch.gesv(right, left, b, a)
print(right)
"""


def test_several_results_go_to_the_tensors_that_come_first(tmp_path):
    done = translate(tmp_path, SEVERAL, "--record", "", "--check")
    assert (done.stderr, done.returncode) == ("no difference\n", 0)
    assert "values, places = lua.into((values, places), torch.max(x, 1))\n" in done.stdout
    assert "\nvalues\n" not in done.stdout


def test_the_example_of_the_manual_in_its_three_forms(tmp_path):
    page = (ROOT / "doc/lua/translate.md").read_text(encoding="utf-8")
    lua, python = ((ROOT / "examples/lua" / name).read_text(encoding="utf-8") for name in ("line.lua", "line.py"))
    printed = re.search(r"```text\n(.*?)```", page, re.S)[1]
    assert f"```lua\n{lua}```" in page and f"python\n{python}```" in page
    done = translate(tmp_path, lua, "--record", "-steps 60", "--check")
    assert (done.stderr, done.returncode) == ("no difference\n", 0)
    if shutil.which("ruff", path=str(Path(sys.executable).parent)):
        assert done.stdout == python
    run = subprocess.run(
        [sys.executable, ROOT / "examples/lua/line.py", "-steps", "60"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert run.stdout.rstrip("\n") == printed.rstrip("\n")


@pytest.mark.parametrize("name", ["characters", "grid_world"])
def test_the_other_examples_are_translations(name, tmp_path):
    lua, python = ((ROOT / "examples/lua" / f"{name}.{end}").read_text(encoding="utf-8") for end in ("lua", "py"))
    done = translate(tmp_path, lua, "--record", "", "--check")
    assert (done.stderr, done.returncode) == ("no difference\n", 0)
    if shutil.which("ruff", path=str(Path(sys.executable).parent)):
        assert done.stdout == python


PROJECT = {
    "main.lua": """require 'nn'
require 'parts.setup'
require 'parts.Double'
local Loader = require 'parts.Loader'
local tools = require 'tools'
rate = 0.5
local loader = Loader.create{1, 2, 3, 4}
print(loader:next(), loader:next(), loader.place, #loader.items)
print(tools.sum(1, 2, 3), tools.count{a = 1, b = 2}, tools.version, scaled(4), unset == nil)
print(Double(2):forward(torch.Tensor{1, 2}))
for _, name in ipairs(names) do io.write(name, ' ') end
print(require('tools') == tools, calls)
""",
    "parts/setup.lua": """names = {'first', 'second'}
calls = 0
function scaled(x)
  calls = calls + 1
  return x * rate
end
""",
    "parts/Double.lua": """local Double, parent = torch.class('Double', 'nn.Module')
function Double:__init(k) parent.__init(self) self.k = k end
function Double:updateOutput(input)
  self.output = input * self.k
  return self.output
end
""",
    "parts/Loader.lua": """local Loader = {}
Loader.__index = Loader
function Loader.create(items) return setmetatable({items = items, place = 0}, Loader) end
function Loader:next()
  self.place = self.place + 1
  return self.items[self.place]
end
return Loader
""",
    "tools/init.lua": """local tools = {version = 2}
function tools.sum(...)
  local s = 0
  for _, v in ipairs{...} do s = s + v end
  return s
end
function tools.count(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end
return tools
""",
}


@pytest.mark.parametrize("recorded", [True, False])
def test_files_that_a_program_requires_become_modules_beside_it(tmp_path, recorded):
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "torch7", "translate", "main.lua", "-o", "out/main.py", "--check"]
    (tmp_path / "out").mkdir()
    options = {"capture_output": True, "text": True, "cwd": tmp_path, "check": False}
    options["env"] = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command + ["--record", ""] * recorded, **options)
    assert (done.stderr, done.returncode) == ("no difference\n", 0)
    written = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.py"))
    assert written == ["main.py", "parts/Double.py", "parts/Loader.py", "parts/setup.py", "tools/__init__.py"]
    if recorded:
        assert "Loader.create = create" in (tmp_path / "out/parts/Loader.py").read_text(encoding="utf-8")


def test_the_places_of_a_program_stay_those_of_its_lua_form(tmp_path):
    source = "\n\nlocal function f(t)\n  return t.x.y\nend\nlocal long = {\n  1,\n  2,\n}\nprint(pcall(f, {}))\n"
    assert translate(tmp_path, source, "-o", "p.py", "--record", "").stderr == ""
    done = subprocess.run([sys.executable, "p.py"], capture_output=True, text=True, cwd=tmp_path,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)  # fmt: skip
    assert done.stdout.split("\n")[0] == "false\tp.lua:4: attempt to index field 'x' (a nil value)"
    assert "# lines of p.lua: " in (tmp_path / "p.py").read_text(encoding="utf-8").splitlines()[-1]


def test_a_program_that_only_prints_text_beyond_ascii_keeps_python_s_text(tmp_path):
    done = translate(
        tmp_path, "local s = 'Größe'\nprint(s .. ': ' .. 3 .. ' €')\n", "-o", "p.py", "--record", "", "--check"
    )
    assert (done.stderr, done.returncode) == ("no difference\n", 0)
    text = (tmp_path / "p.py").read_text(encoding="utf-8")
    assert 's = "Größe"' in text and "octets" not in text
    done = translate(tmp_path, "local s = 'Größe'\nprint(#s, s:sub(1, 2), s)\n", "-o", "p.py", "--check")
    assert (done.stderr, done.returncode) == ("no difference\n", 0)
    assert 's = utf8("Größe")' in (tmp_path / "p.py").read_text(encoding="utf-8")


THREADS = """local Threads = require 'threads'
local function init(id) return id * 2, 'ready' end
local pool, sizes = Threads(2, init)
print(#sizes, sizes[1][1], sizes[2][1], sizes[1][2])
local function main() local sizes = 5; _G.sizes = 'global'; return sizes, _G.sizes end
print(main())
pool:addjob(function(a) return a + 1 end, function(r) print(r) end, 4)
pool:synchronize()
pool:terminate()
local one = Threads(1)
print(one:hasjob())
one:terminate()
"""


def test_pools_of_threads_give_what_their_first_functions_gave(tmp_path):
    done = translate(tmp_path, THREADS, "-o", "p.py", "--record", "", "--check")
    assert (done.stderr, done.returncode) == ("no difference\n", 0)


SEEDED = {
    "here": "require 'torch'\ntorch.manualSeed(1)\nrequire 'nn'\nprint(torch.uniform())\n",
    "in a file": "require 'torch'\ntorch.manualSeed(1)\nprint(require 'model')\nrequire 'nn'\nprint(torch.uniform())\n",
    "before": "require 'optim'\nrequire 'model'\ntorch.manualSeed(1)\nrequire 'nn'\nprint(torch.uniform())\n",
}


@pytest.mark.parametrize("place", SEEDED)
def test_what_loading_nn_draws_after_a_seed(tmp_path, place):
    (tmp_path / "model.lua").write_text("require 'nn'\nreturn torch.uniform()\n", encoding="utf-8")
    done = translate(tmp_path, SEEDED[place], "--check", "-o", "out/p.py")
    assert done.returncode == 0, done.stderr
    written = "".join(f.read_text(encoding="utf-8") for f in tmp_path.rglob("*.py"))
    assert written.count("rand(4)") == (place != "before")


def test_a_number_or_a_tensor_is_compared_by_value(tmp_path):
    source = (
        "local x = torch.ones(2)\nlocal t = {x, x[1]}\nfor i = 1, 2 do print(t[i] == 1, 2 ~= t[i]) end\nprint(x == 1)\n"
    )
    done = translate(tmp_path, source, "-o", "p.py", "--record", "", "--check")
    assert (done.returncode, done.stderr) == (0, "no difference\n")
