"""Layers of fbnn, fbcunn and fairseq."""

from .linear_nb import LinearNB
from .lookup_table_gpu import LookupTableGPU
from .temporal_convolution_tbc import TemporalConvolutionTBC
from .temporal_k_max_pooling import TemporalKMaxPooling
from .sequential_criterion import SequentialCriterion
