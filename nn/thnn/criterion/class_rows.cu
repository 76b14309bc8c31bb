// Losses of rows of scores against classes from 0. A target that is `ignore` counts for nothing; one that is no class
// is passed over, and its place stands in the slot that the check writes.
#include "common.cuh"
// slot: how many targets count, or the sum of their weights; the place of the first that is no class, or -1.
template <class T>
__global__ void __launch_bounds__(256)
    count_classes(const index_t* target, const T* weights, double* slot, index_t n, index_t classes, index_t ignore) {
    __shared__ double room[32];
    double count = 0, bad = -1e300;
    for (index_t i = threadIdx.x; i < n; i += 256) {
        index_t t = target[i];
        if (t == ignore) continue;
        if (t >= 0 && t < classes)
            count += weights ? (double)weights[t] : 1.0;
        else if (-1.0 - i > bad)
            bad = -1.0 - i;
    }
    count = block_reduce(count, Sum<double>(), room);
    bad = block_reduce(bad, Max<double>(), room);
    if (threadIdx.x == 0) slot[0] = count, slot[1] = bad == -1e300 ? -1.0 : -1 - bad;
}
// Cross-entropy with softmax inside; a block a row. `logs` takes the logarithms of the sums of exponentials.
template <class T>
__global__ void __launch_bounds__(128)
    class_entropies(const T* x, const index_t* target, const T* weights, T* losses, double* logs, index_t rows, int n,
                    double smoothing, index_t ignore) {
    __shared__ double room[32];
    for (index_t r = blockIdx.x; r < rows; r += gridDim.x) {
        const T* row = x + r * n;
        T top = -Limits<T>::infinity();
        for (int i = threadIdx.x; i < n; i += 128) top = row[i] > top ? row[i] : top;
        double shift = block_reduce((double)top, Max<double>(), room), sum = 0, all = 0;
        if (shift == -(double)Limits<double>::infinity()) shift = 0;
        for (int i = threadIdx.x; i < n; i += 128) sum += exp((T)(row[i] - (T)shift)), all += row[i];
        sum = block_reduce(sum, Sum<double>(), room);
        all = block_reduce(all, Sum<double>(), room);
        if (threadIdx.x == 0) {
            index_t t = target[r];
            bool counts = t != ignore && t >= 0 && t < n;
            double log_sum = shift + log(sum), loss = 0;
            if (counts) {
                loss = (1 - smoothing) * (weights ? (double)weights[t] : 1.0) * (log_sum - row[t]);
                if (smoothing > 0) loss += smoothing * (log_sum - all / n);
            }
            losses[r] = (T)loss, logs[r] = counts ? log_sum : 0.0;
        }
    }
}
template <class T>
__global__ void entropy_gradients(const T* x, const index_t* target, const T* weights, const T* g, const double* logs,
                                  T* dx, index_t elements, int n, T smoothing, index_t ignore) {
    for (EACH(i, elements)) {
        index_t r = i / n, t = target[r];
        bool counts = t != ignore && t >= 0 && t < n;
        T own = counts ? g[r] * (1 - smoothing) * (weights ? weights[t] : T(1)) : T(0);
        T factor = own + g[r] * smoothing, share = g[r] * smoothing / n;
        dx[i] = counts ? exp((T)(x[i] - logs[r])) * factor - share - (i % n == t ? own : T(0)) : T(0);
    }
}
template <class T>
__global__ void class_likelihoods(const T* x, const index_t* target, const T* weights, T* losses, index_t rows, int n,
                                  index_t ignore) {
    for (EACH(r, rows)) {
        index_t t = target[r];
        bool counts = t != ignore && t >= 0 && t < n;
        losses[r] = counts ? -(weights ? weights[t] : T(1)) * x[r * n + t] : T(0);
    }
}
template <class T>
__global__ void likelihood_gradients(const index_t* target, const T* weights, const T* g, T* dx, index_t elements,
                                     int n, index_t ignore) {
    for (EACH(i, elements)) {
        index_t r = i / n, t = target[r];
        dx[i] = t != ignore && i % n == t ? -(weights ? weights[t] : T(1)) * g[r] : T(0);
    }
}
