# Written by test/stubs.py: what a type checker sees of nnx.fbnn.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.fbnn.criterions import ClassNLLCriterionWithUNK as ClassNLLCriterionWithUNK
from nnx.fbnn.linears import Constant as Constant
from nnx.fbnn.cross_map_normalization import CrossMapNormalization as CrossMapNormalization
from nnx.fbnn.hsm import HSM as HSM
from nnx.fbnn.dropouts import IndividualDropout as IndividualDropout
from nnx.fbnn.normalization import L2Normalize as L2Normalize
from nnx.fbnn.linear_nb import LinearNB as LinearNB
from nnx.fbnn.linears import LinearNoBackprop as LinearNoBackprop
from nnx.fbnn.lookup_table_gpu import LookupTableGPU as LookupTableGPU
from nnx.fbnn.model_parallel import ModelParallel as ModelParallel
from nnx.fbnn.dropouts import NestedDropout as NestedDropout
from nnx.fbnn.normalization import NormalizedLinearNoBias as NormalizedLinearNoBias
from nnx.fbnn.normalization import ProjectiveGradientNormalization as ProjectiveGradientNormalization
from nnx.fbnn.sequential_criterion import SequentialCriterion as SequentialCriterion
from nnx.fbnn.criterions import SoftPlusLSECriterion as SoftPlusLSECriterion
from nnx.fbnn.criterions import SoftPlusLSEMinusLSECriterion as SoftPlusLSEMinusLSECriterion
from nnx.fbnn.temporal import TemporalConvolutionFB as TemporalConvolutionFB
from nnx.fbnn.temporal_convolution_tbc import TemporalConvolutionTBC as TemporalConvolutionTBC
from nnx.fbnn.temporal_k_max_pooling import TemporalKMaxPooling as TemporalKMaxPooling
from nnx.fbnn.criterions import TrueNLLCriterion as TrueNLLCriterion
from nnx.fbnn.temporal import UnfoldedTemporalConvolution as UnfoldedTemporalConvolution
from nnx.fbnn.temporal import Upsample as Upsample
from nnx.fbnn.temporal import WeightedLookupTable as WeightedLookupTable
