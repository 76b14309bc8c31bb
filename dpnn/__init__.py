"""``require 'dpnn'``: deep extensions to nn.

Importing it gives nn's Module, Container and Criterion more methods and registers the classes below in nn.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from torch7 import nn_found

# methods of Module, Container and Criterion
from . import gradient_steps, helpers, profiling, serial_modes, shared_clone

# modules
from .serial import Serial
from .inception import Inception
from .fire_module import FireModule
from .reverse_table import ReverseTable
from .clip import Clip
from .arg_max import ArgMax
from .total_dropout import TotalDropout
from .categorical_entropy import CategoricalEntropy
from .spatial_uniform_crop import SpatialUniformCrop
from .spatial_region_dropout import SpatialRegionDropout
from .spatial_feat_normalization import SpatialFeatNormalization
from .spatial_binary_convolution import SpatialBinaryConvolution
from .spatial_glimpse import SpatialGlimpse
from .simple_color_transform import SimpleColorTransform
from .pca_color_transform import PCAColorTransform
from .alias_multinomial import AliasMultinomial
from .nce_module import NCEModule

# REINFORCE
from .reinforce import Reinforce
from .reinforce_bernoulli import ReinforceBernoulli
from .reinforce_normal import ReinforceNormal
from .reinforce_gamma import ReinforceGamma
from .reinforce_categorical import ReinforceCategorical

# criterions
from .vr_class_reward import VRClassReward
from .binary_class_reward import BinaryClassReward
from .binary_logistic_regression import BinaryLogisticRegression, SpatialBinaryLogisticRegression
from .nce_criterion import NCECriterion

version = 2


def require(name: str) -> ModuleType:
    """Import the package ``name``; ``ImportError`` with what is missing."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(f"dpnn needs the package {name}: {error}", name=name) from error
