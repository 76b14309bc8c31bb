"""``import nn.pytorch.functional as F``: PyTorch's functions, and ``F.name_backward`` for each.

``F.name_backward(gradOutput, *the arguments of name)`` returns a tuple, one gradient for each array of floats among the
arguments. All functions return fresh arrays unless ``out`` is given.
"""

from .linear import bilinear, bilinear_backward, linear, linear_backward
from .reshaping import flatten, flatten_backward
from .parametric import prelu, prelu_backward, rrelu, rrelu_backward, rrelu_forward
from .rectifiers import (
    hardshrink,
    hardshrink_backward,
    hardsigmoid,
    hardsigmoid_backward,
    hardswish,
    hardswish_backward,
    hardtanh,
    hardtanh_backward,
    leaky_relu,
    leaky_relu_backward,
    relu,
    relu6,
    relu6_backward,
    relu_backward,
    softshrink,
    softshrink_backward,
    threshold,
    threshold_backward,
)
from .smooth import (
    celu,
    celu_backward,
    elu,
    elu_backward,
    gelu,
    gelu_backward,
    glu,
    glu_backward,
    logsigmoid,
    logsigmoid_backward,
    mish,
    mish_backward,
    selu,
    selu_backward,
    sigmoid,
    sigmoid_backward,
    silu,
    silu_backward,
    softplus,
    softplus_backward,
    softsign,
    softsign_backward,
    tanh,
    tanh_backward,
    tanhshrink,
    tanhshrink_backward,
)
from .softmax import log_softmax, log_softmax_backward, softmax, softmax_backward, softmin, softmin_backward
from .attention import scaled_dot_product_attention, scaled_dot_product_attention_backward
from .attention import scaled_dot_product_attention_forward
from .class_loss import cross_entropy, cross_entropy_backward, nll_loss, nll_loss_backward
from .margin_loss import multi_margin_loss, multi_margin_loss_backward
from .margin_loss import multilabel_margin_loss, multilabel_margin_loss_backward, multilabel_soft_margin_loss
from .margin_loss import multilabel_soft_margin_loss_backward
from .ctc_loss import ctc_loss, ctc_loss_backward
from .distance import cosine_similarity, cosine_similarity_backward, normalize, normalize_backward, pairwise_distance
from .distance import pairwise_distance_backward, pdist, pdist_backward
from .distance_loss import cosine_embedding_loss, cosine_embedding_loss_backward, triplet_margin_loss
from .distance_loss import triplet_margin_loss_backward, triplet_margin_with_distance_loss
from .distance_loss import triplet_margin_with_distance_loss_backward
from .dropout import alpha_dropout, alpha_dropout_backward, dropout, dropout1d, dropout1d_backward, dropout2d
from .dropout import dropout2d_backward, dropout3d, dropout3d_backward, dropout_backward, feature_alpha_dropout
from .dropout import feature_alpha_dropout_backward
from .elementwise_loss import binary_cross_entropy, binary_cross_entropy_backward, binary_cross_entropy_with_logits
from .elementwise_loss import binary_cross_entropy_with_logits_backward, gaussian_nll_loss, gaussian_nll_loss_backward
from .elementwise_loss import hinge_embedding_loss, hinge_embedding_loss_backward, huber_loss, huber_loss_backward
from .elementwise_loss import kl_div, kl_div_backward, l1_loss, l1_loss_backward, margin_ranking_loss
from .elementwise_loss import margin_ranking_loss_backward, mse_loss, mse_loss_backward, poisson_nll_loss
from .elementwise_loss import poisson_nll_loss_backward, smooth_l1_loss, smooth_l1_loss_backward, soft_margin_loss
from .elementwise_loss import soft_margin_loss_backward
from .sparse import embedding, embedding_backward, embedding_bag, embedding_bag_backward, embedding_bag_forward, one_hot
from .padding import pad, pad_backward, sources
from .convolution import (
    conv1d,
    conv1d_backward,
    conv2d,
    conv2d_backward,
    conv3d,
    conv3d_backward,
    convolve,
    convolve_backward,
)
from .transposed import (
    conv_transpose1d,
    conv_transpose1d_backward,
    conv_transpose2d,
    conv_transpose2d_backward,
    conv_transpose3d,
    conv_transpose3d_backward,
)
from .average_pooling import adaptive_avg_pool1d, adaptive_avg_pool1d_backward, adaptive_avg_pool2d
from .average_pooling import adaptive_avg_pool2d_backward, adaptive_avg_pool3d, adaptive_avg_pool3d_backward
from .average_pooling import avg_pool1d, avg_pool1d_backward, avg_pool2d, avg_pool2d_backward, avg_pool3d
from .average_pooling import avg_pool3d_backward, lp_pool1d, lp_pool1d_backward, lp_pool2d, lp_pool2d_backward
from .average_pooling import lp_pool3d, lp_pool3d_backward
from .max_pooling import adaptive_max_pool1d, adaptive_max_pool1d_backward, adaptive_max_pool2d
from .max_pooling import adaptive_max_pool2d_backward, adaptive_max_pool3d, adaptive_max_pool3d_backward
from .max_pooling import max_pool1d, max_pool1d_backward, max_pool2d, max_pool2d_backward, max_pool3d
from .max_pooling import max_pool3d_backward
from .unfolding import fold, fold_backward, unfold, unfold_backward
from .unpooling import max_unpool1d, max_unpool1d_backward, max_unpool2d, max_unpool2d_backward, max_unpool3d
from .unpooling import max_unpool3d_backward
from .batch_normalization import batch_norm, batch_norm_backward, batch_norm_forward
from .instance_normalization import instance_norm, instance_norm_backward, instance_norm_forward
from .local_response import local_response_norm, local_response_norm_backward
from .normalization import group_norm, group_norm_backward, group_norm_forward, layer_norm, layer_norm_backward
from .normalization import layer_norm_forward, rms_norm, rms_norm_backward, rms_norm_forward
from .shuffling import pixel_shuffle, pixel_shuffle_backward, pixel_unshuffle, pixel_unshuffle_backward
from .shuffling import channel_shuffle, channel_shuffle_backward, native_channel_shuffle
from .shuffling import native_channel_shuffle_backward
from .fractional_pooling import fractional_max_pool2d, fractional_max_pool2d_backward, fractional_max_pool3d
from .fractional_pooling import fractional_max_pool3d_backward
from .gumbel import gumbel_softmax, gumbel_softmax_backward, gumbel_softmax_forward
from .variants import adaptive_max_pool1d_with_indices, adaptive_max_pool2d_with_indices
from .variants import adaptive_max_pool3d_with_indices, celu_, elu_, fractional_max_pool2d_with_indices
from .variants import fractional_max_pool3d_with_indices, hardtanh_, leaky_relu_, max_pool1d_with_indices
from .variants import max_pool2d_with_indices, max_pool3d_with_indices, relu_, rrelu_, selu_, threshold_
from .interpolation import interpolate, interpolate_backward, upsample, upsample_backward, upsample_bilinear
from .interpolation import upsample_bilinear_backward, upsample_nearest, upsample_nearest_backward
from .grids import affine_grid, affine_grid_backward, grid_sample, grid_sample_backward
from .multi_head_forward import multi_head_attention_forward, multi_head_attention_forward_backward
from .linear_cross_entropy import linear_cross_entropy, linear_cross_entropy_backward, linear_cross_entropy_forward
from .convolution import conv_tbc, conv_tbc_backward
from . import door as _door

_door.guard(globals())
