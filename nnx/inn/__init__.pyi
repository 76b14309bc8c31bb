# Written by test/stubs.py: what a type checker sees of nnx.inn.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.inn.const_affine import ConstAffine as ConstAffine
from nnx.inn.mean_subtraction import MeanSubtraction as MeanSubtraction
from nnx.inn.roi_pooling import ROIPooling as ROIPooling
from nn.convolution.spatial_adaptive_pooling import SpatialAdaptiveMaxPooling as SpatialAdaptiveMaxPooling
from nnx.inn.pooling import SpatialAveragePooling as SpatialAveragePooling
from nn.convolution.spatial_cross_map_lrn import SpatialCrossMapLRN as _SpatialCrossResponseNormalization
SpatialCrossResponseNormalization = _SpatialCrossResponseNormalization
from nnx.inn.pooling import SpatialMaxPooling as SpatialMaxPooling
from nnx.inn.spatial_pyramid_pooling import SpatialPyramidPooling as SpatialPyramidPooling
from nnx.inn.spatial_same_response_normalization import SpatialSameResponseNormalization as SpatialSameResponseNormalization
from nnx.inn.spatial_stochastic_pooling import SpatialStochasticPooling as SpatialStochasticPooling
