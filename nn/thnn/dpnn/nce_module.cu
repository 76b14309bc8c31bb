// Scores of a target and of noise words on the rows of a large weight. Sample m has its target at indices[target +
// m * target_step], its noise from noise + m * noise_step on; rows count from 1.
#include "common.cuh"
// A warp a sample and word; word 0 is the target.
template <class T>
__global__ void nce_scores(const T* x, const T* w, const T* bias, const index_t* indices, T* pt, T* ps, index_t samples,
                           int n, int k, index_t target, index_t target_step, index_t noise, index_t noise_step, T factor) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    for (index_t i = blockIdx.x * (index_t)warps + threadIdx.x / 32; i < samples * (k + 1); i += gridDim.x * (index_t)warps) {
        index_t m = i / (k + 1), j = i % (k + 1);
        index_t row = indices[j ? noise + m * noise_step + j - 1 : target + m * target_step] - 1;
        T sum = 0;
        for (int c = lane; c < n; c += 32) sum += x[m * n + c] * w[row * n + c];
        sum = warp_reduce(sum, Sum<T>());
        T score = exp(sum + bias[row]) * factor;
        if (lane == 0 && j) ps[m * k + j - 1] = score;
        if (lane == 0 && !j) pt[m] = score;
    }
}
template <class T>
__global__ void nce_input(const T* a, const T* b, const T* w, const index_t* indices, T* dx, index_t elements, int n, int k,
                          index_t target, index_t target_step, index_t noise, index_t noise_step) {
    for (EACH(e, elements)) {
        index_t m = e / n, c = e % n;
        T sum = a[m] * w[(indices[target + m * target_step] - 1) * n + c];
        for (int j = 0; j < k; j++) sum += b[m * k + j] * w[(indices[noise + m * noise_step + j] - 1) * n + c];
        dx[e] = sum;
    }
}
// A thread a column, and one more for the biases: every row is added to by one thread, in one order.
template <class T>
__global__ void nce_weight(const T* x, const T* a, const T* b, const index_t* indices, T* dw, T* db, int samples, int n,
                           int k, index_t target, index_t target_step, index_t noise, index_t noise_step, T scale) {
    for (EACH(c, n + 1))
        for (index_t m = 0; m < samples; m++) {
            T v = c < n ? scale * x[m * n + c] : scale;
            for (int j = -1; j < k; j++) {
                index_t row = indices[j < 0 ? target + m * target_step : noise + m * noise_step + j] - 1;
                T flow = v * (j < 0 ? a[m] : b[m * k + j]);
                if (c < n)
                    dw[row * n + c] += flow;
                else
                    db[row] += flow;
            }
        }
}
