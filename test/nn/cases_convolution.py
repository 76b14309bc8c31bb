"""Cases of the chapter "convolution"."""

import nn
from nn.testing import Case

CASES = [
    Case(lambda: nn.Linear(3, 2), (4, 3), batch=True, wrong=((4, 2), (1, 4, 3))),
    Case(lambda: nn.Sequential().add(nn.Linear(3, 4)).add(nn.Tanh()).add(nn.Linear(4, 2)), (4, 3), batch=True),
]
WAIVED = {"nn.Module": "the base of all modules", "nn.Container": "a base", "nn.Criterion": "a base"}
