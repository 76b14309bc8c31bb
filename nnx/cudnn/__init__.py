"""Layers that cudnn.torch has and nn has not: convolutions in groups, and recurrent layers of cuDNN."""

from .grouped_convolution import SpatialConvolution, VolumetricConvolution
from .rnn import BGRU, BLSTM, GRU, LSTM, RNN, RNNReLU, RNNTanh
