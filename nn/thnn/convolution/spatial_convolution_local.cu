// Convolution whose weights differ from pixel to pixel: weight oH x oW x O x I x kH x kW, bias O x oH x oW.
#include "common.cuh"
struct Local {
    int N, I, H, W, O, oH, oW, kH, kW, dH, dW, padH, padW;
};
__device__ inline Local local_of(const int* numbers) {
    Local l;
    for (int i = 0; i < 13; i++) (&l.N)[i] = numbers[i];
    return l;
}
template <class T> __global__ void local(const T* x, T* y, const T* w, const T* bias, const int* numbers, index_t n) {
    Local l = local_of(numbers);
    for (EACH(out, n)) {
        index_t s = out / l.oW / l.oH / l.O, o = out / l.oW / l.oH % l.O, i = out / l.oW % l.oH, j = out % l.oW;
        const T* own = w + ((i * l.oW + j) * l.O + o) * l.I * l.kH * l.kW;
        T sum = bias ? bias[(o * l.oH + i) * l.oW + j] : T(0);
        for (int c = 0; c < l.I; c++)
            for (int a = 0; a < l.kH; a++)
                for (int b = 0; b < l.kW; b++) {
                    index_t r = i * l.dH - l.padH + a, q = j * l.dW - l.padW + b;
                    if (r >= 0 && q >= 0 && r < l.H && q < l.W)
                        sum += own[(c * l.kH + a) * l.kW + b] * x[((s * l.I + c) * l.H + r) * l.W + q];
                }
        y[out] = sum;
    }
}
template <class T> __global__ void local_input(const T* dy, T* dx, const T* w, const int* numbers, index_t n) {
    Local l = local_of(numbers);
    for (EACH(e, n)) {
        index_t s = e / l.W / l.H / l.I, c = e / l.W / l.H % l.I, r = e / l.W % l.H + l.padH, q = e % l.W + l.padW;
        T sum = 0;
        for (int a = 0; a < l.kH; a++)
            for (int b = 0; b < l.kW; b++) {
                if (r < a || q < b || (r - a) % l.dH || (q - b) % l.dW) continue;
                index_t i = (r - a) / l.dH, j = (q - b) / l.dW;
                if (i >= l.oH || j >= l.oW) continue;
                for (int o = 0; o < l.O; o++)
                    sum += w[((((i * l.oW + j) * l.O + o) * l.I + c) * l.kH + a) * l.kW + b] *
                           dy[((s * l.O + o) * l.oH + i) * l.oW + j];
            }
        dx[e] = sum;
    }
}
template <class T>
__global__ void local_weight(const T* x, const T* dy, T* dw, const int* numbers, index_t n, T scale) {
    Local l = local_of(numbers);
    for (EACH(e, n)) {
        index_t b = e % l.kW, a = e / l.kW % l.kH, c = e / l.kW / l.kH % l.I, rest = e / l.kW / l.kH / l.I;
        index_t o = rest % l.O, j = rest / l.O % l.oW, i = rest / l.O / l.oW;
        index_t r = i * l.dH - l.padH + a, q = j * l.dW - l.padW + b;
        if (r < 0 || q < 0 || r >= l.H || q >= l.W) continue;
        T sum = 0;
        for (index_t s = 0; s < l.N; s++)
            sum += dy[((s * l.O + o) * l.oH + i) * l.oW + j] * x[((s * l.I + c) * l.H + r) * l.W + q];
        dw[e] += scale * sum;
    }
}
template <class T> __global__ void local_bias(const T* dy, T* db, index_t n, int N, T scale) {
    for (EACH(e, n)) {
        T sum = 0;
        for (index_t s = 0; s < N; s++) sum += dy[s * n + e];
        db[e] += scale * sum;
    }
}
