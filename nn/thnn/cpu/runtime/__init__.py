"""Compilation, threads and memory of the CPU kernels."""
