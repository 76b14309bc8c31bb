"""The checks of Tester: each returns whether it held, counts itself and notes a failure with its place."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .arrays import cast, describe, is_array
from .classes import typename
from .lua import is_number, lua_number, lua_pattern, lua_type
from .serialization.values import Storage, functions


class Checks:
    """``assert_``, ``eq``, ``ne``, ``assertlt`` ... ``assertErrorPattern``.

    ``message`` is added to the note of a failure. Where a check takes a tolerance too, tolerance and message may come
    in either order.
    """

    def __init__(self) -> None:
        self.reset()
        self.current = ""

    def reset(self) -> None:
        """Forget what was counted and noted."""
        self.countasserts = 0
        self.failures: list[tuple[str, str]] = []
        self.errors: list[tuple[str, str]] = []
        self.warnings: list[tuple[str, str]] = []

    def _check(self, holds: bool, message: str | None, what: str) -> bool:
        self.countasserts += 1
        if not holds:
            lines = [] if message is None else [str(message)]
            self.failures.append((self.current, "\n".join([*lines, what, _place()])))
        return bool(holds)

    def _warn(self, text: str) -> None:
        self.warnings.append((self.current, text))

    def assert_(self, condition: Any, message: str | None = None) -> bool:
        """``condition`` is true, as Lua sees it: anything but False and None."""
        false = condition is None or (isinstance(condition, bool | np.bool_) and not condition)
        return self._check(not false, message, f"the condition is {condition}")

    def eq(self, got: Any, expected: Any, tolerance: Any = None, message: Any = None) -> bool:
        """Equal values: numbers within ``tolerance`` (0), tables item by item, tensors of the same type and sizes."""
        tolerance, message = _in_order(tolerance, message, 0)
        return self._check(not (why := difference(got, expected, tolerance)), message, why)

    def ne(self, got: Any, unexpected: Any, tolerance: Any = None, message: Any = None) -> bool:
        """The opposite of :meth:`eq`."""
        tolerance, message = _in_order(tolerance, message, 0)
        return self._check(difference(got, unexpected, tolerance), message, "the values are equal")

    assertGeneralEq = eq
    assertGeneralNe = ne
    assertTableEq = eq
    assertTableNe = ne

    def assertlt(self, a: Any, b: Any, message: str | None = None) -> bool:
        """a < b."""
        return self._check(a < b, message, f"{a} < {b} does not hold")

    def assertgt(self, a: Any, b: Any, message: str | None = None) -> bool:
        """a > b."""
        return self._check(a > b, message, f"{a} > {b} does not hold")

    def assertle(self, a: Any, b: Any, message: str | None = None) -> bool:
        """a <= b."""
        return self._check(a <= b, message, f"{a} <= {b} does not hold")

    def assertge(self, a: Any, b: Any, message: str | None = None) -> bool:
        """a >= b."""
        return self._check(a >= b, message, f"{a} >= {b} does not hold")

    def assertalmosteq(self, a: float, b: float, tolerance: Any = None, message: Any = None) -> bool:
        """|a - b| <= ``tolerance`` (1e-16)."""
        tolerance, message = _in_order(tolerance, message, 1e-16)
        return self._check(abs(a - b) <= tolerance, message, f"{a} and {b} differ by more than {tolerance}")

    def asserteq(self, a: Any, b: Any, message: str | None = None) -> bool:
        """Lua's ``a == b``: equal numbers or strings, the same object, or the storage of the same memory."""
        return self._check(_same(a, b), message, f"{a} == {b} does not hold")

    def assertne(self, a: Any, b: Any, message: str | None = None) -> bool:
        """Lua's ``a ~= b``."""
        return self._check(not _same(a, b), message, f"{a} ~= {b} does not hold")

    def assertTensorEq(self, a: Any, b: Any, tolerance: Any = None, message: Any = None) -> bool:
        """max |a - b| <= ``tolerance`` (0) for tensors of one type with as many elements; other sizes are a warning."""
        tolerance, message = _in_order(tolerance, message, 0)
        return self._check(not (why := self._tensors_differ(a, b, tolerance)), message, why)

    def assertTensorNe(self, a: Any, b: Any, tolerance: Any = None, message: Any = None) -> bool:
        """The opposite of :meth:`assertTensorEq`."""
        tolerance, message = _in_order(tolerance, message, 0)
        return self._check(self._tensors_differ(a, b, tolerance), message, "the tensors are equal")

    def _tensors_differ(self, a: Any, b: Any, tolerance: float) -> str:
        if not (is_array(a) and is_array(b)):
            return f"expected two tensors, got {describe(a)} and {describe(b)}"
        if a.shape != b.shape and a.size == b.size:
            self._warn(f"the tensors have different sizes: {describe(a)} and {describe(b)}")
            b = b.reshape(a.shape)
        return difference(a, b, tolerance)

    def assertError(self, f: Callable[[], Any], message: str | None = None) -> bool:
        """``f()`` raises an exception."""
        return self._check(_error(f) is not None, message, "no error was raised")

    def assertNoError(self, f: Callable[[], Any], message: str | None = None) -> bool:
        """``f()`` raises no exception."""
        error = _error(f)
        return self._check(error is None, message, f"an error was raised: {error}")

    def assertErrorMsg(self, f: Callable[[], Any], text: str, message: str | None = None) -> bool:
        """``f()`` raises an exception whose text is ``text``."""
        return self.assertErrorObj(f, lambda error: str(error) == text, message)

    def assertErrorPattern(self, f: Callable[[], Any], pattern: str, message: str | None = None) -> bool:
        """``f()`` raises an exception in whose text the Lua ``pattern`` is found."""
        return self.assertErrorObj(f, lambda error: lua_pattern(pattern).search(str(error)) is not None, message)

    def assertErrorObj(
        self, f: Callable[[], Any], predicate: Callable[[Exception], bool], message: str | None = None
    ) -> bool:
        """``f()`` raises an exception for which ``predicate(exception)`` is true."""
        error = _error(f)
        holds = error is not None and predicate(error)
        return self._check(holds, message, "no error was raised" if error is None else f"unexpected error: {error!r}")


def _in_order(tolerance: Any, message: Any, default: float) -> tuple[float, Any]:
    """Tolerance and message, whichever way round they were given."""
    if isinstance(tolerance, str) or (message is not None and not isinstance(message, str)):
        tolerance, message = message, tolerance
    return default if tolerance is None else tolerance, message


def _error(f: Callable[[], Any]) -> Exception | None:
    try:
        f()
    except Exception as error:
        return error
    return None


def _same(a: Any, b: Any) -> bool:
    if lua_type(a) in ("number", "string", "boolean"):
        return lua_type(a) == lua_type(b) and a == b
    return a is b or (isinstance(a, Storage) and a == b)


def _place() -> str:
    """Where the check was called: the innermost line outside of this file."""
    frames = [frame for frame in traceback.extract_stack() if frame.filename != __file__]
    return "".join(traceback.format_list(frames[-1:])).rstrip()


def difference(got: Any, expected: Any, tolerance: float = 0, path: str = "") -> str:
    """Where and how two values differ by more than ``tolerance``, or ``''``."""
    at = f" at {path}" if path else ""
    got, expected = _plain(got), _plain(expected)
    if _kind(got) != _kind(expected):
        return f"types differ{at}: {_kind(got)} and {_kind(expected)}"
    if is_array(got):
        return _arrays_differ(got, expected, tolerance, at)
    if is_number(got):
        return "" if _near(got, expected, tolerance) else f"{lua_number(got)} and {lua_number(expected)} differ{at}"
    if lua_type(got) == "table":
        return _tables_differ(_items(got), _items(expected), tolerance, path)
    return "" if got is expected or got == expected else f"{got!r} and {expected!r} differ{at}"


def _plain(x: Any) -> Any:
    """The keys and values of a table of a translated program."""
    content = functions.table(x) if functions.table is not None else None
    return x if content is None else content


def _kind(x: Any) -> str:
    """Tensors differ from tables, a tuple of sizes does not."""
    return typename(x) or lua_type(x) if is_array(x) or not isinstance(x, tuple) else "table"


def _near(a: float, b: float, tolerance: float) -> bool:
    return a == b or abs(a - b) <= tolerance


def _arrays_differ(a: Any, b: Any, tolerance: float, at: str) -> str:
    if a.shape != b.shape:
        return f"sizes differ{at}: {describe(a)} and {describe(b)}"
    wide = "torch.DoubleTensor" if a.dtype.kind == "f" else "torch.LongTensor"
    a, b = cast(a, wide), cast(b, wide)
    with np.errstate(invalid="ignore"):
        gap = np.where(a == b, 0, np.abs(a - b))
    worst = gap.max() if a.size else 0
    return "" if worst <= tolerance else f"elements differ{at} by up to {lua_number(worst)}, tolerance {tolerance}"


def _items(table: Any) -> Mapping[Any, Any]:
    """A list as Lua's table, keyed from 1 on."""
    return table if isinstance(table, Mapping) else dict(enumerate(table, 1))


def _tables_differ(a: Mapping[Any, Any], b: Mapping[Any, Any], tolerance: float, path: str) -> str:
    for key in [*a, *(k for k in b if k not in a)]:
        if key not in a or key not in b:
            return f"key {key!r} is in one table only{f' at {path}' if path else ''}"
        if why := difference(a[key], b[key], tolerance, f"{path}[{key!r}]"):
            return why
    return ""
