// Max pooling of planes with the places of the maxima (1-based, 0 for none). Limit: memory.
#include "common.cuh"
// A thread an output; neighbours in x. Taps of a window are gapH, gapW apart. Windows two wide that do not overlap read
// their rows at once.
template <class T>
__global__ void max_forward(const T* x, T* y, index_t* places, int planes, int H, int W, int oH, int oW, int kH, int kW,
                            int dH, int dW, int padH, int padW, int gapH, int gapW) {
    int total = oH * oW;
    bool twos = kW == 2 && dW == 2 && gapW == 1 && padW == 0 && in_twos(x, W);
    for (int plane = blockIdx.y; plane < planes; plane += gridDim.y)
        for (int o = blockIdx.x * blockDim.x + threadIdx.x; o < total; o += gridDim.x * blockDim.x) {
            int i = o / oW, top = i * dH - padH, left = (o - i * oW) * dW - padW, place = 0;
            const T* p = x + (index_t)plane * H * W;
            T best = Limits<T>::lowest();
            for (int k = 0, a = top; k < kH && a < H; k++, a += gapH)
                if (twos && a >= 0 && left + 1 < W) {
                    T first, second;
                    read_two(p + a * W + left, first, second);
                    if (first > best) best = first, place = a * W + left + 1;
                    if (second > best) best = second, place = a * W + left + 2;
                } else
                    for (int l = 0, b = left; a >= 0 && l < kW && b < W; l++, b += gapW)
                        if (b >= 0 && p[a * W + b] > best) best = p[a * W + b], place = a * W + b + 1;
            y[(index_t)plane * total + o] = best, places[(index_t)plane * total + o] = place;
        }
}
// A thread an input: it asks the few windows that cover it, `spanH` x `spanW` pixels. No atomics, one fixed order.
template <class T>
__global__ void max_backward(const T* dy, T* dx, const index_t* places, int planes, int H, int W, int oH, int oW,
                             int spanH, int spanW, int dH, int dW, int padH, int padW) {
    int total = H * W;
    for (int plane = blockIdx.y; plane < planes; plane += gridDim.y)
        for (int e = blockIdx.x * blockDim.x + threadIdx.x; e < total; e += gridDim.x * blockDim.x) {
            int a = e / W + padH, b = e % W + padW;
            int i0 = a < spanH ? 0 : (a - spanH) / dH + 1, i1 = min(a / dH + 1, oH);
            int j0 = b < spanW ? 0 : (b - spanW) / dW + 1, j1 = min(b / dW + 1, oW);
            T s = 0;
            index_t at = (index_t)plane * oH * oW;
            for (int i = i0; i < i1; i++)
                for (int j = j0; j < j1; j++)
                    if (places[at + i * oW + j] == e + 1) s += dy[at + i * oW + j];
            dx[(index_t)plane * total + e] = s;
        }
}
