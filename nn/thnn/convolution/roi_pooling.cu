// Maxima of bins of regions, each of an image of a batch. A bin without pixels, or of NaN alone, gives 0 and place -1.
#include "common.cuh"
template <class T>
__global__ void roi_maxima(const T* x, const index_t* images, const index_t* rows, const index_t* columns, T* y,
                           index_t* places, index_t n, index_t planes, index_t size, int width, int H, int W) {
    for (EACH(i, n)) {
        index_t r = i / ((index_t)H * W) / planes, c = i / ((index_t)H * W) % planes;
        int h = i / W % H, w = i % W;
        const T* plane = x + (images[r] * planes + c) * size;
        T best = 0;
        index_t place = -1;
        for (index_t a = rows[2 * r * H + h]; a < rows[(2 * r + 1) * H + h]; a++)
            for (index_t b = columns[2 * r * W + w]; b < columns[(2 * r + 1) * W + w]; b++) {
                T v = plane[a * width + b];
                if (place < 0 || v > best) best = v, place = a * width + b;
            }
        y[i] = best, places[i] = place;
    }
}
// Regions may overlap; dx is added to.
template <class T>
__global__ void roi_gradient(const T* dy, const index_t* images, const index_t* places, T* dx, index_t n,
                             index_t planes, index_t size, index_t bins) {
    for (EACH(i, n)) {
        index_t r = i / bins / planes, c = i / bins % planes, place = places[i];
        if (place >= 0 && place < size) atomicAdd(dx + (images[r] * planes + c) * size + place, dy[i]);
    }
}
