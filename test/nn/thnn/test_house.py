"""The house of the kernels, counted: narrow functions, flat loops, named arguments, small rooms, imports one way.

And of the library: files that are read in one go.
"""

import ast
import re
from importlib.util import resolve_name
from pathlib import Path

import pytest

import nn
from nn import thnn

ROOT = Path(thnn.__file__).parent
PACKAGE = thnn.__name__
FILES = sorted(p for p in ROOT.rglob("*.py"))
CHAPTERS = ("transfer", "simple", "convolution", "criterion", "rnn", "dpnn")
#: Who may import whom: a room, those with a smaller number.
FLOORS = {"cpu.runtime": 0, "cpu.simd": 1, "cpu.gemm": 2, "cpu.conv": 3, "cpu.replay": 4, "cuda": 4}
FLOORS |= dict.fromkeys(CHAPTERS, 5)
#: The packages of the library.
PACKAGES = sorted(p.parent for p in ROOT.parent.parent.glob("*/__init__.py") if p.parent.name != "test")
BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try)
MOST_PARAMETERS, MOST_LEVELS, MOST_FILES, MOST_LINES = 8, 3, 12, 300

#: Functions that may have more parameters: operands of one instruction, and entries whose buffers are those of Lua's
#: modules, one by one.
WIDE = {
    "cpu.gemm.microkernel.tile",
    "rnn.panels.panel_product",
    "rnn.seq_gru.SeqGRU_updateGradInput",
    "rnn.seq_gru_cuda.SeqGRU_updateGradInput",
    "rnn.seq_lstm_cuda.SeqLSTMP_updateGradInput",
    "rnn.seq_lstm_cuda.SeqLSTMP_updateOutput",
    "rnn.seq_lstm_cuda.SeqLSTM_updateOutput",
    "rnn.seq_lstm.SeqLSTMP_updateGradInput",
    "rnn.seq_lstm.SeqLSTMP_updateOutput",
    "rnn.seq_lstm.SeqLSTM_updateOutput",
}


def functions():
    for path in FILES:
        room = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{room}.{node.name}", node


def parameters(function):
    a = function.args
    return len(a.posonlyargs) + len(a.args) + len(a.kwonlyargs)


def levels(statements):
    """How deep blocks are nested; an ``elif`` is as deep as its ``if``, functions inside count by themselves."""
    return max((level(s) for s in statements if isinstance(s, BLOCKS)), default=0)


def level(block):
    otherwise = getattr(block, "orelse", [])
    chained = isinstance(block, ast.If) and len(otherwise) == 1 and isinstance(otherwise[0], ast.If)
    bodies = [block.body, getattr(block, "finalbody", []), *(h.body for h in getattr(block, "handlers", []))]
    inside = max(levels(body) for body in [*bodies, [] if chained else otherwise])
    return max(1 + inside, level(otherwise[0]) if chained else 0)


def room_of(path):
    parts = path.relative_to(ROOT).parts[:-1]
    return ".".join(parts)


def floor_of(room):
    """The floor of a room, or of the one it lies in; None for the door."""
    return next((number for name, number in FLOORS.items() if f"{room}.".startswith(f"{name}.")), None)


def imported(path):
    """The rooms of nn.thnn that a file imports."""
    package = ".".join([PACKAGE, *path.relative_to(ROOT).parts[:-1]])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            for name in [module, *(f"{module}.{alias.name}" for alias in node.names)]:
                inside = name.removeprefix(f"{PACKAGE}.")
                yield from (room for room in FLOORS if f"{inside}.".startswith(f"{room}."))


def test_functions_are_narrow():
    wide = {name for name, node in functions() if parameters(node) > MOST_PARAMETERS}
    assert wide == WIDE, "the parameters belong into records"


def test_loops_are_flat():
    deep = {name for name, node in functions() if levels(node.body) > MOST_LEVELS}
    assert not deep, "the inner loops are functions"


def test_arguments_have_names():
    """No string of letters stands for the layout of arguments."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                letters = [t for t in texts if len(t) > 3 and set(t) <= set("pitfd")]
                assert not letters, f"{path}:{node.lineno}: {letters}"


@pytest.mark.parametrize("room", sorted({room_of(p) for p in FILES} - set(CHAPTERS)))
def test_rooms_beside_the_chapters_are_small(room):
    own = [p for p in FILES if room_of(p) == room and p.name != "__init__.py"]
    assert len(own) <= MOST_FILES


@pytest.mark.parametrize("path", FILES, ids=lambda p: ".".join(p.relative_to(ROOT).parts))
def test_imports_go_one_way(path):
    room = room_of(path)
    if (floor := floor_of(room)) is not None:
        assert not {
            other for other in imported(path) if not f"{room}.".startswith(f"{other}.") and FLOORS[other] >= floor
        }


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_files_are_short(package):
    lines = {str(p.relative_to(package)): len(p.read_text("utf-8").splitlines()) for p in package.rglob("*.py")}
    assert lines
    assert not {name: n for name, n in lines.items() if n > MOST_LINES}, "a long file is two files"


def test_tests_that_others_import_have_names_of_their_own():
    """Tests lie in many folders, all of which are searched: of two files with one name either could be found."""
    files = list(Path(__file__).parents[2].rglob("*.py"))
    wanted = set(re.findall(r"^(?:import|from) (test_\w+)", "\n".join(f.read_text("utf-8") for f in files), re.M))
    assert wanted
    assert not [name for name in sorted(wanted) if sum(f.stem == name for f in files) > 1]


@pytest.mark.parametrize("chapter", ["transfer", "simple", "convolution", "criterion", "table", "containers"])
def test_whoever_edits_a_module_finds_its_tests(chapter):
    """By the file's name, or by the class's among the cases and the tests of the chapter."""
    tests = Path(__file__).parents[1]
    files = sorted((ROOT.parent / chapter).glob("*.py"))
    texts = [p.read_text("utf-8") for p in [*tests.glob("cases_*.py"), *(tests / chapter).glob("*.py")]]
    named = set(re.findall(r"\bnn\.(\w+)", "\n".join(texts)))
    unnamed = []
    for path in files:
        if not (tests / chapter / f"test_{path.name}").exists():
            classes = [n.name for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.ClassDef)]
            unnamed += [name for name in classes if hasattr(nn, name) and name not in named]
    assert files and not unnamed


def test_the_counting_itself():
    source = """
def f(a, b, *c, d=1):
    for x in a:
        if x:
            pass
        elif b:
            while d:
                pass
        else:
            with c:
                pass
"""
    (function,) = ast.parse(source).body
    assert (parameters(function), levels(function.body)) == (3, 3)
