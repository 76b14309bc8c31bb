"""Direct sums over images in planes: vectors of pixels, for few channels."""

from .gradient_weight import GRAD_WEIGHT
from .output import GRAD_INPUT, OUTPUT
