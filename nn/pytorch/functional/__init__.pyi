# Written by test/stubs.py: what a type checker sees of nn.pytorch.functional.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nn.pytorch.functional.average_pooling import adaptive_avg_pool1d as adaptive_avg_pool1d
from nn.pytorch.functional.average_pooling import adaptive_avg_pool1d_backward as adaptive_avg_pool1d_backward
from nn.pytorch.functional.average_pooling import adaptive_avg_pool2d as adaptive_avg_pool2d
from nn.pytorch.functional.average_pooling import adaptive_avg_pool2d_backward as adaptive_avg_pool2d_backward
from nn.pytorch.functional.average_pooling import adaptive_avg_pool3d as adaptive_avg_pool3d
from nn.pytorch.functional.average_pooling import adaptive_avg_pool3d_backward as adaptive_avg_pool3d_backward
from nn.pytorch.functional.max_pooling import adaptive_max_pool1d as adaptive_max_pool1d
from nn.pytorch.functional.max_pooling import adaptive_max_pool1d_backward as adaptive_max_pool1d_backward
def adaptive_max_pool1d_with_indices(input: Any, output_size: Any, return_indices: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.max_pooling import adaptive_max_pool2d as adaptive_max_pool2d
from nn.pytorch.functional.max_pooling import adaptive_max_pool2d_backward as adaptive_max_pool2d_backward
def adaptive_max_pool2d_with_indices(input: Any, output_size: Any, return_indices: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.max_pooling import adaptive_max_pool3d as adaptive_max_pool3d
from nn.pytorch.functional.max_pooling import adaptive_max_pool3d_backward as adaptive_max_pool3d_backward
def adaptive_max_pool3d_with_indices(input: Any, output_size: Any, return_indices: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.grids import affine_grid as affine_grid
from nn.pytorch.functional.grids import affine_grid_backward as affine_grid_backward
from nn.pytorch.functional.dropout import alpha_dropout as alpha_dropout
from nn.pytorch.functional.dropout import dropout_backward as _alpha_dropout_backward
alpha_dropout_backward = _alpha_dropout_backward
from nn.pytorch.functional.average_pooling import avg_pool1d as avg_pool1d
from nn.pytorch.functional.average_pooling import avg_pool1d_backward as avg_pool1d_backward
from nn.pytorch.functional.average_pooling import avg_pool2d as avg_pool2d
from nn.pytorch.functional.average_pooling import avg_pool2d_backward as avg_pool2d_backward
from nn.pytorch.functional.average_pooling import avg_pool3d as avg_pool3d
from nn.pytorch.functional.average_pooling import avg_pool3d_backward as avg_pool3d_backward
from nn.pytorch.functional.batch_normalization import batch_norm as batch_norm
from nn.pytorch.functional.batch_normalization import batch_norm_backward as batch_norm_backward
from nn.pytorch.functional.batch_normalization import batch_norm_forward as batch_norm_forward
from nn.pytorch.functional.linear import bilinear as bilinear
from nn.pytorch.functional.linear import bilinear_backward as bilinear_backward
def binary_cross_entropy(input: Any, target: Any, weight: Any = ..., size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def binary_cross_entropy_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
def binary_cross_entropy_with_logits(input: Any, target: Any, weight: Any = ..., size_average: Any = ..., reduce: Any = ..., reduction: str = ..., pos_weight: Any = ...) -> Any: ...
def binary_cross_entropy_with_logits_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.smooth import celu as celu
def celu_(input: Any, alpha: float = ..., inplace: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.smooth import celu_backward as celu_backward
from nn.pytorch.functional.shuffling import channel_shuffle as channel_shuffle
from nn.pytorch.functional.shuffling import channel_shuffle_backward as channel_shuffle_backward
from nn.pytorch.functional.convolution import conv1d as conv1d
from nn.pytorch.functional.convolution import conv1d_backward as conv1d_backward
from nn.pytorch.functional.convolution import conv2d as conv2d
from nn.pytorch.functional.convolution import conv2d_backward as conv2d_backward
from nn.pytorch.functional.convolution import conv3d as conv3d
from nn.pytorch.functional.convolution import conv3d_backward as conv3d_backward
from nn.pytorch.functional.convolution import conv_tbc as conv_tbc
from nn.pytorch.functional.convolution import conv_tbc_backward as conv_tbc_backward
from nn.pytorch.functional.transposed import conv_transpose1d as conv_transpose1d
from nn.pytorch.functional.transposed import conv_transpose1d_backward as conv_transpose1d_backward
from nn.pytorch.functional.transposed import conv_transpose2d as conv_transpose2d
from nn.pytorch.functional.transposed import conv_transpose2d_backward as conv_transpose2d_backward
from nn.pytorch.functional.transposed import conv_transpose3d as conv_transpose3d
from nn.pytorch.functional.transposed import conv_transpose3d_backward as conv_transpose3d_backward
from nn.pytorch.functional.convolution import convolve as convolve
from nn.pytorch.functional.convolution import convolve_backward as convolve_backward
def cosine_embedding_loss(input1: Any, input2: Any, target: Any, margin: float = ..., size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def cosine_embedding_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.distance import cosine_similarity as cosine_similarity
from nn.pytorch.functional.distance import cosine_similarity_backward as cosine_similarity_backward
def cross_entropy(input: Any, target: Any, weight: Any = ..., size_average: Any = ..., ignore_index: int = ..., reduce: Any = ..., reduction: str = ..., label_smoothing: float = ...) -> Any: ...
def cross_entropy_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
def ctc_loss(log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = ..., reduction: str = ..., zero_infinity: bool = ...) -> Any: ...
def ctc_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.dropout import dropout as dropout
from nn.pytorch.functional.dropout import dropout1d as dropout1d
from nn.pytorch.functional.dropout import dropout_backward as _dropout1d_backward
dropout1d_backward = _dropout1d_backward
from nn.pytorch.functional.dropout import dropout2d as dropout2d
from nn.pytorch.functional.dropout import dropout_backward as _dropout2d_backward
dropout2d_backward = _dropout2d_backward
from nn.pytorch.functional.dropout import dropout3d as dropout3d
from nn.pytorch.functional.dropout import dropout_backward as _dropout3d_backward
dropout3d_backward = _dropout3d_backward
from nn.pytorch.functional.dropout import dropout_backward as dropout_backward
from nn.pytorch.functional.smooth import elu as elu
def elu_(input: Any, alpha: float = ..., inplace: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.smooth import elu_backward as elu_backward
from nn.pytorch.functional.sparse import embedding as embedding
from nn.pytorch.functional.sparse import embedding_backward as embedding_backward
from nn.pytorch.functional.sparse import embedding_bag as embedding_bag
from nn.pytorch.functional.sparse import embedding_bag_backward as embedding_bag_backward
from nn.pytorch.functional.sparse import embedding_bag_forward as embedding_bag_forward
from nn.pytorch.functional.dropout import feature_alpha_dropout as feature_alpha_dropout
from nn.pytorch.functional.dropout import dropout_backward as _feature_alpha_dropout_backward
feature_alpha_dropout_backward = _feature_alpha_dropout_backward
from nn.pytorch.functional.reshaping import flatten as flatten
from nn.pytorch.functional.reshaping import flatten_backward as flatten_backward
from nn.pytorch.functional.unfolding import fold as fold
from nn.pytorch.functional.unfolding import fold_backward as fold_backward
from nn.pytorch.functional.fractional_pooling import fractional_max_pool2d as fractional_max_pool2d
from nn.pytorch.functional.fractional_pooling import fractional_max_pool2d_backward as fractional_max_pool2d_backward
def fractional_max_pool2d_with_indices(input: Any, kernel_size: Any, output_size: Any = ..., output_ratio: Any = ..., return_indices: bool = ..., _random_samples: Any = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.fractional_pooling import fractional_max_pool3d as fractional_max_pool3d
from nn.pytorch.functional.fractional_pooling import fractional_max_pool3d_backward as fractional_max_pool3d_backward
def fractional_max_pool3d_with_indices(input: Any, kernel_size: Any, output_size: Any = ..., output_ratio: Any = ..., return_indices: bool = ..., _random_samples: Any = ..., *, out: Any = ...) -> Any: ...
def gaussian_nll_loss(input: Any, target: Any, var: Any, full: bool = ..., eps: float = ..., reduction: str = ...) -> Any: ...
def gaussian_nll_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.smooth import gelu as gelu
from nn.pytorch.functional.smooth import gelu_backward as gelu_backward
from nn.pytorch.functional.smooth import glu as glu
from nn.pytorch.functional.smooth import glu_backward as glu_backward
from nn.pytorch.functional.grids import grid_sample as grid_sample
from nn.pytorch.functional.grids import grid_sample_backward as grid_sample_backward
from nn.pytorch.functional.normalization import group_norm as group_norm
from nn.pytorch.functional.normalization import group_norm_backward as group_norm_backward
from nn.pytorch.functional.normalization import group_norm_forward as group_norm_forward
from nn.pytorch.functional.gumbel import gumbel_softmax as gumbel_softmax
from nn.pytorch.functional.gumbel import gumbel_softmax_backward as gumbel_softmax_backward
from nn.pytorch.functional.gumbel import gumbel_softmax_forward as gumbel_softmax_forward
from nn.pytorch.functional.rectifiers import hardshrink as hardshrink
from nn.pytorch.functional.rectifiers import hardshrink_backward as hardshrink_backward
from nn.pytorch.functional.rectifiers import hardsigmoid as hardsigmoid
from nn.pytorch.functional.rectifiers import hardsigmoid_backward as hardsigmoid_backward
from nn.pytorch.functional.rectifiers import hardswish as hardswish
from nn.pytorch.functional.rectifiers import hardswish_backward as hardswish_backward
from nn.pytorch.functional.rectifiers import hardtanh as hardtanh
def hardtanh_(input: Any, min_val: float = ..., max_val: float = ..., inplace: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.rectifiers import hardtanh_backward as hardtanh_backward
def hinge_embedding_loss(input: Any, target: Any, margin: float = ..., size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def hinge_embedding_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
def huber_loss(input: Any, target: Any, reduction: str = ..., delta: float = ...) -> Any: ...
def huber_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.instance_normalization import instance_norm as instance_norm
from nn.pytorch.functional.instance_normalization import instance_norm_backward as instance_norm_backward
from nn.pytorch.functional.instance_normalization import instance_norm_forward as instance_norm_forward
from nn.pytorch.functional.interpolation import interpolate as interpolate
from nn.pytorch.functional.interpolation import interpolate_backward as interpolate_backward
def kl_div(input: Any, target: Any, size_average: Any = ..., reduce: Any = ..., reduction: str = ..., log_target: bool = ...) -> Any: ...
def kl_div_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
def l1_loss(input: Any, target: Any, size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def l1_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.normalization import layer_norm as layer_norm
from nn.pytorch.functional.normalization import layer_norm_backward as layer_norm_backward
from nn.pytorch.functional.normalization import layer_norm_forward as layer_norm_forward
from nn.pytorch.functional.rectifiers import leaky_relu as leaky_relu
def leaky_relu_(input: Any, negative_slope: float = ..., inplace: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.rectifiers import leaky_relu_backward as leaky_relu_backward
from nn.pytorch.functional.linear import linear as linear
from nn.pytorch.functional.linear import linear_backward as linear_backward
from nn.pytorch.functional.linear_cross_entropy import linear_cross_entropy as linear_cross_entropy
from nn.pytorch.functional.linear_cross_entropy import linear_cross_entropy_backward as linear_cross_entropy_backward
from nn.pytorch.functional.linear_cross_entropy import linear_cross_entropy_forward as linear_cross_entropy_forward
from nn.pytorch.functional.local_response import local_response_norm as local_response_norm
from nn.pytorch.functional.local_response import local_response_norm_backward as local_response_norm_backward
from nn.pytorch.functional.softmax import log_softmax as log_softmax
from nn.pytorch.functional.softmax import log_softmax_backward as log_softmax_backward
from nn.pytorch.functional.smooth import logsigmoid as logsigmoid
from nn.pytorch.functional.smooth import logsigmoid_backward as logsigmoid_backward
from nn.pytorch.functional.average_pooling import lp_pool1d as lp_pool1d
from nn.pytorch.functional.average_pooling import lp_pool1d_backward as lp_pool1d_backward
from nn.pytorch.functional.average_pooling import lp_pool2d as lp_pool2d
from nn.pytorch.functional.average_pooling import lp_pool2d_backward as lp_pool2d_backward
from nn.pytorch.functional.average_pooling import lp_pool3d as lp_pool3d
from nn.pytorch.functional.average_pooling import lp_pool3d_backward as lp_pool3d_backward
def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = ..., size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def margin_ranking_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.max_pooling import max_pool1d as max_pool1d
from nn.pytorch.functional.max_pooling import max_pool1d_backward as max_pool1d_backward
def max_pool1d_with_indices(input: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: bool = ..., return_indices: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.max_pooling import max_pool2d as max_pool2d
from nn.pytorch.functional.max_pooling import max_pool2d_backward as max_pool2d_backward
def max_pool2d_with_indices(input: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: bool = ..., return_indices: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.max_pooling import max_pool3d as max_pool3d
from nn.pytorch.functional.max_pooling import max_pool3d_backward as max_pool3d_backward
def max_pool3d_with_indices(input: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: bool = ..., return_indices: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.unpooling import max_unpool1d as max_unpool1d
from nn.pytorch.functional.unpooling import max_unpool1d_backward as max_unpool1d_backward
from nn.pytorch.functional.unpooling import max_unpool2d as max_unpool2d
from nn.pytorch.functional.unpooling import max_unpool2d_backward as max_unpool2d_backward
from nn.pytorch.functional.unpooling import max_unpool3d as max_unpool3d
from nn.pytorch.functional.unpooling import max_unpool3d_backward as max_unpool3d_backward
from nn.pytorch.functional.smooth import mish as mish
from nn.pytorch.functional.smooth import mish_backward as mish_backward
def mse_loss(input: Any, target: Any, size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def mse_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.multi_head_forward import multi_head_attention_forward as multi_head_attention_forward
from nn.pytorch.functional.multi_head_forward import multi_head_attention_forward_backward as multi_head_attention_forward_backward
def multi_margin_loss(input: Any, target: Any, p: int = ..., margin: float = ..., weight: Any = ..., size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def multi_margin_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
def multilabel_margin_loss(input: Any, target: Any, size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def multilabel_margin_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
def multilabel_soft_margin_loss(input: Any, target: Any, weight: Any = ..., size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def multilabel_soft_margin_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.shuffling import channel_shuffle as _native_channel_shuffle
native_channel_shuffle = _native_channel_shuffle
from nn.pytorch.functional.shuffling import channel_shuffle_backward as _native_channel_shuffle_backward
native_channel_shuffle_backward = _native_channel_shuffle_backward
def nll_loss(input: Any, target: Any, weight: Any = ..., size_average: Any = ..., ignore_index: int = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def nll_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.distance import normalize as normalize
from nn.pytorch.functional.distance import normalize_backward as normalize_backward
from nn.pytorch.functional.sparse import one_hot as one_hot
from nn.pytorch.functional.padding import pad as pad
from nn.pytorch.functional.padding import pad_backward as pad_backward
from nn.pytorch.functional.distance import pairwise_distance as pairwise_distance
from nn.pytorch.functional.distance import pairwise_distance_backward as pairwise_distance_backward
from nn.pytorch.functional.distance import pdist as pdist
from nn.pytorch.functional.distance import pdist_backward as pdist_backward
from nn.pytorch.functional.shuffling import pixel_shuffle as pixel_shuffle
from nn.pytorch.functional.shuffling import pixel_shuffle_backward as pixel_shuffle_backward
from nn.pytorch.functional.shuffling import pixel_unshuffle as pixel_unshuffle
from nn.pytorch.functional.shuffling import pixel_unshuffle_backward as pixel_unshuffle_backward
def poisson_nll_loss(input: Any, target: Any, log_input: bool = ..., full: bool = ..., size_average: Any = ..., eps: float = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def poisson_nll_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.parametric import prelu as prelu
from nn.pytorch.functional.parametric import prelu_backward as prelu_backward
from nn.pytorch.functional.rectifiers import relu as relu
from nn.pytorch.functional.rectifiers import relu6 as relu6
from nn.pytorch.functional.rectifiers import relu6_backward as relu6_backward
def relu_(input: Any, inplace: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.rectifiers import relu_backward as relu_backward
from nn.pytorch.functional.normalization import rms_norm as rms_norm
from nn.pytorch.functional.normalization import rms_norm_backward as rms_norm_backward
from nn.pytorch.functional.normalization import rms_norm_forward as rms_norm_forward
from nn.pytorch.functional.parametric import rrelu as rrelu
def rrelu_(input: Any, lower: float = ..., upper: float = ..., training: bool = ..., inplace: bool = ...) -> Any: ...
from nn.pytorch.functional.parametric import rrelu_backward as rrelu_backward
from nn.pytorch.functional.parametric import rrelu_forward as rrelu_forward
from nn.pytorch.functional.attention import scaled_dot_product_attention as scaled_dot_product_attention
from nn.pytorch.functional.attention import scaled_dot_product_attention_backward as scaled_dot_product_attention_backward
from nn.pytorch.functional.attention import scaled_dot_product_attention_forward as scaled_dot_product_attention_forward
from nn.pytorch.functional.smooth import selu as selu
def selu_(input: Any, inplace: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.smooth import selu_backward as selu_backward
from nn.pytorch.functional.smooth import sigmoid as sigmoid
from nn.pytorch.functional.smooth import sigmoid_backward as sigmoid_backward
from nn.pytorch.functional.smooth import silu as silu
from nn.pytorch.functional.smooth import silu_backward as silu_backward
def smooth_l1_loss(input: Any, target: Any, size_average: Any = ..., reduce: Any = ..., reduction: str = ..., beta: float = ...) -> Any: ...
def smooth_l1_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
def soft_margin_loss(input: Any, target: Any, size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def soft_margin_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.softmax import softmax as softmax
from nn.pytorch.functional.softmax import softmax_backward as softmax_backward
from nn.pytorch.functional.softmax import softmin as softmin
from nn.pytorch.functional.softmax import softmin_backward as softmin_backward
from nn.pytorch.functional.smooth import softplus as softplus
from nn.pytorch.functional.smooth import softplus_backward as softplus_backward
from nn.pytorch.functional.rectifiers import softshrink as softshrink
from nn.pytorch.functional.rectifiers import softshrink_backward as softshrink_backward
from nn.pytorch.functional.smooth import softsign as softsign
from nn.pytorch.functional.smooth import softsign_backward as softsign_backward
from nn.pytorch.functional.padding import sources as sources
from nn.pytorch.functional.smooth import tanh as tanh
from nn.pytorch.functional.smooth import tanh_backward as tanh_backward
from nn.pytorch.functional.smooth import tanhshrink as tanhshrink
from nn.pytorch.functional.smooth import tanhshrink_backward as tanhshrink_backward
from nn.pytorch.functional.rectifiers import threshold as threshold
def threshold_(input: Any, threshold: float, value: float, inplace: bool = ..., *, out: Any = ...) -> Any: ...
from nn.pytorch.functional.rectifiers import threshold_backward as threshold_backward
def triplet_margin_loss(anchor: Any, positive: Any, negative: Any, margin: float = ..., p: float = ..., eps: float = ..., swap: bool = ..., size_average: Any = ..., reduce: Any = ..., reduction: str = ...) -> Any: ...
def triplet_margin_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
def triplet_margin_with_distance_loss(anchor: Any, positive: Any, negative: Any, *, distance_function: Any = ..., margin: float = ..., swap: bool = ..., reduction: str = ...) -> Any: ...
def triplet_margin_with_distance_loss_backward(gradOutput: Any, *args: Any, saved: Any = ..., needs: tuple[Any, ...] = ..., buffer: Callable[..., Any] = ..., **settings: Any) -> tuple[Any, ...]: ...
from nn.pytorch.functional.unfolding import unfold as unfold
from nn.pytorch.functional.unfolding import unfold_backward as unfold_backward
from nn.pytorch.functional.interpolation import upsample as upsample
from nn.pytorch.functional.interpolation import upsample_backward as upsample_backward
from nn.pytorch.functional.interpolation import upsample_bilinear as upsample_bilinear
from nn.pytorch.functional.interpolation import upsample_bilinear_backward as upsample_bilinear_backward
from nn.pytorch.functional.interpolation import upsample_nearest as upsample_nearest
from nn.pytorch.functional.interpolation import upsample_nearest_backward as upsample_nearest_backward
