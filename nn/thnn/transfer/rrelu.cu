// RReLU with slopes drawn before: element i that is not positive takes number order[i] of them, from 1.
#include "common.cuh"
#include "philox.cuh"
template <class T> __global__ void rrelu(const T* x, T* y, T* noise, const T* slopes, const index_t* order, index_t n) {
    for (EACH(i, n)) {
        T slope = x[i] <= 0 ? slopes[order[i] - 1] : T(1);
        noise[i] = slope, y[i] = x[i] * slope;
    }
}
// With slopes drawn here, one number an element, used where that is not positive.
template <class T>
__global__ void __launch_bounds__(256)
    rrelu_draw(const T* x, T* y, T* noise, index_t n, T lower, T upper, unsigned long long* generator) {
    const int V = 16 / sizeof(T);
    unsigned long long key = generator[0], counter = generator[1];
    bool aligned = ((unsigned long long)x | (unsigned long long)y | (unsigned long long)noise) % 16 == 0;
    for (EACH_PACK(T, i, n)) {
        Pack<T> u = Units<T>::of(counter + i, key), in;
        bool whole = aligned && (i + 1) * V <= n;
        if (whole) in = ((const Pack<T>*)x)[i];
#pragma unroll
        for (int k = 0; k < V; k++) {
            if (!whole) in.v[k] = i * V + k < n ? x[i * V + k] : T(0);
            u.v[k] = in.v[k] <= 0 ? u.v[k] * (upper - lower) + lower : T(1), in.v[k] *= u.v[k];
        }
        if (whole)
            ((Pack<T>*)noise)[i] = u, ((Pack<T>*)y)[i] = in;
        else
            for (int k = 0; k < V; k++)
                if (i * V + k < n) noise[i * V + k] = u.v[k], y[i * V + k] = in.v[k];
    }
    drawn<T>(generator, n);
}
