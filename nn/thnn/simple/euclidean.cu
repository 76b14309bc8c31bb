// Distances of the rows of x (N x D) to the columns of w (D x K), scaled by c (D x K) unless that is null.
#include "common.cuh"
template <class T> __global__ void distances(const T* x, const T* w, const T* c, T* y, index_t n, int D, int K) {
    for (EACH(i, n)) {
        index_t row = i / K, k = i % K;
        T sum = 0;
        for (int d = 0; d < D; d++) {
            T v = x[row * D + d] - w[(index_t)d * K + k];
            if (c) v *= c[(index_t)d * K + k];
            sum += v * v;
        }
        y[i] = sqrt(sum);
    }
}
template <class T>
__global__ void input_gradient(const T* x, const T* w, const T* c, const T* r, T* dx, index_t n, int D, int K) {
    for (EACH(i, n)) {
        index_t row = i / D, d = i % D;
        T sum = 0;
        for (int k = 0; k < K; k++) {
            T s = c ? c[d * K + k] : T(1);
            sum += (x[i] - w[d * K + k]) * r[row * K + k] * s * s;
        }
        dx[i] = sum;
    }
}
// dw and dc may be w and c themselves: every element of them is read and written by one thread.
template <class T>
__global__ void parameter_gradients(const T* x, const T* w, const T* c, const T* r, T* dw, T* dc, index_t n, int N,
                                    int D, int K, T scale) {
    for (EACH(i, n)) {
        index_t d = i / K, k = i % K;
        T first = 0, second = 0, center = w[i], s = c ? c[i] : T(1);
        for (int row = 0; row < N; row++) {
            T v = center - x[(index_t)row * D + d], flow = r[(index_t)row * K + k];
            first += v * flow, second += v * v * flow;
        }
        dw[i] += scale * s * s * first;
        if (c) dc[i] += scale * s * second;
    }
}
