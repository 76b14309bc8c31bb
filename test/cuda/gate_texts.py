"""All texts of kernels that the library has, and the instances of each."""

from nn.thnn.cuda.texts import texts

__all__ = ["texts"]
