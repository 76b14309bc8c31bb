"""A batch normalisation in evaluation as part of the convolution or linear map before it."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from ..parameter import Parameter, plain


def _fused(weight: Any, bias: Any, statistics: tuple, affine: tuple, axis: int) -> tuple[Parameter, Parameter]:
    """Weight and bias with scale and shift of the normalisation; ``axis`` of the weight has the outputs."""
    (mean, var, eps), (gamma, beta) = statistics, affine
    scale = 1 / np.sqrt(var + mean.dtype.type(eps))
    scale = scale if gamma is None else scale * plain(gamma)
    old = np.zeros_like(mean) if bias is None else plain(bias)
    shift = (old - mean) * scale + (0 if beta is None else plain(beta))
    along = [1] * weight.ndim
    along[axis] = -1
    new = (plain(weight) * scale.reshape(along)).astype(weight.dtype, copy=False)
    return Parameter(new), Parameter(shift.astype(weight.dtype, copy=False))


def fuse_conv_bn_weights(
    conv_w: Any, conv_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any, transpose: bool = False
) -> tuple[Parameter, Parameter]:
    """Weight and bias of one convolution for a convolution and the normalisation behind it."""
    return _fused(conv_w, conv_b, (bn_rm, bn_rv, bn_eps), (bn_w, bn_b), 1 if transpose else 0)


def fuse_linear_bn_weights(
    linear_w: Any, linear_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any
) -> tuple[Parameter, Parameter]:
    """Weight and bias of one linear map for a linear map and the normalisation behind it."""
    return _fused(linear_w, linear_b, (bn_rm, bn_rv, bn_eps), (bn_w, bn_b), 0)


def _check(first: Any, bn: Any) -> tuple:
    if first.training or bn.training:
        raise ValueError("fusion is for evaluation: call eval() on both modules first")
    if bn.running_mean is None:
        raise ValueError("fusion needs the running statistics of the normalisation")
    return bn.running_mean, bn.running_var, bn.eps


def fuse_conv_bn_eval(conv: Any, bn: Any, transpose: bool = False) -> Any:
    """A copy of the convolution that normalises as well; both must be in evaluation."""
    statistics, new = _check(conv, bn), copy.deepcopy(conv)
    new.weight, new.bias = fuse_conv_bn_weights(new.weight, new.bias, *statistics, bn.weight, bn.bias, transpose)
    return new


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """A copy of the linear map that normalises as well; both must be in evaluation."""
    statistics, new = _check(linear, bn), copy.deepcopy(linear)
    if linear.out_features != bn.num_features and bn.num_features != 1:
        raise ValueError(f"{linear.out_features} outputs do not fit the normalisation's {bn.num_features} features")
    new.weight, new.bias = fuse_linear_bn_weights(new.weight, new.bias, *statistics, bn.weight, bn.bias)
    return new
