"""Tester and TestSuite: unit tests as Torch packages wrote them."""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import registry
from .checking import Checks
from .lua import lua_pattern

HOOKS = ("_setUp", "_tearDown")
LINE = 80


class TestSuite:
    """A table of tests in the order of their definition: ``suite.name = function``, ``suite['name'] = function``.

    ``@suite`` before a function adds it too. ``ValueError`` for a name that is taken, ``TypeError`` for what is not a
    function.
    """

    __test__ = False
    _transient = ("_tests",)

    def __init__(self) -> None:
        self._restore()

    def _restore(self) -> None:
        object.__setattr__(self, "_tests", {})

    def __setitem__(self, name: str, test: Callable[[], Any]) -> None:
        if name in self._tests:
            raise ValueError(f"Test {name} is already defined.")
        if isinstance(test, Mapping | list | tuple | TestSuite):
            raise TypeError("Nested tables of tests are not supported")
        if not callable(test):
            raise TypeError("Only functions are supported as members of a TestSuite")
        self._tests[name] = test

    def __setattr__(self, name: str, test: Callable[[], Any]) -> None:
        self[name] = test

    def __call__(self, test: Callable[[], Any]) -> Callable[[], Any]:
        self[test.__name__] = test
        return test

    def __getitem__(self, name: str) -> Callable[[], Any]:
        return self._tests[name]

    def __getattr__(self, name: str) -> Callable[[], Any]:
        try:
            return vars(self)["_tests"][name]
        except KeyError:
            raise AttributeError(f"no test {name}") from None

    def __iter__(self) -> Iterable[str]:
        return iter(self._tests)

    def __len__(self) -> int:
        return len(self._tests)

    def items(self) -> Iterable[tuple[str, Callable[[], Any]]]:
        return self._tests.items()


class Tester(Checks):
    """Runs tests and reports: ``tester.add(suite)``, in the tests ``tester.eq(got, expected)``, then ``tester.run()``.

    A check that fails is noted and the test goes on; an exception ends the test. ``run`` raises ``RuntimeError`` after
    its report if anything failed, else returns 0. The checks are in :class:`torch7.checking.Checks`; Lua's
    ``tester:assert`` is ``tester.assert_``.
    """

    __test__ = False

    def __init__(self) -> None:
        super().__init__()
        self.tests: dict[str, Callable[[], Any]] = {}
        self._hooks: dict[str, Callable[[str], Any]] = {}
        self._disabled: set[str] = set()
        self._early_abort = self._rethrow = self._summary_only = False

    def add(self, tests: Any, name: str | None = None) -> Tester:
        """Add a function under ``name`` (``'unknown'``), or all tests of a TestSuite or dict.

        Functions called ``_setUp`` and ``_tearDown`` run around every test with its name.
        """
        if callable(tests) and not isinstance(tests, TestSuite):
            self._add_one("unknown" if name is None else name, tests)
            return self
        if isinstance(tests, Mapping):
            warnings.warn("use a TestSuite instead of a plain dict of tests", stacklevel=2)
        elif not isinstance(tests, TestSuite):
            raise TypeError(f"add takes a function, a TestSuite or a dict, got {type(tests).__name__}")
        for each, test in tests.items():
            self._add_one(each, test)
        return self

    def _add_one(self, name: str, test: Callable[..., Any]) -> None:
        if not callable(test):
            raise TypeError("Only functions are supported as tests")
        if name in self.tests or name in self._hooks:
            raise ValueError(f"Test with name {name} already exists!")
        (self._hooks if name in HOOKS else self.tests)[name] = test

    def disable(self, names: str | Iterable[str]) -> Tester:
        """Skip these tests when they are run."""
        self._disabled.update([names] if isinstance(names, str) else names)
        return self

    def setEarlyAbort(self, flag: bool) -> Tester:
        """Stop after the first test that fails."""
        self._early_abort = flag
        return self

    def setRethrowErrors(self, flag: bool) -> Tester:
        """Let the first exception of a test through, with its traceback."""
        self._rethrow = flag
        return self

    def setSummaryOnly(self, flag: bool) -> Tester:
        """Leave out the lines of single tests."""
        self._summary_only = flag
        return self

    def run(self, names: str | Iterable[str] | None = None) -> int:
        """Run all tests, or those whose names equal or match ``names``, which may be Lua patterns."""
        chosen = self._choose(names)
        self.reset()
        self._write(f"Running {_count(len(chosen), 'test')}\n")
        done = 0
        for i, name in enumerate(chosen, 1):
            head = f"{i}/{len(chosen)} {name} "
            head += "." * (LINE - 7 - len(head))
            if not self._summary_only:
                self._write(f"{head} [WAIT]")
            outcome = self._run_one(name)
            done += outcome != "SKIP"
            if not self._summary_only:
                self._write(f"\r{head} [{self._colour(outcome)}]{self._warned(name)}\n")
            if self._early_abort and outcome in ("FAIL", "ERROR"):
                break
        self._report(done)
        if self.failures or self.errors:
            raise RuntimeError("An error was found while running tests!")
        return 0

    def _choose(self, names: str | Iterable[str] | None) -> list[str]:
        if names is None:
            return list(self.tests)
        chosen: list[str] = []
        for wanted in [names] if isinstance(names, str) else names:
            pattern = lua_pattern(wanted)
            found = [wanted] if wanted in self.tests else [n for n in self.tests if pattern.fullmatch(n)]
            if not found:
                raise ValueError(f"Couldn't find test '{wanted}'")
            chosen += [n for n in found if n not in chosen]
        return chosen

    def _run_one(self, name: str) -> str:
        if name in self._disabled:
            return "SKIP"
        self.current = name
        failures = len(self.failures)
        try:
            self._call_hook("_setUp", name)
            try:
                self.tests[name]()
            finally:
                self._call_hook("_tearDown", name)
        except Exception:
            if self._rethrow:
                raise
            self.errors.append((name, f" Function call failed\n{traceback.format_exc()}"))
            return "ERROR"
        return "PASS" if len(self.failures) == failures else "FAIL"

    def _call_hook(self, hook: str, name: str) -> None:
        if hook in self._hooks:
            self._hooks[hook](name)

    def _report(self, tests: int) -> None:
        warned = f" and {_count(len(self.warnings), 'warning')}" if self.warnings else ""
        self._write(
            f"Completed {_count(self.countasserts, 'assert')} in {_count(tests, 'test')} with "
            f"{_count(len(self.failures), 'failure')} and {_count(len(self.errors), 'error')}{warned}\n"
        )
        self._write("-" * LINE + "\n")
        for name, message in [*self.failures, *self.errors, *self.warnings]:
            self._write(f"{name}\n{message}\n\n{'-' * LINE}\n")

    def _warned(self, name: str) -> str:
        return " [+warning]" if any(n == name for n, _ in self.warnings) else ""

    @staticmethod
    def _colour(outcome: str) -> str:
        if not sys.stdout.isatty():
            return outcome
        code = {"PASS": 32, "SKIP": 33}.get(outcome, 31)
        return f"\x1b[{code}m{outcome}\x1b[0m"

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


registry.register("torch.Tester", Tester)
registry.register("torch.TestSuite", TestSuite)
