"""Convolutions on a GPU: plans, what their kernels know of a shape, and the model that chooses tiles."""
