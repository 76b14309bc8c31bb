"""Vectors in registers: arithmetic, elementary functions, loops over all elements, sums."""
