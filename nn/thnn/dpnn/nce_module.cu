// Scores of a target and of noise words on the rows of a large weight. Sample m has its target at indices[target +
// m * target_step], its noise from noise + m * noise_step on; rows count from 1. Words outside of 1..classes are passed
// over: their scores are 0.
#include "common.cuh"
#include "philox.cuh"
// Words by the alias method, two numbers of 53 bits each: rows of `width`, `step` apart.
template <class T>
__global__ void __launch_bounds__(256) alias_draw(index_t* words, const index_t* J, const T* q, index_t n, index_t width,
                                                  index_t step, index_t classes, unsigned long long* generator) {
    unsigned long long key = generator[0], counter = generator[1];
    for (EACH(i, n)) {
        Pack<double> u = Units<double>::of(counter + i, key);
        index_t slot = (index_t)(u.v[0] * classes);
        words[i / width * step + i % width] = u.v[1] < q[slot] ? slot + 1 : J[slot];
    }
    drawn<double>(generator, 2 * n);
}
template <class T>
__global__ void nce_frequencies(const index_t* indices, const T* unigrams, T* out, index_t n, index_t classes) {
    for (EACH(i, n)) {
        index_t row = indices[i] - 1;
        out[i] = row >= 0 && row < classes ? unigrams[row] : T(0);
    }
}
// A warp a sample and word; word 0 is the target. Scores are divided by Z[0] where there is one, which must be positive.
template <class T>
__global__ void nce_scores(const T* x, const T* w, const T* bias, const index_t* indices, T* pt, T* ps, const T* Z,
                           double* slot, index_t samples, int n, int k, index_t target, index_t target_step,
                           index_t noise, index_t noise_step, index_t classes, T factor) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    if (Z) factor = 1 / Z[0];
    if (Z && !(Z[0] > 0) && blockIdx.x == 0 && threadIdx.x == 0) slot[1] = 0;
    for (index_t i = blockIdx.x * (index_t)warps + threadIdx.x / 32; i < samples * (k + 1); i += gridDim.x * (index_t)warps) {
        index_t m = i / (k + 1), j = i % (k + 1);
        index_t row = indices[j ? noise + m * noise_step + j - 1 : target + m * target_step] - 1;
        bool there = row >= 0 && row < classes;
        T sum = 0;
        for (int c = lane; c < n && there; c += 32) sum += x[m * n + c] * w[row * n + c];
        sum = warp_reduce(sum, Sum<T>());
        T score = there ? exp(sum + bias[row]) * factor : T(0);
        if (lane == 0 && j) ps[m * k + j - 1] = score;
        if (lane == 0 && !j) pt[m] = score;
    }
}
template <class T>
__global__ void nce_input(const T* a, const T* b, const T* w, const index_t* indices, T* dx, index_t elements, int n, int k,
                          index_t target, index_t target_step, index_t noise, index_t noise_step, index_t classes) {
    for (EACH(e, elements)) {
        index_t m = e / n, c = e % n;
        T sum = 0;
        for (int j = -1; j < k; j++) {
            index_t row = indices[j < 0 ? target + m * target_step : noise + m * noise_step + j] - 1;
            if (row >= 0 && row < classes) sum += (j < 0 ? a[m] : b[m * k + j]) * w[row * n + c];
        }
        dx[e] = sum;
    }
}
// A thread a column, and one more for the biases: every row is added to by one thread, in one order.
template <class T>
__global__ void nce_weight(const T* x, const T* a, const T* b, const index_t* indices, T* dw, T* db, int samples, int n,
                           int k, index_t target, index_t target_step, index_t noise, index_t noise_step,
                           index_t classes, T scale) {
    for (EACH(c, n + 1))
        for (index_t m = 0; m < samples; m++) {
            T v = c < n ? scale * x[m * n + c] : scale;
            for (int j = -1; j < k; j++) {
                index_t row = indices[j < 0 ? target + m * target_step : noise + m * noise_step + j] - 1;
                T flow = v * (j < 0 ? a[m] : b[m * k + j]);
                if (row < 0 || row >= classes) continue;
                if (c < n)
                    dw[row * n + c] += flow;
                else
                    db[row] += flow;
            }
        }
}
