"""waifu2x: small layers of image enlargers, under the names ``w2nn.X``."""

from .leaky_relu import LeakyReLU
from .inplace_clip01 import InplaceClip01
from .scale_table import ScaleTable
from .auxiliary_loss_table import AuxiliaryLossTable
from .shake_shake_table import ShakeShakeTable
from .small import DepthExpand2x, EdgeFilter, GradWeight, RandomBinaryConvolution
from .criterions import ClippedMSECriterion, ClippedWeightedHuberCriterion
