"""``require 'nn'``: neural network layers with explicit forward and backward passes.

The names stand in the order of the manual's chapters; each chapter is a folder, each class or close family a file.
"""

from . import utils
from .doors import extends, register

# module
from .module import Module

# containers
from .container import Container
from .containers.sequential import Sequential

# transfer
from .transfer.threshold import Threshold
from .transfer.soft_max import SoftMax, SpatialSoftMax
from .transfer.log_soft_max import LogSoftMax, SpatialLogSoftMax
from .transfer.sigmoid import Sigmoid
from .transfer.tanh import Tanh
from .transfer.relu import ReLU

# simple
from .simple.linear import Linear
from .simple.dropout import Dropout
from .simple.reshape import Reshape
from .simple.view import View
from .simple.identity import Identity
from .simple.batch_normalization import BatchNormalization

# table

# convolution
from .convolution.spatial_convolution import SpatialConvolution, SpatialConvolutionMM
from .convolution.spatial_max_pooling import SpatialMaxPooling
from .convolution.spatial_batch_normalization import SpatialBatchNormalization, VolumetricBatchNormalization

# criterion
from .criterion_base import Criterion
from .criterion.class_nll_criterion import ClassNLLCriterion
from .criterion.cross_entropy_criterion import CrossEntropyCriterion
from .criterion.mse_criterion import MSECriterion

# training
from .training import StochasticGradient

# testing
from .testing import jacobian as Jacobian
from .testing import sparse_jacobian as SparseJacobian


def __getattr__(name: str) -> type:
    for package, names in _ELSEWHERE.items():
        if name in names.split():
            raise AttributeError(f"nn.{name} is in package {package}: add `import {package}`")
    raise AttributeError(f"module 'nn' has no attribute {name!r}")


_ELSEWHERE = {
    "rnn": """AbstractRecurrent AbstractSequencer BiSequencer BiSequencerLM CopyGrad FastLSTM GRU LSTM LinearNoBias
        LookupTableMaskZero MaskZero MaskZeroCriterion MuFuRu NormStabilizer Recurrence Recurrent RecurrentAttention
        Recursor Repeater RepeaterCriterion SAdd SeqBRNN SeqGRU SeqLSTM SeqLSTMP SeqReverseSequence Sequencer
        SequencerCriterion TrimZero""",
    "dpnn": """ArgMax BinaryClassReward BinaryLogisticRegression CategoricalEntropy Clip FireModule Inception
        NCECriterion NCEModule PCAColorTransform Reinforce ReinforceBernoulli ReinforceCategorical ReinforceGamma
        ReinforceNormal ReverseTable Serial SimpleColorTransform SpatialBinaryConvolution
        SpatialBinaryLogisticRegression SpatialFeatNormalization SpatialGlimpse SpatialRegionDropout
        SpatialUniformCrop TotalDropout VRClassReward""",
}
