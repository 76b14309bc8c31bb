// Normalisation of planes by their neighbours. A thread a pixel goes through the planes, the sum of a window moving on.
#include "common.cuh"
template <class T>
__global__ void lrn(const T* x, T* y, T* scale, index_t pixels, int C, index_t size, int before, int after, T factor,
                    T beta, T k) {
    for (EACH(p, pixels)) {
        index_t at = p / size * C * size + p % size;
        T sum = 0;
        for (int j = 0; j < min(after + 1, C); j++) sum += x[at + j * size] * x[at + j * size];
        for (int c = 0; c < C; c++) {
            if (c && c + after < C) sum += x[at + (c + after) * size] * x[at + (c + after) * size];
            if (c - before > 0) sum -= x[at + (c - before - 1) * size] * x[at + (c - before - 1) * size];
            T base = k + factor * sum;
            scale[at + c * size] = base, y[at + c * size] = x[at + c * size] * pow(base, -beta);
        }
    }
}
template <class T> __device__ inline T lrn_ratio(const T* x, const T* dy, const T* scale, index_t i, T beta) {
    return dy[i] * pow(scale[i], -beta) * x[i] / scale[i];
}
template <class T>
__global__ void lrn_gradient(const T* x, const T* dy, T* dx, const T* scale, index_t pixels, int C, index_t size,
                             int before, int after, T factor, T beta) {
    for (EACH(p, pixels)) {
        index_t at = p / size * C * size + p % size;
        T sum = 0;
        for (int j = 0; j < min(before + 1, C); j++) sum += lrn_ratio(x, dy, scale, at + j * size, beta);
        for (int c = 0; c < C; c++) {
            if (c && c + before < C) sum += lrn_ratio(x, dy, scale, at + (c + before) * size, beta);
            if (c - after > 0) sum -= lrn_ratio(x, dy, scale, at + (c - after - 1) * size, beta);
            index_t i = at + c * size;
            dx[i] = dy[i] * pow(scale[i], -beta) - factor * x[i] * sum;
        }
    }
}
