# Written by test/stubs.py: what a type checker sees of nn.pytorch.utils.
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Self

import numpy as np

from nn.pytorch.utils import parametrizations as parametrizations
from nn.pytorch.utils import parametrize as parametrize
from nn.pytorch.utils import rnn as rnn
from nn.pytorch.utils.gradients import clip_grad_norm as clip_grad_norm
from nn.pytorch.utils.gradients import clip_grad_norm_ as clip_grad_norm_
from nn.pytorch.utils.gradients import clip_grad_value_ as clip_grad_value_
from nn.pytorch.utils.gradients import clip_grads_with_norm_ as clip_grads_with_norm_
from nn.pytorch.utils.fusion import fuse_conv_bn_eval as fuse_conv_bn_eval
from nn.pytorch.utils.fusion import fuse_conv_bn_weights as fuse_conv_bn_weights
from nn.pytorch.utils.fusion import fuse_linear_bn_eval as fuse_linear_bn_eval
from nn.pytorch.utils.fusion import fuse_linear_bn_weights as fuse_linear_bn_weights
from nn.pytorch.utils.gradients import get_total_norm as get_total_norm
from nn.pytorch.utils.gradients import parameters_to_vector as parameters_to_vector
from nn.pytorch.utils.normed_weights import remove_spectral_norm as remove_spectral_norm
from nn.pytorch.utils.normed_weights import remove_weight_norm as remove_weight_norm
from nn.pytorch.utils.initialization import skip_init as skip_init
from nn.pytorch.utils.normed_weights import spectral_norm as spectral_norm
from nn.pytorch.utils.gradients import vector_to_parameters as vector_to_parameters
from nn.pytorch.utils.normed_weights import weight_norm as weight_norm
