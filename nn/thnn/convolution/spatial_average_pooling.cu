// Average pooling of planes. A window reaches to the padded border; its divisor counts the border or what lies inside.
// Windows two wide that do not overlap read their rows at once.
#include "common.cuh"
struct Window {
    int extent, low, high;
};
__device__ inline Window window(int i, int k, int d, int pad, int size) {
    int start = i * d - pad, end = min(start + k, size + pad);
    return {end - start, max(start, 0), min(end, size)};
}
template <class T>
__global__ void average(const T* x, T* y, index_t n, int H, int W, int oH, int oW, int kH, int kW, int dH, int dW,
                        int padH, int padW, int include) {
    bool twos = kW == 2 && dW == 2 && padW == 0 && in_twos(x, W);
    for (EACH(o, n)) {
        Window r = window((int)(o / oW % oH), kH, dH, padH, H), c = window((int)(o % oW), kW, dW, padW, W);
        const T* p = x + o / ((index_t)oH * oW) * H * W;
        T sum = 0;
        for (int a = r.low; a < r.high; a++)
            if (twos && c.high - c.low == 2) {
                T first, second;
                read_two(p + a * W + c.low, first, second);
                sum += first, sum += second;
            } else
                for (int b = c.low; b < c.high; b++) sum += p[a * W + b];
        y[o] = sum / T(include ? r.extent * c.extent : (r.high - r.low) * (c.high - c.low));
    }
}
// A thread an input: the shares of the windows over it.
template <class T>
__global__ void average_gradient(const T* dy, T* dx, index_t n, int H, int W, int oH, int oW, int kH, int kW, int dH,
                                 int dW, int padH, int padW, int include) {
    for (EACH(e, n)) {
        int a = (int)(e / W % H), b = (int)(e % W), at = a + padH, bt = b + padW;
        const T* p = dy + e / ((index_t)H * W) * oH * oW;
        T sum = 0;
        for (int i = at < kH ? 0 : (at - kH) / dH + 1; i < min(at / dH + 1, oH); i++)
            for (int j = bt < kW ? 0 : (bt - kW) / dW + 1; j < min(bt / dW + 1, oW); j++) {
                Window r = window(i, kH, dH, padH, H), c = window(j, kW, dW, padW, W);
                sum += p[i * oW + j] / T(include ? r.extent * c.extent : (r.high - r.low) * (c.high - c.low));
            }
        dx[e] = sum;
    }
}
