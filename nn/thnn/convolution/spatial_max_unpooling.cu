// Values go back to the places of maxima, from 1; `bad` is the last element of a plane whose place lies outside, or -1.
#include "common.cuh"
template <class T>
__global__ void unpool(const T* x, T* y, const index_t* places, double* bad, index_t planes, index_t count,
                       index_t size) {
    for (EACH(p, planes)) {
        index_t last = -1;
        for (index_t i = 0; i < count; i++) {
            index_t place = places[p * count + i];
            if (place >= 1 && place <= size)
                y[p * size + place - 1] = x[p * count + i];
            else
                last = p * count + i;
        }
        bad[p] = (double)last;
    }
}
template <class T>
__global__ void unpool_gradient(const T* dy, T* dx, const index_t* places, index_t n, index_t count, index_t size) {
    for (EACH(i, n)) {
        index_t place = places[i];
        if (place >= 1 && place <= size) dx[i] = dy[i / count * size + place - 1];
    }
}
