"""``require 'nngraph'``: networks as graphs of modules.

Importing it lets modules be called on nodes, ``nn.Linear(10, 5)(x)``, and adds ``nn.gModule`` to nn. The package graph
is ``nngraph.graph``.
"""

from torch7 import nn_found

from . import dot as simple_print
from . import graph
from .node import Node
from .just import JustElement, JustTable, ModuleFromCriterion
from . import calls
from .gmodule import gModule
from .inspecting import annotateNodes, display, setDebug
