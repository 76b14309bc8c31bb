# Written by test/stubs.py: what a type checker sees of nnx.onmt.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.onmt.network import Bridge as Bridge
from nnx.onmt.network import FeaturesEmbedding as FeaturesEmbedding
from nnx.onmt.network import FeaturesGenerator as FeaturesGenerator
from nnx.onmt.network import GRU as GRU
from nnx.onmt.network import Generator as Generator
from nnx.onmt.network import GlobalAttention as GlobalAttention
from nnx.onmt.join_replicate_table import JoinReplicateTable as JoinReplicateTable
from nnx.onmt.network import LSTM as LSTM
from nnx.onmt.network import Network as Network
from nnx.onmt.network import NoAttention as NoAttention
from nnx.onmt.network import WordEmbedding as WordEmbedding
