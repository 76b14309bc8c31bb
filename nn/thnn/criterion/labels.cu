// Checks of labels. slot[1]: the place of the first that is wrong, or -1.
#include "common.cuh"
__device__ inline void tell_first(double best, double* slot) {  // best: -1 - place, or less than all of them
    __shared__ double room[32];
    best = block_reduce(best, Max<double>(), room);
    if (threadIdx.x == 0) slot[0] = 0, slot[1] = best == -1e300 ? -1.0 : -1 - best;
}
// Outside 1..classes.
template <class T>
__global__ void __launch_bounds__(256) first_outside(const index_t* labels, double* slot, index_t n, index_t classes) {
    double best = -1e300;
    for (index_t i = threadIdx.x; i < n; i += 256)
        if ((labels[i] < 1 || labels[i] > classes) && -1.0 - i > best) best = -1.0 - i;
    tell_first(best, slot);
}
// No whole number up to 2^53.
template <class T> __global__ void __launch_bounds__(256) first_fraction(const T* x, double* slot, index_t n) {
    double best = -1e300;
    for (index_t i = threadIdx.x; i < n; i += 256)
        if ((floor(x[i]) != x[i] || fabs((double)x[i]) > 9007199254740992.0) && -1.0 - i > best) best = -1.0 - i;
    tell_first(best, slot);
}
