"""Winograd's algorithm: planes and volumes with 3 x 3 or 5 x 5 taps, in float32."""

from . import volumes as volumes
from .gradient_weight import GRAD_WEIGHT
from .output import GRAD_INPUT, OUTPUT
