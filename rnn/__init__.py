"""``require 'rnn'``: recurrent neural networks.

Importing it gives nn's modules methods that concern time and registers the classes below in nn, as Lua's package did.
The functions on nested tables are also in ``nn.rnn``.
"""

from __future__ import annotations

import sys

from torch7 import nn_found
import dpnn
import nn
from torch7 import strictness

# methods of Module
from . import module_extensions
from .recursive import (
    recursiveAdd,
    recursiveCopy,
    recursiveFill,
    recursiveNew,
    recursiveNormal,
    recursiveResizeAs,
    recursiveSet,
    recursiveSum,
    recursiveTensorEq,
    recursiveType,
)

# small modules
from .linear_no_bias import LinearNoBias
from .sadd import SAdd
from .copy_grad import CopyGrad
from nn import Dropout, ZeroGrad

# masks
from .lookup_table_mask_zero import LookupTableMaskZero
from .mask_zero import MaskZero
from .trim_zero import TrimZero

# recurrent modules
from .abstract_recurrent import AbstractRecurrent
from .recurrent import Recurrent
from .lstm import LSTM
from .fast_lstm import FastLSTM
from .gru import GRU
from .mufuru import MuFuRu
from .recursor import Recursor
from .recurrence import Recurrence
from .norm_stabilizer import NormStabilizer

# sequencers
from .abstract_sequencer import AbstractSequencer
from .repeater import Repeater
from .sequencer import Sequencer
from .bi_sequencer import BiSequencer
from .bi_sequencer_lm import BiSequencerLM
from .recurrent_attention import RecurrentAttention

# whole sequences in one kernel
from .seq_lstm import SeqLSTM
from .seq_lstmp import SeqLSTMP
from .seq_gru import SeqGRU
from .seq_reverse_sequence import SeqReverseSequence
from .seq_brnn import SeqBRNN

# criterions
from .sequencer_criterion import SequencerCriterion
from .repeater_criterion import RepeaterCriterion
from .mask_zero_criterion import MaskZeroCriterion

version = 2.1
nn.rnn = sys.modules[__name__]

strictness.watch("rnn.strict")
