# Written by test/stubs.py: what a type checker sees of nnx.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.stn.affine_grid_generator_bhwd import AffineGridGeneratorBHWD as AffineGridGeneratorBHWD
from nnx.stn.affine_transform_matrix_generator import AffineTransformMatrixGenerator as AffineTransformMatrixGenerator
from nnx.stn.bilinear_sampler_bhwd import BilinearSamplerBHWD as BilinearSamplerBHWD
from nnx.ctc_criterion import CTCCriterion as CTCCriterion
from nnx.style.content_loss import ContentLoss as ContentLoss
from nnx.data_parallel_table import DataParallel as DataParallel
from nnx.data_parallel_table import DataParallelTable as DataParallelTable
from nnx.deep_mask import DeepMask as DeepMask
from nnx.torch_rnn.grid_gru import GRIDGRU as GRIDGRU
from nnx.sampler import GaussianCriterion as GaussianCriterion
from nnx.style.gram_matrix import GramMatrix as GramMatrix
from nnx.style.instance_normalization import InstanceNormalization as InstanceNormalization
from nnx.sampler import KLDCriterion as KLDCriterion
from nnx.torch_rnn.language_model import LanguageModel as LanguageModel
from nnx.fbnn.linear_nb import LinearNB as LinearNB
from nnx.fbnn.lookup_table_gpu import LookupTableGPU as LookupTableGPU
from nnx.minus import Minus as Minus
from nnx.one_hot import OneHot as OneHot
from nnx.rectifier import Rectifier as Rectifier
from nnx.sampler import Sampler as Sampler
from nnx.fbnn.sequential_criterion import SequentialCriterion as SequentialCriterion
from nnx.style.shave_image import ShaveImage as ShaveImage
from nnx.soft_max_tree import SoftMaxTree as SoftMaxTree
from nnx.spatial_classifier import SpatialClassifier as SpatialClassifier
from nnx.spatial_color_transform import SpatialColorTransform as SpatialColorTransform
from nnx.spatial_linear import SpatialLinear as SpatialLinear
from nnx.spatial_normalization import SpatialNormalization as SpatialNormalization
from nnx.spatial_padding import SpatialPadding as SpatialPadding
from nnx.spatial_sampling import SpatialReSampling as SpatialReSampling
from nnx.spatial_symmetric_padding import SpatialSymmetricPadding as SpatialSymmetricPadding
from nnx.spatial_sampling import SpatialUpSampling as SpatialUpSampling
from nnx.style.style_loss import StyleLoss as StyleLoss
from nnx.style.total_variation import TVLoss as TVLoss
from nnx.torch_rnn.temporal_adapter import TemporalAdapter as TemporalAdapter
from nnx.fbnn.temporal_convolution_tbc import TemporalConvolutionTBC as TemporalConvolutionTBC
from nnx.torch_rnn.temporal_cross_entropy_criterion import TemporalCrossEntropyCriterion as TemporalCrossEntropyCriterion
from nnx.fbnn.temporal_k_max_pooling import TemporalKMaxPooling as TemporalKMaxPooling
from nnx.style.total_variation import TotalVariation as TotalVariation
from nnx.soft_max_tree import TreeNLLCriterion as TreeNLLCriterion
from nnx.torch_rnn.vanilla_rnn import VanillaRNN as VanillaRNN
