// The pointwise part of one step of an LSTM over the buffers of its modules, gates i, f, z, o. Sums and what makes them lie
// in rows of `stride`, all else in rows of H.
#include "common.cuh"
// s = x + h, plus the product p c of a peephole, which is kept in q; the gate's place among the rows is `wide`.
template <class T>
__device__ __forceinline__ T sum_of(const T* x, const T* h, const T* p, T* q, T* s, T c, index_t wide, index_t e, int k) {
    T v = x[wide] + h[wide];
    if (p) {
        T product = p[k] * c;
        q[e] = product, v += product;
    }
    s[wide] = v;
    return v;
}
template <class T>
__global__ void lstm_forward(const T* before, const T* ix, const T* ih, const T* ip, T* iq, T* is, T* iy, const T* fx,
                             const T* fh, const T* fp, T* fq, T* fs, T* fy, const T* zx, const T* zh, T* zs, T* zy,
                             const T* ox, const T* oh, const T* op, T* oq, T* os, T* oy, T* iz, T* fc, T* cell,
                             T* squashed, T* output, index_t n, int H, int stride) {
    for (EACH(e, n)) {
        int k = (int)(e % H);
        index_t wide = e / H * stride + k;
        T c = before[e];
        T i = sigmoid(sum_of(ix, ih, ip, iq, is, c, wide, e, k)), f = sigmoid(sum_of(fx, fh, fp, fq, fs, c, wide, e, k));
        T z = tanh(sum_of(zx, zh, (const T*)0, (T*)0, zs, c, wide, e, k)), added = i * z, kept = f * c;
        c = added + kept;
        T o = sigmoid(sum_of(ox, oh, op, oq, os, c, wide, e, k)), t = tanh(c);
        iy[e] = i, fy[e] = f, zy[e] = z, oy[e] = o, iz[e] = added, fc[e] = kept, cell[e] = c, squashed[e] = t;
        output[e] = o * t;
    }
}
// Gradients of the sums, di, dz, df and do in rows of `width`, and of the cell before; pi, pf, po: peepholes, or null.
template <class T>
__global__ void lstm_backward(const T* before, const T* squashed, const T* iy, const T* fy, const T* zy, const T* oy,
                              const T* pi, const T* pf, const T* po, const T* dh, const T* dcell, T* di, T* dz, T* df,
                              T* d_o, T* dbefore, index_t n, int H, int width) {
    for (EACH(e, n)) {
        int k = (int)(e % H);
        index_t at = e / H * width + k;
        T d = dh[e], t = squashed[e], i = iy[e], f = fy[e], z = zy[e], o = oy[e];
        T g = d * t * o * (1 - o), dc = dcell[e] + d * o * (1 - t * t);
        if (po) dc += g * po[k];
        T gi = dc * z * i * (1 - i), gf = dc * before[e] * f * (1 - f), through = dc * f;
        if (pi) through += gi * pi[k] + gf * pf[k];
        di[at] = gi, dz[at] = dc * i * (1 - z * z), df[at] = gf, d_o[at] = g, dbefore[e] = through;
    }
}
// sums += scale times the sums over the rows of g, in rows of `width`, times x; samples in one order.
template <class T>
__global__ void add_products(const T* g, const T* x, T* sums, int N, index_t H, int width, T scale) {
    for (EACH(k, H)) {
        T sum = 0;
        for (int n = 0; n < N; n++) sum += g[(index_t)n * width + k] * x[n * H + k];
        sums[k] += scale * sum;
    }
}
