// PReLU: arrays are samples x planes x size; one slope for all (`slopes` 1) or one a plane.
#include "common.cuh"
template <class T>
__global__ void prelu(const T* x, const T* v, T* y, const T* weight, index_t n, int planes, int slopes, index_t size) {
    for (EACH(i, n)) {
        T u = v[i];  // read by all lanes at once
        y[i] = x[i] > 0 ? u : weight[slopes == 1 ? 0 : i / size % planes] * u;
    }
}
template <class T> __device__ inline T where_negative(T u, T g) {
    return u <= 0 ? u * g : T(0);
}
// A block a slope and share of its elements, samples one after the other: the sum of x * dy where x is not positive, put
// into parts[share, slope]; or added to dw, if all is one share.
template <class T>
__global__ void __launch_bounds__(256) prelu_weight(const T* x, const T* dy, T* parts, T* dw, index_t count, int slopes,
                                                    index_t size, int shares, T scale) {
    __shared__ T room[32];
    int slope = blockIdx.x;
    bool whole = size % (16 / sizeof(T)) == 0 && ((unsigned long long)x | (unsigned long long)dy) % 16 == 0;
    const int V = whole ? 16 / sizeof(T) : 1;
    index_t units = count / V, end = units * (blockIdx.y + 1) / shares;
    T sum = 0;
    for (index_t u = units * blockIdx.y / shares + threadIdx.x; u < end; u += 256) {
        index_t at = (u * V / size * slopes + slope) * size + u * V % size;
        if (whole) {
            Pack<T> a = *(const Pack<T>*)(x + at), b = *(const Pack<T>*)(dy + at);
#pragma unroll
            for (int k = 0; k < 16 / sizeof(T); k++) sum += where_negative(a.v[k], b.v[k]);
        } else
            sum += where_negative(x[at], dy[at]);
    }
    sum = block_reduce(sum, Sum<T>(), room);
    if (threadIdx.x == 0 && shares == 1) dw[slope] += scale * sum;
    if (threadIdx.x == 0 && shares > 1) parts[blockIdx.y * slopes + slope] = sum;
}
// A warp a slope.
template <class T> __global__ void __launch_bounds__(256) prelu_sums(const T* parts, T* dw, int slopes, int shares, T scale) {
    int lane = threadIdx.x % 32;
    for (int slope = blockIdx.x * 8 + threadIdx.x / 32; slope < slopes; slope += gridDim.x * 8) {
        T sum = 0;
        for (int s = lane; s < shares; s += 32) sum += parts[s * slopes + slope];
        sum = warp_reduce(sum, Sum<T>());
        if (lane == 0) dw[slope] += scale * sum;
    }
}
