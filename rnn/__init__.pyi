# Written by test/stubs.py: what a type checker sees of rnn.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from rnn.abstract_recurrent import AbstractRecurrent as AbstractRecurrent
from rnn.abstract_sequencer import AbstractSequencer as AbstractSequencer
from rnn.bi_sequencer import BiSequencer as BiSequencer
from rnn.bi_sequencer_lm import BiSequencerLM as BiSequencerLM
from rnn.copy_grad import CopyGrad as CopyGrad
from nn.simple.dropout import Dropout as Dropout
from rnn.fast_lstm import FastLSTM as FastLSTM
from rnn.gru import GRU as GRU
from rnn.lstm import LSTM as LSTM
from rnn.linear_no_bias import LinearNoBias as LinearNoBias
from rnn.lookup_table_mask_zero import LookupTableMaskZero as LookupTableMaskZero
from rnn.mask_zero import MaskZero as MaskZero
from rnn.mask_zero_criterion import MaskZeroCriterion as MaskZeroCriterion
from rnn.mufuru import MuFuRu as MuFuRu
from rnn.norm_stabilizer import NormStabilizer as NormStabilizer
from rnn.recurrence import Recurrence as Recurrence
from rnn.recurrent import Recurrent as Recurrent
from rnn.recurrent_attention import RecurrentAttention as RecurrentAttention
from rnn.recursor import Recursor as Recursor
from rnn.repeater import Repeater as Repeater
from rnn.repeater_criterion import RepeaterCriterion as RepeaterCriterion
from rnn.sadd import SAdd as SAdd
from rnn.seq_brnn import SeqBRNN as SeqBRNN
from rnn.seq_gru import SeqGRU as SeqGRU
from rnn.seq_lstm import SeqLSTM as SeqLSTM
from rnn.seq_lstmp import SeqLSTMP as SeqLSTMP
from rnn.seq_reverse_sequence import SeqReverseSequence as SeqReverseSequence
from rnn.sequencer import Sequencer as Sequencer
from rnn.sequencer_criterion import SequencerCriterion as SequencerCriterion
from rnn.trim_zero import TrimZero as TrimZero
from nn.simple.zero_grad import ZeroGrad as ZeroGrad
from rnn.recursive import recursiveAdd as recursiveAdd
from rnn.recursive import recursiveCopy as recursiveCopy
from nn.utils import recursiveFill as recursiveFill
from rnn.recursive import recursiveNew as recursiveNew
from rnn.recursive import recursiveNormal as recursiveNormal
from rnn.recursive import recursiveResizeAs as recursiveResizeAs
from rnn.recursive import recursiveSet as recursiveSet
from rnn.recursive import recursiveSum as recursiveSum
from rnn.recursive import recursiveTensorEq as recursiveTensorEq
from nn.utils import recursiveType as recursiveType
version: float
