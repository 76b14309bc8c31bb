// Batch norm of N x C x size. Statistics take one read of x: sums of x - x0, joined by Chan's formula.
#include "common.cuh"
template <class T> struct Moments {
    T n, mean, m2;
};
template <class T> __device__ inline Moments<T> join(Moments<T> a, Moments<T> b) {
    T n = a.n + b.n, d = b.mean - a.mean, r = n > 0 ? b.n / n : T(0);
    return {n, a.mean + d * r, a.m2 + b.m2 + d * d * a.n * r};
}
template <class T> __device__ inline Moments<T> warp_join(Moments<T> m) {
#pragma unroll
    for (int d = 16; d; d /= 2)
        m = join(m, Moments<T>{__shfl_xor_sync(FULL, m.n, d), __shfl_xor_sync(FULL, m.mean, d),
                               __shfl_xor_sync(FULL, m.m2, d)});
    return m;
}
// Of a channel's elements low...high, by a block; thread 0 gets them, and all the mean in room[0][0]. Sums are double:
// gradients of small batches are differences of nearly equal numbers.
template <class T>
__device__ __forceinline__ Moments<double> moments_of(const T* x, int c, index_t low, index_t high, int C, index_t size,
                                                      double (*room)[3]) {
    double shift = x[c * size], sum = 0, squares = 0, n = 0;
    for (index_t i = low + threadIdx.x; i < high; i += 256) {
        double d = x[(i / size * C + c) * size + i % size] - shift;
        sum += d, squares += d * d, n += 1;
    }
    Moments<double> m = {n, shift, 0};
    if (n > 0) {
        double mean = sum / n;
        m.mean += mean, m.m2 = squares - sum * mean;
        if (m.m2 < 0) m.m2 = 0;
    }
    m = warp_join(m);
    if (threadIdx.x % 32 == 0)
        room[threadIdx.x / 32][0] = m.n, room[threadIdx.x / 32][1] = m.mean, room[threadIdx.x / 32][2] = m.m2;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (int w = 1; w < 8; w++) m = join(m, Moments<double>{room[w][0], room[w][1], room[w][2]});
        room[0][0] = m.mean;
    }
    return m;
}
// What a channel's moments make of it.
template <class T>
__device__ __forceinline__ void finish(Moments<double> m, int c, T* mean, T* inverse, T* running_mean, T* running_var,
                                       double momentum, double eps) {
    mean[c] = (T)m.mean, inverse[c] = (T)(m.m2 == 0 && eps == 0 ? 0.0 : 1 / sqrt(m.m2 / m.n + eps));
    running_mean[c] = (T)(momentum * m.mean + (1 - momentum) * running_mean[c]);
    running_var[c] = (T)(momentum * (m.m2 / (m.n - 1)) + (1 - momentum) * running_var[c]);
}
// The sum of a column's eight parts, one a warp, in one order; every thread of the column gets it.
__device__ __forceinline__ double of_column(double part, double (*room)[33]) {
    int lane = threadIdx.x % 32;
    __syncthreads();
    room[threadIdx.x / 32][lane] = part;
    __syncthreads();
    double sum = room[0][lane];
    for (int k = 1; k < 8; k++) sum += room[k][lane];
    return sum;
}
// parts[split, number, channel], three numbers each, channels side by side for the thread that adds them up; a block a
// channel and share of its elements.
template <class T>
__global__ void __launch_bounds__(256)
    bn_moments(const T* x, double* parts, index_t count, int C, index_t size, int splits) {
    __shared__ double room[11][3];
    int c = blockIdx.x, s = blockIdx.y;
    Moments<double> m = moments_of(x, c, count * s / splits, count * (s + 1) / splits, C, size, room);
    if (threadIdx.x == 0) {
        double* part = parts + (index_t)s * 3 * C + c;
        part[0] = m.n, part[C] = m.mean, part[2 * (index_t)C] = m.m2;
    }
}
// Of few elements a channel all in one launch, a block a channel: statistics, then y. They are read again for their
// deviations, which are summed as on the CPU.
template <class T>
__global__ void __launch_bounds__(256)
    bn_whole(const T* x, T* y, const T* w, const T* b, T* means, T* inverses, T* running_mean, T* running_var,
             index_t count, int C, index_t size, double momentum, double eps) {
    __shared__ double room[11][3];
    __shared__ T scale;
    int c = blockIdx.x;
    Moments<double> m = moments_of(x, c, 0, count, C, size, room);
    __syncthreads();
    T mean = (T)room[0][0];
    double squares = 0;
    for (index_t i = threadIdx.x; i < count; i += 256) {
        T d = x[(i / size * C + c) * size + i % size] - mean;
        squares += (T)(d * d);
    }
    m.m2 = block_reduce(squares, Sum<double>(), &room[0][0]);
    if (threadIdx.x == 0) {
        finish(m, c, means, inverses, running_mean, running_var, momentum, eps);
        scale = inverses[c] * (w ? w[c] : T(1));
    }
    __syncthreads();
    T shift = b ? b[c] : T(0);
    for (index_t i = threadIdx.x; i < count; i += 256) {
        index_t at = (i / size * C + c) * size + i % size;
        y[at] = (x[at] - mean) * scale + shift;
    }
}
// Of the columns of a matrix in one launch, a block 32 channels: neighbours read neighbours. `rows` is N.
template <class T>
__global__ void __launch_bounds__(256)
    bn_columns(const T* x, T* y, const T* w, const T* b, T* means, T* inverses, T* running_mean, T* running_var,
               int rows, int C, double momentum, double eps) {
    __shared__ double room[8][33];
    int lane = threadIdx.x % 32, part = threadIdx.x / 32, c = blockIdx.x * 32 + lane;
    bool in = c < C;
    double sum = 0, shift = in ? x[c] : T(0);
    for (int r = part; r < rows && in; r += 8) sum += x[(index_t)r * C + c] - shift;
    double mean = shift + of_column(sum, room) / rows, squares = 0;
    for (int r = part; r < rows && in; r += 8) {
        T d = x[(index_t)r * C + c] - (T)mean;
        squares += (T)(d * d);
    }
    squares = of_column(squares, room);
    if (part == 0 && in)
        finish(Moments<double>{(double)rows, mean, squares}, c, means, inverses, running_mean, running_var, momentum, eps);
    if (!in) return;
    T inverse = (T)(squares == 0 && eps == 0 ? 0.0 : 1 / sqrt(squares / rows + eps)), scale = inverse * (w ? w[c] : T(1));
    T offset = b ? b[c] : T(0);
    for (int r = part; r < rows; r += 8) y[(index_t)r * C + c] = (x[(index_t)r * C + c] - (T)mean) * scale + offset;
}
template <class T>
__global__ void __launch_bounds__(256)
    bn_columns_gradient(const T* x, const T* dy, T* dx, const T* means, const T* inverses, const T* w, T* dw, T* db,
                        int rows, int C, int training, double scale) {
    __shared__ double room[8][33];
    int lane = threadIdx.x % 32, part = threadIdx.x / 32, c = blockIdx.x * 32 + lane;
    bool in = c < C;
    double total = 0, dot = 0;
    T mean = in ? means[c] : T(0), inverse = in ? inverses[c] : T(0);
    for (int r = part; r < rows && in; r += 8) {
        T g = dy[(index_t)r * C + c];
        total += g, dot += (x[(index_t)r * C + c] - mean) * g;
    }
    total = of_column(total, room);
    dot = of_column(dot, room);
    if (part == 0 && in && dw) dw[c] += (T)(scale * dot * inverse);
    if (part == 0 && in && db) db[c] += (T)(scale * total);
    T slope = training ? (T)dot * inverse * inverse / T(rows) : T(0), factor = inverse * (w && in ? w[c] : T(1));
    double center = training ? total / rows : 0.0;
    for (int r = part; r < rows && in && dx; r += 8) {
        index_t at = (index_t)r * C + c;
        dx[at] = (T)((dy[at] - center - (x[at] - mean) * slope) * factor);
    }
}
template <class T>
__global__ void bn_finish(const double* parts, T* mean, T* inverse, T* running_mean, T* running_var, int C, int splits,
                          double momentum, double eps) {
    for (EACH(c, C)) {
        const double* part = parts + c;
        Moments<double> m = {part[0], part[C], part[2 * (index_t)C]};
#pragma unroll 2
        for (int s = 1; s < splits; s++) {
            part += 3 * (index_t)C;
            m = join(m, Moments<double>{part[0], part[C], part[2 * (index_t)C]});
        }
        finish(m, (int)c, mean, inverse, running_mean, running_var, momentum, eps);
    }
}
template <class T> __global__ void bn_running(const T* var, T* inverse, int C, T eps) {
    for (EACH(c, C)) inverse[c] = 1 / sqrt(var[c] + eps);
}
template <class T>
__global__ void __launch_bounds__(256) bn_apply(const T* x, T* y, const T* mean, const T* inverse, const T* w,
                                                const T* b, index_t n, int C, index_t size) {
    for (EACH(i, n)) {
        int c = (int)(i / size % C);
        y[i] = (x[i] - mean[c]) * (inverse[c] * (w ? w[c] : T(1))) + (b ? b[c] : T(0));
    }
}
// parts[split, number, channel]: the sums of dy and of (x - mean) dy.
template <class T>
__global__ void __launch_bounds__(256)
    bn_sums(const T* x, const T* dy, const T* mean, double* parts, index_t count, int C, index_t size, int splits) {
    __shared__ double room[32];
    int c = blockIdx.x, s = blockIdx.y;
    double total = 0, dot = 0;
    T m = mean[c];
    for (index_t i = count * s / splits + threadIdx.x; i < count * (s + 1) / splits; i += 256) {
        index_t at = (i / size * C + c) * size + i % size;
        T g = dy[at];
        total += g, dot += (x[at] - m) * g;
    }
    total = block_reduce(total, Sum<double>(), room);
    dot = block_reduce(dot, Sum<double>(), room);
    if (threadIdx.x == 0) parts[(index_t)s * 2 * C + c] = total, parts[((index_t)s * 2 + 1) * C + c] = dot;
}
// Adds the gradients of weight and bias, and leaves what dx needs in sums: the slopes of the channels, then their centers.
template <class T>
__global__ void bn_gradients(const double* parts, double* sums, const T* inverse, T* dw, T* db, index_t count, int C,
                             int splits, int training, double scale) {
    for (EACH(c, C)) {
        double total = 0, dot = 0;
        for (int s = 0; s < splits; s++)
            total += parts[(index_t)s * 2 * C + c], dot += parts[((index_t)s * 2 + 1) * C + c];
        if (dw) dw[c] += (T)(scale * dot * inverse[c]);
        if (db) db[c] += (T)(scale * total);
        sums[c] = training ? (double)((T)dot * inverse[c] * inverse[c] / T(count)) : 0.0;
        sums[C + c] = training ? total / count : 0.0;
    }
}
template <class T>
__global__ void __launch_bounds__(256)
    bn_input_gradient(const T* x, const T* dy, T* dx, const T* mean, const T* inverse, const T* w, const double* sums,
                      index_t n, int C, index_t size) {
    for (EACH(i, n)) {
        int c = (int)(i / size % C);
        T fall = (x[i] - mean[c]) * (T)sums[c], scale = inverse[c] * (w ? w[c] : T(1));
        dx[i] = (T)((dy[i] - sums[C + c] - fall) * scale);
    }
}
// Of few elements a channel all in one launch, a block a channel: sums, gradients of weight and bias, then dx, if wanted.
template <class T>
__global__ void __launch_bounds__(256)
    bn_whole_gradient(const T* x, const T* dy, T* dx, const T* means, const T* inverses, const T* w, T* dw, T* db,
                      index_t count, int C, index_t size, int training, double scale) {
    __shared__ double room[32];
    int c = blockIdx.x;
    double total = 0, dot = 0;
    T mean = means[c], inverse = inverses[c], factor = inverse * (w ? w[c] : T(1));
    for (index_t i = threadIdx.x; i < count; i += 256) {
        index_t at = (i / size * C + c) * size + i % size;
        T g = dy[at];
        total += g, dot += (x[at] - mean) * g;
    }
    total = block_reduce(total, Sum<double>(), room);
    dot = block_reduce(dot, Sum<double>(), room);
    if (threadIdx.x == 0) {
        if (dw) dw[c] += (T)(scale * dot * inverse);
        if (db) db[c] += (T)(scale * total);
    }
    T slope = training ? (T)dot * inverse * inverse / T(count) : T(0);
    double center = training ? total / count : 0.0;
    for (index_t i = threadIdx.x; i < count && dx; i += 256) {
        index_t at = (i / size * C + c) * size + i % size;
        dx[at] = (T)((dy[at] - center - (x[at] - mean) * slope) * factor);
    }
}
