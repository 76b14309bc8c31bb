import math

import numpy as np
import pytest

import torch7 as torch


@pytest.fixture
def x():
    return torch.Tensor([[1, 5, 3], [4, 2, 6]])


def test_numbers_are_python_numbers(x):
    for f in (torch.sum, torch.prod, torch.mean, torch.std, torch.var, torch.max, torch.min, torch.norm):
        assert type(f(x)) is float
        assert type(f(x.astype(np.float32))) is float
    assert type(torch.sum(torch.LongTensor([1]))) is int


def test_sums(x):
    assert torch.sum(x) == 21 and torch.prod(x) == 720
    assert torch.sum(x, 1).tolist() == [[5, 7, 9]] and torch.sum(x, 2).tolist() == [[9], [12]]
    assert torch.prod(x, 2).tolist() == [[15], [48]]
    assert torch.cumsum(x, 2).tolist() == [[1, 6, 9], [4, 6, 12]]
    assert torch.cumsum(x).tolist() == [[1, 5, 3], [5, 7, 9]]
    assert torch.cumprod(x, 2).tolist() == [[1, 5, 15], [4, 8, 48]]
    assert torch.sum(torch.Tensor()) == 0
    for f in (torch.sum, torch.cumsum, torch.cumprod, torch.mean, torch.std):
        with pytest.raises(IndexError, match="dimension 0"):
            f(x, 0)
    res = torch.zeros(3)
    assert torch.sum(res, x, 1).tolist() == [[5, 7, 9]] and res.tolist() == [5, 7, 9]


def test_float32_sums_in_double_precision():
    x = np.full(100_001, 0.1, np.float32)
    assert torch.sum(x) == pytest.approx(100_001 * float(np.float32(0.1)), rel=1e-12)
    assert torch.sum(x, 1).dtype == np.float32


def test_mean_var_std():
    x = torch.Tensor([[1, 2, 3, 4]])
    assert torch.mean(x) == 2.5 and torch.mean(x, 2).tolist() == [[2.5]]
    assert torch.std(x) == pytest.approx(math.sqrt(5 / 3)) and torch.var(x) == pytest.approx(5 / 3)
    assert torch.var(x, 2, True).tolist() == [[1.25]]
    assert torch.std(x, 2).shape == (1, 1)
    assert math.isnan(torch.std(torch.ones(1)))
    assert np.isnan(torch.std(x, 1)).all()


def test_norms(x):
    y = torch.Tensor([[1, -2], [3, 4]])
    assert torch.norm(y, 1) == 10 and torch.norm(y) == pytest.approx(math.sqrt(30))
    assert torch.norm(y, 0) == 4 and torch.norm(y, math.inf) == 4
    assert torch.norm(y, 3) == pytest.approx(100 ** (1 / 3))
    assert torch.norm(y, 1, 1).tolist() == [[4, 6]]
    assert torch.dist(y, torch.zeros(4), 1) == 10
    assert torch.renorm(torch.Tensor([[3, 4], [0, 1]]), 2, 1, 1)[1].tolist() == [0, 1]
    np.testing.assert_allclose(torch.renorm(torch.Tensor([[3, 4], [0, 1]]), 2, 1, 1)[0], [0.6, 0.8], rtol=1e-6)
    z, res = torch.Tensor([[3, 4], [0, 1]]), torch.zeros(2, 2)
    assert torch.renorm(res, z, 2, 1, 1) is res and z[0, 0] == 3
    assert torch.renorm_(z, 2, 1, 1) is z
    np.testing.assert_array_equal(z, res)
    np.testing.assert_allclose(torch.renorm_(torch.ones(2, 2), 1, 2, 1), 0.5, rtol=1e-6)


def test_histc():
    assert torch.histc(torch.Tensor([1, 2, 2, 4]), 3).tolist() == [1, 2, 1]
    assert torch.histc(torch.Tensor([1, 2, 2, 4]), 2, 0, 2).tolist() == [0, 3]
    assert torch.histc(torch.Tensor([5, 5]), 2).tolist() == [0, 2]
    assert torch.histc(torch.Tensor([1, math.nan, 3]), 2, 1, 3).tolist() == [1, 1]
    assert torch.histc(torch.rand(1000)).shape == (100,)
    with pytest.raises(ValueError, match="limits 3 and 1"):
        torch.histc(torch.ones(2), 3, 3, 1)
    with pytest.raises(ValueError, match="at least one"):
        torch.histc(torch.ones(2), 0)


def test_histc_rounds_in_the_tensors_precision():
    """0.7 in float32, ten intervals of 0..1: (0.7 - 0) / 1 * 10 rounds to 7 in float32."""
    assert torch.histc(np.array([0.7], np.float32), 10, 0, 1).argmax() == 7
    assert torch.histc(np.array([0.29, 0.58]), 100, 0, 1).nonzero()[0].tolist() == [28, 57]


def test_bhistc():
    x = torch.Tensor([[1, 2, 2, 4], [4, 4, 4, 1]])
    assert torch.bhistc(x, 3).tolist() == [[1, 2, 1], [1, 0, 3]]
    assert torch.bhistc(x, 2, 0, 2).tolist() == [[0, 3], [0, 1]]
    res = torch.zeros(2, 3)
    assert torch.bhistc(res, x, 3) is res and res[1, 2] == 3
    with pytest.raises(ValueError, match="2-D"):
        torch.bhistc(torch.ones(3))


def test_max_and_min(x):
    values, places = torch.max(x, 2)
    assert values.tolist() == [[5], [6]] and places.tolist() == [[2], [3]]
    assert torch.type(places) == "torch.LongTensor"
    assert torch.min(x, 1)[1].tolist() == [[1, 2, 1]]
    assert torch.max(torch.Tensor([2, 2]), 1)[1].tolist() == [1]
    assert torch.max(torch.Tensor([1, math.nan, 3]), 1)[1].tolist() == [2]
    assert torch.max(x) == 6 and torch.min(x) == 1
    values, places = torch.zeros(2), torch.LongTensor(2)
    assert torch.max(values, places, x, 2)[0].tolist() == [[5], [6]]
    assert values.tolist() == [5, 6] and places.tolist() == [2, 3]
    with pytest.raises(ValueError, match="without elements"):
        torch.max(torch.Tensor())
    with pytest.raises(IndexError):
        torch.max(x, 0)


def test_sort(x):
    values, places = torch.sort(x)
    assert values.tolist() == [[1, 3, 5], [2, 4, 6]] and places.tolist() == [[1, 3, 2], [2, 1, 3]]
    values, places = torch.sort(x, 1, True)
    assert values.tolist() == [[4, 5, 6], [1, 2, 3]] and places.tolist() == [[2, 1, 2], [1, 2, 1]]
    assert torch.sort(torch.Tensor([1, 0, 1, 0]), 1, True)[1].tolist() == [1, 3, 2, 4]


def test_topk_and_kthvalue(x):
    assert torch.topk(x)[0].tolist() == [[1], [2]]
    assert torch.topk(x, 2)[1].tolist() == [[1, 3], [2, 1]]
    assert torch.topk(x, 2, 2, True)[0].tolist() == [[5, 3], [6, 4]]
    assert torch.kthvalue(x, 2)[0].tolist() == [[3], [4]]
    assert torch.kthvalue(x, 2, 1)[1].tolist() == [[2, 1, 2]]
    for k in (0, 4):
        with pytest.raises(IndexError, match=rf"k {k}"):
            torch.topk(x, k)


def test_median_and_mode(x):
    values, places = torch.median(x)
    assert values.tolist() == [[3], [4]] and places.tolist() == [[3], [1]]
    assert torch.median(torch.Tensor([4, 1, 2]))[0].tolist() == [2]
    assert torch.median(x, 2)[0].tolist() == [[3], [4]] and torch.median(x, 1)[0].tolist() == [[1, 2, 3]]
    values, places = torch.mode(torch.Tensor([[1, 2, 2], [3, 1, 0]]))
    assert values.tolist() == [[2], [0]] and places.tolist() == [[3], [3]]
    assert torch.mode(torch.Tensor([[1, 2], [1, 3]]), 1)[0].tolist() == [[1, 2]]


def test_mode_counts_each_nan_alone():
    values, places = torch.mode(torch.Tensor([math.nan, math.nan, 2, 1, 2]))
    assert values.tolist() == [2] and places.tolist() == [5]
    assert torch.mode(torch.Tensor([math.nan, 3, math.nan]))[1].tolist() == [2]
    assert np.isnan(torch.mode(torch.Tensor([math.nan, math.nan]))[0]).all()


@pytest.mark.parametrize("order", [[1], [1, 2], [2, 1, 3], [2, 1, 3, 4], [4, 3, 1, 2, 5]])
def test_selection_among_equals(order):
    """Torch's partitions by hand: the middle one goes second, the outer ones are exchanged until they meet."""
    for k, place in enumerate(order, 1):
        assert torch.kthvalue(torch.ones(len(order)), k)[1].tolist() == [place]
        assert torch.kthvalue(torch.long(torch.ones(1, len(order))), k, 2)[1].tolist() == [[place]]


def test_selection_agrees_with_sorting():
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 4, 7, 30):
        x = rng.integers(0, n, (20, n)).astype(np.float64)
        for k in range(1, n + 1):
            values, places = torch.kthvalue(x, k)
            np.testing.assert_array_equal(values[:, 0], np.sort(x)[:, k - 1])
            np.testing.assert_array_equal(np.take_along_axis(x, places - 1, 1), values)
        for axis in (1, 2):
            np.testing.assert_array_equal(
                torch.median(x, axis)[0], torch.kthvalue(x, (x.shape[axis - 1] + 1) // 2, axis)[0]
            )


def test_selection_with_nan_ends():
    rng = np.random.default_rng(1)
    for n in (1, 2, 3, 5, 8, 13):
        x = rng.standard_normal((40, n))
        x[rng.random((40, n)) < 0.4] = math.nan
        values, places = torch.median(x)
        np.testing.assert_array_equal(np.take_along_axis(x, places - 1, 1), values)


def test_a_boolean_in_the_place_of_the_dimension(x):
    assert torch.sort(x, True)[0].tolist() == [[5, 3, 1], [6, 4, 2]] == torch.sort(x, 2, True)[0].tolist()
    assert torch.sort(x, False)[0].tolist() == [[1, 3, 5], [2, 4, 6]]
    assert torch.topk(x, 2, True)[0].tolist() == [[5, 3], [6, 4]] and torch.topk(x, 2, False)[0].tolist() == [
        [1, 3],
        [2, 4],
    ]
    assert torch.topk(x, True)[0].tolist() == [[5], [6]] and torch.topk(x, 1, True, True)[1].tolist() == [[2], [3]]
    assert torch.var(x, True) == pytest.approx(35 / 12) and torch.std(x, True) == pytest.approx(math.sqrt(35 / 12))
    assert torch.var(x, False) == torch.var(x) == pytest.approx(3.5)
    values, places = torch.zeros(2, 3), torch.long(torch.zeros(2, 3))
    assert torch.sort(values, places, x, True)[0] is values and places.tolist() == [[2, 3, 1], [3, 1, 2]]


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "max", "min", "cumsum", "cumprod", "median", "mode"])
@pytest.mark.parametrize("value", [True, False, np.True_])
def test_a_boolean_is_no_dimension(x, name, value):
    with pytest.raises(TypeError, match="a dimension is a number, got"):
        getattr(torch, name)(x, value)


def test_a_boolean_is_no_index(x):
    for call in (
        lambda: torch.narrow(x, 1, True, 1),
        lambda: torch.select(x, 2, True),
        lambda: torch.kthvalue(x, True),
    ):
        with pytest.raises(TypeError, match="must be a number, got True"):
            call()


def test_comparisons(x):
    for name, f in {"eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal}.items():
        got = getattr(torch, name)(x, 3)
        assert (
            got.dtype == bool and torch.type(got) == "torch.ByteTensor" and got.tolist() == f(x, 3).astype(int).tolist()
        )
    y = torch.reshape(torch.t(x), 6)
    assert torch.gt(x, y).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert torch.ge(x, x).all()
    res = torch.ByteTensor(2, 3)
    assert torch.eq(res, x, 3) is res and res.tolist() == [[0, 0, 1], [0, 0, 0]]
    assert torch.eq(res, x, x) is res and res.all()
    real = torch.Tensor(2, 3)
    assert torch.lt(real, x, 3) is real and real.tolist() == [[1, 0, 0], [0, 1, 0]]
    mask = torch.lt(x, 3)
    assert torch.ge(mask, x, x) is mask and mask.all() and mask.dtype == bool
    for wrong in (torch.LongTensor(2, 3), torch.FloatTensor(2, 3)):
        with pytest.raises(TypeError, match="ByteTensor"):
            torch.lt(wrong, x, 3)
    with pytest.raises(TypeError, match="lt takes"):
        torch.lt(x)


def test_all_any_equal(x):
    assert torch.all(torch.gt(x, 0)) is True and torch.any(torch.gt(x, 6)) is False
    assert torch.equal(x, x.copy()) and not torch.equal(x, torch.t(x))
    with pytest.raises(TypeError, match="ByteTensor"):
        torch.all(x)
