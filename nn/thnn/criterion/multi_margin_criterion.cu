// The multi-class hinge loss. A warp a sample.
#include "common.cuh"
template <class T>
__global__ void margins(const T* x, const index_t* target, const T* weights, double* parts, index_t N, int classes,
                        int p, T margin) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    for (index_t n = blockIdx.x * warps + threadIdx.x / 32; n < N; n += gridDim.x * warps) {
        index_t label = target[n] - 1;
        T sum = 0;
        if (label >= 0 && label < classes) {
            T shift = margin - x[n * classes + label];
            for (int i = lane; i < classes; i += 32) {
                T z = x[n * classes + i] + shift;
                if (i != label && z > 0) sum += p == 1 ? z : z * z;
            }
            if (weights) sum *= weights[label];
        }
        double total = warp_reduce((double)sum, Sum<double>());
        if (lane == 0) parts[n] = total;
    }
}
template <class T>
__global__ void margin_gradients(const T* x, const index_t* target, const T* weights, T* dx, index_t N, int classes,
                                 int p, T margin, T norm) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    for (index_t n = blockIdx.x * warps + threadIdx.x / 32; n < N; n += gridDim.x * warps) {
        index_t label = target[n] - 1;
        bool good = label >= 0 && label < classes;  // a bad one is told elsewhere
        T factor = weights && good ? norm * weights[label] : norm, sum = 0;
        T shift = good ? margin - x[n * classes + label] : T(0);
        for (int i = lane; i < classes; i += 32) {
            T z = x[n * classes + i] + shift, g = good && z > 0 && i != label ? (p == 1 ? factor : factor * (z + z)) : T(0);
            if (i != label) dx[n * classes + i] = g;
            sum += g;
        }
        sum = warp_reduce(sum, Sum<T>());
        if (lane == 0 && good) dx[n * classes + label] = -sum;
    }
}
