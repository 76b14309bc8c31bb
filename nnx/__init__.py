"""Layers of nnx, stn, inn, fbnn and of well-known projects, by the names that scripts and ``.t7`` files have for them.

Importing it adds the classes to nn's namespace; a file that names one imports it. A class of a program's own by one of
the names takes its place.
"""

from __future__ import annotations

from . import torch_rnn
from .torch_rnn import LanguageModel, TemporalAdapter, TemporalCrossEntropyCriterion, VanillaRNN
from .one_hot import OneHot
from .spatial_padding import SpatialPadding
from .spatial_classifier import SpatialClassifier
from .spatial_normalization import SpatialNormalization
