// Max and Min along one dimension of [outer][n][inner]: the first extremum, or the first NaN, wins. `sign` 1 or -1.
#include "common.cuh"
template <class T> struct Best {
    T v;
    int at;
};
template <class T> __device__ inline Best<T> better(Best<T> a, Best<T> b) {
    bool nan_a = a.v != a.v, nan_b = b.v != b.v;
    bool take = nan_b ? !nan_a || b.at < a.at : !nan_a && (b.v > a.v || (b.v == a.v && b.at < a.at));
    return take ? b : a;
}
template <class T>
__global__ void extrema(const T* x, T* y, index_t* places, index_t outputs, int n, index_t inner, T sign) {
    for (EACH(o, outputs)) {
        const T* p = x + o / inner * n * inner + o % inner;
        Best<T> best = {sign * p[0], 0};
        for (int k = 1; k < n; k++) best = better(best, Best<T>{sign * p[k * inner], k});
        y[o] = sign * best.v, places[o] = best.at + 1;
    }
}
// Long rows: a warp each.
template <class T> __global__ void row_extrema(const T* x, T* y, index_t* places, index_t rows, int n, T sign) {
    int lane = threadIdx.x % 32;
    for (index_t row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32; row < rows;
         row += gridDim.x * (blockDim.x / 32)) {
        Best<T> best = {sign * x[row * n + (lane < n ? lane : 0)], lane < n ? lane : 0};
        for (int k = lane + 32; k < n; k += 32) best = better(best, Best<T>{sign * x[row * n + k], k});
#pragma unroll
        for (int d = 16; d; d /= 2) {
            Best<T> other = {__shfl_xor_sync(FULL, best.v, d), __shfl_xor_sync(FULL, best.at, d)};
            best = better(best, other);
        }
        if (lane == 0) y[row] = sign * best.v, places[row] = best.at + 1;
    }
}
// Every element of dx asks whether it was the winner.
template <class T>
__global__ void extrema_gradient(const T* dy, T* dx, const index_t* places, index_t elements, int n, index_t inner) {
    for (EACH(i, elements)) {
        index_t o = i / (n * inner) * inner + i % inner;
        dx[i] = places[o] == i / inner % n + 1 ? dy[o] : T(0);
    }
}
