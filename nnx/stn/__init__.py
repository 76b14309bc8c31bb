"""Spatial transformers (stnbhwd): images are ``N x H x W x C``, places are pairs (y, x) from -1 to 1."""

from .affine_transform_matrix_generator import AffineTransformMatrixGenerator
from .affine_grid_generator_bhwd import AffineGridGeneratorBHWD
from .bilinear_sampler_bhwd import BilinearSamplerBHWD
