// Convolution along a table of connections, (input plane, output plane) from 0. Large planes are those the kernel moves
// over, small ones have a pixel for each of its places. `from`, `to`: columns of the table for what is read and
// written.
#include "common.cuh"
template <class T>
__global__ void map_small(const T* x, T* y, const T* weight, const T* bias, const index_t* table, index_t n, int from,
                          int entries, int inputs, int outputs, int H, int W, int oH, int oW, int kH, int kW, int dH,
                          int dW) {
    for (EACH(o, n)) {
        index_t s = o / oW / oH / outputs, plane = o / oW / oH % outputs, i = o / oW % oH * dH, j = o % oW * dW;
        T sum = bias ? bias[plane] : T(0);
        for (int e = 0; e < entries; e++) {
            if (table[2 * e + 1 - from] != plane) continue;
            const T* p = x + (s * inputs + table[2 * e + from]) * H * W;
            for (int a = 0; a < kH; a++)
                for (int b = 0; b < kW; b++) sum += weight[(e * kH + a) * kW + b] * p[(i + a) * W + j + b];
        }
        y[o] = sum;
    }
}
template <class T>
__global__ void map_large(const T* x, T* y, const T* weight, const T* bias, const index_t* table, index_t n, int from,
                          int entries, int inputs, int outputs, int H, int W, int oH, int oW, int kH, int kW, int dH,
                          int dW) {
    for (EACH(o, n)) {
        index_t s = o / W / H / outputs, plane = o / W / H % outputs, i = o / W % H, j = o % W;
        T sum = bias ? bias[plane] : T(0);
        for (int e = 0; e < entries; e++) {
            if (table[2 * e + 1 - from] != plane) continue;
            const T* p = x + (s * inputs + table[2 * e + from]) * oH * oW;
            for (int a = 0; a < kH; a++)
                for (int b = 0; b < kW; b++) {
                    index_t r = i - a, c = j - b;
                    if (r >= 0 && c >= 0 && r % dH == 0 && c % dW == 0 && r / dH < oH && c / dW < oW)
                        sum += weight[(e * kH + a) * kW + b] * p[r / dH * oW + c / dW];
                }
        }
        y[o] = sum;
    }
}
// A thread a weight. `large` and `small`: columns of the table.
template <class T>
__global__ void map_weight(const T* large, const T* small, T* dw, const index_t* table, index_t n, int column,
                           int planes, int smalls, int N, int H, int W, int oH, int oW, int kH, int kW, int dH, int dW,
                           T scale) {
    for (EACH(i, n)) {
        index_t e = i / kW / kH, a = i / kW % kH, b = i % kW;
        T sum = 0;
        for (index_t s = 0; s < N; s++) {
            const T* p = large + (s * planes + table[2 * e + column]) * H * W;
            const T* q = small + (s * smalls + table[2 * e + 1 - column]) * oH * oW;
            for (int r = 0; r < oH; r++)
                for (int c = 0; c < oW; c++) sum += q[r * oW + c] * p[(r * dH + a) * W + c * dW + b];
        }
        dw[i] += scale * sum;
    }
}
