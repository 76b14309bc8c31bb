"""deepmask and sharpmask: masks of objects (Pinheiro et al. 2015, 2016)."""

from .spatial_const_diagonal import SpatialConstDiagonal
from .deep_mask import DeepMask
from .sharp_mask import SharpMask
