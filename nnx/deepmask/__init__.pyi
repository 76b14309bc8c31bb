# Written by test/stubs.py: what a type checker sees of nnx.deepmask.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.deepmask.deep_mask import DeepMask as DeepMask
from nnx.deepmask.sharp_mask import SharpMask as SharpMask
from nnx.deepmask.spatial_const_diagonal import SpatialConstDiagonal as SpatialConstDiagonal
