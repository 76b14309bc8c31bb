// The pointwise parts of one step of a GRU over the buffers of its modules: r and u, then the candidate and the output.
#include "common.cuh"
// `x`, `h` and `s` have rows of 2H, r and u side by side; reset = r * h.
template <class T>
__global__ void gates(const T* x, const T* h, T* s, T* r, T* u, const T* before, T* reset, index_t n, int H) {
    for (EACH(e, n)) {
        index_t at = e / H * 2 * H + e % H;
        T vr = x[at] + h[at], vu = x[at + H] + h[at + H];
        s[at] = vr, s[at + H] = vu, vr = sigmoid(vr);
        r[e] = vr, u[e] = sigmoid(vu), reset[e] = before[e] * vr;
    }
}
template <class T>
__global__ void output(const T* x, const T* h, T* s, T* c, const T* u, T* rest, T* added, T* kept, const T* before, T* y,
                       index_t n) {
    for (EACH(e, n)) {
        T v = x[e] + h[e], w = u[e];
        s[e] = v, v = tanh(v);
        T a = v * (1 - w), k = before[e] * w;
        c[e] = v, rest[e] = 1 - w, added[e] = a, kept[e] = k, y[e] = a + k;
    }
}
// The gradients of the sums of u, in rows of 2H behind those of r, and of the candidate; the direct part of that of h.
template <class T>
__global__ void candidate_gradient(const T* dy, const T* before, const T* u, const T* c, T* dgates, T* dcandidate, T* dh,
                                   index_t n, int H) {
    for (EACH(e, n)) {
        T d = dy[e], w = u[e], v = c[e];
        dgates[e / H * 2 * H + H + e % H] = (d * before[e] - d * v) * w * (1 - w);
        dcandidate[e] = d * (1 - w) * (1 - v * v), dh[e] = d * w;
    }
}
template <class T>
__global__ void reset_gradient(const T* dreset, const T* before, const T* r, T* dgates, T* dh, index_t n, int H) {
    for (EACH(e, n)) {
        T d = dreset[e], v = r[e];
        dgates[e / H * 2 * H + e % H] = d * before[e] * v * (1 - v), dh[e] += d * v;
    }
}
