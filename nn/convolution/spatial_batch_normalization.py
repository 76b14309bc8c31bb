from __future__ import annotations

from ..extension import register
from ..simple.batch_normalization import BatchNormalization


@register
class SpatialBatchNormalization(BatchNormalization):
    """:class:`BatchNormalization` of the planes of images: ``N x nOutput x H x W``, statistics over N, H and W.

    Errors as there. Source: manual chapter "convolution".
    """

    nDim = 4


@register
class VolumetricBatchNormalization(BatchNormalization):
    """:class:`BatchNormalization` of volumes: ``N x nOutput x T x H x W``, statistics over N, T, H and W.

    Errors as there. Source: manual chapter "convolution".
    """

    nDim = 5
