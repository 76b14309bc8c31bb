# Written by test/stubs.py: what a type checker sees of dpnn.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from dpnn.alias_multinomial import AliasMultinomial as AliasMultinomial
from dpnn.arg_max import ArgMax as ArgMax
from dpnn.binary_class_reward import BinaryClassReward as BinaryClassReward
from dpnn.binary_logistic_regression import BinaryLogisticRegression as BinaryLogisticRegression
from dpnn.categorical_entropy import CategoricalEntropy as CategoricalEntropy
from dpnn.clip import Clip as Clip
from dpnn.fire_module import FireModule as FireModule
from dpnn.inception import Inception as Inception
from dpnn.nce_criterion import NCECriterion as NCECriterion
from dpnn.nce_module import NCEModule as NCEModule
from dpnn.pca_color_transform import PCAColorTransform as PCAColorTransform
from dpnn.reinforce import Reinforce as Reinforce
from dpnn.reinforce_bernoulli import ReinforceBernoulli as ReinforceBernoulli
from dpnn.reinforce_categorical import ReinforceCategorical as ReinforceCategorical
from dpnn.reinforce_gamma import ReinforceGamma as ReinforceGamma
from dpnn.reinforce_normal import ReinforceNormal as ReinforceNormal
from dpnn.reverse_table import ReverseTable as ReverseTable
from dpnn.serial import Serial as Serial
from dpnn.simple_color_transform import SimpleColorTransform as SimpleColorTransform
from dpnn.spatial_binary_convolution import SpatialBinaryConvolution as SpatialBinaryConvolution
from dpnn.binary_logistic_regression import SpatialBinaryLogisticRegression as SpatialBinaryLogisticRegression
from dpnn.spatial_feat_normalization import SpatialFeatNormalization as SpatialFeatNormalization
from dpnn.spatial_glimpse import SpatialGlimpse as SpatialGlimpse
from dpnn.spatial_region_dropout import SpatialRegionDropout as SpatialRegionDropout
from dpnn.spatial_uniform_crop import SpatialUniformCrop as SpatialUniformCrop
from dpnn.total_dropout import TotalDropout as TotalDropout
from dpnn.vr_class_reward import VRClassReward as VRClassReward
def require(name: str) -> ModuleType: ...
version: int
