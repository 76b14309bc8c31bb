# Written by test/stubs.py: what a type checker sees of nnx.densecap.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.densecap.transforms import ApplyBoxTransform as ApplyBoxTransform
from nnx.densecap.roi_pooling import BatchBilinearSamplerBHWD as BatchBilinearSamplerBHWD
from nnx.densecap.roi_pooling import BilinearRoiPooling as BilinearRoiPooling
from nnx.densecap.sampling import BoxIoU as BoxIoU
from nnx.densecap.criterions import BoxRegressionCriterion as BoxRegressionCriterion
from nnx.densecap.sampling import BoxSampler as BoxSampler
from nnx.densecap.sampling import BoxSamplerHelper as BoxSamplerHelper
from nnx.densecap.roi_pooling import BoxToAffine as BoxToAffine
from nnx.densecap.dense_cap_model import DenseCapModel as DenseCapModel
from nnx.densecap.transforms import InvertBoxTransform as InvertBoxTransform
from nnx.densecap.language_model import LanguageModel as LanguageModel
from nnx.densecap.localization_layer import LocalizationLayer as LocalizationLayer
from nnx.densecap.criterions import LogisticCriterion as LogisticCriterion
from nnx.densecap.anchors import MakeAnchors as MakeAnchors
from nnx.densecap.anchors import MakeBoxes as MakeBoxes
from nnx.densecap.roi_pooling import NaiveBatchBilinearSamplerBHWD as NaiveBatchBilinearSamplerBHWD
from nnx.densecap.criterions import OurCrossEntropyCriterion as OurCrossEntropyCriterion
from nnx.densecap.small import PosSlicer as PosSlicer
from nnx.densecap.small import RegularizeLayer as RegularizeLayer
from nnx.densecap.anchors import ReshapeBoxFeatures as ReshapeBoxFeatures
