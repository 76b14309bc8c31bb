// One axis resampled: y[p][k][j] = sum over the taps t of k of weights[t] x[p][places[t]][j].
#include "common.cuh"
template <class T>
__global__ void resample(const T* x, T* y, const index_t* starts, const index_t* places, const T* weights, index_t n,
                         index_t inputs, index_t outputs, index_t inner) {
    for (EACH(i, n)) {
        index_t j = i % inner, k = i / inner % outputs, p = i / inner / outputs;
        T sum = 0;
        for (index_t t = starts[k]; t < starts[k + 1]; t++) sum += weights[t] * x[(p * inputs + places[t]) * inner + j];
        y[i] = sum;
    }
}
