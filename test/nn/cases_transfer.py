"""Cases of the chapter "transfer": every class, every constructor form."""

import numpy as np

import nn
from nn.testing import Case

CASES = []
IN_PLACE = {"buffers_are_reused": "output and gradInput are the arguments"}


def case(make, input=(4, 5), **options):
    CASES.append(Case(make, input, **options))


def rounded(*shape):
    """Normal numbers that keep away from multiples of 0.1, where functions with a kink have no derivative."""

    def input():
        x = np.random.default_rng(5).normal(size=shape)
        return np.round(x, 1) + 0.037

    return input


# functions of every element
for cls in (nn.Tanh, nn.Sigmoid, nn.SoftSign, nn.LogSigmoid, nn.TanhShrink):
    case(cls, batch=True)
    case(cls, (2, 3, 2, 3), name=f"{cls.__name__} of 4 dimensions")
    case(cls, lambda: np.array([-60.0, -7.0, -0.3, 0.0, 0.2, 5.0, 60.0]), name=f"{cls.__name__} far out")
case(lambda: nn.SoftPlus(), batch=True)
case(lambda: nn.SoftPlus(2.5), batch=True, name="SoftPlus beta")
case(lambda: nn.SoftPlus(10), lambda: np.array([-3.0, -0.5, 1.9, 2.1, 4.0]), name="SoftPlus around its threshold")

KINKED = {
    "ReLU": lambda inplace=None: nn.ReLU(inplace),
    "ReLU6": lambda inplace=None: nn.ReLU6(inplace),
    "Threshold": lambda inplace=None: nn.Threshold(None, None, inplace),
    "Threshold to a value": lambda inplace=None: nn.Threshold(0.3, -0.2, inplace),
    "HardTanh": lambda inplace=None: nn.HardTanh(None, None, inplace),
    "HardTanh borders": lambda inplace=None: nn.HardTanh(-0.3, 1.2, inplace),
    "ELU": lambda inplace=None: nn.ELU(None, inplace),
    "ELU alpha": lambda inplace=None: nn.ELU(0.6, inplace),
    "LeakyReLU": lambda inplace=None: nn.LeakyReLU(None, inplace),
    "LeakyReLU slope": lambda inplace=None: nn.LeakyReLU(0.3, inplace),
    "RReLU": lambda inplace=None: nn.RReLU(0.1, 0.4, inplace),
    "RReLU of one slope": lambda inplace=None: nn.RReLU(0.2, 0.2, inplace),
    "AddConstant": lambda inplace=None: nn.AddConstant(1.5, inplace),
    "MulConstant": lambda inplace=None: nn.MulConstant(-2, inplace),
}
for name, make in KINKED.items():
    stochastic = name.startswith("RReLU")
    case(make, rounded(4, 5), name=name, batch=not stochastic, stochastic=stochastic)
    case(make, rounded(2, 3, 2, 2), name=f"{name} of 4 dimensions", stochastic=stochastic)
    case(
        lambda make=make: make(True),
        rounded(4, 5),
        name=f"{name} in place",
        inplace=True,
        waive=IN_PLACE,
        stochastic=stochastic,
    )
case(lambda: nn.RReLU(), rounded(4, 5), name="RReLU in evaluation", evaluate=True, batch=True)
case(lambda: nn.LeakyReLU(True), rounded(4, 5), name="LeakyReLU(True)", inplace=True, waive=IN_PLACE)
case(lambda: nn.HardShrink(), rounded(4, 5), batch=True)
case(lambda: nn.HardShrink(0.2), rounded(4, 5), batch=True, name="HardShrink lambda")
case(lambda: nn.SoftShrink(), rounded(4, 5), batch=True)
case(lambda: nn.SoftShrink(0.2), rounded(2, 3, 4), name="SoftShrink lambda")
case(lambda: nn.AddConstant(np.array([1.0, -2.0, 3.0])), (4, 3), batch=True, name="AddConstant vector", wrong=((4, 2),))
case(
    lambda: nn.AddConstant(np.array([1.0, -2.0, 3.0]), True),
    (4, 3),
    name="AddConstant vector in place",
    inplace=True,
    waive=IN_PLACE,
    wrong=((3, 4), (2, 2, 3)),
)

# learned slopes
case(lambda: nn.PReLU(), rounded(4, 5), batch=True)
case(lambda: nn.PReLU(5), rounded(4, 5), batch=True, name="PReLU planes", wrong=((4, 3), (3,)))
case(lambda: nn.PReLU(3), rounded(2, 3, 2, 2), name="PReLU images", wrong=((2, 4, 2, 2),))
case(lambda: nn.PReLU(3), rounded(2, 3, 4), name="PReLU sequences")

# over classes
for cls in (nn.SoftMax, nn.LogSoftMax, nn.SoftMin, nn.SpatialSoftMax, nn.SpatialLogSoftMax):
    wrong = ((2, 2, 2, 2, 2), (0,))
    case(cls, (5,), name=f"{cls.__name__} of scores", wrong=wrong)
    case(cls, (4, 6), name=f"{cls.__name__} of a batch", batch=True, wrong=wrong)
    case(cls, (3, 2, 4), name=f"{cls.__name__} of an image", wrong=wrong)
    case(cls, (2, 3, 2, 2), name=f"{cls.__name__} of images", batch=True, wrong=wrong)
    case(cls, (3, 40), name=f"{cls.__name__} of many classes", batch=True)

# made of others
PRINT = {"printed": "prints as CReLU(), like the original"}
case(lambda: nn.CReLU(1), rounded(4, 5), batch=True, name="CReLU", wrong=((2, 3, 4),), waive=PRINT)
case(lambda: nn.CReLU(3, True), rounded(2, 3, 2, 2), inplace=True, name="CReLU in place", wrong=((2, 3),), waive=PRINT)
case(lambda: nn.CReLU(2), rounded(3, 4), name="CReLU sample", waive=PRINT)

# gates
case(lambda: nn.GatedLinearUnit(), (3, 6), batch=True, wrong=((3, 5),))
case(lambda: nn.GatedLinearUnit(1), (4, 3), name="GatedLinearUnit dimension 1", wrong=((3, 4),))
case(lambda: nn.GatedLinearUnit(2), (2, 4, 3, 2), name="GatedLinearUnit planes", wrong=((5,), (2, 3, 2, 2)))
