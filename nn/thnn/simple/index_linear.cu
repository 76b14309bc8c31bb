// IndexLinear: samples one after the other in keys and values; ends[n] is where sample n ends; keys are rows of w.
#include "common.cuh"
// The values as they are used, one after the other: a row's largest value, which normalises it, changes on the way.
template <class T>
__global__ void use_values(const index_t* keys, const T* values, T* used, T* w, int n, int width, int training) {
    for (int i = 0; i < n; i++) {
        T *row = w + keys[i] * width, x = values[i], a = fabs(x);
        if (training) {
            if (a > row[0]) row[0] = a, row[1] = 1 / a;
            row[2] = 1;
        }
        used[i] = (a > row[0] ? (x > 0 ? T(1) : x < 0 ? T(-1) : x) : x * row[1]) + row[3];
    }
}
template <class T>
__global__ void index_linear(const index_t* keys, const index_t* ends, const T* used, const T* w, const T* bias, T* y,
                             index_t n, int m, int extra) {
    for (EACH(i, n)) {
        index_t sample = i / m, o = i % m;
        T sum = bias[o];
        for (index_t e = sample ? ends[sample - 1] : 0; e < ends[sample]; e++)
            sum += used[e] * w[keys[e] * (m + extra) + extra + o];
        y[i] = sum;
    }
}
template <class T>
__global__ void index_rows(const index_t* ends, const T* used, const T* dy, T* rows, index_t n, int samples, int m,
                           int extra, T scale) {
    for (EACH(i, n)) {
        index_t e = i / m, o = i % m, sample = 0;
        while (sample < samples && ends[sample] <= e) sample++;
        if (sample == samples) continue;
        T flow = scale * dy[sample * m + o];
        T* row = rows + e * m * (extra ? 2 : 1);
        if (extra)
            row[o] = flow, row[m + o] = flow * used[e];
        else
            row[o] = flow * used[e];
    }
}
// The steps of all keys, one after the other, by one block: keys may repeat.
template <class T>
__global__ void index_steps(const index_t* keys, const T* rows, T* w, int count, int m, int extra, T lr, T decay) {
    __shared__ T room[32];
    for (int i = 0; i < count; i++) {
        T *row = w + keys[i] * (m + extra), *weights = row + extra;
        const T* step = rows + (index_t)i * m * (extra ? 2 : 1);
        T rate = lr, shrink = decay, slope = 0;
        if (extra) {
            rate = lr * row[2], shrink = decay * row[2];
            for (int o = threadIdx.x; o < m; o += blockDim.x) slope += step[o] * weights[o];
            slope = block_reduce(slope, Sum<T>(), room);
            step += m;
        }
        if (extra && threadIdx.x == 0) row[3] -= rate * slope;
        for (int o = threadIdx.x; o < m; o += blockDim.x) {
            T v = weights[o] - shrink * weights[o];
            weights[o] = v - rate * step[o];
        }
        __syncthreads();
    }
}
