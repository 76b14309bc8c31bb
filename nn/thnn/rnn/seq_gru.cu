// The steps of a GRU, gates r, u, c side by side in rows of 3H. `marks`: samples that give zeros, or null.
#include "common.cuh"
// r and u from their sums, to which the bias and `product` (rows of 2H) are added, in place; reset = r * h.
template <class T>
__global__ void gru_gates(T* gates, const T* bias, const T* product, const T* h, T* reset, index_t n, int H) {
    for (EACH(e, n)) {
        T* g = gates + e / H * 3 * H + e % H;
        const T *p = product + e / H * 2 * H + e % H, *b = bias + e % H;
        T r = sigmoid(g[0] + b[0] + p[0]), u = sigmoid(g[H] + b[H] + p[H]);
        g[0] = r, g[H] = u, reset[e] = r * h[e];
    }
}
template <class T>
__global__ void gru_output(T* gates, const T* bias, const T* product, const T* h, T* y, const index_t* marks, index_t n,
                           int H) {
    for (EACH(e, n)) {
        T* g = gates + e / H * 3 * H + e % H;
        T c = tanh(g[2 * H] + bias[2 * H + e % H] + product[e]), u = g[H], v = c * (1 - u) + h[e] * u;
        if (marks && marks[e / H]) g[0] = g[H] = c = v = 0;
        g[2 * H] = c, y[e] = v;
    }
}
// The gradients of the sums of u and the candidate; dh becomes its direct part by h. `both` has rows of r and u.
template <class T>
__global__ void gru_candidate(const T* gates, const T* h, const T* dy, T* dgates, T* both, T* candidate, T* dh,
                              const index_t* marks, index_t n, int H) {
    for (EACH(e, n)) {
        const T* g = gates + e / H * 3 * H + e % H;
        T u = g[H], c = g[2 * H], d = marks && marks[e / H] ? T(0) : dh[e] + dy[e];
        T du = d * (h[e] - c) * u * (1 - u), dc = d * (1 - u) * (1 - c * c);
        T* to = dgates + e / H * 3 * H + e % H;
        to[H] = du, to[2 * H] = dc, both[e / H * 2 * H + H + e % H] = du, candidate[e] = dc, dh[e] = d * u;
    }
}
// The gradient of the sum of r from that of r * h, and its part of dh.
template <class T>
__global__ void gru_reset(const T* gates, const T* h, const T* dreset, T* dgates, T* both, T* dh, index_t n, int H) {
    for (EACH(e, n)) {
        T r = gates[e / H * 3 * H + e % H], dr = dreset[e] * h[e] * r * (1 - r);
        dgates[e / H * 3 * H + e % H] = dr, both[e / H * 2 * H + e % H] = dr, dh[e] += dreset[e] * r;
    }
}
