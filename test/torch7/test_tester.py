import re

import numpy as np
import pytest

import torch7 as torch


@pytest.fixture
def tester():
    return torch.Tester()


def run(tester, capsys, names=None):
    try:
        code = tester.run(names)
    except RuntimeError as e:
        code = str(e)
    return code, capsys.readouterr().out.replace("\r", "\n").splitlines()


def test_suite_protects_itself():
    suite = torch.TestSuite()
    suite.one = len
    suite["two"] = len

    @suite
    def three():
        pass

    assert list(suite) == ["one", "two", "three"] and suite.one is len and len(suite) == 3
    with pytest.raises(ValueError, match=r"Test one is already defined\."):
        suite.one = len
    with pytest.raises(TypeError, match="Nested tables of tests are not supported"):
        suite.more = {"a": len}
    with pytest.raises(TypeError, match="Only functions are supported as members of a TestSuite"):
        suite.more = 3
    with pytest.raises(AttributeError):
        suite.nothing


def test_report_of_success(tester, capsys):
    suite = torch.TestSuite()
    suite.first = lambda: tester.eq(1, 1)
    suite.second = lambda: tester.assert_(True)
    assert tester.add(suite) is tester
    code, lines = run(tester, capsys)
    assert code == 0
    assert lines[0] == "Running 2 tests"
    assert re.fullmatch(r"1/2 first \.+ \[WAIT\]", lines[1]) and re.fullmatch(r"1/2 first \.+ \[PASS\]", lines[2])
    assert len(lines[2]) == 80
    assert lines[5:] == ["Completed 2 asserts in 2 tests with 0 failures and 0 errors", "-" * 80]


def test_report_of_failures(tester, capsys):
    tester.add(lambda: tester.eq(1, 2, "not the same"), "wrong")
    tester.add(lambda: 1 / 0, "broken")
    tester.add(lambda: tester.assertTensorEq(torch.ones(2), torch.ones(2, 1)), "odd")
    code, lines = run(tester, capsys)
    assert code == "An error was found while running tests!"
    assert [line.split(" [")[1] for line in lines if re.match(r"\d/3.*\[(?!WAIT)", line)] == [
        "FAIL]",
        "ERROR]",
        "PASS]",
    ]
    text = "\n".join(lines)
    assert "[PASS] [+warning]" in text
    assert "Completed 2 asserts in 3 tests with 1 failure and 1 error and 1 warning" in text
    assert "wrong\nnot the same\n1 and 2 differ" in text and "test_tester.py" in text
    assert "broken\n Function call failed" in text and "ZeroDivisionError" in text


def test_hooks_run_around_every_test(tester, capsys):
    calls = []
    tester.add(lambda: calls.append("a"), "a")
    tester.add(lambda: 1 / 0, "b")
    tester.add(lambda name: calls.append(f"up {name}"), "_setUp")
    tester.add(lambda name: calls.append(f"down {name}"), "_tearDown")
    run(tester, capsys)
    assert calls == ["up a", "a", "down a", "up b", "down b"]


def test_adding(tester):
    tester.add(len, "one")
    with pytest.raises(ValueError, match="one"):
        tester.add(len, "one")
    with pytest.warns(UserWarning, match="TestSuite"):
        tester.add({"two": len})
    tester.add(len)
    assert list(tester.tests) == ["one", "two", "unknown"]
    with pytest.raises(TypeError):
        tester.add(3)


def test_choosing_and_disabling(tester, capsys):
    ran = []
    for name in ("Spatial_a", "Spatial_b", "Temporal"):
        tester.add(lambda name=name: ran.append(name), name)
    tester.run("Spatial.*")
    assert ran == ["Spatial_a", "Spatial_b"]
    tester.run(["Temporal", "Spatial_a"])
    assert ran[2:] == ["Temporal", "Spatial_a"]
    with pytest.raises(ValueError, match="Couldn't find test 'Spat'"):
        tester.run("Spat")
    capsys.readouterr()
    _, lines = run(tester.disable("Temporal"), capsys)
    assert lines[-3].endswith("[SKIP]") and lines[-2].startswith("Completed 0 asserts in 2 tests")


def test_settings(tester, capsys):
    tester.add(lambda: 1 / 0, "a")
    tester.add(lambda: None, "b")
    _, lines = run(tester.setEarlyAbort(True), capsys)
    assert "Completed 0 asserts in 1 test with 0 failures and 1 error" in lines
    tester.setSummaryOnly(True)
    _, lines = run(tester, capsys)
    assert lines[:2] == ["Running 2 tests", "Completed 0 asserts in 1 test with 0 failures and 1 error"]
    with pytest.raises(ZeroDivisionError):
        tester.setRethrowErrors(True).run()


X = torch.Tensor([[1, 2], [3, 4]])


@pytest.mark.parametrize(
    "check, args, holds",
    [
        ("assert_", (0,), True),
        ("assert_", (None,), False),
        ("assert_", (False,), False),
        ("assert_", (np.bool_(False),), False),
        ("eq", (1, 1.0), True),
        ("eq", (1, "1"), False),
        ("eq", (1, True), False),
        ("eq", (1, 1.5, 0.5), True),
        ("eq", (1, 1.5, "message", 0.5), True),
        ("eq", (1, 1.5, 0.4, "message"), False),
        ("eq", (X, X.copy()), True),
        ("eq", (X, X.astype("f")), False),
        ("eq", (X, X.reshape(4)), False),
        ("eq", (X, X + 0.1, 0.11), True),
        ("eq", (X, X * np.nan), False),
        ("eq", (np.zeros(2, np.uint8), np.ones(2, np.uint8)), False),
        ("eq", ([1, {"a": X}], [1, {"a": X.copy()}]), True),
        ("eq", ([1, 2], {1: 1, 2: 2}), True),
        ("eq", ([1], [1, 2]), False),
        ("eq", ({"a": 1}, {"b": 1}), False),
        ("eq", ((2, 3), (2, 3)), True),
        ("eq", (torch.Tensor(), torch.Tensor()), True),
        ("ne", (1, 2), True),
        ("ne", (X, X.copy()), False),
        ("ne", (1, "1"), True),
        ("assertTableEq", ([1, 2], [1, 2.1], 0.2), True),
        ("assertTableNe", ([1, 2], [1, 2]), False),
        ("assertGeneralNe", (1, 1), False),
        ("assertlt", (1, 1), False),
        ("assertle", (1, 1), True),
        ("assertgt", (2, 1), True),
        ("assertge", (1, 2), False),
        ("assertalmosteq", (1, 1 + 1e-15), False),
        ("assertalmosteq", (1, 1 + 1e-15, 1e-14), True),
        ("asserteq", (1, 1.0), True),
        ("asserteq", ([1], [1]), False),
        ("assertne", (X, X.copy()), True),
        ("asserteq", (X, X), True),
        ("assertTensorEq", (X, X.reshape(4)), True),
        ("assertTensorEq", (X, X + 1, 1), True),
        ("assertTensorEq", (X, X[:1]), False),
        ("assertTensorEq", (X, X.astype("f")), False),
        ("assertTensorEq", (X, 3), False),
        ("assertTensorNe", (X, X + 1), True),
        ("assertTensorNe", (X, X), False),
        ("assertError", (lambda: 1 / 0,), True),
        ("assertError", (lambda: 1,), False),
        ("assertNoError", (lambda: 1 / 0,), False),
        ("assertNoError", (lambda: 1,), True),
        ("assertErrorMsg", (lambda: 1 / 0, "division by zero"), True),
        ("assertErrorMsg", (lambda: 1 / 0, "division"), False),
        ("assertErrorPattern", (lambda: 1 / 0, "by %a+$"), True),
        ("assertErrorPattern", (lambda: 1, "by"), False),
        ("assertErrorObj", (lambda: 1 / 0, lambda e: isinstance(e, ZeroDivisionError)), True),
    ],
)
def test_checks(tester, check, args, holds):
    assert getattr(tester, check)(*args) is holds
    assert tester.countasserts == 1 and len(tester.failures) == (not holds)


def test_differences_name_the_place(tester):
    tester.eq({"a": [1, 2]}, {"a": [1, 3]})
    assert "2 and 3 differ at ['a'][2]" in tester.failures[0][1]
