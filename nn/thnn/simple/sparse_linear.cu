// SparseLinear: entries (sample, index, value), numbers from 1. A thread an output plane adds them in their order.
#include "common.cuh"
template <class T>
__global__ void sparse_products(const T* entries, const T* w, const T* bias, T* y, int count, int samples, int O,
                                int I) {
    for (EACH(o, O)) {
        for (int n = 0; n < samples; n++) y[(index_t)n * O + o] = bias[o];
        for (int e = 0; e < count; e++) {
            const T* entry = entries + 3 * (index_t)e;
            if (entry[2] != 0) y[((index_t)entry[0] - 1) * O + o] += w[o * I + (index_t)entry[1] - 1] * entry[2];
        }
    }
}
template <class T>
__global__ void sparse_gradients(const T* entries, const T* dy, T* dw, T* db, int count, int samples, int O, int I,
                                 T scale) {
    for (EACH(o, O)) {
        for (int e = 0; e < count; e++) {
            const T* entry = entries + 3 * (index_t)e;
            if (entry[2] != 0)
                dw[o * I + (index_t)entry[1] - 1] += scale * dy[((index_t)entry[0] - 1) * O + o] * entry[2];
        }
        for (int n = 0; n < samples; n++) db[o] += scale * dy[(index_t)n * O + o];
    }
}
template <class T>
__global__ void sparse_steps(const index_t* columns, T* w, const T* dw, index_t n, int count, int I, T lr) {
    for (EACH(i, n)) {
        index_t c = columns[i % count], at = i / count * I + c;
        if (c < I) w[at] -= lr * dw[at];
    }
}
