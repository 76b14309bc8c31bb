// Average pooling over windows that tables give, as in window_max_pooling.cu. `divisor` 0: what a window counts.
#include "common.cuh"
template <class T>
__global__ void window_means(const T* x, T* y, const index_t* t0, const index_t* t1, const index_t* t2, index_t n,
                             int D, int H, int W, int oD, int oH, int oW, int own0, int own1, int own2, T divisor) {
    for (EACH(i, n)) {
        index_t plane = i / ((index_t)oD * oH * oW);
        const index_t *d = t0 + plane * own0 + i / ((index_t)oH * oW) % oD, *h = t1 + plane * own1 + i / oW % oH,
                      *w = t2 + plane * own2 + i % oW;
        const T* p = x + plane * D * H * W;
        T sum = 0;
        for (index_t a = d[0]; a < d[oD]; a++)
            for (index_t b = h[0]; b < h[oH]; b++)
                for (index_t c = w[0]; c < w[oW]; c++) sum += p[(a * H + b) * W + c];
        y[i] = sum / (divisor != 0 ? divisor : T(d[2 * oD] * h[2 * oH] * w[2 * oW]));
    }
}
// A thread an element of dx: the windows over it. `over` has for every place of an axis the first of them and the one
// behind the last, 2 x places.
template <class T>
__global__ void window_spread(const T* dy, T* dx, const index_t* t0, const index_t* t1, const index_t* t2,
                              const index_t* over0, const index_t* over1, const index_t* over2, index_t n, int D, int H,
                              int W, int oD, int oH, int oW, int own0, int own1, int own2, T divisor) {
    for (EACH(i, n)) {
        index_t plane = i / ((index_t)D * H * W), a = i / ((index_t)H * W) % D, b = i / W % H, c = i % W;
        const index_t *d = t0 + plane * own0, *h = t1 + plane * own1, *w = t2 + plane * own2;
        const index_t *o0 = over0 + (own0 ? plane * 2 * D : 0) + a, *o1 = over1 + (own1 ? plane * 2 * H : 0) + b,
                      *o2 = over2 + (own2 ? plane * 2 * W : 0) + c;
        T sum = 0;
        for (index_t j = o0[0]; j < o0[D]; j++)
            for (index_t k = o1[0]; k < o1[H]; k++)
                for (index_t l = o2[0]; l < o2[W]; l++)
                    sum += dy[((plane * oD + j) * oH + k) * oW + l] /
                           (divisor != 0 ? divisor : T(d[2 * oD + j] * h[2 * oH + k] * w[2 * oW + l]));
        dx[i] = sum;
    }
}
