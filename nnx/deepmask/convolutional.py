"""Networks for patches as networks for whole images: Linears become convolutions."""

from __future__ import annotations

from typing import Any

import nn


def as_convolution(layer: Any, size: int) -> nn.SpatialConvolution:
    """A Linear on ``planes x size x size`` as a convolution with windows of ``size x size``."""
    outputs, inputs = layer.weight.shape
    new = nn.SpatialConvolution(inputs // (size * size), outputs, size, size, 1, 1).type(layer.type())
    new.weight[...] = layer.weight.reshape(new.weight.shape)
    new.bias[...] = 0 if layer.bias is None else layer.bias
    return new


def linear2convTrunk(net: Any, fSz: int) -> Any:
    """The trunk with its Linear on ``fSz x fSz`` pixels as a convolution; Views and paddings with zeros go."""

    def replaced(m: Any) -> Any:
        if isinstance(m, nn.Linear):
            return as_convolution(m, fSz)
        if isinstance(m, nn.Threshold):
            return nn.ReLU().type(m.type())
        return nn.Identity().type(m.type()) if type(m) in (nn.View, nn.SpatialZeroPadding) else m

    return net.replace(replaced)


def linear2convHead(net: Any) -> Any:
    """A branch with its Linears as convolutions of single pixels; Views and Copies go."""

    def replaced(m: Any) -> Any:
        if isinstance(m, nn.Linear):
            return as_convolution(m, 1)
        if isinstance(m, nn.Threshold):
            return nn.ReLU().type(m.type())
        return nn.Identity().type(m.type()) if isinstance(m, nn.View | nn.Copy) else m

    return net.replace(replaced)
