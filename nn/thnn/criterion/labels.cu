// The position of the first label outside 1..classes, or -1, as the fault of a slot.
#include "common.cuh"
template <class T>
__global__ void __launch_bounds__(256) first_outside(const T* labels, double* slot, index_t n, index_t classes) {
    __shared__ double room[32];
    double first = -1;  // the largest of -1 - position, or less than all of them
    double none = -1e300, best = none;
    for (index_t i = threadIdx.x; i < n; i += 256)
        if ((labels[i] < 1 || labels[i] > classes) && -1.0 - i > best) best = -1.0 - i;
    best = block_reduce(best, Max<double>(), room);
    if (threadIdx.x == 0) slot[0] = best == none ? first : -1 - best, slot[1] = -1;
}
