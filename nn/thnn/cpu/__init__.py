"""What the CPU kernels stand on: conv > gemm > simd > runtime, and nothing points up."""
