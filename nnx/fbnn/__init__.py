"""Layers of fbnn, fbcunn and fairseq."""

from .linear_nb import LinearNB
from .lookup_table_gpu import LookupTableGPU
from .temporal_convolution_tbc import TemporalConvolutionTBC
from .temporal_k_max_pooling import TemporalKMaxPooling
from .sequential_criterion import SequentialCriterion
from .normalization import L2Normalize, NormalizedLinearNoBias, ProjectiveGradientNormalization
from .dropouts import IndividualDropout, NestedDropout
from .linears import Constant, LinearNoBackprop
from .criterions import ClassNLLCriterionWithUNK, SoftPlusLSECriterion, SoftPlusLSEMinusLSECriterion, TrueNLLCriterion
from .temporal import TemporalConvolutionFB, UnfoldedTemporalConvolution, Upsample, WeightedLookupTable
from .hsm import HSM
from .cross_map_normalization import CrossMapNormalization
from .model_parallel import ModelParallel
