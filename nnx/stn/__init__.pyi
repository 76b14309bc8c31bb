# Written by test/stubs.py: what a type checker sees of nnx.stn.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.stn.affine_grid_generator_bhwd import AffineGridGeneratorBHWD as AffineGridGeneratorBHWD
from nnx.stn.affine_transform_matrix_generator import AffineTransformMatrixGenerator as AffineTransformMatrixGenerator
from nnx.stn.bilinear_sampler_bhwd import BilinearSamplerBHWD as BilinearSamplerBHWD
