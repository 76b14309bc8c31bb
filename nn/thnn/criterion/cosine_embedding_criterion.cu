// The cosine of pairs of rows, as a loss. A warp a row.
#include "common.cuh"
template <class T> struct Products {
    T ab, u, v;
};
template <class T> __device__ inline Products<T> products(const T* a, const T* b, int n, int lane) {
    T ab = 0, aa = 0, bb = 0;
    for (int i = lane; i < n; i += 32) ab += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i];
    ab = warp_reduce(ab, Sum<T>()), aa = warp_reduce(aa, Sum<T>()), bb = warp_reduce(bb, Sum<T>());
    return {ab, 1 / (aa + T(1e-12)), 1 / (bb + T(1e-12))};
}
__device__ inline double row_loss(double cosine, double label, double margin) {
    return label == -1 ? (cosine > margin ? cosine - margin : 0.0) : label == 1 ? 1 - cosine : cosine;
}
template <class T>
__global__ void cosines(const T* a, const T* b, const T* labels, double* parts, index_t rows, int n, double margin) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    for (index_t row = blockIdx.x * warps + threadIdx.x / 32; row < rows; row += gridDim.x * warps) {
        Products<T> p = products(a + row * n, b + row * n, n, lane);
        if (lane == 0) parts[row] = row_loss(p.ab * sqrt(p.u * p.v), labels[row], margin);
    }
}
template <class T>
__global__ void cosine_gradients(const T* a, const T* b, const T* labels, T* da, T* db, index_t rows, int n,
                                 double margin, double norm) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    for (index_t row = blockIdx.x * warps + threadIdx.x / 32; row < rows; row += gridDim.x * warps) {
        const T *x = a + row * n, *y = b + row * n;
        Products<T> p = products(x, y, n, lane);
        T root = sqrt(p.u * p.v), factor = (T)((labels[row] == 1 ? -norm : norm) * root);
        if (!(row_loss(p.ab * root, labels[row], margin) > 0)) factor = 0;
        for (int i = lane; i < n; i += 32) {
            da[row * n + i] = factor == 0 ? T(0) : factor * (y[i] - p.ab * p.u * x[i]);
            db[row * n + i] = factor == 0 ? T(0) : factor * (x[i] - p.ab * p.v * y[i]);
        }
    }
}
