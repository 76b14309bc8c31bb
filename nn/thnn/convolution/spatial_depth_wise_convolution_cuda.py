"""Convolution of each plane by itself: the CPU's functions over the GPU's convolution and scratch memory."""

from __future__ import annotations

from ..cuda.entries import over
from ..cuda.workspace import take
from . import convolution_cuda, spatial_depth_wise_convolution

_here = over(
    spatial_depth_wise_convolution,
    take=take,
    Convolution_updateOutput=convolution_cuda.Convolution_updateOutput,
    Convolution_updateGradInput=convolution_cuda.Convolution_updateGradInput,
    Convolution_accGradParameters=convolution_cuda.Convolution_accGradParameters,
)

SpatialDepthWiseConvolution_updateOutput = _here["SpatialDepthWiseConvolution_updateOutput"]
SpatialDepthWiseConvolution_updateGradInput = _here["SpatialDepthWiseConvolution_updateGradInput"]
SpatialDepthWiseConvolution_accGradParameters = _here["SpatialDepthWiseConvolution_accGradParameters"]
