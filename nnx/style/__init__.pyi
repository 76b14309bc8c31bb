# Written by test/stubs.py: what a type checker sees of nnx.style.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.style.content_loss import ContentLoss as ContentLoss
from nnx.style.deep_dream_loss import DeepDreamLoss as DeepDreamLoss
from nnx.style.gram_matrix import GramMatrix as GramMatrix
from nnx.style.instance_normalization import InstanceNormalization as InstanceNormalization
from nnx.style.perceptual_criterion import PerceptualCriterion as PerceptualCriterion
from nnx.style.shave_image import ShaveImage as ShaveImage
from nnx.style.style_loss import StyleLoss as StyleLoss
from nnx.style.total_variation import TVLoss as TVLoss
from nnx.style.total_variation import TotalVariation as TotalVariation
