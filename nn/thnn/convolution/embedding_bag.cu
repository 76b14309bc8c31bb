// Embedding and EmbeddingBag: rows of a matrix, and sums, means and the largest of those of a bag. Indices count from 0;
// bag b has those from ends[b] to ends[b + 1], or without ends the b-th alone. The index `padding` counts for nothing,
// nor do those outside of the matrix, which are told elsewhere.
#include "common.cuh"
__device__ inline index_t first_of(const index_t* ends, index_t b) {
    return ends ? ends[b] : b;
}
__device__ inline bool row_counts(index_t row, index_t words, index_t padding) {
    return row >= 0 && row < words && row != padding;
}
// 1, or for a mean one by the number of rows of a bag.
template <class T>
__device__ inline T share_of(const index_t* indices, const index_t* ends, index_t b, index_t padding, bool mean) {
    if (!mean) return 1;
    index_t count = 0;
    for (index_t k = first_of(ends, b); k < first_of(ends, b + 1); k++) count += indices[k] != padding;
    return T(1) / T(count > 1 ? count : 1);
}
// slot[1]: the place of the first index outside, or -1.
template <class T>
__global__ void __launch_bounds__(256) outside_rows(const index_t* indices, double* slot, index_t n, index_t words) {
    __shared__ double room[32];
    double best = -1e300;
    for (index_t i = threadIdx.x; i < n; i += 256)
        if ((indices[i] < 0 || indices[i] >= words) && -1.0 - i > best) best = -1.0 - i;
    best = block_reduce(best, Max<double>(), room);
    if (threadIdx.x == 0) slot[0] = 0, slot[1] = best == -1e300 ? -1.0 : -1 - best;
}
template <class T>
__global__ void gather_rows(const index_t* indices, const T* weight, T* y, index_t n, index_t columns, index_t words) {
    for (EACH(i, n)) {
        index_t row = indices[i / columns];
        y[i] = row_counts(row, words, -1) ? weight[row * columns + i % columns] : T(0);
    }
}
template <class T>
__global__ void add_bags(const index_t* indices, const index_t* ends, const T* factors, const T* weight, T* y,
                         index_t n, index_t columns, index_t words, index_t padding, bool mean) {
    for (EACH(i, n)) {
        index_t b = i / columns;
        T sum = 0;
        for (index_t k = first_of(ends, b); k < first_of(ends, b + 1); k++)
            if (row_counts(indices[k], words, padding))
                sum += (factors ? factors[k] : T(1)) * weight[indices[k] * columns + i % columns];
        y[i] = sum * share_of<T>(indices, ends, b, padding, mean);
    }
}
template <class T>
__global__ void largest_of_bags(const index_t* indices, const index_t* ends, const T* weight, T* y, index_t* best,
                                index_t n, index_t columns, index_t words, index_t padding) {
    for (EACH(i, n)) {
        index_t b = i / columns, row = -1;
        T top = 0;
        for (index_t k = first_of(ends, b); k < first_of(ends, b + 1); k++) {
            if (!row_counts(indices[k], words, padding)) continue;
            T v = weight[indices[k] * columns + i % columns];
            if (row < 0 || v > top) top = v, row = indices[k];
        }
        y[i] = top, best[i] = row;
    }
}
// Indices come sorted, `order` says where each was: the first of a run of equal ones adds the whole run.
template <class T>
__global__ void __launch_bounds__(128)
    add_to_rows(const index_t* indices, const index_t* sorted, const index_t* order, const index_t* ends,
                const T* factors, const index_t* uses, const T* dy, T* dw, int n, int bags, int columns, index_t words,
                index_t padding, bool mean, T scale) {
    int c = blockIdx.y * 128 + threadIdx.x;
    for (int first = blockIdx.x; first < n; first += gridDim.x) {
        index_t row = sorted[first];
        if (c >= columns || !row_counts(row, words, padding) || (first && sorted[first - 1] == row)) continue;
        T sum = 0;
        for (int i = first; i < n && sorted[i] == row; i++) {
            index_t k = order[i];
            int low = 0, high = bags;  // the last bag that begins at k or before
            while (ends && high - low > 1) {
                int middle = (low + high) / 2;
                if (ends[middle] <= k)
                    low = middle;
                else
                    high = middle;
            }
            index_t b = ends ? low : k;
            T factor = share_of<T>(indices, ends, b, padding, mean) * (factors ? factors[k] : T(1));
            sum += factor * dy[b * columns + c];
        }
        dw[row * columns + c] += (uses ? scale / T(uses[row]) : scale) * sum;
    }
}
// A thread a column: several bags may have their maximum in one row.
template <class T>
__global__ void add_to_maxima(const index_t* best, const T* dy, T* dw, index_t columns, index_t bags, T scale) {
    for (EACH(j, columns))
        for (index_t b = 0; b < bags; b++) {
            index_t row = best[b * columns + j];
            if (row >= 0) dw[row * columns + j] += scale * dy[b * columns + j];
        }
}
