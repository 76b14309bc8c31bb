"""torch-rnn, the character models of Justin Johnson: its layers, which take sequences as ``N x T x D``."""

from .lstm import LSTM
from .vanilla_rnn import VanillaRNN
from .gru import GRU
from .grid_gru import GRIDGRU
from .temporal_adapter import TemporalAdapter
from .language_model import LanguageModel
from .temporal_cross_entropy_criterion import TemporalCrossEntropyCriterion
