// A softmax at every node of a path; path[n][step] is the node's first row of the weights, its children, and which one.
#include "common.cuh"
// A warp a sample. Lane k % 32 keeps the score of child k until all of the node are known.
template <class T>
__global__ void __launch_bounds__(256) decide(const T* x, const T* weight, const T* bias, const index_t* path, T* logp,
                                              T* y, int samples, int steps, int size, int width) {
    int lane = threadIdx.x % 32;
    for (int n = blockIdx.x * 8 + threadIdx.x / 32; n < samples; n += gridDim.x * 8) {
        T* scores = logp + (index_t)n * width;
        double total = 0;
        for (int step = 0; step < steps; step++) {
            const index_t* node = path + ((index_t)n * steps + step) * 3;
            index_t first = node[0], count = node[1], child = node[2];
            if (count == 0) break;
            double top = -(double)Limits<double>::infinity(), sum = 0, chosen = 0;
            for (index_t k = 0; k < count; k++) {
                double dot = 0;
                for (int i = lane; i < size; i += 32)
                    dot += (double)weight[(first + k) * size + i] * x[(index_t)n * size + i];
                dot = warp_reduce(dot, Sum<double>()) + bias[first + k];
                double larger = dot > top ? dot : top;
                sum = sum * exp(top - larger) + exp(dot - larger), top = larger;
                if (k == child) chosen = dot;
                if (lane == k % 32) scores[k] = (T)dot;
            }
            double rest = top + log(sum);
            for (index_t k = lane; k < count; k += 32) scores[k] = (T)(scores[k] - rest);
            total += chosen - rest, scores += count;
        }
        if (lane == 0) y[n] = (T)total;
    }
}
template <class T> __device__ inline T tree_slope(T g, bool chosen, T logp) {
    return g * ((chosen ? T(1) : T(0)) - exp(logp));
}
// A thread an element of dx, which is added to.
template <class T>
__global__ void tree_to_input(const T* weight, const index_t* path, const T* logp, const T* g, T* dx, index_t elements,
                              int steps, int size, int width) {
    for (EACH(i, elements)) {
        index_t n = i / size, place = n * width;
        T sum = 0;
        for (int step = 0; step < steps; step++) {
            const index_t* node = path + (n * steps + step) * 3;
            for (index_t k = 0; k < node[1]; k++)
                sum += tree_slope(g[n], k == node[2], logp[place + k]) * weight[(node[0] + k) * size + i % size];
            place += node[1];
        }
        dx[i] += sum;
    }
}
// A block a row of the weights looks for the samples that pass through its node; column `size` is the bias.
template <class T>
__global__ void __launch_bounds__(128)
    tree_to_weight(const T* x, const index_t* path, const T* logp, const T* g, T* dw, T* db, int samples, int steps,
                   int size, int width, T scale) {
    index_t row = blockIdx.x;
    for (int c = blockIdx.y * 128 + threadIdx.x; c <= size; c += gridDim.y * 128) {
        T sum = 0;
        for (int n = 0; n < samples; n++) {
            index_t place = (index_t)n * width;
            for (int step = 0; step < steps; step++) {
                const index_t* node = path + ((index_t)n * steps + step) * 3;
                index_t k = row - node[0];
                if (k >= 0 && k < node[1])
                    sum += tree_slope(scale * g[n], k == node[2], logp[place + k]) *
                           (c < size ? x[(index_t)n * size + c] : T(1));
                place += node[1];
            }
        }
        if (c < size)
            dw[row * size + c] += sum;
        else
            db[row] += sum;
    }
}
