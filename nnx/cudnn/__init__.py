"""Layers that cudnn.torch has and nn has not: convolutions in groups and over time between zeros, recurrent layers,
losses of all pixels.
"""

from .grouped_convolution import SpatialConvolution, VolumetricConvolution
from .cross_entropy import SpatialCrossEntropyCriterion, VolumetricCrossEntropyCriterion
from .rnn import BGRU, BLSTM, GRU, LSTM, RNN, RNNReLU, RNNTanh
from .temporal_convolution import TemporalConvolution
