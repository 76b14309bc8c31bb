"""What training loops and models lean on (manual, "torch.nn.utils")."""

from . import parametrizations, parametrize, prune, rnn, stateless
from .fusion import fuse_conv_bn_eval, fuse_conv_bn_weights, fuse_linear_bn_eval, fuse_linear_bn_weights
from .gradients import clip_grad_norm, clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from .gradients import parameters_to_vector, vector_to_parameters
from .normed_weights import remove_spectral_norm, remove_weight_norm, spectral_norm, weight_norm
from .initialization import skip_init
