"""Functions of elements on tensors and numbers."""

import math

import numpy as np
import pytest

import torch7 as torch

UNARY = {
    "abs": abs,
    "neg": lambda v: -v,
    "sign": lambda v: (v > 0) - (v < 0),
    "exp": math.exp,
    "log": math.log,
    "log1p": math.log1p,
    "sqrt": math.sqrt,
    "rsqrt": lambda v: 1 / math.sqrt(v),
    "cinv": lambda v: 1 / v,
    "ceil": math.ceil,
    "floor": math.floor,
    "round": lambda v: math.floor(v + 0.5),
    "trunc": math.trunc,
    "frac": lambda v: v - math.trunc(v),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
}


def make(dtype=np.float64):
    return np.array([[0.25, 0.5, 0.75], [0.125, 1.0, 0.875]], dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", UNARY)
def test_unary(name, dtype):
    f, f_ = getattr(torch, name), getattr(torch, name + "_")
    expected = np.vectorize(UNARY[name], otypes=[float])(make())
    close = {"rtol": 1e-12 if dtype == np.float64 else 1e-5}
    x = make(dtype)
    y = f(x)
    assert y.dtype == dtype and y is not x
    np.testing.assert_allclose(y, expected, **close)
    np.testing.assert_array_equal(x, make(dtype))
    res = np.zeros((2, 3), dtype)
    assert f(res, x) is res
    np.testing.assert_array_equal(res, y)
    assert f_(np.zeros((2, 3), dtype), x).tolist() == y.tolist()
    assert f_(x) is x
    np.testing.assert_array_equal(x, y)


def test_round_goes_away_from_zero():
    values = [0.5, 1.5, 2.5, -0.5, -2.5, 0.49999999999999994, 2.4, -2.6, 4503599627370497.0]
    assert torch.round(torch.Tensor(values)).tolist() == [1, 2, 3, -1, -3, 0, 2, -3, 4503599627370497.0]


def test_real_functions_refuse_whole_numbers():
    for name in ("exp", "sqrt", "round", "sigmoid", "mean", "std", "norm"):
        with pytest.raises(TypeError, match=rf"{name} needs a FloatTensor or DoubleTensor, got torch.LongTensor"):
            getattr(torch, name)(torch.LongTensor([1, 2]))
    assert torch.abs(torch.LongTensor([-1])).tolist() == [1]


@pytest.mark.filterwarnings("error::RuntimeWarning", "error::UserWarning")
def test_no_warnings():
    torch.log(torch.Tensor([-1, 0]))
    torch.div(torch.ones(1), 0)
    torch.cdiv(torch.zeros(1), torch.zeros(1))
    torch.exp(torch.Tensor([1e4]))


@pytest.mark.parametrize("name", ["exp", "mul", "cmul", "clamp"])
def test_numbers_of_arguments(name):
    with pytest.raises(TypeError, match=name):
        getattr(torch, name)()
    with pytest.raises(TypeError, match=name):
        getattr(torch, name)(*[torch.ones(1)] * 6)


def test_value_functions():
    x = torch.Tensor([-7, 7])
    assert torch.mul(x, 2).tolist() == [-14, 14]
    assert torch.div(x, 2).tolist() == [-3.5, 3.5]
    assert torch.fmod(x, 4).tolist() == [-3, 3]
    assert torch.remainder(x, 4).tolist() == [1, 3]
    assert torch.pow(x, 2).tolist() == [49, 49]
    assert torch.pow(2, torch.Tensor([1, 3])).tolist() == [2, 8]
    assert torch.clamp(x, -1, 3).tolist() == [-1, 3]
    assert torch.mul_(x, 2) is x and x.tolist() == [-14, 14]
    res = torch.zeros(2)
    assert torch.mul(res, x, 2) is res and res.tolist() == [-28, 28]
    assert torch.clamp_(x, -5, 5) is x and x.tolist() == [-5, 5]
    assert torch.pow_(x, 2).tolist() == [25, 25]
    with pytest.raises(TypeError, match="number"):
        torch.pow(x, x)
    assert math.isnan(torch.clamp(torch.Tensor([math.nan]), 0, 1)[0])


def test_tensor_functions():
    x, y = torch.Tensor([1, 2]), torch.Tensor([[4], [0.5]])
    assert torch.cmul(x, y).tolist() == [4, 1]
    assert torch.cmul(y, x).tolist() == [[4], [1]]
    assert torch.cdiv(x, y).tolist() == [0.25, 4]
    assert torch.cpow(x, y).tolist() == [1, 2**0.5]
    assert torch.cmax(x, y).tolist() == [4, 2] and torch.cmin(x, 1).tolist() == [1, 1]
    assert torch.atan2(x, y).tolist() == [math.atan2(1, 4), math.atan2(2, 0.5)]
    assert torch.lerp(x, y, 0.5).tolist() == [2.5, 1.25]
    assert torch.cmul_(x, y) is x and x.tolist() == [4, 1]


@pytest.mark.parametrize("call", [torch.add, torch.cmul_, torch.cdiv, torch.copy, torch.dist, torch.eq, torch.dot])
def test_counts_must_agree_and_nothing_is_broadcast(call):
    x = torch.ones(4, 3)
    with pytest.raises(ValueError, match=r"4x3 torch\.DoubleTensor"):
        call(x, torch.ones(3))
    assert (x == 1).all()


NUMBERS = set(UNARY) - {"neg", "sign", "cinv"}


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_functions_of_numbers(name):
    got = getattr(torch, name)(0.375)
    assert type(got) is float and got == pytest.approx(UNARY[name](0.375), rel=1e-14)
    torch.setdefaulttensortype("torch.FloatTensor")
    try:
        assert getattr(torch, name)(0.3) == float(getattr(torch, name)(np.array([0.3], np.float32))[0])
    finally:
        torch.setdefaulttensortype("torch.DoubleTensor")


def test_functions_of_several_numbers():
    assert torch.round(2.5) == 3 and torch.round(-2.5) == -3 and torch.abs(-4) == 4 and torch.sigmoid(0) == 0.5
    assert torch.pow(2, 3) == 8 and torch.atan2(1, 1) == math.pi / 4 and torch.lerp(1, 3, 0.5) == 2
    assert torch.pow(4, 0.5) == 2 and math.isnan(torch.sqrt(-1)) and torch.log(0) == -math.inf


@pytest.mark.parametrize(
    "call", ["sign(1)", "neg(1)", "cinv(2)", "fmod(5, 3)", "remainder(5, 3)", "mul(2, 3)", "cmax(1, 2)"]
)
def test_functions_that_torch_had_for_tensors_only(call):
    with pytest.raises(TypeError, match="tensor"):
        eval(f"torch.{call}")


@pytest.mark.parametrize("name", ["round_", "exp_", "pow_", "atan2_"])
def test_a_number_has_no_method(name):
    with pytest.raises(TypeError):
        getattr(torch, name)(*[2.5] * (2 if name in ("pow_", "atan2_") else 1))


def test_nan_as_in_torch():
    nan = math.nan
    x, y = torch.Tensor([nan, 1, 2, nan]), torch.Tensor([1, nan, 1, nan])
    np.testing.assert_array_equal(torch.cmax(x, y), [1, nan, 2, nan])
    np.testing.assert_array_equal(torch.cmin(x, y), [1, nan, 1, nan])
    np.testing.assert_array_equal(torch.cmax(x, 1.5), [1.5, 1.5, 2, 1.5])
    np.testing.assert_array_equal(torch.cmin(x, 1.5), [1.5, 1, 1.5, 1.5])
    np.testing.assert_array_equal(torch.cmax_(x.copy(), y), torch.cmax(x, y))
    assert torch.sign(torch.Tensor([nan, -nan, -0.0, math.inf])).tolist() == [0, 0, 0, 1]
    np.testing.assert_array_equal(torch.clamp(torch.Tensor([nan, 5]), 0, 1), [nan, 1])


def test_sign_of_whole_numbers():
    assert torch.sign(torch.ByteTensor([0, 200])).tolist() == [0, 1]
    assert torch.sign(torch.LongTensor([-3, 0, 2])).tolist() == [-1, 0, 1]
    assert torch.sign_(torch.FloatTensor([-3, 0, 2])).dtype == np.float32


def test_clamp_with_limits_the_wrong_way_round():
    x = torch.Tensor([0, 1, 2, 3, 4])
    assert torch.clamp(x, 3, 1).tolist() == [3, 3, 3, 1, 1]
    assert torch.clamp_(x, 2, 2) is x and x.tolist() == [2] * 5


def test_remainders():
    x = torch.Tensor([-7, 7, 5.5])
    np.testing.assert_array_equal(torch.remainder(x, math.inf), [math.nan] * 3)
    np.testing.assert_array_equal(torch.remainder(x, 0), [math.nan] * 3)
    assert torch.remainder(x, -4).tolist() == [-3, -1, -2.5] and torch.fmod(x, math.inf).tolist() == x.tolist()
    assert torch.mod(x, 4).tolist() == torch.fmod(x, 4).tolist() == [-3, 3, 1.5]
    y = torch.Tensor([4, -4, 2])
    assert torch.cfmod(x, y).tolist() == torch.cmod(x, y).tolist() == [-3, 3, 1.5]
    assert torch.cremainder(x, y).tolist() == [1, -1, 1.5]
    assert torch.cremainder_(x, y) is x and x.tolist() == [1, -1, 1.5]
    long = torch.LongTensor([-7, 7])
    assert torch.cremainder(long, torch.LongTensor([4, -4])).tolist() == [1, -1]
    assert torch.cfmod(long, torch.LongTensor([4, -4])).tolist() == [-3, 3]
    for call in (torch.fmod, torch.remainder):
        with pytest.raises(ZeroDivisionError, match="remainder of"):
            call(long, 0)
    assert torch.remainder(torch.Tensor([0.3]), 0.1)[0] == 0.3 - 0.1 * math.floor(0.3 / 0.1)


def test_writing_functions_have_both_names():
    for name in ("fill", "zero", "copy", "apply", "map", "map2", "maskedFill", "maskedCopy", "indexCopy", "indexAdd"):
        assert getattr(torch, name + "_") is getattr(torch, name)
    for name in ("indexFill", "scatter", "scatterAdd"):
        assert getattr(torch, name + "_") is getattr(torch, name)


def test_types_must_agree():
    with pytest.raises(TypeError, match=r"torch.DoubleTensor and 2 torch.FloatTensor.*torch7.type\(x"):
        torch.cmul(torch.ones(2), np.ones(2, np.float32))
    with pytest.raises(TypeError, match="tensor"):
        torch.cmul(torch.ones(2), [1, 2])


def test_destination_of_another_count():
    with pytest.raises(ValueError):
        torch.cmul(torch.Tensor(), torch.ones(2), torch.ones(2))
    with pytest.raises(ValueError, match="destination"):
        torch.sum(torch.Tensor(), torch.ones(2, 2), 1)


def test_whole_numbers_as_in_c():
    assert torch.div(torch.LongTensor([7, -7, 6]), 2).tolist() == [3, -3, 3]
    assert torch.div(torch.LongTensor([7, -7, 6]), -2).tolist() == [-3, 3, -3]
    assert torch.cdiv(torch.LongTensor([7, -7]), torch.LongTensor([-2, 7])).tolist() == [-3, -1]
    assert torch.add(torch.ByteTensor([200]), 100).tolist() == [44]
    assert torch.mul(torch.ByteTensor([200]), 2).tolist() == [144]
    assert torch.add(torch.LongTensor([1]), 2.9).tolist() == [3]
    assert torch.sum(torch.ByteTensor([200, 100])) == 300
    with pytest.raises(ZeroDivisionError):
        torch.div(torch.LongTensor([1]), 0)


def test_add_and_csub():
    x, y = torch.Tensor([1, 2]), torch.Tensor([10, 20])
    assert torch.add(x, 1).tolist() == [2, 3]
    assert torch.add(x, y).tolist() == [11, 22]
    assert torch.add(x, 2, y).tolist() == [21, 42]
    assert torch.csub(x, 2, y).tolist() == [-19, -38]
    res = torch.zeros(2)
    assert torch.add(res, x, y) is res and res.tolist() == [11, 22]
    assert torch.add(res, x, 1) is res and res.tolist() == [2, 3]
    assert torch.add(res, x, 2, y) is res and res.tolist() == [21, 42]
    assert torch.csub(res, x, y) is res and res.tolist() == [-9, -18]
    assert x.tolist() == [1, 2]
    assert torch.add_(x, -0.5, y) is x and x.tolist() == [-4, -8]
    assert torch.csub_(x, 1) is x and x.tolist() == [-5, -9]
    assert torch.add_(x, y, 5) is x and x.tolist() == [15, 25]
    with pytest.raises(TypeError, match="add takes"):
        torch.add(x)


def test_copying_and_conversions():
    x = torch.zeros(2, 2)
    assert torch.copy(x, torch.LongTensor([1, 2, 3, 4])) is x and x.tolist() == [[1, 2], [3, 4]]
    assert torch.fill(x, 2) is x and torch.zero(x) is x and torch.sum(x) == 0
    y = torch.clone(x)
    y[0] = 1
    assert x[0, 0] == 0
    assert torch.apply(torch.Tensor([1, 2]), lambda v: None if v == 1 else v * 3).tolist() == [1, 6]
    assert torch.map(torch.Tensor([1, 2]), torch.Tensor([3, 4]), lambda v, w: v * w).tolist() == [3, 8]
    assert torch.map2(torch.ones(1), torch.ones(1), torch.ones(1), lambda a, b, c: a + b + c).tolist() == [3]
    assert torch.totable((2, 3)) == [2, 3] and torch.totable(torch.ones(1, 2)) == [[1, 1]]
    assert torch.double(x) is x and torch.float(x).dtype == np.float32
    assert torch.long(torch.Tensor([-1.7])).tolist() == [-1]
    assert torch.type(x, "torch.IntTensor").dtype == np.int32
    assert torch.typeAs(x, np.zeros(1, np.float32)).dtype == np.float32
    t = torch.t(torch.zeros(2, 3))
    torch.copy(t, torch.range(1, 6))
    assert t.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_match():
    x, y = torch.Tensor([[1, 2], [3, 4], [0, 0]]), torch.Tensor([[1, 2], [0, 1]])
    expected = [[0, 2], [8, 18], [5, 1]]
    assert torch.match(x, y).tolist() == expected and torch.match(x, y, 2).tolist() == [[0, 4], [16, 36], [10, 2]]
    res = torch.zeros(3, 2)
    assert torch.match(res, x, y) is res and res.tolist() == expected
    assert torch.match(torch.long(x), torch.long(y)).dtype == np.int64
    with pytest.raises(ValueError, match="rows of as many elements"):
        torch.match(x, torch.ones(2, 3))


def test_powers_of_whole_numbers_as_in_c():
    x = torch.LongTensor([2, -3, 10])
    assert torch.pow(x, 2).tolist() == [4, 9, 100] and torch.pow(x, -1).tolist() == [0, 0, 0]
    assert torch.cpow(x, torch.LongTensor([-1, 3, 0])).tolist() == [0, -27, 1]
    assert torch.cpow(torch.ByteTensor([200, 3]), torch.ByteTensor([2, 2])).tolist() == [64, 9]
    assert torch.pow(2, torch.IntTensor([3, 0])).tolist() == [8, 1]
    assert torch.cpow_(x, x) is x and x.tolist() == [4, 0, 10**10]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_powers_that_torch_did_without_pow(dtype):
    x = np.concatenate([np.random.default_rng(0).standard_normal(300) ** 2, [0.0, -0.0, np.inf]]).astype(dtype)
    with np.errstate(all="ignore"):
        for power, expected in {
            1: x,
            2: x * x,
            3: x * x * x,
            0.5: np.sqrt(x),
            -0.5: 1 / np.sqrt(x),
            -1: 1 / x,
            -2: 1 / (x * x),
        }.items():
            got = torch.pow(x, power)
            assert got.dtype == dtype
            np.testing.assert_array_equal(got, expected)
            y = x.copy()
            np.testing.assert_array_equal(torch.pow_(y, power), expected)
    assert math.isnan(torch.pow(torch.Tensor([-math.inf]), 0.5)[0])  # the square root, not C's pow
    np.testing.assert_array_equal(torch.pow(x, 1.5), x ** dtype(1.5))
