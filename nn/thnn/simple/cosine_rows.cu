// The cosine of the angle between rows, their lengths not below eps. A warp a row; every lane knows the sums.
#include "common.cuh"
template <class T> __device__ inline T row_length(const T* x, int n) {
    double sum = 0;
    for (int i = threadIdx.x % 32; i < n; i += 32) sum += (double)x[i] * x[i];
    return (T)sqrt(warp_reduce(sum, Sum<double>()));
}
template <class T> __device__ inline T row_cosine(const T* a, const T* b, int n, T m1, T m2) {
    double sum = 0;
    for (int i = threadIdx.x % 32; i < n; i += 32) sum += (double)((a[i] / m1) * (b[i] / m2));
    return (T)warp_reduce(sum, Sum<double>());
}
template <class T>
__global__ void __launch_bounds__(256) cosines(const T* x1, const T* x2, T* y, index_t rows, int n, T eps) {
    for (index_t r = blockIdx.x * (index_t)8 + threadIdx.x / 32; r < rows; r += gridDim.x * (index_t)8) {
        const T *a = x1 + r * n, *b = x2 + r * n;
        T n1 = row_length(a, n), n2 = row_length(b, n);
        T cosine = row_cosine(a, b, n, n1 < eps ? eps : n1, n2 < eps ? eps : n2);  // NaN stays: it is not below eps
        if (threadIdx.x % 32 == 0) y[r] = cosine;
    }
}
// g / m1 (x2 / m2 - cosine x1 / n1), the last term 0 for a row of zeros; and the same for the other row.
template <class T>
__global__ void __launch_bounds__(256)
    cosine_gradients(const T* x1, const T* x2, const T* g, T* dx1, T* dx2, index_t rows, int n, T eps) {
    for (index_t r = blockIdx.x * (index_t)8 + threadIdx.x / 32; r < rows; r += gridDim.x * (index_t)8) {
        const T *a = x1 + r * n, *b = x2 + r * n;
        T n1 = row_length(a, n), n2 = row_length(b, n), m1 = n1 < eps ? eps : n1, m2 = n2 < eps ? eps : n2;
        T cosine = row_cosine(a, b, n, m1, m2), back1 = n1 == 0 ? T(0) : cosine / n1,
          back2 = n2 == 0 ? T(0) : cosine / n2;
        for (int i = threadIdx.x % 32; i < n; i += 32) {
            T v = a[i], w = b[i];
            dx1[r * n + i] = (w / m2 - v * back1) * (g[r] / m1);
            dx2[r * n + i] = (v / m1 - w * back2) * (g[r] / m2);
        }
    }
}
