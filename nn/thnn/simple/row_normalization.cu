// Normalisation of rows of `n` numbers: `channels` runs of `inner`, each with a weight and a bias; rows take turns in
// `groups` sets of these. Means and inverse deviations are doubles, all means before all deviations.
#include "common.cuh"
// A block a row: its mean, 0 unless centred, then the mean square of the distances from it.
template <class T>
__global__ void __launch_bounds__(256, 4)
    normalize_rows(const T* x, T* y, double* saved, const T* weight, const T* bias, index_t rows, int n, int groups,
                   int channels, int inner, bool centred, double eps) {
    __shared__ double room[32];
    for (index_t r = blockIdx.x; r < rows; r += gridDim.x) {
        const T* row = x + r * n;
        double mean = 0, squares = 0;
        if (centred) {
            for (int i = threadIdx.x; i < n; i += 256) mean += row[i];
            mean = block_reduce(mean, Sum<double>(), room) / n;
        }
        for (int i = threadIdx.x; i < n; i += 256) squares += (row[i] - mean) * (row[i] - mean);
        double inverse = 1 / sqrt(block_reduce(squares, Sum<double>(), room) / n + eps);
        if (threadIdx.x == 0) saved[r] = mean, saved[rows + r] = inverse;
        int first = (int)(r % groups) * channels;
        for (int i = threadIdx.x; i < n; i += 256) {
            int k = first + i / inner;
            T v = (T)((row[i] - mean) * inverse);
            y[r * n + i] = v * (weight ? weight[k] : T(1)) + (bias ? bias[k] : T(0));
        }
    }
}
// (d - mean(d) - xhat mean(d xhat)) / deviation of every row, d = dy * weight.
template <class T>
__global__ void __launch_bounds__(256, 4)
    normalized_gradient(const T* x, const T* dy, T* dx, const double* saved, const T* weight, index_t rows, int n,
                        int groups, int channels, int inner, bool centred) {
    __shared__ double room[32];
    for (index_t r = blockIdx.x; r < rows; r += gridDim.x) {
        double mean = saved[r], inverse = saved[rows + r], total = 0, dot = 0;
        int first = (int)(r % groups) * channels;
        for (int i = threadIdx.x; i < n; i += 256) {
            double d = (double)dy[r * n + i] * (weight ? weight[first + i / inner] : T(1));
            total += d, dot += d * ((x[r * n + i] - mean) * inverse);
        }
        total = block_reduce(total, Sum<double>(), room);
        dot = block_reduce(dot, Sum<double>(), room) / n;
        double center = centred ? total / n : 0;
        for (int i = threadIdx.x; i < n; i += 256) {
            double d = (double)dy[r * n + i] * (weight ? weight[first + i / inner] : T(1));
            dx[r * n + i] = (T)((d - center - (x[r * n + i] - mean) * inverse * dot) * inverse);
        }
    }
}
// Sums over rows in one order. Runs of one number: 32 channels a block, 8 threads each, side by side in memory.
template <class T>
__global__ void __launch_bounds__(256, 4)
    affine_columns(const T* x, const T* dy, const double* saved, T* dw, T* db, index_t rows, int groups, int channels) {
    __shared__ double by_weight[8][33], by_bias[8][33];
    int size = groups * channels, k = blockIdx.x * 32 + threadIdx.x % 32, part = threadIdx.x / 32;
    double a = 0, b = 0;
    if (k < size)
        for (index_t m = part; m < rows / groups; m += 8) {
            index_t r = m * groups + k / channels;
            double g = dy[m * size + k];
            a += g * ((x[m * size + k] - saved[r]) * saved[rows + r]), b += g;
        }
    by_weight[part][threadIdx.x % 32] = a, by_bias[part][threadIdx.x % 32] = b;
    __syncthreads();
    if (part == 0 && k < size) {
        for (int p = 1; p < 8; p++) a += by_weight[p][threadIdx.x], b += by_bias[p][threadIdx.x];
        if (dw) dw[k] = (T)a;
        if (db) db[k] = (T)b;
    }
}
// Longer runs: a block a channel.
template <class T>
__global__ void __launch_bounds__(256, 4)
    affine_runs(const T* x, const T* dy, const double* saved, T* dw, T* db, index_t rows, int groups, int channels,
                int inner) {
    __shared__ double room[32];
    int size = groups * channels, k = blockIdx.x;
    index_t count = rows / groups * inner;
    double a = 0, b = 0;
    for (index_t i = threadIdx.x; i < count; i += 256) {
        index_t m = i / inner, r = m * groups + k / channels, at = (m * size + k) * inner + i % inner;
        double g = dy[at];
        a += g * ((x[at] - saved[r]) * saved[rows + r]), b += g;
    }
    a = block_reduce(a, Sum<double>(), room);
    b = block_reduce(b, Sum<double>(), room);
    if (threadIdx.x == 0 && dw) dw[k] = (T)a;
    if (threadIdx.x == 0 && db) db[k] = (T)b;
}
