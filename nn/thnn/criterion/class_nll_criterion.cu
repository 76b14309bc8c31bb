// The negative log-likelihood of classes; arrays are samples x classes x locations, a label each sample and location.
#include "common.cuh"
// slot: the loss and the place of a bad label; loss and total for the module. `bad` is -1 - place, -1e300 for none.
template <class T>
__device__ inline void tell(double loss, double total, double bad, double* slot, T* loss_out, T* total_out, int average) {
    if (average && total != 0) loss /= total;
    slot[0] = loss, slot[1] = bad == -1e300 ? -1.0 : -1 - bad;
    loss_out[0] = (T)loss, total_out[0] = (T)total;
}
// One block tells its sums, several leave theirs in parts: losses of all blocks, totals, places.
template <class T>
__global__ void __launch_bounds__(256, 4)
    nll(const T* x, const index_t* target, const T* weights, double* parts, double* slot, T* loss_out, T* total_out,
        index_t n, index_t classes, index_t locations, index_t ignore, int average) {
    __shared__ double room[32];
    double loss = 0, total = 0, bad = -1e300;
    for (EACH(i, n)) {
        index_t t = target[i];
        if (t == ignore) continue;
        if (t < 1 || t > classes) {
            if (-1.0 - i > bad) bad = -1.0 - i;
            continue;
        }
        double w = weights ? (double)weights[t - 1] : 1.0;
        loss -= w * x[(i / locations * classes + t - 1) * locations + i % locations], total += w;
    }
    loss = block_reduce(loss, Sum<double>(), room);
    total = block_reduce(total, Sum<double>(), room);
    bad = block_reduce(bad, Max<double>(), room);
    if (threadIdx.x == 0 && gridDim.x == 1) tell(loss, total, bad, slot, loss_out, total_out, average);
    if (threadIdx.x == 0 && gridDim.x > 1) {
        double* own = parts + blockIdx.x;
        own[0] = loss, own[gridDim.x] = total, own[2 * gridDim.x] = bad;
    }
}
template <class T>
__global__ void __launch_bounds__(256)
    nll_of_parts(const double* parts, double* slot, T* loss_out, T* total_out, int count, int average) {
    __shared__ double room[32];
    double loss = 0, total = 0, bad = -1e300;
    for (int i = threadIdx.x; i < count; i += 256) {
        loss += parts[i], total += parts[count + i];
        if (parts[2 * count + i] > bad) bad = parts[2 * count + i];
    }
    loss = block_reduce(loss, Sum<double>(), room);
    total = block_reduce(total, Sum<double>(), room);
    bad = block_reduce(bad, Max<double>(), room);
    if (threadIdx.x == 0) tell(loss, total, bad, slot, loss_out, total_out, average);
}
// What a class weight is multiplied by; `total` is the module's.
template <class T> __device__ inline T nll_factor(const T* total, int average) {
    return !(total[0] > 0) ? T(0) : average ? -1 / total[0] : T(-1);
}
template <class T>
__global__ void nll_gradient(T* dx, const index_t* target, const T* weights, const T* total, index_t n, index_t classes,
                             index_t locations, index_t ignore, int average) {
    T factor = nll_factor(total, average);
    for (EACH(i, n)) {
        index_t c = i / locations % classes + 1, t = target[i / (locations * classes) * locations + i % locations];
        dx[i] = t == c && t != ignore ? factor * (weights ? weights[c - 1] : T(1)) : T(0);
    }
}
// That of LogSoftMax and the criterion together; y are the log-probabilities, rows of classes.
template <class T>
__global__ void cross_entropy_gradient(const T* y, const index_t* target, T* dx, const T* weights, const T* total,
                                       index_t n, index_t classes, index_t ignore, int average) {
    T factor = nll_factor(total, average);
    for (EACH(i, n)) {
        index_t c = i % classes + 1, t = target[i / classes];
        bool counts = t != ignore && t >= 1 && t <= classes;
        T slope = !counts ? T(0) : factor * (weights ? weights[t - 1] : T(1));
        dx[i] = (t == c ? slope : T(0)) - exp(y[i]) * slope;
    }
}
