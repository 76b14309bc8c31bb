"""The modules of PyTorch's torch.nn manual, with explicit backward: ``import nn.pytorch as tnn``."""

from __future__ import annotations

from . import functional
from . import values as _values
from . import parameter_methods as _parameter_methods
from .defaults import get_default_dtype, set_default_dtype
from .module import Module
from .parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter
from .tape import no_tape
from .containers import ModuleDict, ModuleList, Sequential
from .parameter_containers import ParameterDict, ParameterList
from . import init, random
from .linear import Bilinear, Flatten, Identity, Linear, Unflatten
from .random import bernoulli, initial_seed, manual_seed, rand, randint, randn, randperm
from .activation import (
    CELU,
    ELU,
    GELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    Mish,
    ReLU,
    ReLU6,
    SELU,
    SiLU,
    Sigmoid,
    Softplus,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
    Threshold,
)
from .parametric import PReLU, RReLU
from .softmax import GLU, LogSoftmax, Softmax, Softmax2d, Softmin
from .dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout
from .loss import CosineEmbeddingLoss, CTCLoss, GaussianNLLLoss, HingeEmbeddingLoss, HuberLoss, KLDivLoss, L1Loss
from .loss import MarginRankingLoss, MSELoss, MultiLabelMarginLoss, PoissonNLLLoss, SmoothL1Loss, SoftMarginLoss
from .loss import TripletMarginLoss, TripletMarginWithDistanceLoss
from .weighted_loss import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MultiLabelSoftMarginLoss, MultiMarginLoss
from .weighted_loss import NLLLoss
from .sparse import Embedding, EmbeddingBag
from .convolution import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .padding import (
    CircularPad1d,
    CircularPad2d,
    CircularPad3d,
    ConstantPad1d,
    ConstantPad2d,
    ConstantPad3d,
    ReflectionPad1d,
    ReflectionPad2d,
    ReflectionPad3d,
    ReplicationPad1d,
    ReplicationPad2d,
    ReplicationPad3d,
    ZeroPad1d,
    ZeroPad2d,
    ZeroPad3d,
)
from .recurrent import GRU, LSTM, RNN, RNNBase
from .recurrent_cells import GRUCell, LSTMCell, RNNCell, RNNCellBase
from . import utils
from .pooling import AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d, AdaptiveMaxPool2d
from .pooling import AdaptiveMaxPool3d, AvgPool1d, AvgPool2d, AvgPool3d, Fold, LPPool1d, LPPool2d, LPPool3d
from .pooling import FractionalMaxPool2d, FractionalMaxPool3d
from .pooling import MaxPool1d, MaxPool2d, MaxPool3d, MaxUnpool1d, MaxUnpool2d, MaxUnpool3d, Unfold
from .bridges import Torch7
from .files import load, save
from .interchange import from_torch, to_torch
from .batch_normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d
from .batch_normalization import InstanceNorm3d
from .sync_batch_norm import SyncBatchNorm
from .normalization import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
from .attention import MultiheadAttention
from .adaptive import AdaptiveLogSoftmaxWithLoss
from .distance import CosineSimilarity, PairwiseDistance
from .vision import ChannelShuffle, PixelShuffle, PixelUnshuffle
from .upsampling import Upsample, UpsamplingBilinear2d, UpsamplingNearest2d
from .transformer import Transformer, TransformerDecoder, TransformerEncoder
from .transformer_layers import TransformerDecoderLayer, TransformerEncoderLayer
from .lazy import LazyBatchNorm1d, LazyBatchNorm2d, LazyBatchNorm3d, LazyConv1d, LazyConv2d, LazyConv3d
from .lazy import LazyConvTranspose1d, LazyConvTranspose2d, LazyConvTranspose3d, LazyInstanceNorm1d
from .lazy import LazyInstanceNorm2d, LazyInstanceNorm3d, LazyLinear
from .linear_cross_entropy import LinearCrossEntropyLoss
from .cross_map_lrn import CrossMapLRN2d
from . import parallel
from .data_parallel import DataParallel
