"""``import nn.pytorch.functional as F``: PyTorch's functions, and ``F.name_backward`` for each.

``F.name_backward(gradOutput, *the arguments of name)`` returns a tuple, one gradient for each array of floats among the
arguments. All functions return fresh arrays unless ``out`` is given.
"""

from .linear import bilinear, bilinear_backward, linear, linear_backward
from .reshaping import flatten, flatten_backward
from .parametric import prelu, prelu_backward, rrelu, rrelu_backward, rrelu_forward
from .rectifiers import (
    hardshrink,
    hardshrink_backward,
    hardsigmoid,
    hardsigmoid_backward,
    hardswish,
    hardswish_backward,
    hardtanh,
    hardtanh_backward,
    leaky_relu,
    leaky_relu_backward,
    relu,
    relu6,
    relu6_backward,
    relu_backward,
    softshrink,
    softshrink_backward,
    threshold,
    threshold_backward,
)
from .smooth import (
    celu,
    celu_backward,
    elu,
    elu_backward,
    gelu,
    gelu_backward,
    glu,
    glu_backward,
    logsigmoid,
    logsigmoid_backward,
    mish,
    mish_backward,
    selu,
    selu_backward,
    sigmoid,
    sigmoid_backward,
    silu,
    silu_backward,
    softplus,
    softplus_backward,
    softsign,
    softsign_backward,
    tanh,
    tanh_backward,
    tanhshrink,
    tanhshrink_backward,
)
from .softmax import log_softmax, log_softmax_backward, softmax, softmax_backward, softmin, softmin_backward
