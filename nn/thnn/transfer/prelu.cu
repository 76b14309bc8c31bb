// PReLU: arrays are samples x planes x size; one slope for all (`slopes` 1) or one a plane.
#include "common.cuh"
template <class T>
__global__ void prelu(const T* x, const T* v, T* y, const T* weight, index_t n, int planes, int slopes, index_t size) {
    for (EACH(i, n)) {
        T u = v[i];  // read by all lanes at once
        y[i] = x[i] > 0 ? u : weight[slopes == 1 ? 0 : i / size % planes] * u;
    }
}
// A block a slope: the sum of x * dy where x is not positive, samples one after the other.
template <class T>
__global__ void prelu_weight(const T* x, const T* dy, T* dw, int samples, int planes, int slopes, index_t size,
                             T scale) {
    __shared__ T room[32];
    int plane = blockIdx.x;
    index_t count = (slopes == 1 ? planes : 1) * size;
    T sum = 0;
    for (int n = 0; n < samples; n++) {
        index_t start = ((index_t)n * planes + plane) * size;
        for (index_t i = start + threadIdx.x; i < start + count; i += blockDim.x) {
            T u = x[i], g = dy[i];
            sum += u <= 0 ? u * g : T(0);
        }
    }
    sum = block_reduce(sum, Sum<T>(), room);
    if (threadIdx.x == 0) dw[plane] += scale * sum;
}
