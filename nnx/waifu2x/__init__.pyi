# Written by test/stubs.py: what a type checker sees of nnx.waifu2x.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.waifu2x.auxiliary_loss_table import AuxiliaryLossTable as AuxiliaryLossTable
from nnx.waifu2x.criterions import ClippedMSECriterion as ClippedMSECriterion
from nnx.waifu2x.criterions import ClippedWeightedHuberCriterion as ClippedWeightedHuberCriterion
from nnx.waifu2x.small import DepthExpand2x as DepthExpand2x
from nnx.waifu2x.small import EdgeFilter as EdgeFilter
from nnx.waifu2x.small import GradWeight as GradWeight
from nnx.waifu2x.inplace_clip01 import InplaceClip01 as InplaceClip01
from nnx.waifu2x.leaky_relu import LeakyReLU as LeakyReLU
from nnx.waifu2x.small import RandomBinaryConvolution as RandomBinaryConvolution
from nnx.waifu2x.scale_table import ScaleTable as ScaleTable
from nnx.waifu2x.shake_shake_table import ShakeShakeTable as ShakeShakeTable
