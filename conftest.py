"""The manual as tests: every ```python example of doc/**/*.md and README.md runs and prints what it shows.

A document is one test, so its examples see one another's names wherever the test runs. Each document starts in an
empty folder, with DoubleTensor as default type and seed 1; classes that it registers are forgotten after it.

All tests begin alike, so that none depends on chance or on those before it: what they draw without a seed of their own
is the same at every run.
"""

from __future__ import annotations

import contextlib
import doctest
import faulthandler
import gc
import random
import shutil
import sys
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import numpy as np
import pytest
from sybil import Document, Sybil
from sybil.example import SybilFailure
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

import torch7
from torch7 import generator, gpu_random, lua_math, registry, threads

ROOT = Path(__file__).parent
SEED = 1
#: Generators of NumPy that modules of tests keep, and how they stood before the first test.
DRAWN: list[tuple[np.random.BitGenerator, dict]] = []
#: Where processes of the tests write what they do when they die: their own output would be lost with them.
DEATHS = pytest.StashKey[Path]()
NAME = "page"
MANUAL = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS), SkipParser()],
    patterns=["README.md", "doc/*.md", "doc/**/*.md"],
    excludes=["doc/_build/**/*"],
    path=str(ROOT),
)


class ManualPage(pytest.File):
    def collect(self):
        document = MANUAL.parse(self.path)
        if any(document.examples()):
            yield Examples.from_parent(self, name="examples", document=document)


class Examples(pytest.Item):
    def __init__(self, document: Document, **kwargs) -> None:
        super().__init__(**kwargs)
        self.document = document

    def runtest(self) -> None:
        self.document.namespace["__name__"] = NAME
        with TemporaryDirectory() as folder, contextlib.chdir(folder), np.printoptions():
            torch7.manualSeed(SEED)
            try:
                for example in self.document.examples():
                    example.evaluate()
            finally:
                forget_classes()

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, SybilFailure):
            return str(excinfo.value)
        excinfo.traceback = excinfo.traceback.cut(path=str(self.path))
        return excinfo.getrepr(style="short")

    def reportinfo(self):
        return self.path, 0, str(self.path.relative_to(ROOT))


def forget_classes() -> None:
    """Take the classes that a page defined out of the registry and out of their packages."""
    for name, cls in registry.registered().items():
        if cls.__module__ == NAME:
            package, _, short = name.rpartition(".")
            if package in sys.modules:
                vars(sys.modules[package]).pop(short, None)
            del registry._classes[name], registry._names[cls]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ManualPage | None:
    if MANUAL.should_parse(file_path):
        return ManualPage.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collectstart(collector: pytest.Collector) -> None:
    if isinstance(collector, pytest.Module):  # which draws while it is imported
        begin()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """The garbage collector has nothing to find while tests are collected, and needs not look at them ever after."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


def pytest_collection_finish() -> None:
    for module in list(sys.modules.values()):
        if str(getattr(module, "__file__", None)).startswith(str(ROOT / "test")):
            made = [x.bit_generator for x in vars(module).values() if isinstance(x, np.random.Generator)]
            DRAWN.extend((bits, bits.state) for bits in made)


@pytest.hookimpl(tryfirst=True)  # before fixtures
def pytest_runtest_setup() -> None:
    begin()
    for bits, state in DRAWN:
        bits.state = state


def begin() -> None:
    """Default type, threads and all streams of random numbers as in a process in which nobody has chosen any yet."""
    torch7.setdefaulttensortype("torch.DoubleTensor")
    if threads._threads is not None:
        threads._threads = None
        torch7.setnumthreads(torch7.getnumthreads())
        threads._threads = None
    streams = [generator.current()]
    if pytorch := sys.modules.get("nn.pytorch.random"):
        streams.append(pytorch.default_generator)
    for stream in streams:
        stream.manualSeed(SEED)
        stream.seeded = False
    gpu_random._seeded = None
    if gpu := sys.modules.get("nn.thnn.cuda.random.generator"):
        gpu._generators.clear()
        gpu._seeds.update(dict.fromkeys(range(16), SEED))
    lua_math.randomseed(0)
    random.seed(SEED)
    np.random.seed(SEED)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.config.stash.setdefault(DEATHS, Path(mkdtemp()))
    node.workerinput["deaths"] = str(node.config.stash[DEATHS] / node.gateway.id)


@pytest.hookimpl(trylast=True)  # behind pytest's own, which writes to the output
def pytest_configure(config: pytest.Config) -> None:
    del sys.argv[1:]  # programs of tests and pages read their own options, not those of pytest
    if place := getattr(config, "workerinput", {}).get("deaths"):
        faulthandler.enable(open(place, "w"))  # noqa: SIM115 - open as long as the process


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show where in the program a process died."""
    if folder := terminalreporter.config.stash.get(DEATHS, None):
        for place in sorted(folder.iterdir()):
            if text := place.read_text():
                terminalreporter.section(f"last words of {place.name}")
                terminalreporter.write(text)
        shutil.rmtree(folder)
