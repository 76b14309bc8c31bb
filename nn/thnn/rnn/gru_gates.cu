// One step of PyTorch's GRU, whose reset gate acts behind the product with the state; rows of `kept` are r, z, n, u_n.
#include "common.cuh"
template <class T>
__global__ void gru_forward(const T* a, const T* u, const T* h, T* kept, T* y, index_t n, int H) {
    for (EACH(e, n)) {
        index_t at = e / H * 3 * H + e % H;
        T r = sigmoid(a[at] + u[at]), z = sigmoid(a[at + H] + u[at + H]), un = u[at + 2 * H];
        T c = tanh(a[at + 2 * H] + r * un), *k = kept + e / H * 4 * H + e % H;
        k[0] = r, k[H] = z, k[2 * H] = c, k[3 * H] = un, y[e] = (1 - z) * c + z * h[e];
    }
}
template <class T>
__global__ void gru_backward(const T* kept, const T* h, const T* dy, T* da, T* du, T* dh, index_t n, int H) {
    for (EACH(e, n)) {
        const T* k = kept + e / H * 4 * H + e % H;
        index_t at = e / H * 3 * H + e % H;
        T r = k[0], z = k[H], c = k[2 * H], un = k[3 * H], d = dy[e], dn = d * (1 - z) * (1 - c * c);
        T dr = dn * un * r * (1 - r), dz = d * (h[e] - c) * z * (1 - z);
        da[at] = dr, du[at] = dr, da[at + H] = dz, du[at + H] = dz, da[at + 2 * H] = dn, du[at + 2 * H] = dn * r;
        dh[e] = d * z;
    }
}
