// Sums over windows of frames, N x T x F, times a weight plus a bias of each feature.
#include "common.cuh"
template <class T>
__global__ void frames(const T* x, T* y, const T* weight, const T* bias, index_t n, int frames, int outputs, int F,
                       int kW, int dW) {
    for (EACH(o, n)) {
        index_t f = o % F, t = o / F % outputs, s = o / F / outputs;
        T sum = 0;
        for (int k = 0; k < kW; k++) sum += x[(s * frames + t * dW + k) * F + f];
        y[o] = bias[f] + weight[f] * sum;
    }
}
template <class T>
__global__ void frames_gradient(const T* dy, T* dx, const T* weight, index_t n, int frames, int outputs, int F, int kW,
                                int dW) {
    for (EACH(e, n)) {
        index_t f = e % F, s = e / F / frames;
        int t = (int)(e / F % frames);
        T sum = 0;
        for (int i = t < kW ? 0 : (t - kW) / dW + 1; i < min(t / dW + 1, outputs); i++)
            sum += dy[(s * outputs + i) * F + f];
        dx[e] = weight[f] * sum;
    }
}
template <class T>
__global__ void frames_weight(const T* x, const T* dy, T* dw, T* db, int N, int frames, int outputs, int F, int kW,
                              int dW, T scale) {
    for (EACH(f, F)) {
        T product = 0, total = 0;
        for (int i = 0; i < N * outputs; i++) {
            T flow = dy[(index_t)i * F + f], sum = 0;
            for (int k = 0; k < kW; k++) sum += x[((index_t)(i / outputs) * frames + i % outputs * dW + k) * F + f];
            product += flow * sum, total += flow;
        }
        dw[f] += scale * product, db[f] += scale * total;
    }
}
