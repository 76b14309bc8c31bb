// Max pooling of sequences N x T x F; places in the window from 0, -1 for none.
#include "common.cuh"
template <class T>
__global__ void temporal_max(const T* x, T* y, index_t* places, index_t n, int frames, int outputs, int features,
                             int kW, int dW) {
    for (EACH(o, n)) {
        index_t f = o % features, t = o / features % outputs, s = o / features / outputs;
        const T* p = x + (s * frames + t * dW) * features + f;
        T best = Limits<T>::lowest();
        index_t place = -1;
        for (int k = 0; k < kW; k++)
            if (p[(index_t)k * features] > best) best = p[(index_t)k * features], place = k;
        y[o] = best, places[o] = place;
    }
}
template <class T>
__global__ void temporal_max_gradient(const T* dy, T* dx, const index_t* places, index_t n, int frames, int outputs,
                                      int features, int kW, int dW) {
    for (EACH(e, n)) {
        index_t f = e % features, t = e / features % frames, s = e / features / frames;
        T sum = 0;
        for (index_t i = t < kW ? 0 : (t - kW) / dW + 1; i < min(t / dW + 1, (index_t)outputs); i++) {
            index_t o = (s * outputs + i) * features + f;
            if (places[o] >= 0 && i * dW + places[o] == t) sum += dy[o];
        }
        dx[e] = sum;
    }
}
