"""Cases of nnx's criterions."""

import numpy as np

import nn
import nnx  # noqa: F401
from nn.testing import CriterionCase

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
