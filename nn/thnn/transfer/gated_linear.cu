// GatedLinearUnit, a * sigmoid(b): pairs (a, b) of `size` elements each.
#include "common.cuh"
template <class T> __global__ void gate(const T* x, T* y, index_t n, index_t size) {
    for (EACH(i, n)) {
        index_t at = i / size * 2 * size + i % size;
        y[i] = x[at] * sigmoid(x[at + size]);
    }
}
template <class T> __global__ void gate_gradient(const T* x, const T* dy, T* dx, index_t n, index_t size) {
    for (EACH(i, n)) {
        index_t at = i / size * 2 * size + i % size;
        T open = sigmoid(x[at + size]);
        dx[at + size] = dy[i] * x[at] * open * (1 - open);
        dx[at] = dy[i] * open;
    }
}
