"""Torch's dataload: ``import dataload as dl``.

``DATA_PATH`` is where data sets are kept; set it, or the environment variable ``DEEP_DATA_PATH``, to keep them
elsewhere. ``overwrite = True`` makes cached data anew.
"""

from torch7 import registry

from .archives import decompressfile, gunzip, untar, unzip
from .async_iterator import AsyncIterator
from .billion_words import loadGBW
from .cifar10 import loadCIFAR10
from .data_loader import DataLoader
from .download import DownloadError, downloadfile
from .image_class import ImageClass
from .image_net import loadImageNet
from .mnist import loadFashionMNIST, loadMNIST
from .multi_image_sequence import MultiImageSequence
from .multi_sequence import MultiSequence
from .multi_sequence_gbw import MultiSequenceGBW
from .paths import DATA_PATH, SAVE_PATH, TORCH_PATH, withcwd
from .penn_tree_bank import loadPTB
from .preprocess import binarize, fitImageNormalize, rescale
from .sentiment140 import Sentiment140Loader, loadSentiment140
from .sequence_loader import SequenceLoader
from .shard import ColumnShard, Shard
from .sources import SOURCES
from .t7 import load
from .tensor_loader import TensorLoader
from .text import buildBigrams, buildVocab, getNumberOfLines, hostname, splitString, text2tensor, uniqueid
from .twokenize import tokenize

overwrite = False

for _class in (DataLoader, TensorLoader, SequenceLoader, MultiSequence, ImageClass, MultiImageSequence):
    registry.register(f"dl.{_class.__name__}", _class)
