"""imagine-nn: layers of detection networks and normalisations, under the names ``inn.X``."""

from nn import SpatialAdaptiveMaxPooling
from nn import SpatialCrossMapLRN as SpatialCrossResponseNormalization
from torch7 import registry

from .const_affine import ConstAffine
from .mean_subtraction import MeanSubtraction
from .pooling import SpatialAveragePooling, SpatialMaxPooling
from .roi_pooling import ROIPooling
from .spatial_pyramid_pooling import SpatialPyramidPooling
from .spatial_same_response_normalization import SpatialSameResponseNormalization
from .spatial_stochastic_pooling import SpatialStochasticPooling

registry.alias("inn.SpatialCrossResponseNormalization", "nn.SpatialCrossMapLRN")
registry.alias("inn.SpatialAdaptiveMaxPooling", "nn.SpatialAdaptiveMaxPooling")
