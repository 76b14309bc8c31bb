// One step of PyTorch's LSTM; rows of `kept` are i, f, g, o and tanh(c').
#include "common.cuh"
template <class T>
__global__ void gates_forward(const T* a, const T* u, const T* c, T* kept, T* y, T* cell, index_t n, int H) {
    for (EACH(e, n)) {
        index_t at = e / H * 4 * H + e % H;
        T i = sigmoid(a[at] + u[at]), f = sigmoid(a[at + H] + u[at + H]);
        T g = tanh(a[at + 2 * H] + u[at + 2 * H]), o = sigmoid(a[at + 3 * H] + u[at + 3 * H]);
        T next = f * c[e] + i * g, squashed = tanh(next), *k = kept + e / H * 5 * H + e % H;
        k[0] = i, k[H] = f, k[2 * H] = g, k[3 * H] = o, k[4 * H] = squashed;
        y[e] = o * squashed, cell[e] = next;
    }
}
template <class T>
__global__ void gates_backward(const T* kept, const T* c, const T* dy, const T* dcell, T* da, T* dc, index_t n, int H) {
    for (EACH(e, n)) {
        const T* k = kept + e / H * 5 * H + e % H;
        index_t at = e / H * 4 * H + e % H;
        T i = k[0], f = k[H], g = k[2 * H], o = k[3 * H], squashed = k[4 * H], dh = dy[e];
        T d = dcell[e] + dh * o * (1 - squashed * squashed);
        da[at] = d * g * i * (1 - i), da[at + H] = d * c[e] * f * (1 - f);
        da[at + 2 * H] = d * i * (1 - g * g), da[at + 3 * H] = dh * squashed * o * (1 - o);
        dc[e] = d * f;
    }
}
