"""Cases of nnx's criterions."""

import numpy as np

import nn
import nnx  # noqa: F401
from nn.testing import CriterionCase
from nnx import cudnn, waifu2x

CASES = []


def case(make, input, target, name, **options):
    CASES.append(CriterionCase(make, input, target, name=name, **options))


def time_averaged():
    criterion = nn.TemporalCrossEntropyCriterion()
    criterion.time_average, criterion.batch_average = True, False
    return criterion


LABELS = np.array([[1, 0, 3], [4, 2, 0]])
WRONG = (((2, 3, 4), np.array([[1, 2, 3]])), ((2, 4), np.array([1, 2])), ((2, 3, 4), LABELS + 1))
case(nn.TemporalCrossEntropyCriterion, (2, 3, 4), LABELS, "TemporalCrossEntropyCriterion", wrong=WRONG)
case(time_averaged, (2, 3, 4), LABELS, "TemporalCrossEntropyCriterion, by time")

PAIR = [(2, 3), (2, 3)]
UNUSED = {"wrong": (([(2, 3), (2, 2)], (2, 3)),)}
case(nn.KLDCriterion, PAIR, (2, 3), "KLDCriterion", **UNUSED)
case(nn.GaussianCriterion, PAIR, (2, 3), "GaussianCriterion", wrong=(([(2, 3), (2, 2)], (2, 3)), (PAIR, (2, 2))))
case(lambda: nn.SequentialCriterion(nn.Linear(3, 2), nn.MSECriterion()), (4, 3), (4, 2), "SequentialCriterion")

case(nn.TreeNLLCriterion, (4,), (4,), "TreeNLLCriterion")
ALIGNED = [[1, 2], [3]]
SUMMED = {"gradient": "the gradient is that of the sum over samples, the loss their mean"}
case(nn.CTCCriterion, (5, 2, 4), lambda: ALIGNED, "CTCCriterion", waive=SUMMED)
case(lambda: nn.CTCCriterion(True), (1, 5, 4), lambda: ALIGNED[:1], "CTCCriterion, batch first")

# neuraltalk2, densecap
CAPTIONS = np.array([[1, 2, 5], [3, 0, 4], [0, 0, 2]])
case(
    nn.LanguageModelCriterion,
    (5, 3, 6),
    CAPTIONS,
    "LanguageModelCriterion",
    wrong=(((4, 3, 6), CAPTIONS), ((5, 3, 6), CAPTIONS + 3)),
)
NUMBERS = np.array([0, 1, 3, 2])
case(nn.LogisticCriterion, (4, 3), NUMBERS, "LogisticCriterion", wrong=(((4, 2), NUMBERS), ((3, 3), NUMBERS)))
case(nn.OurCrossEntropyCriterion, (1, 3), np.array([2]), "OurCrossEntropyCriterion")
ANCHORS = np.array([[10.0, 12, 6, 7], [8, 8, 9, 5]])
MOVED = np.array([[0.1, 0.2, 0.3, -0.4], [0.3, -0.2, 0.1, 0.2]])
case(
    lambda: nn.BoxRegressionCriterion(2),
    lambda: [ANCHORS.copy(), MOVED.copy()],
    lambda: np.array([[11.0, 10, 8, 6], [9, 9, 7, 6.5]]),
    "BoxRegressionCriterion",
)

# nnx


def both():
    return nn.SuperCriterion().add(nn.MSECriterion(), 0.5).add(nn.AbsCriterion())


def distances(**fields):
    criterion = nn.DistNLLCriterion()
    vars(criterion).update(fields)
    return criterion


case(both, [(4, 2), (4, 2)], (4, 2), "SuperCriterion")
VECTORS = (((4,), (3,)), ((2, 2), (2, 2)))
case(nn.DistNLLCriterion, (4,), (4,), "DistNLLCriterion", wrong=VECTORS)
case(lambda: distances(inputIsADistance=True), (4,), (4,), "DistNLLCriterion of distances")
case(lambda: distances(inputIsLogProbability=True, targetIsProbability=True), (4,), (4,), "DistNLLCriterion of logs")
CHANCES = lambda: np.array([0.1, 0.2, 0.3, 0.4])
case(lambda: distances(inputIsProbability=True), CHANCES, (4,), "DistNLLCriterion of probabilities")
case(nn.KLDivCriterion, (4,), (4,), "KLDivCriterion", wrong=VECTORS)
CLASSES = np.array([[2, 4, 0, 0], [1, 0, 3, 0], [4, 3, 2, 1]])
case(nn.DistMarginCriterion, (3, 4), CLASSES, "DistMarginCriterion", wrong=(((3, 4), CLASSES + 1), ((3, 3), CLASSES)))
case(nn.DistMarginCriterion, (4,), CLASSES[0], "DistMarginCriterion of a sample")
case(nn.SparseCriterion, (3, 4), (3, 4), "SparseCriterion")

# fbnn, waifu2x
LABELLED = np.array([2, 1, 3])
WRONG_LABELS = (((3, 3), LABELLED + 1), ((2, 3), LABELLED))
POSITIVE = lambda: np.random.default_rng(3).uniform(0.2, 0.9, (3, 3))
case(nn.TrueNLLCriterion, POSITIVE, LABELLED, "TrueNLLCriterion", wrong=WRONG_LABELS)
case(lambda: nn.ClassNLLCriterionWithUNK(3), (3, 3), LABELLED, "ClassNLLCriterionWithUNK", wrong=WRONG_LABELS[1:])
case(lambda: nn.ClassNLLCriterionWithUNK(7, False), (3, 3), LABELLED, "ClassNLLCriterionWithUNK, all known")
case(nn.SoftPlusLSECriterion, (3, 4), (3, 4), "SoftPlusLSECriterion")
case(nn.SoftPlusLSEMinusLSECriterion, (3, 4), (3, 4), "SoftPlusLSEMinusLSECriterion")
HALF = {"gradient": "it is half the derivative, and passes where the input was cut"}
case(lambda: waifu2x.ClippedMSECriterion(-1, 1), (3, 4), (3, 4), "w2nn.ClippedMSECriterion", waive=HALF)
WEIGHT = np.array([0.5, 2, 1, 0.1])
HUBER = {"gradient": "it is that by the weighted difference"}
case(
    lambda: waifu2x.ClippedWeightedHuberCriterion(WEIGHT, 0.5, [-1, 1]),
    (3, 4),
    (3, 4),
    "w2nn.ClippedWeightedHuberCriterion",
    waive=HUBER,
)

# fbcunn, cudnn

CLUSTERS = [[1, 1], [2, 2], [1, 2], [3, 1], [2, 1], [1, 3]]
WORDS = np.array([1, 2, 4, 6, 5])
case(lambda: nn.HSM(CLUSTERS, 4), (5, 4), WORDS, "HSM", wrong=(((5, 3), WORDS), ((4, 4), WORDS), ((5, 4), WORDS + 1)))
PIXELS = np.array([[[1, 3], [2, 2]], [[3, 3], [1, 2]]])
case(cudnn.SpatialCrossEntropyCriterion, (2, 3, 2, 2), PIXELS, "cudnn.SpatialCrossEntropyCriterion")
SHAPE = (2, 3, 2, 1, 2)
WRONG = ((SHAPE, PIXELS), ((2, 2, 2, 1, 2), PIXELS[:, :, None]))
case(cudnn.VolumetricCrossEntropyCriterion, SHAPE, PIXELS[:, :, None], "VolumetricCrossEntropyCriterion", wrong=WRONG)
