"""The optimisers that legacy scripts call: ``x, losses = optim.sgd(feval, x, config)``."""

from .adadelta import adadelta
from .adagrad import adagrad
from .adam import adam, adamax
from .asgd import asgd
from .cg import cg
from .lbfgs import lbfgs
from .nag import nag
from .rmsprop import rmsprop
from .rprop import rprop
from .sgd import sgd
