"""Layers of nnx, stn, inn, fbnn and of well-known projects, by the names that scripts and ``.t7`` files have for them.

Importing it adds the classes to nn's namespace; a file that names one imports it. A class of a program's own by one of
the names takes its place.
"""

from __future__ import annotations

from typing import Any

from torch7 import nn_found, registry

# nnx
from .spatial_padding import SpatialPadding
from .spatial_classifier import SpatialClassifier
from .spatial_normalization import SpatialNormalization
from .spatial_linear import SpatialLinear
from .spatial_sampling import SpatialReSampling, SpatialUpSampling
from .spatial_color_transform import SpatialColorTransform
from .minus import Minus
from .soft_max_tree import SoftMaxTree, TreeNLLCriterion
from .ctc_criterion import CTCCriterion
from .spatial_down_sampling import SpatialDownSampling, SpatialMaxSampling
from .spatial_re_sampling_ex import SpatialReSamplingEx
from .spatial_matching import SpatialMatching, SpatialRadialMatching
from .spatial_graph import SpatialGraph
from .spatial_pyramid import SpatialPyramid
from .balance import Balance
from .push_table import PullTable, PushTable
from .multi_soft_max import MultiSoftMax
from .soft_max_forest import SoftMaxForest
from .pixel_sort import PixelSort
from .probe import FunctionWrapper, Probe, Tic, Toc
from .qd_riemann_linear import QDRiemaNNLinear
from .criterions import DistMarginCriterion, DistNLLCriterion, KLDivCriterion, SparseCriterion, SuperCriterion

# packages and projects
from . import cudnn, torch_rnn, style, stn, inn, fbnn, waifu2x, densecap, neuraltalk2, deepmask, onmt
from .torch_rnn import TemporalAdapter, TemporalCrossEntropyCriterion
from .style import DeepDreamLoss, PerceptualCriterion
from .style import ContentLoss, GramMatrix, InstanceNormalization, ShaveImage, StyleLoss, TotalVariation, TVLoss
from .stn import AffineGridGeneratorBHWD, AffineTransformMatrixGenerator, BilinearSamplerBHWD
from .fbnn import ClassNLLCriterionWithUNK, LinearNoBackprop, ModelParallel, SoftPlusLSECriterion
from .fbnn import SoftPlusLSEMinusLSECriterion, TemporalConvolutionFB, TrueNLLCriterion, UnfoldedTemporalConvolution
from .fbnn import HSM, CrossMapNormalization, Upsample, WeightedLookupTable
from .fbnn import LinearNB, LookupTableGPU, SequentialCriterion, TemporalConvolutionTBC, TemporalKMaxPooling
from .data_parallel_table import DataParallel, DataParallelTable
from .one_hot import OneHot
from .rectifier import Rectifier
from .sampler import GaussianCriterion, KLDCriterion, Sampler
from .spatial_symmetric_padding import SpatialSymmetricPadding
from .deepmask import DeepMask, SharpMask, SpatialConstDiagonal
from .densecap import ApplyBoxTransform, BatchBilinearSamplerBHWD, BilinearRoiPooling, BoxIoU, BoxRegressionCriterion
from .densecap import BoxSampler, BoxSamplerHelper, BoxToAffine, InvertBoxTransform, LocalizationLayer
from .densecap import LogisticCriterion, MakeAnchors, MakeBoxes, NaiveBatchBilinearSamplerBHWD
from .densecap import OurCrossEntropyCriterion, PosSlicer, RegularizeLayer, ReshapeBoxFeatures
from .neuraltalk2 import FeatExpander, LanguageModelCriterion

# nnx's names, in its first years, for convolutions by a table of connections
registry.alias("nn.SpatialConvolutionTable", "nn.SpatialConvolutionMap")
registry.alias("nn.SpatialConvolutionSparse", "nn.SpatialConvolutionMap")

#: Classes over rnn's, loaded at their first use: importing nnx does not import rnn.
_LAZY = ("GRIDGRU", "LanguageModel", "VanillaRNN")


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(torch_rnn, name)
    raise AttributeError(f"module 'nnx' has no attribute {name!r}")
