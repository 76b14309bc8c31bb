# Written by test/stubs.py: what a type checker sees of optim.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from optim.hooks import BestModel as BestModel
from optim.checkpoints import Checkpoints as Checkpoints
from optim.confusion_matrix import ConfusionMatrix as ConfusionMatrix
from optim.schedules import CosineDecay as CosineDecay
from optim.hooks import EarlyStopping as EarlyStopping
from optim.schedules import ExponentialDecay as ExponentialDecay
from optim.fista import FistaLS as FistaLS
from optim.logger import Logger as Logger
from optim.schedules import Plateau as Plateau
from optim.schedules import StepDecay as StepDecay
from optim.trainer import Trainer as Trainer
from optim.schedules import WarmUp as WarmUp
from optim.measures import accuracy as accuracy
from optim.adadelta import adadelta as adadelta
from optim.adagrad import adagrad as adagrad
from optim.adam import adam as adam
from optim.adam import adamax as adamax
from optim.asgd import asgd as asgd
from optim.cg import cg as cg
from optim.checkgrad import checkgrad as checkgrad
from optim.cmaes import cmaes as cmaes
from optim.de import de as de
from optim.fista import FistaLS as _fista
fista = _fista
from optim.lbfgs import lbfgs as lbfgs
from optim.lswolfe import lswolfe as lswolfe
from optim.nag import nag as nag
from optim.polyinterp import polyinterp as polyinterp
from optim.rmsprop import rmsprop as rmsprop
from optim.rprop import rprop as rprop
from optim.sgd import sgd as sgd
