# Written by test/stubs.py: what a type checker sees of nngraph.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nngraph.just import JustElement as JustElement
from nngraph.just import JustTable as JustTable
from nngraph.just import ModuleFromCriterion as ModuleFromCriterion
from nngraph.node import Node as Node
from nngraph.inspecting import annotateNodes as annotateNodes
from nngraph.inspecting import display as display
from nngraph.gmodule import gModule as gModule
from nngraph.inspecting import setDebug as setDebug
