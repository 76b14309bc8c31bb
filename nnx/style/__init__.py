"""Layers of neural-style and fast-neural-style: normalisation of single images, losses inside a network."""

from .instance_normalization import InstanceNormalization
from .shave_image import ShaveImage
from .total_variation import TotalVariation, TVLoss
from .gram_matrix import GramMatrix
from .content_loss import ContentLoss
from .style_loss import StyleLoss
from .deep_dream_loss import DeepDreamLoss
from .perceptual_criterion import PerceptualCriterion
