// The steps of an LSTM, gates i, f, o, g side by side in rows of 4H; one launch a step after its product of matrices.
#include "common.cuh"
// Which rows are zero: a warp a row. The mark is 1 or 0.
template <class T> __global__ void zero_rows(const T* x, T* marks, index_t rows, int n) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    for (index_t row = blockIdx.x * (index_t)warps + threadIdx.x / 32; row < rows; row += gridDim.x * (index_t)warps) {
        int other = 0;
        for (int i = lane; i < n; i += 32) other |= x[row * n + i] != 0;
        other = __any_sync(FULL, other);
        if (lane == 0) marks[row] = other ? T(0) : T(1);
    }
}
// Gates from their sums, to which the bias is added, in place; cells and hidden states. `marks`: samples that give zeros,
// or null.
template <class T>
__global__ void lstm_step(T* gates, const T* bias, const T* before, T* cell, T* hidden, const T* marks, index_t n,
                          int H) {
    for (EACH(e, n)) {
        T* g = gates + e / H * 4 * H + e % H;
        const T* b = bias + e % H;
        T i = sigmoid(g[0] + b[0]), f = sigmoid(g[H] + b[H]), o = sigmoid(g[2 * H] + b[2 * H]);
        T a = tanh(g[3 * H] + b[3 * H]);
        T c = f * before[e] + i * a, h = o * tanh(c);
        if (marks && marks[e / H] != 0) i = f = o = a = c = h = 0;
        g[0] = i, g[H] = f, g[2 * H] = o, g[3 * H] = a, cell[e] = c, hidden[e] = h;
    }
}
// total = dy + dh
template <class T> __global__ void lstm_total(const T* dy, const T* dh, T* total, index_t n) {
    for (EACH(e, n)) total[e] = dy[e] + dh[e];
}
// Gates become the gradients of their sums; dc, that of the cell, becomes that of the cell before. The gradient of the
// output is dh, and dy added to it unless that is null.
template <class T>
__global__ void lstm_gradient(T* gates, const T* before, const T* cell, const T* dy, const T* dh, T* dc, index_t n,
                              int H) {
    for (EACH(e, n)) {
        T *g = gates + e / H * 4 * H + e % H, r = dy ? dy[e] + dh[e] : dh[e];
        T i = g[0], f = g[H], o = g[2 * H], a = g[3 * H], t = tanh(cell[e]), d = dc[e] + r * o * (1 - t * t);
        g[0] = d * a * i * (1 - i), g[H] = d * before[e] * f * (1 - f), g[2 * H] = r * t * o * (1 - o);
        g[3 * H] = d * i * (1 - a * a), dc[e] = d * f;
    }
}
