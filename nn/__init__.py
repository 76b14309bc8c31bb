"""``require 'nn'``: neural network layers with explicit forward and backward passes.

The names stand in the order of the manual's chapters; each chapter is a folder, each class or close family a file.
"""

from importlib import import_module
from typing import Any

from torch7 import registry, strictness
from torch7.names import nearest

from . import elsewhere, extension, utils
from .extension import Elsewhere, Renamed, extends, register

# module
from .module import Module

# containers
from .container import Container
from .containers.sequential import Sequential
from .containers.parallel import Parallel
from .containers.concat import Concat
from .containers.depth_concat import DepthConcat
from .containers.decorator import Decorator
from .containers.bottle import Bottle
from .containers.dont_cast import DontCast
from .containers.nan import NaN
from .containers.profile import Profile
from .containers.gpu import GPU

# transfer
from .transfer.threshold import Threshold
from .transfer.hard_tanh import HardTanh, ReLU6
from .transfer.hard_shrink import HardShrink
from .transfer.soft_shrink import SoftShrink
from .transfer.soft_max import SoftMax, SoftMin, SpatialSoftMax
from .transfer.soft_plus import SoftPlus
from .transfer.soft_sign import SoftSign
from .transfer.log_sigmoid import LogSigmoid
from .transfer.log_soft_max import LogSoftMax, SpatialLogSoftMax
from .transfer.sigmoid import Sigmoid
from .transfer.tanh import Tanh
from .transfer.tanh_shrink import TanhShrink
from .transfer.relu import ReLU
from .transfer.prelu import PReLU
from .transfer.rrelu import RReLU
from .transfer.crelu import CReLU
from .transfer.elu import ELU
from .transfer.leaky_relu import LeakyReLU
from .transfer.gated_linear_unit import GatedLinearUnit
from .transfer.add_constant import AddConstant
from .transfer.mul_constant import MulConstant

# simple
from .simple.linear import Linear
from .simple.linear_weight_norm import LinearWeightNorm
from .simple.weight_norm import WeightNorm
from .simple.sparse_linear import SparseLinear
from .simple.bilinear import Bilinear
from .simple.partial_linear import PartialLinear
from .simple.index_linear import IndexLinear
from .simple.add import Add
from .simple.cadd import CAdd
from .simple.mul import Mul
from .simple.cmul import CMul
from .simple.euclidean import Euclidean, WeightedEuclidean
from .simple.cosine import Cosine
from .simple.maxout import Maxout
from .simple.kmeans import Kmeans
from .simple.copy import Copy
from .simple.narrow import Narrow
from .simple.replicate import Replicate
from .simple.reshape import Reshape
from .simple.view import View
from .simple.collapse import Collapse
from .simple.contiguous import Contiguous
from .simple.select import Select
from .simple.masked_select import MaskedSelect
from .simple.index import Index
from .simple.squeeze import Squeeze
from .simple.unsqueeze import Unsqueeze
from .simple.transpose import Transpose
from .simple.max import Max, Min
from .simple.sum import Mean, Sum
from .simple.elementwise import Abs, Exp, Log, Power, Sqrt, Square
from .simple.clamp import Clamp
from .simple.normalize import Normalize
from .simple.layer_normalization import LayerNormalization
from .simple.mm import MM, MV
from .simple.batch_normalization import BatchNormalization
from .simple.pixel_shuffle import PixelShuffle
from .simple.identity import Identity
from .simple.dropout import Dropout
from .simple.spatial_dropout import SpatialDropout, VolumetricDropout
from .simple.padding import Padding
from .simple.l1_penalty import L1Penalty
from .simple.gradient_reversal import GradientReversal
from .simple.temporal_dynamic_k_max_pooling import TemporalDynamicKMaxPooling
from .simple.constant import Constant
from .simple.convert import Convert
from .simple.one_hot import OneHot
from .simple.white_noise import WhiteNoise
from .simple.zero_grad import ZeroGrad
from .simple.print_size import PrintSize
from .simple.feature_lp_pooling import FeatureLPPooling

# table
from .table.concat_table import ConcatTable
from .table.parallel_table import ParallelTable
from .table.map_table import MapTable
from .table.split_table import SplitTable
from .table.join_table import JoinTable
from .table.mixture_table import MixtureTable
from .table.select_table import NarrowTable, SelectTable
from .table.flatten_table import FlattenTable
from .table.zip_table import ZipTable, ZipTableOneToMany
from .table.pairwise_distance import PairwiseDistance
from .table.dot_product import CosineDistance, DotProduct
from .table.cadd_table import CAddTable, CAddTensorTable, CSubTable
from .table.cmul_table import CDivTable, CMulTable
from .table.cmax_table import CMaxTable, CMinTable
from .table.criterion_table import CriterionTable

# convolution
from .convolution.lookup_table import LookupTable
from .convolution.spatial_convolution import SpatialConvolution, SpatialConvolutionMM, SpatialDilatedConvolution
from .convolution.volumetric_convolution import VolumetricConvolution, VolumetricDilatedConvolution
from .convolution.spatial_full_convolution import SpatialFullConvolution
from .convolution.volumetric_full_convolution import VolumetricFullConvolution
from .convolution.spatial_depth_wise_convolution import SpatialDepthWiseConvolution
from .convolution.spatial_convolution_local import SpatialConvolutionLocal
from .convolution.spatial_convolution_map import SpatialConvolutionMap, SpatialFullConvolutionMap
from .convolution import tables
from .convolution.spatial_sub_sampling import SpatialSubSampling
from .convolution.temporal_convolution import TemporalConvolution
from .convolution.temporal_row_convolution import TemporalRowConvolution
from .convolution.temporal_sub_sampling import TemporalSubSampling
from .convolution.spatial_max_pooling import SpatialMaxPooling
from .convolution.spatial_dilated_max_pooling import SpatialDilatedMaxPooling
from .convolution.fractional_max_pooling import SpatialFractionalMaxPooling, VolumetricFractionalMaxPooling
from .convolution.spatial_average_pooling import SpatialAveragePooling
from .convolution.spatial_lp_pooling import SpatialLPPooling
from .convolution.spatial_adaptive_pooling import SpatialAdaptiveAveragePooling, SpatialAdaptiveMaxPooling
from .convolution.max_unpooling import SpatialMaxUnpooling, VolumetricMaxUnpooling
from .convolution.up_sampling import SpatialUpSamplingBilinear, SpatialUpSamplingNearest, UpSampling
from .convolution.spatial_padding import (
    SpatialReflectionPadding,
    SpatialReplicationPadding,
    SpatialZeroPadding,
    VolumetricReplicationPadding,
)
from .convolution.temporal_max_pooling import TemporalMaxPooling
from .convolution.volumetric_max_pooling import VolumetricDilatedMaxPooling, VolumetricMaxPooling
from .convolution.volumetric_average_pooling import VolumetricAveragePooling
from .convolution.spatial_batch_normalization import SpatialBatchNormalization, VolumetricBatchNormalization
from .convolution.spatial_subtractive_normalization import SpatialSubtractiveNormalization
from .convolution.spatial_divisive_normalization import SpatialDivisiveNormalization
from .convolution.spatial_contrastive_normalization import SpatialContrastiveNormalization
from .convolution.spatial_cross_map_lrn import SpatialCrossMapLRN

# criterion
from .criterion_base import Criterion
from .criterion.abs_criterion import AbsCriterion
from .criterion.class_nll_criterion import ClassNLLCriterion
from .criterion.cross_entropy_criterion import CrossEntropyCriterion
from .criterion.class_simplex_criterion import ClassSimplexCriterion
from .criterion.dist_kl_div_criterion import DistKLDivCriterion
from .criterion.bce_criterion import BCECriterion
from .criterion.margin_criterion import MarginCriterion
from .criterion.soft_margin_criterion import SoftMarginCriterion
from .criterion.multi_margin_criterion import MultiMarginCriterion
from .criterion.multi_label_margin_criterion import MultiLabelMarginCriterion
from .criterion.multi_label_soft_margin_criterion import MultiLabelSoftMarginCriterion
from .criterion.mse_criterion import MSECriterion
from .criterion.weighted_mse_criterion import WeightedMSECriterion
from .criterion.spatial_auto_crop_mse_criterion import SpatialAutoCropMSECriterion
from .criterion.multi_criterion import MultiCriterion
from .criterion.parallel_criterion import ParallelCriterion
from .criterion.smooth_l1_criterion import SmoothL1Criterion
from .criterion.spatial_class_nll_criterion import SpatialClassNLLCriterion
from .criterion.hinge_embedding_criterion import HingeEmbeddingCriterion
from .criterion.l1_hinge_embedding_criterion import L1HingeEmbeddingCriterion
from .criterion.cosine_embedding_criterion import CosineEmbeddingCriterion
from .criterion.margin_ranking_criterion import MarginRankingCriterion
from .criterion.module_criterion import ModuleCriterion
from .criterion.distance_ratio_criterion import DistanceRatioCriterion
from .criterion.l1_cost import L1Cost

from .summary import summary
from .freezing import Frozen, freeze

# training
from .training import StochasticGradient

# testing
from . import hessian, unknown

strictness.watch("nn.strict")

#: The chapter "testing" is loaded at its first use.
_LAZY = {"Jacobian": ".testing.jacobian", "SparseJacobian": ".testing.sparse_jacobian", "testing": ".testing"}

for _package, _names in elsewhere.METHODS.items():
    for _name in _names:
        if not hasattr(Module, _name):
            setattr(Module, _name, Elsewhere(_name, _package))
for _package, _names in elsewhere.CLASSES.items():
    for _name in _names:
        registry.later(f"nn.{_name}", _package)
for _name, _here in elsewhere.RENAMED.items():
    setattr(Module, _name, Renamed(_name, _here))


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        globals()[name] = module = import_module(_LAZY[name], __name__)
        return module
    if name in extension.LATER and name not in globals():
        import_module(extension.LATER[name])
        return globals()[name]
    for package, names in elsewhere.CLASSES.items():
        if name in names:
            raise AttributeError(f"nn.{name} is in package {package}: add `import {package}`")
    raise AttributeError(f"module 'nn' has no attribute {name!r}{_hint(name)}")


def _hint(name: str) -> str:
    """What a name may have been meant for; not one that programs ask of any object, such as ``__wrapped__``."""
    if name.startswith("__"):
        return ""
    if name in elsewhere.PYTORCH:
        return f"; PyTorch's {name} is nn.{elsewhere.PYTORCH[name]} here, or nn.pytorch.{name}"
    homes = dict.fromkeys(globals(), "nn")
    homes |= {cls: package for package, names in elsewhere.CLASSES.items() for cls in names if cls not in homes}
    near = nearest(name, homes)
    if near is None:
        return ""
    return f"; is nn.{near} meant?" + ("" if homes[near] == "nn" else f" It is in package {homes[near]}")
