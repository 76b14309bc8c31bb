// Scaled dot-product attention over heads that lie anywhere: products of a batch of matrices, and what is done to the
// rows of scores between them.
#include "common.cuh"
// A head of an operand begins at starts[5 h + column], or at h size for column -1; its element (i, j) is i row + j step
// away. C = alpha A B, m x n; 64 x 64 elements a block, 4 x 4 a thread.
template <class T>
__global__ void __launch_bounds__(256)
    head_products(const T* a, const T* b, T* c, const index_t* starts, int m, int n, int depth, T alpha, int column_a,
                  index_t size_a, index_t row_a, index_t step_a, int column_b, index_t size_b, index_t row_b,
                  index_t step_b, int column_c, index_t size_c, index_t row_c) {
    __shared__ T left[16][68], right[16][68];
    index_t head = blockIdx.z;
    a += column_a < 0 ? head * size_a : starts[5 * head + column_a];
    b += column_b < 0 ? head * size_b : starts[5 * head + column_b];
    c += column_c < 0 ? head * size_c : starts[5 * head + column_c];
    int i0 = blockIdx.y * 64, j0 = blockIdx.x * 64, ti = threadIdx.x / 16 * 4, tj = threadIdx.x % 16 * 4;
    T sums[4][4] = {};
    for (int k0 = 0; k0 < depth; k0 += 16) {
#pragma unroll
        for (int r = 0; r < 4; r++) {  // neighbours in memory to neighbouring threads
            int at = threadIdx.x + r * 256;
            int k = step_a == 1 ? at % 16 : at / 64, i = step_a == 1 ? at / 16 : at % 64;
            left[k][i] = k0 + k < depth && i0 + i < m ? a[(i0 + i) * row_a + (k0 + k) * step_a] : T(0);
            k = step_b == 1 ? at / 64 : at % 16, i = step_b == 1 ? at % 64 : at / 16;
            right[k][i] = k0 + k < depth && j0 + i < n ? b[(k0 + k) * row_b + (j0 + i) * step_b] : T(0);
        }
        __syncthreads();
#pragma unroll 4
        for (int k = 0; k < 16; k++)
#pragma unroll
            for (int i = 0; i < 4; i++)
#pragma unroll
                for (int j = 0; j < 4; j++) sums[i][j] += left[k][ti + i] * right[k][tj + j];
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
        for (int j = 0; j < 4; j++)
            if (i0 + ti + i < m && j0 + tj + j < n) c[(i0 + ti + i) * row_c + j0 + tj + j] = alpha * sums[i][j];
}
// A block a query: scores to weights, times noise, in place; the logarithm of the sum of exponentials. A query that
// sees nothing gets zeros.
template <class T>
__global__ void __launch_bounds__(128)
    attention_weights(T* scores, const index_t* starts, const T* mask, index_t mask_row, const T* noise, T* logs,
                      index_t rows, int L, int S, bool causal) {
    __shared__ T room[32];
    for (index_t r = blockIdx.x; r < rows; r += gridDim.x) {
        int query = r % L, seen = causal && query + 1 < S ? query + 1 : S;
        const T* extra = mask ? mask + starts[5 * (r / L) + 4] + query * mask_row : mask;
        T *row = scores + r * S, top = -Limits<T>::infinity(), sum = 0;
        for (int j = threadIdx.x; j < seen; j += 128) {
            T v = extra ? row[j] + extra[j] : row[j];
            row[j] = v, top = v > top ? v : top;
        }
        top = block_reduce(top, Max<T>(), room);
        if (top == -Limits<T>::infinity()) top = 0;
        for (int j = threadIdx.x; j < seen; j += 128) sum += row[j] = exp(row[j] - top);
        sum = block_reduce(sum, Sum<T>(), room);
        for (int j = threadIdx.x; j < S; j += 128) {
            T weight = j < seen && sum != 0 ? row[j] / sum : T(0);
            row[j] = noise ? weight * noise[r * S + j] : weight;
        }
        if (threadIdx.x == 0) logs[r] = top + log(sum);
    }
}
// The weights again from scores, times noise, and from `slopes`, the gradient by these, that by the scores.
template <class T>
__global__ void __launch_bounds__(128)
    attention_slopes(T* scores, T* slopes, const index_t* starts, const T* mask, index_t mask_row, const T* noise,
                     const T* logs, const T* y, index_t row_y, const T* dy, index_t rows, int L, int S, int V,
                     bool causal) {
    __shared__ T room[32];
    for (index_t r = blockIdx.x; r < rows; r += gridDim.x) {
        int query = r % L, seen = causal && query + 1 < S ? query + 1 : S;
        const index_t* start = starts + 5 * (r / L);
        const T *extra = mask ? mask + start[4] + query * mask_row : mask, *output = y + start[3] + query * row_y;
        T mean = 0, shift = logs[r];
        for (int v = threadIdx.x; v < V; v += 128) mean += dy[r * V + v] * output[v];
        mean = block_reduce(mean, Sum<T>(), room);
        for (int j = threadIdx.x; j < S; j += 128) {
            index_t at = r * S + j;
            T factor = noise ? noise[at] : T(1), score = extra && j < seen ? scores[at] + extra[j] : scores[at];
            T weight = j < seen && shift != -Limits<T>::infinity() ? exp(score - shift) : T(0);
            slopes[at] = weight * (slopes[at] * factor - mean), scores[at] = weight * factor;
        }
    }
}
