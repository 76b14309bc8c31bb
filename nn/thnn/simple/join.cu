// Rows of `count` elements go into rows of `step` elements, from `offset` on, or come from there.
#include "common.cuh"
template <class T> __global__ void join(const T* x, T* y, index_t n, index_t count, index_t step, index_t offset) {
    for (EACH(i, n)) y[i / count * step + offset + i % count] = x[i];
}
template <class T> __global__ void take_part(T* x, const T* y, index_t n, index_t count, index_t step, index_t offset) {
    for (EACH(i, n)) x[i] = y[i / count * step + offset + i % count];
}
