// Max pooling over windows that begin where they are told: starts[axis][plane][window], of three axes.
#include "common.cuh"
// Where windows begin for the numbers in a column of u: planes x windows, or planes x 3 x windows with ends and sizes.
template <class T>
__global__ void fractional_starts(const T* u, index_t* table, index_t n, int dims, int axis, int size, int pool,
                                  int windows, int rows) {
    for (EACH(i, n)) {
        index_t plane = i / windows, k = i % windows, start = size - pool;
        if (k < windows - 1) {
            T own = u[plane * dims + axis], alpha = T(size - pool) / T(windows - 1);
            T step = trunc((T(k) + own) * alpha) - trunc(own * alpha);
            start = step > 0 ? step < T(start) ? (index_t)step : start : 0;
        }
        index_t* to = table + plane * rows * windows + k;
        to[0] = start;
        if (rows == 3) to[windows] = start + pool, to[2 * windows] = pool;
    }
}
template <class T>
__global__ void fractional_max(const T* x, T* y, index_t* places, const index_t* s0, const index_t* s1,
                               const index_t* s2, double* slot, index_t n, int D, int H, int W, int oD, int oH, int oW,
                               int kD, int kH, int kW) {
    for (EACH(o, n)) {
        index_t plane = o / ((index_t)oD * oH * oW);
        index_t d = s0[plane * oD + o / ((index_t)oH * oW) % oD], h = s1[plane * oH + o / oW % oH],
                w = s2[plane * oW + o % oW];
        const T* p = x + plane * D * H * W;
        T best = Limits<T>::lowest();
        index_t place = 0;
        for (index_t a = d; a < d + kD; a++)
            for (index_t b = h; b < h + kH; b++)
                for (index_t c = w; c < w + kW; c++) {
                    index_t at = (a * H + b) * W + c;
                    if (p[at] > best) best = p[at], place = at + 1;
                }
        y[o] = best, places[o] = place;
        if (!place) atomicAdd(slot + 1, 1.0);
    }
}
