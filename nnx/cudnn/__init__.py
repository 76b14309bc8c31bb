"""Layers that cudnn.torch has and nn has not: convolutions in groups, recurrent layers, losses of all pixels."""

from .grouped_convolution import SpatialConvolution, VolumetricConvolution
from .cross_entropy import SpatialCrossEntropyCriterion, VolumetricCrossEntropyCriterion
from .rnn import BGRU, BLSTM, GRU, LSTM, RNN, RNNReLU, RNNTanh
