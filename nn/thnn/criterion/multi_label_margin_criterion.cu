// The hinge loss of several labels a sample: lists that the first 0 ends.
#include "common.cuh"
// bad: the position of a label outside 0..classes, or -1. A block a sample.
template <class T> __global__ void mark(const index_t* target, T* marks, double* bad, int classes) {
    index_t start = (index_t)blockIdx.x * classes;
    for (int i = threadIdx.x; i < classes; i += blockDim.x) marks[start + i] = 0;
    __syncthreads();
    if (threadIdx.x == 0) {
        double first = -1;
        for (int i = 0; i < classes && first < 0; i++)
            if (target[start + i] < 0 || target[start + i] > classes) first = (double)(start + i);
        for (int k = 0; k < classes && first < 0 && target[start + k]; k++) marks[start + target[start + k] - 1] = 1;
        bad[blockIdx.x] = first;
    }
}
// Samples with such a label count for nothing.
template <class T>
__global__ void label_margins(const T* x, const index_t* target, const T* marks, const double* bad, double* parts,
                              int classes) {
    __shared__ double room[32];
    index_t start = (index_t)blockIdx.x * classes;
    double sum = 0;
    for (int i = threadIdx.x; i < classes && bad[blockIdx.x] < 0; i += blockDim.x)
        for (int k = 0; k < classes && target[start + k]; k++) {
            T z = 1 - (x[start + target[start + k] - 1] - x[start + i]);
            if (marks[start + i] == 0 && z > 0) sum += z;
        }
    sum = block_reduce(sum, Sum<double>(), room);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}
// A thread an element: those that are no labels add what every label gives, labels what every other class takes.
template <class T>
__global__ void label_margin_gradients(const T* x, const index_t* target, const T* marks, const double* bad, T* dx,
                                       int classes, T norm) {
    index_t start = (index_t)blockIdx.x * classes;
    for (int i = threadIdx.x; i < classes; i += blockDim.x) {
        T sum = 0;
        for (int k = 0; k < classes && target[start + k] && bad[blockIdx.x] < 0; k++) {
            index_t label = target[start + k] - 1;
            if (marks[start + i] == 0) {
                if (1 - (x[start + label] - x[start + i]) > 0) sum += norm;
            } else if (label == i)
                for (int j = 0; j < classes; j++)
                    if (marks[start + j] == 0 && 1 - (x[start + i] - x[start + j]) > 0) sum -= norm;
        }
        dx[start + i] = sum;
    }
}
