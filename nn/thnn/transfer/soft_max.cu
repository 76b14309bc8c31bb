// SoftMax and LogSoftMax over rows: one read where a row fits the registers of a block, maximum and sum together else.
#include "common.cuh"
// A row: a warp (ROWS warps a block, up to 32 * PER elements), or a block.
template <class T, int PER, bool LOG>
__global__ void __launch_bounds__(128) softmax_warp(const T* __restrict__ x, T* __restrict__ y, int rows, int n) {
    int lane = threadIdx.x % 32;
    for (int row = blockIdx.x * 4 + threadIdx.x / 32; row < rows; row += gridDim.x * 4) {
        const T* p = x + (index_t)row * n;
        T v[PER], top = -Limits<T>::infinity(), sum = 0;
#pragma unroll
        for (int i = 0; i < PER; i++)
            v[i] = lane + i * 32 < n ? p[lane + i * 32] : -Limits<T>::infinity(), top = v[i] > top ? v[i] : top;
        top = warp_reduce(top, Max<T>());
#pragma unroll
        for (int i = 0; i < PER; i++) {
            T e = lane + i * 32 < n ? exp(v[i] - top) : T(0);
            sum += e;
            if (!LOG) v[i] = e;
        }
        sum = warp_reduce(sum, Sum<T>());
        T k = LOG ? log(sum) : 1 / sum;
#pragma unroll
        for (int i = 0; i < PER; i++)
            if (lane + i * 32 < n) y[(index_t)row * n + lane + i * 32] = LOG ? v[i] - top - k : v[i] * k;
    }
}
template <class T, bool LOG>
__global__ void __launch_bounds__(256) softmax_block(const T* __restrict__ x, T* __restrict__ y, int rows, int n) {
    __shared__ T room[32];
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const T* p = x + (index_t)row * n;
        T top = -Limits<T>::infinity(), sum = 0;
        for (int i = threadIdx.x; i < n; i += 256) {
            T v = p[i];
            if (v > top) sum = sum * exp(top - v), top = v;
            sum += v == top ? T(1) : exp(v - top);
        }
        T all = block_reduce(top, Max<T>(), room);
        if (top == -Limits<T>::infinity()) sum = sum == sum ? T(0) : sum;  // nothing, or not a number
        sum = block_reduce(top == -Limits<T>::infinity() ? sum : sum * exp(top - all), Sum<T>(), room);
        T k = LOG ? log(sum) : 1 / sum;
        for (int i = threadIdx.x; i < n; i += 256) y[(index_t)row * n + i] = LOG ? p[i] - all - k : exp(p[i] - all) * k;
    }
}
template <class T, bool LOG>
__global__ void __launch_bounds__(256)
    softmax_gradient(const T* __restrict__ dy, const T* __restrict__ y, T* __restrict__ dx, int rows, int n) {
    __shared__ T room[32];
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        index_t at = (index_t)row * n;
        T sum = 0;
        for (int i = threadIdx.x; i < n; i += 256) sum += LOG ? dy[at + i] : dy[at + i] * y[at + i];
        sum = block_reduce(sum, Sum<T>(), room);
        for (int i = threadIdx.x; i < n; i += 256)
            dx[at + i] = LOG ? dy[at + i] - exp(y[at + i]) * sum : y[at + i] * (dy[at + i] - sum);
    }
}
// Planes: classes `inner` apart. A thread a pixel; the input of a logarithm may lie in its output.
template <class T, bool LOG>
__global__ void __launch_bounds__(256) softmax_planes(const T* x, T* y, index_t pixels, int n, index_t inner) {
    for (EACH(p, pixels)) {
        index_t at = p / inner * n * inner + p % inner;
        T top = -Limits<T>::infinity(), sum = 0;
        for (int c = 0; c < n; c++) top = x[at + c * inner] > top ? x[at + c * inner] : top;
        for (int c = 0; c < n; c++) sum += exp(x[at + c * inner] - top);
        T k = LOG ? log(sum) : 1 / sum;
        for (int c = 0; c < n; c++) {
            T v = x[at + c * inner] - top;
            y[at + c * inner] = LOG ? v - k : exp(v) * k;
        }
    }
}
template <class T, bool LOG>
__global__ void __launch_bounds__(256)
    softmax_planes_gradient(const T* dy, const T* y, T* dx, index_t pixels, int n, index_t inner) {
    for (EACH(p, pixels)) {
        index_t at = p / inner * n * inner + p % inner;
        T sum = 0;
        for (int c = 0; c < n; c++) sum += LOG ? dy[at + c * inner] : dy[at + c * inner] * y[at + c * inner];
        for (int c = 0; c < n; c++) {
            index_t i = at + c * inner;
            dx[i] = LOG ? dy[i] - exp(y[i]) * sum : y[i] * (dy[i] - sum);
        }
    }
}
