// The gradient of slices taken at places that may repeat: a thread an element of dx, slices in their order.
#include "common.cuh"
template <class T>
__global__ void add_slices(const T* dy, T* dx, const index_t* places, index_t n, index_t size, int count,
                           index_t inner) {
    for (EACH(i, n)) {
        index_t o = i / (size * inner), place = i / inner % size, j = i % inner;
        T sum = dx[i];
        for (int k = 0; k < count; k++)
            if (places[k] == place) sum += dy[(o * count + k) * inner + j];
        dx[i] = sum;
    }
}
