# Written by test/stubs.py: what a type checker sees of nnx.torch_rnn.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.torch_rnn.grid_gru import GRIDGRU as GRIDGRU
from nnx.torch_rnn.gru import GRU as GRU
from nnx.torch_rnn.lstm import LSTM as LSTM
from nnx.torch_rnn.language_model import LanguageModel as LanguageModel
from nnx.torch_rnn.temporal_adapter import TemporalAdapter as TemporalAdapter
from nnx.torch_rnn.temporal_cross_entropy_criterion import TemporalCrossEntropyCriterion as TemporalCrossEntropyCriterion
from nnx.torch_rnn.vanilla_rnn import VanillaRNN as VanillaRNN
from nn.extension import later as later
