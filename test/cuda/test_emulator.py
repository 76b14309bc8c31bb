"""The emulator itself: it computes what a GPU would, and what a GPU would get wrong is an error with its line."""

from pathlib import Path

import numpy as np
import pytest
from emulator.driver import EmulationError, Module

TEXT = '#line 1 "own_test.cu"\n' + (Path(__file__).parent / "emulator" / "own_test.cu").read_text()
NAMES = ("sum<float>", "sum<double>", "unwritten<float>", "shuffles", "histogram", "pipeline", "strided")
X = np.random.default_rng(0).standard_normal(1000).astype(np.float32)


@pytest.fixture(scope="module", params=["fast", "check"])
def module(request):
    return Module(TEXT, NAMES, request.param)


@pytest.fixture(scope="module")
def checked():
    return Module(TEXT, NAMES, "check")


def on_lines(n):
    """``n`` zeros that begin at a multiple of 128 bytes, as CuPy's arrays do."""
    room = np.zeros(n + 32, np.float32)
    first = -room.ctypes.data % 128 // 4
    return room[first : first + n]


def summed(module, broken=0, name="sum<float>"):
    out = np.full(5, np.nan, np.float32 if "float" in name else np.float64)
    x = X.astype(out.dtype)
    module.get_function(name)((5,), (128,), (x, out, np.int32(1000), np.int32(broken)))
    return out


@pytest.mark.parametrize("name", ["sum<float>", "sum<double>"])
def test_sums_in_any_order_of_threads(module, name):
    for module.seed in (0, 1, 2):
        np.testing.assert_allclose(summed(module, name=name).sum(), X.sum(dtype=np.float64), rtol=1e-4)


def test_warps_exchange_values(module):
    out, lane = np.zeros(160, np.int32), np.arange(32)
    module.get_function("shuffles")((1,), (32,), (out,))
    assert (out[:32] == lane ^ 5).all()
    assert (out[32:64] == np.where(lane + 3 < 32, lane + 3, lane)).all()
    assert (out[64:96].view(np.uint32) == sum(1 << i for i in range(0, 32, 3))).all()
    assert (out[96:128] == np.where(lane % 8 >= 2, lane - 2, lane)).all()
    assert (out[128:] == (lane // 16 * 16 + 9) * 10).all()


def test_atomic_additions(module):
    places = np.random.default_rng(1).integers(0, 7, 1000).astype(np.int32)
    f, d, c = np.zeros(7, np.float32), np.zeros(7), np.zeros(7, np.int32)
    module.get_function("histogram")((4,), (64,), (places, f, d, c, np.int32(1000)))
    counts = np.bincount(places)
    assert (f == counts).all() and (d * 2 == counts).all() and (c == counts).all()


def test_copies_that_are_waited_for(module):
    x = np.random.default_rng(2).standard_normal((128, 4)).astype(np.float32)
    y = np.zeros_like(x)
    module.get_function("pipeline")((1,), (64,), (x, y, np.int32(0)))
    assert (y[:64] == x[63::-1]).all() and (y[64:][63 - 5] == 0).all()


def test_a_copy_that_is_not_waited_for_is_not_there():
    module, x = Module(TEXT, NAMES, "fast"), np.ones((128, 4), np.float32)
    y = np.zeros_like(x)
    module.get_function("pipeline")((1,), (64,), (x, y, np.int32(1)))
    assert np.isnan(y).any()


def test_a_missing_barrier_shows_in_the_values():
    assert not np.isclose(np.nan_to_num(summed(Module(TEXT, NAMES, "fast"), 1).sum()), X.sum(), rtol=1e-4)


def test_arguments_of_another_width_are_refused(module):
    with pytest.raises(EmulationError, match="argument 2 is int64, the kernel takes i4"):
        module.get_function("sum<float>")((5,), (128,), (X, X[:5].copy(), 1000, np.int32(0)))
    with pytest.raises(TypeError, match="3 arguments for 4"):
        module.get_function("sum<float>")((5,), (128,), (X, X, np.int32(0)))


def test_a_barrier_that_only_some_threads_reach(module):
    with pytest.raises(EmulationError, match="barrier"):
        summed(module, 2)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (1, "nothing wrote|race"),
        (3, "outside every array"),
        (4, "race: write after write"),
        (5, "outside every array|past the end"),
    ],
)
def test_every_access_is_checked(checked, broken, words):
    with pytest.raises(EmulationError, match=rf"(?s){words}.*own_test\.cu:\d+"):
        summed(checked, broken)


def test_an_access_that_fails_is_not_made(checked):
    """The launch ends before it: the memory is that of the process of the tests."""
    room = np.zeros(4096, np.float32)
    with pytest.raises(EmulationError, match=r"(?s)write outside every array|write past the end"):
        checked.get_function("strided")((1,), (32,), (np.ones(1024, np.float32), room[:1024], np.int32(64)))
    assert room.any()
    assert not room[1024:].any()


def test_shared_memory_that_nothing_wrote(checked):
    with pytest.raises(EmulationError, match="that nothing wrote"):
        checked.get_function("unwritten<float>")((1,), (64,), (np.zeros(64, np.float32), np.int32(1)))
    x = np.zeros((128, 4), np.float32)
    with pytest.raises(EmulationError, match=r"whose cp\.async is not waited for"):
        checked.get_function("pipeline")((1,), (64,), (x, x.copy(), np.int32(1)))


def test_transactions_are_counted(checked):
    checked.profile(True)
    x, y = on_lines(1024), on_lines(1024)
    checked.get_function("strided")((1,), (32,), (x, y, np.int32(32)))
    checked.profile(False)
    found = {(space, way): parts / least for _, space, way, _, _, _, parts, least in checked.report()}
    assert found["global", "r"] == 1 and found["global", "w"] == 8
    assert found["shared", "w"] == 1 and found["shared", "r"] == 32
    assert found["memory", "r"] == found["memory", "w"] == 1, "all of a sector is written, though by several requests"


def test_text_that_is_no_kernel():
    with pytest.raises(EmulationError, match="no_such_type"):
        Module("__global__ void f(no_such_type x) {}", ("f",))
