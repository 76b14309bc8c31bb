// Sums over windows of planes, times a weight plus a bias of each plane.
#include "common.cuh"
// The sum of a window; of one two wide whose rows `twos` says to read at once.
template <class T> __device__ inline T window_sum(const T* p, int W, int kH, int kW, bool twos) {
    T sum = 0;
    for (int a = 0; a < kH; a++, p += W)
        if (twos) {
            T first, second;
            read_two(p, first, second);
            sum += first, sum += second;
        } else
            for (int b = 0; b < kW; b++) sum += p[b];
    return sum;
}
template <class T>
__global__ void sub_sample(const T* x, T* y, const T* weight, const T* bias, index_t n, int C, int H, int W, int oH,
                           int oW, int kH, int kW, int dH, int dW) {
    bool twos = kW == 2 && dW == 2 && in_twos(x, W);
    for (EACH(o, n)) {
        index_t plane = o / ((index_t)oH * oW), i = o / oW % oH * dH, j = o % oW * dW;
        T sum = window_sum(x + (plane * H + i) * W + j, W, kH, kW, twos);
        y[o] = bias[plane % C] + weight[plane % C] * sum;
    }
}
template <class T>
__global__ void sub_sample_gradient(const T* dy, T* dx, const T* weight, index_t n, int C, int H, int W, int oH, int oW,
                                    int kH, int kW, int dH, int dW) {
    for (EACH(e, n)) {
        index_t plane = e / ((index_t)H * W);
        int a = (int)(e / W % H), b = (int)(e % W);
        T sum = 0;
        for (int i = a < kH ? 0 : (a - kH) / dH + 1; i < min(a / dH + 1, oH); i++)
            for (int j = b < kW ? 0 : (b - kW) / dW + 1; j < min(b / dW + 1, oW); j++)
                sum += dy[(plane * oH + i) * oW + j];
        dx[e] = weight[plane % C] * sum;
    }
}
// A block a plane.
template <class T>
__global__ void sub_sample_weight(const T* x, const T* dy, T* dw, T* db, int N, int C, int H, int W, int oH, int oW,
                                  int kH, int kW, int dH, int dW, T scale) {
    __shared__ T room[32];
    int c = blockIdx.x;
    T product = 0, total = 0;
    bool twos = kW == 2 && dW == 2 && in_twos(x, W);
    for (int n = 0; n < N; n++)
        for (int o = threadIdx.x; o < oH * oW; o += blockDim.x) {
            index_t plane = (index_t)n * C + c;
            T flow = dy[plane * oH * oW + o];
            T sum = window_sum(x + (plane * H + o / oW * dH) * W + o % oW * dW, W, kH, kW, twos);
            product += flow * sum, total += flow;
        }
    product = block_reduce(product, Sum<T>(), room);
    total = block_reduce(total, Sum<T>(), room);
    if (threadIdx.x == 0) dw[c] += scale * product, db[c] += scale * total;
}
