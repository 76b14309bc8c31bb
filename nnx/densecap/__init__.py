"""densecap: regions of an image, and a caption for each (Johnson, Karpathy, Fei-Fei 2016)."""

from .transforms import ApplyBoxTransform, InvertBoxTransform
from .anchors import MakeAnchors, MakeBoxes, ReshapeBoxFeatures
from .small import PosSlicer, RegularizeLayer
from .roi_pooling import BatchBilinearSamplerBHWD, BilinearRoiPooling, BoxToAffine, NaiveBatchBilinearSamplerBHWD
from .sampling import BoxIoU, BoxSampler, BoxSamplerHelper
from .criterions import BoxRegressionCriterion, LogisticCriterion, OurCrossEntropyCriterion
from .localization_layer import LocalizationLayer
from .language_model import LanguageModel
from .dense_cap_model import DenseCapModel
