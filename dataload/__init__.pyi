# Written by test/stubs.py: what a type checker sees of dataload.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from dataload import images as images
from dataload.async_iterator import AsyncIterator as AsyncIterator
from dataload.shard import ColumnShard as ColumnShard
DATA_PATH: str
from dataload.data_loader import DataLoader as DataLoader
from dataload.answers import DownloadError as DownloadError
from dataload.image_class import ImageClass as ImageClass
from dataload.multi_image_sequence import MultiImageSequence as MultiImageSequence
from dataload.multi_sequence import MultiSequence as MultiSequence
from dataload.multi_sequence_gbw import MultiSequenceGBW as MultiSequenceGBW
SAVE_PATH: str
SOURCES: dict[Any, Any]
from dataload.sentiment140 import Sentiment140Loader as Sentiment140Loader
from dataload.sequence_loader import SequenceLoader as SequenceLoader
from dataload.shard import Shard as Shard
TORCH_PATH: str
from dataload.tensor_loader import TensorLoader as TensorLoader
from dataload.preprocess import binarize as binarize
from dataload.text import buildBigrams as buildBigrams
from dataload.text import buildVocab as buildVocab
from dataload.archives import decompressfile as decompressfile
from dataload.download import downloadfile as downloadfile
from dataload.preprocess import fitImageNormalize as fitImageNormalize
from dataload.text import getNumberOfLines as getNumberOfLines
from dataload.archives import gunzip as gunzip
from dataload.text import hostname as hostname
from dataload.t7 import load as load
from dataload.cifar10 import loadCIFAR10 as loadCIFAR10
from dataload.mnist import loadFashionMNIST as loadFashionMNIST
from dataload.billion_words import loadGBW as loadGBW
from dataload.image_net import loadImageNet as loadImageNet
from dataload.mnist import loadMNIST as loadMNIST
from dataload.penn_tree_bank import loadPTB as loadPTB
from dataload.sentiment140 import loadSentiment140 as loadSentiment140
overwrite: bool
from dataload.preprocess import rescale as rescale
from dataload.text import splitString as splitString
from dataload.text import text2tensor as text2tensor
from dataload.twokenize import tokenize as tokenize
from dataload.text import uniqueid as uniqueid
from dataload.archives import untar as untar
from dataload.archives import unzip as unzip
from dataload.paths import withcwd as withcwd
