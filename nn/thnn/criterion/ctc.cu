// Connectionist temporal classification: a block a sample, a thread a place of its lattice, step by step. alpha is
// N x T x (L + 2) logarithms, the first two of a row minus infinity; beta is scratch of the same kind.
#include "common.cuh"
__device__ inline double no_path() {
    return -Limits<double>::infinity();
}
__device__ inline double added(double a, double b, double c) {  // log(e^a + e^b + e^c)
    double top = a > b ? a : b;
    top = top > c ? top : c;
    return top == no_path() ? top : top + log(exp(a - top) + exp(b - top) + exp(c - top));
}
template <class T>
__global__ void __launch_bounds__(128)
    ctc_alpha(const T* x, const index_t* classes, const double* skips, const index_t* steps, double* alpha, int N, int C,
              int times, int L) {
    int n = blockIdx.x;
    const index_t* own = classes + (index_t)n * L;
    double* rows = alpha + (index_t)n * times * (L + 2);
    for (int t = 0; t < steps[n]; t++) {
        const T* emitted = x + ((index_t)t * N + n) * C;
        double *row = rows + (index_t)t * (L + 2), *before = row - (L + 2);
        for (int k = threadIdx.x; k < L + 2; k += 128) {
            double v = no_path();
            if (k >= 2 && t == 0 && k < 4)
                v = emitted[own[k - 2]];
            else if (k >= 2 && t > 0)
                v = added(before[k], before[k - 1], before[k - 2] + skips[(index_t)n * L + k - 2]) + emitted[own[k - 2]];
            row[k] = v;
        }
        __syncthreads();
    }
}
// factor (exp(x) - share of the paths at each class); `room` has two rows of L + 2 for each sample, `shares` one of L.
template <class T>
__global__ void __launch_bounds__(128)
    ctc_gradient(const T* x, T* dx, const index_t* classes, const double* skips, const index_t* steps,
                 const index_t* ends, const double* alpha, const double* totals, const double* factors, double* room,
                 double* shares, int N, int C, int times, int L) {
    int n = blockIdx.x;
    const index_t* own = classes + (index_t)n * L;
    double factor = factors[n], total = totals[n], *here = room + (index_t)n * 2 * (L + 2), *after = here + L + 2;
    double* share = shares + (index_t)n * L;
    bool possible = fabs(total) < Limits<double>::infinity() && factor != 0;
    for (int t = times - 1; t >= 0; t--) {
        T* g = dx + ((index_t)t * N + n) * C;
        const T* emitted = x + ((index_t)t * N + n) * C;
        if (t >= steps[n] || !possible) {
            T v = t >= steps[n] || factor == 0 ? T(0) : (T)(no_path() - no_path());  // no path: not a number
            for (int c = threadIdx.x; c < C; c += 128) g[c] = v;
            continue;
        }
        bool last = t == steps[n] - 1;
        for (int k = threadIdx.x; k < L; k += 128) {  // after: beta of the next step with what that step emits
            double v = last && k >= ends[n] - 2 && k < ends[n] ? 0.0 : no_path();
            if (!last)
                v = added(after[k], k + 1 < L ? after[k + 1] : no_path(),
                          k + 2 < L ? after[k + 2] + skips[(index_t)n * L + k + 2] : no_path());
            here[k] = v;
            share[k] = exp(alpha[((index_t)n * times + t) * (L + 2) + 2 + k] + v - total);
        }
        __syncthreads();
        for (int k = threadIdx.x; k < L; k += 128) after[k] = here[k] + emitted[own[k]];
        for (int c = threadIdx.x; c < C; c += 128) {
            double paths = 0;
            for (int k = 0; k < L; k++)
                if (own[k] == c) paths += share[k];
            g[c] = (T)(exp((double)emitted[c]) * factor) - (T)(paths * factor);
        }
        __syncthreads();
    }
}
