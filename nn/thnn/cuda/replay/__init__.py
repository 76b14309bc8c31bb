"""Computations on a GPU as CUDA graphs, launched again without Python."""
