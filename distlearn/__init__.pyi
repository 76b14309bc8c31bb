# Written by test/stubs.py: what a type checker sees of distlearn.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from distlearn import nn as nn
from distlearn.all_reduce_ea import AllReduceEA as AllReduceEA
from distlearn.all_reduce_sgd import AllReduceSGD as AllReduceSGD
from distlearn.rounds import Disagreement as Disagreement
from distlearn.tree import LocalhostTree as LocalhostTree
from distlearn.tree import Tree as Tree
from distlearn.seeds import manualSeed as manualSeed
from distlearn.first import onFirst as onFirst
from distlearn.first import save as save
from distlearn.tables import walkTable as walkTable
