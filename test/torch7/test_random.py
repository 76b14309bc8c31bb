import pickle
import re

import numpy as np
import pytest
from records import load
from scipy import stats

import torch7 as torch
from torch7 import arrays, lua_math

ADVANCE = 700


@pytest.fixture(autouse=True)
def seeded():
    torch.manualSeed(123)
    yield
    torch.setdefaulttensortype("torch.DoubleTensor")


def number_list(text):
    return [float(part) for part in re.findall(r"-?[\d.]+", text)]


def replay(call, dtype):
    name, _, arguments = re.fullmatch(r"(?:tensor\(\d+\):)?(\w+)(\((.*)\))", call).groups()
    draw = getattr(torch, name)
    if name == "multinomial":
        *p, n = number_list(arguments)
        return draw(np.array(p), int(n), arguments.endswith("true"))
    values = [int(v) if v.is_integer() and name == "random" else v for v in number_list(arguments)]
    if call.startswith("tensor"):
        return draw(np.empty(int(re.match(r"tensor\((\d+)\)", call)[1]), dtype), *values)
    return draw(*values)


@pytest.mark.parametrize("record", load("random"), ids=lambda r: f"{r['seed']}-{r['type'][6:]}")
def test_replays_the_recorded_streams(record):
    torch.manualSeed(record["seed"])
    dtype = arrays.dtype_of(record["type"])
    for call, expected in record["draws"]:
        got = replay(call, dtype)
        tolerance = 1e-12 if np.asarray(got).dtype != np.float32 else 2e-7
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance / 10, err_msg=call)


@pytest.mark.parametrize(
    "draw, expected",
    [
        (lambda: torch.random(), [2991312382, 3062119789, 1228959102, 1840268610]),
        (lambda: torch.uniform(), [0.69646918727084994, 0.71295532141812146, 0.28613933874294162]),
        (lambda: torch.normal(), [-0.52144306271244167, -1.4914194359815409, -0.23812953316813365, 1.0306183433272835]),
        (lambda: torch.normal(2, 3), [0.43567081186267498, -2.4742583079446225]),
        (lambda: torch.uniform(-0.1, 0.1), [0.039293837454169991, 0.042591064283624296]),
        (lambda: torch.exponential(1.7), [0.70133655823109609, 0.73418670637483219]),
        (lambda: torch.cauchy(), [0.70972969302555899, 0.79065846734277412]),
        (lambda: torch.logNormal(), [0.95802047803062884, 0.13767783226140481]),
        (lambda: torch.geometric(0.3), [1, 2, 1, 1, 1, 1, 1, 2]),
        (lambda: torch.bernoulli(), [0, 0, 1, 1, 1, 0, 0, 0]),
        (lambda: torch.random(10), [3, 10, 3, 1, 1, 3, 7, 8]),
        (lambda: torch.random(5, 17), [11, 6, 12, 16, 5, 16, 14, 5]),
    ],
)
def test_known_numbers(draw, expected):
    assert [draw() for _ in expected] == expected


def test_known_arrays():
    assert torch.randperm(8).tolist() == [7, 3, 2, 4, 5, 8, 1, 6]
    torch.manualSeed(123)
    assert torch.multinomial(np.array([1.0, 2, 3, 4]), 8, True).tolist() == [4, 4, 2, 3, 2, 4, 3, 4]
    torch.manualSeed(123)
    assert torch.multinomial(np.array([1.0, 2, 3, 4]), 4).tolist() == [4, 3, 1, 2]
    torch.manualSeed(123)
    assert torch.uniform(np.empty(1, np.float32), -0.1, 0.1)[0] == np.float32(0.039293836802244186)
    torch.manualSeed(123)
    assert torch.random(np.empty(5, np.uint8)).tolist() == [254, 109, 126, 66, 220]
    torch.manualSeed(1)
    assert torch.random() == 1791095845


def test_initial_lua_numbers():
    fresh = torch.LuaRandom()
    assert [fresh.random() for _ in range(3)] == pytest.approx(
        [0.794206292431241, 0.698852465637164, 0.5901037417281034]
    )
    lua_math.randomseed(5)
    again = torch.LuaRandom(5)
    assert [lua_math.random(9) for _ in range(50)] == [again.random(1, 9) for _ in range(50)]
    assert {again.random(2, 4) for _ in range(100)} == {2, 3, 4}
    with pytest.raises(ValueError, match="empty"):
        again.random(0)


DISTRIBUTIONS = [
    (torch.uniform, (-1, 3)),
    (torch.normal, (1, 2)),
    (torch.logNormal, (0.5, 0.2)),
    (torch.exponential, (2,)),
    (torch.cauchy, (1, 2)),
    (torch.geometric, (0.3,)),
    (torch.bernoulli, (0.3,)),
    (torch.random, (5, 17)),
]
each_distribution = pytest.mark.parametrize("draw, parameters", DISTRIBUTIONS, ids=lambda d: getattr(d, "__name__", ""))


@each_distribution
def test_an_array_continues_the_stream_of_numbers(draw, parameters):
    numbers = [draw(*parameters) for _ in range(ADVANCE)]
    torch.manualSeed(123)
    filled = np.concatenate([draw(np.empty(n), *parameters) for n in (1, 7, 16, 17, ADVANCE - 41)])
    np.testing.assert_allclose(filled, numbers, rtol=1e-14)


@each_distribution
def test_strides_do_not_matter(draw, parameters):
    expected = draw(np.empty((2, 3, 5)), *parameters)
    for view in (
        np.empty((5, 3, 2)).transpose(),
        np.empty((4, 3, 5))[::2],
        np.empty((2, 3, 10))[:, :, ::-2],
        np.empty((2, 3, 5), order="F"),
    ):
        torch.manualSeed(123)
        assert draw(view, *parameters) is view
        np.testing.assert_array_equal(view, expected)


@each_distribution
def test_more_than_one_block_is_one_stream(draw, parameters):
    n = 20001
    whole = draw(np.empty(n), *parameters)
    torch.manualSeed(123)
    halves = np.concatenate([draw(np.empty(9999), *parameters), draw(np.empty(n - 9999), *parameters)])
    np.testing.assert_array_equal(whole, halves)


@pytest.mark.parametrize("draw, parameters", DISTRIBUTIONS[:5], ids=lambda d: getattr(d, "__name__", ""))
def test_float32_rounds_parameters_and_result(draw, parameters):
    parameters = tuple(p + 0.1 for p in parameters)
    rounded = draw(np.empty(100), *(float(np.float32(p)) for p in parameters))
    torch.manualSeed(123)
    assert np.array_equal(draw(np.empty(100, np.float32), *parameters), rounded.astype(np.float32))
    with pytest.raises(TypeError, match="floats, got int64"):
        draw(np.empty(3, np.int64), *parameters)


@pytest.mark.parametrize(
    "dtype, modulus",
    [("u1", 256), ("i1", 128), ("i2", 2**15), ("i4", 2**31), ("i8", 2**32), ("f4", 2**24 + 1), ("f8", 2**32)],
)
def test_random_without_a_range_fits_the_type(dtype, modulus):
    words = [torch.random() % modulus for _ in range(50)]
    torch.manualSeed(123)
    assert torch.random(np.empty(50, dtype)).tolist() == words


def test_integer_arrays():
    assert set(torch.bernoulli(np.empty(100, np.uint8), 0.5).tolist()) == {0, 1}
    assert torch.geometric(np.empty(100, np.int32), 0.5).min() == 1
    assert torch.random(np.empty(100, np.int8), -3, -1).tolist().count(-2) > 10
    assert torch.random(np.empty((), np.int64), 3, 3) == 3


def test_bernoulli_with_a_probability_each():
    p = np.linspace(0, 1, 20000).reshape(100, 200)
    u = torch.uniform(np.empty(p.shape))
    torch.manualSeed(123)
    assert np.array_equal(torch.bernoulli(np.empty(20000), p).reshape(p.shape), u <= p)


def test_generators_are_independent():
    a, b = torch.Generator().manualSeed(7), torch.Generator().manualSeed(7)
    first = torch.uniform()
    assert torch.uniform(a, -1, 1) == torch.uniform(-1, 1, generator=b)
    assert np.array_equal(torch.normal(a, np.empty(5), 1, 2), torch.normal(np.empty(5), b, 1, 2))
    assert np.array_equal(torch.rand(a, 2, 3), torch.rand([2, 3], generator=b))
    assert np.array_equal(torch.randperm(a, 6), torch.randperm(6, generator=b))
    assert np.array_equal(torch.multinomial(a, np.ones(3), 2), torch.multinomial(np.ones(3), 2, generator=b))
    assert torch.initialSeed(a) == 7
    torch.manualSeed(a, 9)
    assert a.initialSeed() == 9
    torch.manualSeed(123)
    assert torch.uniform() == first


@pytest.mark.parametrize("seed", [0, 1, 2**32 + 5, -1, 2**40])
def test_seeds_use_their_low_bits(seed):
    torch.manualSeed(seed)
    assert torch.initialSeed() == seed
    first = torch.random()
    torch.manualSeed(seed % 2**32)
    assert torch.random() == first


def test_seed_comes_from_the_system():
    assert torch.seed() != torch.seed()
    assert torch.seed() == torch.initialSeed()


@pytest.mark.parametrize("draws", [0, 1, 623, 624, 625, 1247, 1248, 1249])
def test_state_is_restored_at_any_point(draws):
    torch.random(np.empty(draws, np.int64))
    state = torch.getRNGState()
    assert state.shape == (5048,) and state.dtype == np.uint8
    expected = [torch.random() for _ in range(3)]
    torch.manualSeed(1)
    torch.setRNGState(state)
    assert np.array_equal(torch.getRNGState(), state)
    assert [torch.random() for _ in range(3)] == expected


def test_state_holds_the_cached_normal():
    torch.normal(np.empty(5))
    state = torch.getRNGState()
    expected = [torch.normal(), torch.normal(2, 3)]
    torch.setRNGState(state.tobytes())
    assert [torch.normal(), torch.normal(2, 3)] == expected
    torch.setRNGState(state)
    torch.uniform(np.empty(10))
    assert torch.normal() == expected[0]
    torch.setRNGState(state)
    torch.manualSeed(123)
    assert torch.normal() == -0.52144306271244167


def test_state_has_the_layout_of_the_original():
    record = np.dtype(
        [
            ("seed", "<u8"),
            ("left", "<i4"),
            ("seeded", "<i4"),
            ("next", "<u8"),
            ("state", "<u8", 624),
            ("normal", "<f8", 3),
            ("valid", "<i4"),
            ("pad", "<i4"),
        ]
    )
    torch.manualSeed(-2)
    fresh = torch.getRNGState().view(record)[0]
    assert (fresh["seed"], fresh["left"], fresh["next"], fresh["valid"]) == (2**64 - 2, 1, 0, 0)
    words = np.zeros(624, np.uint64)
    words[0] = 2**32 - 2
    for j in range(1, 624):
        previous = int(words[j - 1])
        words[j] = (1812433253 * (previous ^ (previous >> 30)) + j) % 2**32
    assert np.array_equal(fresh["state"], words)
    torch.normal()
    used = torch.getRNGState().view(record)[0]
    assert (used["left"], used["next"], used["seeded"], used["valid"]) == (623, 2, 1, 1)
    torch.setRNGState(torch.getRNGState())
    assert torch.initialSeed() == -2


def test_bad_state_changes_nothing():
    before = torch.getRNGState()
    for bad in (b"short", bytes(5048), b"\xff" * 5048):
        with pytest.raises(ValueError, match="generator"):
            torch.setRNGState(bad)
    assert np.array_equal(torch.getRNGState(), before)


def test_generators_are_pickled():
    g = torch.Generator().manualSeed(3)
    g.normal()
    assert pickle.loads(pickle.dumps(g)).normal() == g.normal()


def test_default_type_of_rand_and_randn():
    assert torch.rand(2, 3).dtype == np.float64
    torch.setdefaulttensortype("torch.FloatTensor")
    torch.manualSeed(123)
    x = torch.randn((2, 3))
    assert x.dtype == np.float32 and x.shape == (2, 3)
    assert x[0].tolist() == np.array([-0.521443069, -1.49141943, -0.238129526], np.float32).tolist()


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: torch.normal(0, 0), "strictly positive"),
        (lambda: torch.normal(np.empty(3), 0, -1), "strictly positive"),
        (lambda: torch.bernoulli(1.5), "in 0..1"),
        (lambda: torch.bernoulli(np.empty(2), np.array([0.5, -1])), "in 0..1"),
        (lambda: torch.bernoulli(np.empty(2), np.ones(3)), "shape"),
        (lambda: torch.geometric(1), "0 < p < 1"),
        (lambda: torch.random(0), "range"),
        (lambda: torch.random(5, 4), "range"),
        (lambda: torch.randperm(0), "positive"),
        (lambda: torch.uniform(np.broadcast_to(0.0, 3)), "read-only"),
        (lambda: torch.multinomial(np.zeros(3), 1), "positive sum"),
        (lambda: torch.multinomial(np.array([1.0, -1, 2]), 1), "not negative"),
        (lambda: torch.multinomial(np.ones(3), 4), "different"),
        (lambda: torch.multinomialAliasSetup(np.ones((2, 2))), "one dimension"),
    ],
)
def test_bad_parameters_draw_nothing(call, message):
    with pytest.raises(ValueError, match=message):
        call()
    assert torch.random() == 2991312382


def test_huge_parameters_stay_finite():
    assert np.isfinite(torch.normal(np.empty(100), 1, 1e300)).all()
    assert np.isfinite(torch.uniform(np.empty(100), 1, 1e305)).all()


def test_missing_and_surplus_parameters():
    with pytest.raises(TypeError, match="no default"):
        torch.exponential()
    with pytest.raises(TypeError, match="at most 2"):
        torch.uniform(1, 2, 3)
    assert torch.uniform(None, None) == 0.69646918727084994


def test_multinomial_rows_follow_one_another():
    p = torch.uniform(np.empty((3, 5), np.float32))
    torch.manualSeed(5)
    rows = torch.multinomial(p, 4, True)
    torch.manualSeed(5)
    assert rows.tolist() == [torch.multinomial(row, 4, True).tolist() for row in p]
    drawn = torch.multinomial(np.tile(p[0], (200, 1)), 5)
    assert (np.sort(drawn, 1) == np.arange(1, 6)).all()


P = np.array([0.5, 0.05, 0.2, 0.0, 0.25])


@pytest.mark.parametrize("scale", [1.0, 7.0])
def test_multinomial_and_alias_have_the_right_frequencies(scale):
    plain = torch.multinomial(P * scale, 40000, True)
    alias = torch.multinomialAlias(np.empty((200, 200), np.int64), torch.multinomialAliasSetup(P * scale))
    for drawn in (plain, alias):
        counts = np.bincount(drawn.ravel(), minlength=6)[1:]
        assert counts[3] == 0
        assert stats.chisquare(counts[P > 0], 40000 * P[P > 0]).pvalue > 1e-3


@pytest.mark.parametrize(
    "draw, distribution",
    [
        (lambda x: torch.uniform(x, -1, 3), stats.uniform(-1, 4)),
        (lambda x: torch.normal(x, 1, 2), stats.norm(1, 2)),
        (lambda x: torch.exponential(x, 2), stats.expon(scale=0.5)),
        (lambda x: torch.cauchy(x, 1, 2), stats.cauchy(1, 2)),
        (lambda x: torch.logNormal(x, 0.5, 0.2), stats.lognorm(0.2, scale=np.exp(0.5))),
    ],
)
def test_distributions(draw, distribution):
    edges = distribution.ppf(np.linspace(0, 1, 51))
    counts = np.histogram(draw(np.empty(50000)), edges)[0]
    assert stats.chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize("name", ["rand", "randn"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_destination_takes_the_numbers_of_its_type(name, dtype):
    fill = {"rand": torch.uniform, "randn": torch.normal}[name]
    torch.manualSeed(4)
    expected = fill(np.empty((2, 3), dtype))
    after = torch.random()
    for call in (
        lambda r: getattr(torch, name)(r, 2, 3),
        lambda r: getattr(torch, name)(r, (2, 3)),
        lambda r: getattr(torch, name)(r, 3, 2),
        lambda r: getattr(torch, name)(r, 6),
    ):
        res = np.zeros((2, 3), dtype)
        torch.manualSeed(4)
        got = call(res)
        assert np.shares_memory(got, res) and torch.random() == after
        np.testing.assert_array_equal(res, expected)
    g = torch.Generator().manualSeed(4)
    np.testing.assert_array_equal(getattr(torch, name)(np.zeros((2, 3), dtype), g, 2, 3), expected)
    for res in (np.zeros(5, dtype), np.zeros((3, 2), dtype).T[:, :2]):
        with pytest.raises(ValueError, match="cannot take the sizes 2x3"):
            getattr(torch, name)(res, 2, 3)
    with pytest.raises(TypeError):
        getattr(torch, name)(np.zeros(6, np.int64), 2, 3)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.int32, np.uint8])
def test_randperm_into_a_destination(dtype):
    torch.manualSeed(123)
    res = np.zeros((2, 4), dtype)
    got = torch.randperm(res, 8)
    assert got.dtype == dtype and np.shares_memory(got, res)
    assert got.tolist() == [7, 3, 2, 4, 5, 8, 1, 6]
    line = np.zeros(8, dtype)
    assert torch.randperm(line, torch.Generator().manualSeed(123), 8) is line and line.tolist() == got.tolist()
    with pytest.raises(ValueError, match="elements as in res, got 7"):
        torch.randperm(res, 7)


IN_PLACE = {
    "uniform": (2, 3),
    "normal": (1, 2),
    "logNormal": (1, 0.5),
    "exponential": (1.5,),
    "cauchy": (0, 2),
    "geometric": (0.3,),
    "bernoulli": (0.4,),
    "random": (5, 17),
}


@pytest.mark.parametrize("name", IN_PLACE)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_methods_fill_their_array(name, dtype):
    f, f_ = getattr(torch, name), getattr(torch, f"{name}_")
    torch.manualSeed(5)
    expected = f(np.empty((3, 2), dtype), *IN_PLACE[name])
    x = np.empty((3, 2), dtype)
    torch.manualSeed(5)
    assert f_(x, *IN_PLACE[name]) is x
    np.testing.assert_array_equal(x, expected)
    for made in (x.T, np.empty((3, 4), dtype)[:, ::2]):  # any strides, in row order
        torch.manualSeed(5)
        np.testing.assert_array_equal(f_(made, *IN_PLACE[name]).reshape(-1), expected.reshape(-1))
    g = torch.Generator().manualSeed(5)
    np.testing.assert_array_equal(f_(np.empty((3, 2), dtype), g, *IN_PLACE[name]), expected)
    np.testing.assert_array_equal(
        f_(np.empty((3, 2), dtype), *IN_PLACE[name], generator=torch.Generator().manualSeed(5)), expected
    )
    with pytest.raises(TypeError, match=f"{name}_ fills an array, got"):
        f_(*IN_PLACE[name])


def test_methods_have_the_defaults_of_lua():
    """Values of seed 123 recorded in Lua."""
    torch.manualSeed(123)
    assert torch.uniform_(np.empty(2)).tolist() == [0.69646918727084994, 0.71295532141812146]
    torch.manualSeed(123)
    assert torch.normal_(np.empty(1))[0] == -0.52144306271244167
    torch.manualSeed(123)
    assert torch.bernoulli_(np.empty(5, np.uint8)).tolist() == [0, 0, 1, 1, 1]
    torch.manualSeed(123)
    assert torch.random_(np.empty(5, np.uint8)).tolist() == [254, 109, 126, 66, 220]


def test_multinomial_into_a_destination():
    p = torch.Tensor([1, 2, 3, 4])
    torch.manualSeed(123)
    res = torch.LongTensor(8)
    assert torch.multinomial(res, p, 8, True) is res and res.tolist() == [4, 4, 2, 3, 2, 4, 3, 4]
    assert torch.multinomial(res, torch.Generator().manualSeed(123), p, 8, True).tolist() == res.tolist()
    assert torch.multinomial(torch.LongTensor(4), [1.0, 2, 3, 4], 4).tolist() != [0] * 4
    with pytest.raises(ValueError, match="destination"):
        torch.multinomial(torch.LongTensor(3), p, 8, True)
