// Max pooling over windows that tables give: of three axes, [first, behind the last, counted] x outputs, for all planes
// or, `own` times that far apart, for each. Places in a window are `step` apart.
#include "common.cuh"
template <class T>
__global__ void window_maxima(const T* x, T* y, index_t* places, const index_t* t0, const index_t* t1,
                              const index_t* t2, index_t n, int D, int H, int W, int oD, int oH, int oW, int own0,
                              int own1, int own2, int step0, int step1, int step2) {
    for (EACH(i, n)) {
        index_t plane = i / ((index_t)oD * oH * oW), size = (index_t)D * H * W;
        const index_t *d = t0 + plane * own0 + i / ((index_t)oH * oW) % oD, *h = t1 + plane * own1 + i / oW % oH,
                      *w = t2 + plane * own2 + i % oW;
        index_t place = (d[0] * H + h[0]) * W + w[0];
        if (place >= size) place = -1;
        const T* p = x + plane * size;
        T best = -Limits<T>::infinity();
        if (d[0] < d[oD] && h[0] < h[oH] && w[0] < w[oW]) best = p[place];
        for (index_t a = d[0]; a < d[oD]; a += step0)
            for (index_t b = h[0]; b < h[oH]; b += step1)
                for (index_t c = w[0]; c < w[oW]; c += step2) {
                    index_t at = (a * H + b) * W + c;
                    if (p[at] > best || p[at] != p[at]) best = p[at], place = at;  // the first of equals, the last NaN
                }
        y[i] = best, places[i] = place;
    }
}
