"""Direct sums over images that are copied to [pixel][channel]: vectors of channels."""

from .gradient_weight import GRAD_WEIGHT
from .output import GRAD_INPUT, OUTPUT
