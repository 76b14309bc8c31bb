"""OpenNMT's modules, so that the networks in its checkpoints run."""

from .join_replicate_table import JoinReplicateTable
from .network import GRU, LSTM, Bridge, FeaturesEmbedding, FeaturesGenerator, Generator, GlobalAttention, Network
from .network import NoAttention, WordEmbedding
