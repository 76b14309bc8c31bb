// Max pooling over windows that begin where they are told: starts[axis][plane][window], of three axes.
#include "common.cuh"
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
