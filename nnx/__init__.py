"""Layers of nnx, stn, inn, fbnn and of well-known projects, by the names that scripts and ``.t7`` files have for them.

Importing it adds the classes to nn's namespace; a file that names one imports it. A class of a program's own by one of
the names takes its place.
"""

from __future__ import annotations

from torch7 import registry

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

# packages and projects
from . import cudnn, torch_rnn, style, stn, inn, fbnn, waifu2x
from .torch_rnn import GRIDGRU, LanguageModel, TemporalAdapter, TemporalCrossEntropyCriterion, VanillaRNN
from .style import ContentLoss, GramMatrix, InstanceNormalization, ShaveImage, StyleLoss, TotalVariation, TVLoss
from .stn import AffineGridGeneratorBHWD, AffineTransformMatrixGenerator, BilinearSamplerBHWD
from .fbnn import LinearNB, LookupTableGPU, SequentialCriterion, TemporalConvolutionTBC, TemporalKMaxPooling
from .data_parallel_table import DataParallel, DataParallelTable
from .one_hot import OneHot
from .rectifier import Rectifier
from .sampler import GaussianCriterion, KLDCriterion, Sampler
from .spatial_symmetric_padding import SpatialSymmetricPadding
from .deep_mask import DeepMask

# nnx's names, in its first years, for convolutions by a table of connections
registry.alias("nn.SpatialConvolutionTable", "nn.SpatialConvolutionMap")
registry.alias("nn.SpatialConvolutionSparse", "nn.SpatialConvolutionMap")
