// Sums of planes: db[o] += scale * the sum of g[n][o]. A block a plane.
#include "common.cuh"
template <class T>
__global__ void __launch_bounds__(256) add_sums(const T* g, T* db, int N, int O, index_t size, T scale) {
    __shared__ T room[32];
    T sum = 0;
    for (int n = 0; n < N; n++)
        for (index_t i = threadIdx.x; i < size; i += 256) sum += g[((index_t)n * O + blockIdx.x) * size + i];
    sum = block_reduce(sum, Sum<T>(), room);
    if (threadIdx.x == 0) db[blockIdx.x] += scale * sum;
}
