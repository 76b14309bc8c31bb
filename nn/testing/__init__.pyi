# Written by test/stubs.py: what a type checker sees of nn.testing.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nn.testing.case import Case as Case
from nn.testing.criterion_battery import CriterionCase as CriterionCase
from nn.testing.criterion_battery import check_criterion as check_criterion
from nn.testing.battery import check_module as check_module
