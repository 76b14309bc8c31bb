// x += scale * y
#include "common.cuh"
template <class T> __global__ void __launch_bounds__(256) cadd(T* x, const T* y, index_t n, T scale) {
    const int V = 16 / sizeof(T);
    index_t step = (index_t)gridDim.x * 256, start = blockIdx.x * (index_t)256 + threadIdx.x;
    index_t whole = ((unsigned long long)x | (unsigned long long)y) % 16 == 0 ? n / V : 0;
    for (index_t i = start; i < whole; i += step) {
        Pack<T> a = ((Pack<T>*)x)[i], b = ((const Pack<T>*)y)[i];
#pragma unroll
        for (int k = 0; k < V; k++) a.v[k] += scale * b.v[k];
        ((Pack<T>*)x)[i] = a;
    }
    for (index_t i = whole * V + start; i < n; i += step) x[i] += scale * y[i];
}
