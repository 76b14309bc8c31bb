# Written by test/stubs.py: what a type checker sees of nnx.cudnn.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.cudnn.rnn import BGRU as BGRU
from nnx.cudnn.rnn import BLSTM as BLSTM
from nnx.cudnn.rnn import GRU as GRU
from nnx.cudnn.rnn import LSTM as LSTM
from nnx.cudnn.rnn import RNN as RNN
from nnx.cudnn.rnn import RNNReLU as RNNReLU
from nnx.cudnn.rnn import RNNTanh as RNNTanh
from nnx.cudnn.grouped_convolution import SpatialConvolution as SpatialConvolution
from nnx.cudnn.cross_entropy import SpatialCrossEntropyCriterion as SpatialCrossEntropyCriterion
from nnx.cudnn.temporal_convolution import TemporalConvolution as TemporalConvolution
from nnx.cudnn.grouped_convolution import VolumetricConvolution as VolumetricConvolution
from nnx.cudnn.cross_entropy import VolumetricCrossEntropyCriterion as VolumetricCrossEntropyCriterion
