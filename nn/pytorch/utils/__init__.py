"""What training loops and models lean on (manual, "torch.nn.utils")."""

from . import rnn
from .gradients import clip_grad_norm, clip_grad_norm_, clip_grad_value_, parameters_to_vector, vector_to_parameters
from .normed_weights import remove_spectral_norm, remove_weight_norm, spectral_norm, weight_norm
