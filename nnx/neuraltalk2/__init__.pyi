# Written by test/stubs.py: what a type checker sees of nnx.neuraltalk2.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nnx.neuraltalk2.feat_expander import FeatExpander as FeatExpander
from nnx.neuraltalk2.language_model import LanguageModel as LanguageModel
from nnx.neuraltalk2.language_model_criterion import LanguageModelCriterion as LanguageModelCriterion
from nnx.neuraltalk2.language_model import decode_sequence as decode_sequence
