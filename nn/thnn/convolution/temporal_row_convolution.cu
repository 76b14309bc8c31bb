// Convolution of each feature by itself: N x F x T with `first`, else N x T x F.
#include "common.cuh"
template <class T>
__global__ void rows(const T* x, T* y, const T* weight, const T* bias, index_t n, int F, int frames, int outputs,
                     int first, int kW, int dW) {
    for (EACH(o, n)) {
        index_t s = o / outputs / F, f = first ? o / outputs % F : o % F, t = first ? o % outputs : o / F % outputs;
        index_t at = first ? (s * F + f) * frames + t * dW : (s * frames + t * dW) * F + f, step = first ? 1 : F;
        T sum = bias ? bias[f] : T(0);
        for (int k = 0; k < kW; k++) sum += weight[f * kW + k] * x[at + k * step];
        y[o] = sum;
    }
}
template <class T>
__global__ void rows_gradient(const T* dy, T* dx, const T* weight, index_t n, int F, int frames, int outputs, int first,
                              int kW, int dW) {
    for (EACH(e, n)) {
        index_t s = e / frames / F, f = first ? e / frames % F : e % F;
        int t = (int)(first ? e % frames : e / F % frames);
        T sum = 0;
        for (int i = t < kW ? 0 : (t - kW) / dW + 1; i < min(t / dW + 1, outputs); i++)
            sum += weight[f * kW + t - i * dW] * dy[first ? (s * F + f) * outputs + i : (s * outputs + i) * F + f];
        dx[e] = sum;
    }
}
// A thread a weight, and one more a feature for its bias.
template <class T>
__global__ void rows_weight(const T* x, const T* dy, T* dw, T* db, int N, int F, int frames, int outputs, int first,
                            int kW, int dW, T scale) {
    for (EACH(i, (index_t)F * (kW + 1))) {
        index_t f = i / (kW + 1), k = i % (kW + 1);
        if (k == kW && !db) continue;
        T sum = 0;
        for (index_t s = 0; s < N; s++)
            for (int t = 0; t < outputs; t++) {
                index_t frame = t * dW + k;
                T flow = dy[first ? (s * F + f) * outputs + t : (s * outputs + t) * F + f];
                sum += k == kW ? flow : flow * x[first ? (s * F + f) * frames + frame : (s * frames + frame) * F + f];
            }
        if (k == kW)
            db[f] += scale * sum;
        else
            dw[f * kW + k] += scale * sum;
    }
}
