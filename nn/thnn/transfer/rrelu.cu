// RReLU with slopes drawn before: element i that is not positive takes number order[i] of them, from 1.
#include "common.cuh"
template <class T> __global__ void rrelu(const T* x, T* y, T* noise, const T* slopes, const index_t* order, index_t n) {
    for (EACH(i, n)) {
        T slope = x[i] <= 0 ? slopes[order[i] - 1] : T(1);
        noise[i] = slope, y[i] = x[i] * slope;
    }
}
