from __future__ import annotations

import nn
from nnx.inn.const_affine import ConstAffine


@nn.register
class SpatialConstDiagonal(ConstAffine):
    """deepmask's name for ``inn.ConstAffine``: a scale and a shift of every plane that are not learned.

    In its files it stands for batch normalisation. Source: deepmask.
    """
