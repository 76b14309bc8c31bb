// Points sampled from planes: each is a weighted sum of some places, those of all channels alike; -1 is outside.
// places and weights are samples x taps x points.
#include "common.cuh"
template <class T>
__global__ void sample_points(const T* x, const index_t* places, const T* weights, T* y, index_t n, index_t channels,
                              index_t size, index_t taps, index_t points) {
    for (EACH(i, n)) {
        index_t plane = i / points, first = plane / channels * taps * points + i % points;
        T sum = 0;
        for (index_t k = 0; k < taps; k++) {
            index_t place = places[first + k * points];
            T w = weights[first + k * points];
            sum += place >= 0 ? w * x[plane * size + place] : w * 0;
        }
        y[i] = sum;
    }
}
// Several points may read one place; dx is zeros.
template <class T>
__global__ void spread_points(const T* dy, const index_t* places, const T* weights, T* dx, index_t n, index_t channels,
                              index_t size, index_t taps, index_t points) {
    for (EACH(i, n)) {
        index_t plane = i / points, first = plane / channels * taps * points + i % points;
        for (index_t k = 0; k < taps; k++) {
            index_t place = places[first + k * points];
            if (place >= 0) atomicAdd(dx + plane * size + place, weights[first + k * points] * dy[i]);
        }
    }
}
template <class T>
__global__ void point_weights(const T* x, const index_t* places, const T* dy, T* dw, index_t n, index_t channels,
                              index_t size, index_t taps, index_t points) {
    for (EACH(i, n)) {
        index_t first = i / (taps * points) * channels, place = places[i];
        T sum = 0;
        for (index_t c = first; c < first + channels && place >= 0; c++)
            sum += x[c * size + place] * dy[c * points + i % points];
        dw[i] = sum;
    }
}
