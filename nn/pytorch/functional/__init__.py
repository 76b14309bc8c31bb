"""``import nn.pytorch.functional as F``: PyTorch's functions, and ``F.name_backward`` for each.

``F.name_backward(gradOutput, *the arguments of name)`` returns a tuple, one gradient for each array of floats among the
arguments. All functions return fresh arrays unless ``out`` is given.
"""

from .linear import bilinear, bilinear_backward, linear, linear_backward
from .reshaping import flatten, flatten_backward
