"""What kernels for the GPU stand on: loading, launching, formulas of the CPU as C++, numbers that stay on the GPU."""
