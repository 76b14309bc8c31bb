"""The optimisers that legacy scripts call, as in ``x, losses = optim.sgd(feval, x, config)``, and their instruments."""

from typing import Any

from torch7 import strictness
from torch7.names import nearest as _nearest

from .adadelta import adadelta
from .adagrad import adagrad
from .adam import adam, adamax
from .asgd import asgd
from .cg import cg
from .checkgrad import checkgrad
from .checkpoints import Checkpoints
from .cmaes import cmaes
from .confusion_matrix import ConfusionMatrix
from .de import de
from .fista import FistaLS
from .hooks import BestModel, EarlyStopping
from .lbfgs import lbfgs
from .logger import Logger
from .lswolfe import lswolfe
from .measures import accuracy
from .nag import nag
from .polyinterp import polyinterp
from .rmsprop import rmsprop
from .rprop import rprop
from .schedules import CosineDecay, ExponentialDecay, Plateau, StepDecay, WarmUp
from .sgd import sgd
from .trainer import Trainer

fista = FistaLS

strictness.watch("optim.strict")


def __getattr__(name: str) -> Any:
    near = _nearest(name, globals())
    hint = f"; is optim.{near} meant?" if near else ""
    raise AttributeError(f"module 'optim' has no attribute {name!r}{hint}")
