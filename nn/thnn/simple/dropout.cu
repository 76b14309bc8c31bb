// Dropout: noise is `value` with probability `keep`, else 0, and output = input * noise; see philox.cuh.
#include "common.cuh"
#include "philox.cuh"
// One number an element; output may be the input.
template <class T>
__global__ void __launch_bounds__(256)
    drop(const T* x, T* y, T* noise, index_t n, T keep, T value, unsigned long long* generator) {
    const int V = 16 / sizeof(T);
    unsigned long long key = generator[0], counter = generator[1];
    bool aligned = ((unsigned long long)x | (unsigned long long)y | (unsigned long long)noise) % 16 == 0;
    for (EACH_PACK(T, i, n)) {
        Pack<T> u = Units<T>::of(counter + i, key);
#pragma unroll
        for (int k = 0; k < V; k++) u.v[k] = u.v[k] < keep ? value : T(0);
        if (aligned && (i + 1) * V <= n) {
            Pack<T> out = ((const Pack<T>*)x)[i];
#pragma unroll
            for (int k = 0; k < V; k++) out.v[k] *= u.v[k];
            ((Pack<T>*)noise)[i] = u, ((Pack<T>*)y)[i] = out;
        } else
            for (int k = 0; k < V; k++)
                if (i * V + k < n) noise[i * V + k] = u.v[k], y[i * V + k] = x[i * V + k] * u.v[k];
    }
    drawn<T>(generator, n);
}
// One side of all images is dropped: region[0], 1 to 4, is top, bottom, left or right. The first `rows` rows or `columns`
// columns of that side.
template <class T>
__global__ void __launch_bounds__(256)
    drop_region(const T* x, T* y, T* noise, index_t* region, index_t n, int H, int W, int rows, int columns, T value,
                unsigned long long* generator) {
    unsigned long long key = generator[0], counter = generator[1];
    int side = 1 + (int)(unit<T>(counter, 0, key) * 4);
    if (blockIdx.x == 0 && threadIdx.x == 0) region[0] = side;
    for (EACH(i, n)) {
        index_t h = i / W % H, w = i % W;
        bool gone = side == 1 ? h < rows : side == 2 ? h >= H - rows : side == 3 ? w < columns : w >= W - columns;
        T factor = gone ? T(0) : value;
        noise[i] = factor, y[i] = x[i] * factor;
    }
    drawn<T>(generator, 1);
}
// One number for `inner` neighbours, `count` in all, which then begin again: planes that are dropped, or one mask for
// all samples.
template <class T>
__global__ void __launch_bounds__(256) drop_shared(const T* x, T* y, T* noise, index_t n, index_t inner, index_t count,
                                                   T keep, T value, unsigned long long* generator) {
    unsigned long long key = generator[0], counter = generator[1];
    for (EACH(i, n)) {
        index_t place = i / inner % count;
        T factor = unit<T>(counter, place, key) < keep ? value : T(0);
        if (i < inner * count && i % inner == 0) noise[place] = factor;
        y[i] = x[i] * factor;
    }
    drawn<T>(generator, count);
}
