import pickle

import numpy as np
import pytest

import optim
import torch7 as torch

PREDICTIONS = [1, 1, 1, 2, 2, 3, 2, 3, 3, 3]
TARGETS = [1, 1, 1, 2, 2, 2, 3, 3, 3, 3]
COUNTS = [[3, 0, 0], [0, 2, 1], [0, 1, 3]]
PRINTED = (
    "ConfusionMatrix:\n"
    "[[       3       0       0]   100.000% \t[class: cat]\n"
    " [       0       2       1]   66.667% \t[class: dog]\n"
    " [       0       1       3]]  75.000% \t[class: cow]\n"
    " + average row correct: 80.555556217829% \n"
    " + average rowUcol correct (VOC measure): 70.000000794729% \n"
    " + global correct: 80%"
)


def scores(classes, n=3):
    return np.eye(n)[np.array(classes) - 1]


@pytest.fixture
def matrix():
    m = optim.ConfusionMatrix(["cat", "dog", "cow"])
    m.batchAdd(np.array(PREDICTIONS), np.array(TARGETS))
    return m


@pytest.mark.parametrize("predicted", [list, np.array, lambda c: np.array(c, np.float32), scores])
@pytest.mark.parametrize("wanted", [list, np.array, lambda c: np.array(c)[:, None], scores])
def test_batch_add_takes_classes_and_scores(predicted, wanted):
    m = optim.ConfusionMatrix(3)
    m.batchAdd(predicted(PREDICTIONS), wanted(TARGETS))
    np.testing.assert_array_equal(m.mat, COUNTS)
    assert m.mat.dtype == np.int64


@pytest.mark.parametrize("predicted", [lambda c: c, float, lambda c: np.array([c]), lambda c: scores([c])[0]])
@pytest.mark.parametrize("wanted", [lambda c: c, np.int64, lambda c: scores([c])[0]])
def test_add_takes_classes_and_scores(predicted, wanted):
    m = optim.ConfusionMatrix(3)
    for prediction, target in zip(PREDICTIONS, TARGETS):
        m.add(predicted(prediction), wanted(target))
    np.testing.assert_array_equal(m.mat, COUNTS)


def test_the_first_of_equal_scores_wins():
    m = optim.ConfusionMatrix(3)
    m.add(np.array([0.1, 0.5, 0.5]), 1)
    assert m.mat[0, 1] == 1


def test_prints_as_torch(matrix):
    assert str(matrix) == repr(matrix) == PRINTED


def test_prints_without_names_and_wide_counts():
    m = optim.ConfusionMatrix(2)
    m.mat[0, 0], m.mat[0, 1] = 123456789, 1
    lines = str(m).split("\n")
    assert lines[1] == "[[ 123456789         1]   100.000% "
    assert lines[2] == " [         0         0]]  nan% "
    assert lines[-1] == f" + global correct: {100 * 123456789 / 123456790:.14g}%"
    assert lines[3] == " + average row correct: 100% "


def test_prints_empty():
    assert str(optim.ConfusionMatrix(1)) == (
        "ConfusionMatrix:\n[[       0]]  nan% \n + average row correct: nan% \n"
        " + average rowUcol correct (VOC measure): nan% \n + global correct: nan%"
    )


def test_update_valids(matrix):
    matrix.updateValids()
    np.testing.assert_allclose(matrix.valids, [1, 2 / 3, 3 / 4], rtol=1e-7)
    np.testing.assert_allclose(matrix.unionvalids, [1, 2 / 4, 3 / 5], rtol=1e-7)
    assert matrix.valids.dtype == matrix.unionvalids.dtype == np.float32
    assert matrix.totalValid == 0.8
    np.testing.assert_allclose(matrix.averageValid, (1 + 2 / 3 + 3 / 4) / 3)
    np.testing.assert_allclose(matrix.averageUnionValid, 2.1 / 3)


def test_averages_leave_out_absent_classes():
    m = optim.ConfusionMatrix(3)
    m.batchAdd([1, 2], [1, 1])
    m.updateValids()
    assert (m.averageValid, m.averageUnionValid, m.totalValid) == (0.5, 0.5, 0.5)


def test_classes_without_targets_have_no_part_in_the_average_union():
    m = optim.ConfusionMatrix(3)
    for prediction, target in ((1, 1), (2, 1), (3, 2)):
        m.add(prediction, target)
    m.updateValids()
    assert (m.averageValid, m.averageUnionValid) == (0.25, 0.25)


def test_zero(matrix):
    matrix.updateValids()
    matrix.zero()
    assert not matrix.mat.any()
    assert matrix.totalValid == 0


def test_targets_below_one_are_ignored():
    m = optim.ConfusionMatrix(3)
    m.add(1, 0)
    m.add(99, -1)
    m.batchAdd([1, 2, 99], [0, 2, -7])
    m.batchAdd([1, 2], [0, 0])
    assert (m.mat.sum(), m.mat[1, 1]) == (1, 1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: m.add("a", 1), TypeError, "prediction must be whole numbers, got str"),
        (lambda m: m.add(1, 4), IndexError, "target 4 is not one of the classes 1..3"),
        (lambda m: m.add(0, 1), IndexError, "prediction 0"),
        (lambda m: m.batchAdd([1, 4], [1, 1]), IndexError, "prediction 4"),
        (lambda m: m.batchAdd([1, 2], [1, 9]), IndexError, "target 9"),
        (lambda m: m.add(np.zeros(4), 1), ValueError, "4 torch.DoubleTensor for 3 classes"),
        (lambda m: m.batchAdd(np.zeros((2, 4)), [1, 1]), ValueError, "N x 3, not 2x4"),
        (lambda m: m.batchAdd(np.zeros((2, 3, 1)), [1, 1]), ValueError, "N x 3, not 2x3x1"),
        (lambda m: m.batchAdd([1, 2, 3], [1, 1]), ValueError, "predictions for"),
    ],
)
def test_refusals_count_nothing(call, error, message):
    m = optim.ConfusionMatrix(3)
    with pytest.raises(error, match=message):
        call(m)
    assert not m.mat.any()


def test_constructor():
    assert optim.ConfusionMatrix(2, ["a", "b"]).classes == ["a", "b"]
    assert optim.ConfusionMatrix(("a", "b")).nclasses == 2
    with pytest.raises(ValueError, match="3 classes, but 2 names"):
        optim.ConfusionMatrix(3, ["a", "b"])
    with pytest.raises(ValueError, match="at least one class"):
        optim.ConfusionMatrix(0)


def test_far_frr():
    m = optim.ConfusionMatrix(4)
    m.mat[...] = [[8, 2, 0, 0], [1, 3, 0, 0], [0, 0, 0, 0], [0, 5, 0, 5]]
    frrs, fars, present_frrs, present_fars = m.farFrr()
    np.testing.assert_allclose(frrs, [0.2, 0.25, -1, 0.5])
    np.testing.assert_allclose(fars, [(0.25 + 0) / 2, (0.2 + 0.5) / 2, -1, 0])
    np.testing.assert_allclose(present_frrs, [0.2, 0.25, 0.5])
    np.testing.assert_allclose(present_fars, [0.125, 0.35, 0])
    assert {type(rates) for rates in (frrs, fars, present_frrs, present_fars)} == {np.ndarray}


def test_far_frr_of_one_class_alone():
    m = optim.ConfusionMatrix(2)
    m.add(1, 1)
    np.testing.assert_array_equal(np.concatenate(m.farFrr()), [0, -1, np.nan, -1, 0, np.nan])


def test_render(matrix, tmp_path):
    target = tmp_path / "new" / "matrix.png"
    image = matrix.render(None, False, 10, 50, target)
    assert image.shape == (3, 30, 80)
    assert 0 <= image.min() < image.max() <= 1
    np.testing.assert_array_equal(image[:, 5, 5], [0, 1, 0])
    assert image[0, 15, 25] > 0 == image[1, 15, 25]
    np.testing.assert_array_equal(image[:, 5, 15], 0)
    assert image[:, :, 30:].any()
    saved = pytest.importorskip("PIL.Image").open(target)
    assert saved.size == (80, 30)


def test_render_sorts_classes(matrix):
    plain = matrix.render(block=10, legendwidth=0)
    score = matrix.render("score", block=10, legendwidth=0)
    np.testing.assert_array_equal(score[:, 15, 15], plain[:, 25, 25])
    frequent = matrix.render("occurrence", block=10, legendwidth=0)
    np.testing.assert_array_equal(frequent[:, 5, 5], plain[:, 25, 25])
    with pytest.raises(ValueError, match="sortmode"):
        matrix.render("size")


@pytest.mark.parametrize("mode", ["binary", "ascii"])
@pytest.mark.parametrize("names", [None, ["cat", "dog", "cow"]])
def test_saves_and_loads(tmp_path, names, mode):
    m = optim.ConfusionMatrix(3, names)
    m.batchAdd(PREDICTIONS, TARGETS)
    torch.save(tmp_path / "m.t7", m, mode)
    for again in (torch.load(tmp_path / "m.t7", mode), pickle.loads(pickle.dumps(m))):
        assert type(again) is optim.ConfusionMatrix
        assert str(again) == str(m)
        again.add(1, 1)
        assert again.mat[0, 0] == m.mat[0, 0] + 1
