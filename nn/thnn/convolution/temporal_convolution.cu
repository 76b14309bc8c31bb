// Windows of sequences as rows of a matrix, and back: x is N x `length` elements, windows are `step` elements apart.
#include "common.cuh"
template <class T>
__global__ void windows(const T* x, T* rows, index_t n, index_t width, index_t count, index_t step, index_t length) {
    for (EACH(i, n)) {
        index_t r = i / width;
        rows[i] = x[r / count * length + r % count * step + i % width];
    }
}
template <class T>
__global__ void add_windows(const T* rows, T* x, index_t n, index_t width, index_t count, index_t step,
                            index_t length) {
    for (EACH(e, n)) {
        index_t s = e / length, at = e % length;
        T sum = 0;
        for (index_t t = at < width ? 0 : (at - width) / step + 1; t < min(at / step + 1, count); t++)
            sum += rows[(s * count + t) * width + at - t * step];
        x[e] = sum;
    }
}
