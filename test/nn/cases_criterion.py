"""Cases of the chapter "criterion": every class, its forms of input and target, with and without sizeAverage."""

import numpy as np

import nn
from nn.testing import CriterionCase

CASES = []


def case(make, input, target, name, **options):
    CASES.append(CriterionCase(make, input, target, name=name, **options))


def summed(make):
    """The criterion of ``make`` without its average."""

    def summing():
        criterion = make()
        criterion.sizeAverage = False
        return criterion

    return summing


def both(make, input, target, name, **options):
    case(make, input, target, name, **options)
    case(summed(make), input, target, f"{name}, summed", **options)


def random(*shape, low=0.05, high=0.95):
    return lambda: np.random.default_rng(8).uniform(low, high, shape)


def labels(*shape, classes):
    return lambda: np.random.default_rng(9).integers(1, classes + 1, shape)


def signs(*shape):
    return lambda: np.random.default_rng(10).choice([-1.0, 1.0], shape)


def value(x):
    return lambda: x


def with_criterions(criterion, *added):
    for c in added:
        criterion.add(*c) if isinstance(c, tuple) else criterion.add(c)
    return criterion


WEIGHTS = np.array([0.5, 1.0, 2.0, 0.0, 1.5])
MISMATCH = (((3, 4), (3, 5)), ((3, 4), value(None)), (value(None), (3, 4)))

# errors of every element
for cls in (nn.AbsCriterion, nn.MSECriterion, nn.SmoothL1Criterion):
    both(cls, (3, 4), (3, 4), cls.__name__, wrong=MISMATCH)
    case(cls, (2, 6), (3, 4), f"{cls.__name__} of different shapes")
    case(lambda cls=cls: cls(False), (5,), (5,), f"{cls.__name__}(False)")
both(nn.DistKLDivCriterion, (3, 4), random(3, 4), "DistKLDivCriterion", wrong=(((3, 4), (4, 3)),))
case(nn.DistKLDivCriterion, (4,), value(np.array([0.0, 0.4, 0.6, 0.0])), "DistKLDivCriterion of zeros")
both(
    nn.BCECriterion, random(3, 5), random(3, 5, low=0), "BCECriterion", wrong=(((3, 5), (3, 5)), (random(3), random(4)))
)
both(
    lambda: nn.BCECriterion(WEIGHTS),
    random(3, 5),
    random(3, 5),
    "BCECriterion weighted",
    wrong=((random(3, 4), random(3, 4)),),
)
case(lambda: nn.BCECriterion(WEIGHTS, False), random(5), random(5), "BCECriterion weighted vector")
both(nn.SoftMarginCriterion, (3, 4), signs(3, 4), "SoftMarginCriterion", wrong=MISMATCH)
both(nn.MarginCriterion, (3, 4), signs(3, 4), "MarginCriterion", wrong=MISMATCH)
both(lambda: nn.MarginCriterion(0.4), (7,), signs(7), "MarginCriterion margin")
both(nn.MultiLabelSoftMarginCriterion, (3, 5), random(3, 5), "MultiLabelSoftMarginCriterion", wrong=MISMATCH)
both(
    lambda: nn.MultiLabelSoftMarginCriterion(WEIGHTS),
    (3, 5),
    lambda: np.eye(5)[:3],
    "MultiLabelSoftMarginCriterion weighted",
    wrong=(((3, 4), (3, 4)),),
)
case(lambda: nn.MultiLabelSoftMarginCriterion(WEIGHTS, False), (5,), random(5), "MultiLabelSoftMarginCriterion vector")
case(nn.L1Cost, (3, 4), value(None), "L1Cost")
both(lambda: nn.WeightedMSECriterion(np.arange(4.0)), (3, 4), (3, 4), "WeightedMSECriterion", wrong=MISMATCH)
both(lambda: nn.WeightedMSECriterion(np.ones((3, 4)) / 3), (3, 4), (3, 4), "WeightedMSECriterion of all")
both(
    nn.SpatialAutoCropMSECriterion,
    (2, 3, 2, 4),
    (2, 3, 5, 5),
    "SpatialAutoCropMSECriterion",
    wrong=(((2, 3, 4), (2, 2, 5)), ((2, 3), (2, 3)), ((2, 3, 4), (1, 2, 3, 4)), ((2, 3, 4), (1, 4, 4))),
)
case(lambda: nn.SpatialAutoCropMSECriterion(False), (3, 2, 4), (3, 3, 4), "SpatialAutoCropMSECriterion(False)")

# classes
both(
    nn.ClassNLLCriterion,
    (4, 5),
    labels(4, classes=5),
    "ClassNLLCriterion",
    wrong=(
        ((4, 5), value(np.array([1, 2, 0, 3]))),
        ((4, 5), value(np.array([1, 2, 6, 3]))),
        ((4, 5), value(2)),
        ((4, 5), value(np.array([1, 2]))),
        ((4, 5), value(np.ones((4, 1)))),
        ((2, 3, 4), value(1)),
        ((4, 5), value("1")),
    ),
)
both(
    lambda: nn.ClassNLLCriterion(WEIGHTS),
    (4, 5),
    value(np.array([2.0, 4.0, 5.0, 1.0])),
    "ClassNLLCriterion weighted",
    wrong=(((4, 3), value(np.ones(4))),),
)
both(lambda: nn.ClassNLLCriterion(WEIGHTS), (5,), value(3), "ClassNLLCriterion weighted sample")
both(
    lambda: nn.ClassNLLCriterion(None, None, 2), (4, 5), value(np.array([2, 4, 2, 1])), "ClassNLLCriterion ignoreIndex"
)
case(lambda: nn.ClassNLLCriterion(None, None, 2), (5,), value(2), "ClassNLLCriterion ignored sample")
case(lambda: nn.ClassNLLCriterion(WEIGHTS), (5,), value(4), "ClassNLLCriterion weight 0")
case(nn.ClassNLLCriterion, (5,), value(np.array([3, 1])), "ClassNLLCriterion first label of several")
case(nn.ClassNLLCriterion, (1, 5), value(3), "ClassNLLCriterion batch of one")
both(
    nn.CrossEntropyCriterion,
    (4, 5),
    labels(4, classes=5),
    "CrossEntropyCriterion",
    wrong=(((1, 1), value(1)), ((4, 5), value(np.array([1, 2, 6, 3])))),
)
both(lambda: nn.CrossEntropyCriterion(WEIGHTS), (4, 5), labels(4, 1, classes=5), "CrossEntropyCriterion weighted")
case(lambda: nn.CrossEntropyCriterion(WEIGHTS, False), (5,), value(2), "CrossEntropyCriterion sample")
case(nn.CrossEntropyCriterion, (1, 5), value(2), "CrossEntropyCriterion batch of one")
case(nn.CrossEntropyCriterion, (4, 1), value(2), "CrossEntropyCriterion N x 1")
both(
    lambda: nn.SpatialClassNLLCriterion(),
    (2, 3, 2, 2),
    labels(2, 2, 2, classes=3),
    "SpatialClassNLLCriterion",
    wrong=(
        ((2, 3, 2, 2), labels(2, 2, 3, classes=3)),
        ((2, 3, 2, 2), labels(2, 4, classes=3)),
        ((2, 3, 2), labels(2, 2, 2, classes=3)),
        ((2, 3, 2, 2), lambda: np.zeros((2, 2, 2))),
        ((2, 3, 2, 2), value(1)),
    ),
)
both(
    lambda: nn.SpatialClassNLLCriterion(WEIGHTS[:3]),
    (2, 3, 2, 2),
    labels(2, 2, 2, classes=3),
    "SpatialClassNLL weighted",
)
both(
    lambda: nn.MultiMarginCriterion(),
    (4, 5),
    labels(4, classes=5),
    "MultiMarginCriterion",
    wrong=(((4, 5), value(np.array([1, 2, 0, 3]))), ((4, 5), value(1)), ((2, 2, 5), value(1))),
)
both(
    lambda: nn.MultiMarginCriterion(2, WEIGHTS, 0.6),
    (4, 5),
    labels(4, classes=5),
    "MultiMarginCriterion squared, weighted",
)
both(lambda: nn.MultiMarginCriterion(2), (5,), value(2), "MultiMarginCriterion sample")
case(nn.MultiMarginCriterion, (5,), value(np.array([4.0])), "MultiMarginCriterion label in a tensor")
both(
    nn.MultiLabelMarginCriterion,
    (3, 4),
    value(np.array([[1.0, 3.0, 0.0, 2.0], [0.0, 1.0, 2.0, 3.0], [4.0, 3.0, 2.0, 1.0]])),
    "MultiLabelMarginCriterion",
    wrong=(((3, 4), (3, 3)), ((4,), value(np.array([1, 5, 0, 0]))), ((4,), value(np.array([1, -1, 0, 0])))),
)
both(nn.MultiLabelMarginCriterion, (4,), value(np.array([2, 4, 0, 0])), "MultiLabelMarginCriterion sample")
both(
    lambda: nn.ClassSimplexCriterion(4),
    (3, 4),
    labels(3, classes=4),
    "ClassSimplexCriterion",
    wrong=(((3, 5), value(np.ones(3))),),
)
case(lambda: nn.ClassSimplexCriterion(2), (2,), value(2), "ClassSimplexCriterion sample", wrong=(((2,), value(3)),))

# pairs
both(
    nn.HingeEmbeddingCriterion,
    (3, 2),
    signs(3, 2),
    "HingeEmbeddingCriterion",
    wrong=(((3, 2), signs(5)), ((3,), value(1))),
)
both(
    lambda: nn.HingeEmbeddingCriterion(0.3), (5,), value(np.array([1, -1, -1, 1, -1])), "HingeEmbeddingCriterion margin"
)
case(nn.HingeEmbeddingCriterion, (1,), value(-1), "HingeEmbeddingCriterion one distance")
for label in (1, -1):
    name = f"L1HingeEmbeddingCriterion {label}"
    wrong = (([(5,), (4,)], value(1)), ((5,), value(1)), ([(5,), (5,)], value(np.ones(2))))
    case(nn.L1HingeEmbeddingCriterion, [(5,), (5,)], value(label), name, wrong=wrong)
    case(lambda: nn.L1HingeEmbeddingCriterion(30), [(2, 3), (2, 3)], value(label), f"{name} margin")
both(
    lambda: nn.CosineEmbeddingCriterion(),
    [(4, 3), (4, 3)],
    signs(4),
    "CosineEmbeddingCriterion",
    wrong=(([(4, 3), (4, 2)], signs(4)), ((4, 3), signs(4)), ([(4, 3), (4, 3)], signs(3)), ([(4, 3)] * 2, value(1))),
)
both(
    lambda: nn.CosineEmbeddingCriterion(0.3),
    [(5, 2), (5, 2)],
    value(np.array([1, -1, -1, 1, -1])),
    "CosineEmbedding margin",
)
for label in (1, -1):
    case(nn.CosineEmbeddingCriterion, [(4,), (4,)], value(label), f"CosineEmbeddingCriterion of vectors {label}")
both(
    lambda: nn.MarginRankingCriterion(0.2),
    [(4,), (4,)],
    signs(4),
    "MarginRankingCriterion",
    wrong=(([(4,), (3,)], signs(4)), ([(4,), (4,)], signs(3)), ((4,), signs(4))),
)
both(nn.MarginRankingCriterion, [(4, 1), (4, 1)], value(np.array([1, -1, -1, 1])), "MarginRankingCriterion column")
case(nn.MarginRankingCriterion, [(1,), (1,)], value(-1), "MarginRankingCriterion one pair")
both(
    nn.DistanceRatioCriterion, [(4,), (4,)], value(None), "DistanceRatioCriterion", wrong=(([(4,), (3,)], value(None)),)
)
case(lambda: nn.DistanceRatioCriterion(False), [(4, 1), (4, 1)], value(None), "DistanceRatioCriterion(False)")

# criterions of criterions
case(
    lambda: with_criterions(nn.MultiCriterion(), (nn.MSECriterion(), 0.5), nn.AbsCriterion()),
    (3, 4),
    (3, 4),
    "MultiCriterion",
    wrong=MISMATCH,
)
case(
    lambda: with_criterions(nn.MultiCriterion(), (nn.CosineEmbeddingCriterion(0.1), 2)),
    [(4, 3), (4, 3)],
    signs(4),
    "MultiCriterion of tables",
)
case(
    lambda: with_criterions(nn.ParallelCriterion(), (nn.ClassNLLCriterion(), 0.5), nn.MSECriterion()),
    [(3, 4), (3, 2)],
    lambda: [np.array([1, 4, 2]), np.ones((3, 2))],
    "ParallelCriterion",
    wrong=(([(3, 4)], lambda: [np.ones(3)]), ((3, 4), value(None))),
)
case(
    lambda: with_criterions(nn.ParallelCriterion(True), (nn.MSECriterion(), 0.5), nn.AbsCriterion()),
    [(3, 2), (3, 2)],
    (3, 2),
    "ParallelCriterion repeating its target",
)
case(
    lambda: nn.ModuleCriterion(nn.MSECriterion(), nn.Tanh(), nn.Sigmoid()),
    (3, 4),
    (3, 4),
    "ModuleCriterion",
    wrong=MISMATCH[:2],
)
case(lambda: nn.ModuleCriterion(nn.MSECriterion()), (3, 4), (3, 4), "ModuleCriterion without modules")
case(
    lambda: nn.ModuleCriterion(nn.ClassNLLCriterion(), nn.LogSoftMax(), None, False),
    (3, 4),
    labels(3, classes=4),
    "ModuleCriterion of labels",
)
