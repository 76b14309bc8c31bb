"""Torch's dataload: ``import dataload as dl``."""

from .async_iterator import AsyncIterator
from .data_loader import DataLoader
from .image_class import ImageClass
from .multi_sequence import MultiSequence
from .sequence_loader import SequenceLoader
from .tensor_loader import TensorLoader
