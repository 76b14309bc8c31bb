// LookupTable: rows of a matrix, their gradients without atomics, and their norms. Indices count from 1; those that
// lie outside, which is told elsewhere, have rows of zeros and change nothing.
#include "common.cuh"
template <class T>
__global__ void look_up(const index_t* indices, const T* weight, T* y, index_t n, index_t columns, index_t words) {
    for (EACH(i, n)) {
        index_t word = indices[i / columns];
        y[i] = word >= 1 && word <= words ? weight[(word - 1) * columns + i % columns] : T(0);
    }
}
// Words come sorted, `order` says where each was. A block a place in that order and 128 columns: the first of a run of
// equal words adds the whole run, four rows on their way at once, in the order of the input.
template <class T>
__global__ void __launch_bounds__(128) add_rows(const index_t* sorted, const index_t* order, const T* dy, T* dw,
                                                const index_t* counts, int n, int columns, index_t words, index_t padding,
                                                T scale) {
    int c = blockIdx.y * 128 + threadIdx.x;
    for (int first = blockIdx.x; first < n; first += gridDim.x) {
        index_t word = sorted[first];
        if (c >= columns || word < 1 || word > words || word == padding || (first && sorted[first - 1] == word)) continue;
        T s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int i = first;
        for (; i + 4 <= n && sorted[i + 3] == word; i += 4) {
            T a = dy[order[i] * columns + c], b = dy[order[i + 1] * columns + c];
            T d = dy[order[i + 2] * columns + c], e = dy[order[i + 3] * columns + c];
            s0 += a, s1 += b, s2 += d, s3 += e;
        }
        for (; i < n && sorted[i] == word; i++) s0 += dy[order[i] * columns + c];
        T factor = counts ? scale / T(counts[word - 1]) : scale;
        dw[(word - 1) * columns + c] += factor * ((s0 + s1) + (s2 + s3));
    }
}
// A warp a row: scaled down to the largest norm.
template <class T>
__global__ void limit_norms(const index_t* rows, T* weight, int n, int columns, double most, double p) {
    int lane = threadIdx.x % 32, warps = blockDim.x / 32;
    for (int k = blockIdx.x * warps + threadIdx.x / 32; k < n; k += gridDim.x * warps) {
        T* row = weight + (rows[k] - 1) * columns;
        double sum = 0;
        for (int j = lane; j < columns; j += 32) {
            double a = fabs((double)row[j]);
            sum += p == 1 ? a : p == 2 ? a * a : pow(a, p);
        }
        double norm = pow(warp_reduce(sum, Sum<double>()), 1 / p);
        if (norm > most)
            for (int j = lane; j < columns; j += 32) row[j] *= (T)(most / (norm + 1e-7));
    }
}
