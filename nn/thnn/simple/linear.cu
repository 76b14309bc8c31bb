// Linear of sizes that do not fill a GPU, one launch a pass: y = x w^T + b; dx = dy w; dw += s dy^T x, db += s times the
// sums of dy.
#include "common.cuh"
template <class T> struct Tiles {
    T a[32][33], b[32][33];
};
// 32 rows of x and 32 of k as tile[k][row]: x(row, k) lies at x[row * ld + k], or ACROSS at x[k * ld + row].
template <class T, bool ACROSS>
__device__ __forceinline__ void load(T (*tile)[33], const T* x, int ld, int first, int k0, int rows, int K) {
    int lane = threadIdx.x % 32, part = threadIdx.x / 32;
#pragma unroll
    for (int q = 0; q < 4; q++, part += 8) {
        int row = first + (ACROSS ? lane : part), k = k0 + (ACROSS ? part : lane);
        T v = row < rows && k < K ? x[ACROSS ? (index_t)k * ld + row : (index_t)row * ld + k] : T(0);
        tile[ACROSS ? part : lane][ACROSS ? lane : part] = v;
    }
}
// A block's 32 x 32 sums over k of a(i, k) b(j, k), two by two a thread, 16 apart, so that neighbours write neighbours;
// `column`: of the first warp, the sum of a(i, k).
template <class T, bool A, bool B>
__device__ __forceinline__ void products(T (&acc)[2][2], T& column, const T* a, const T* b, int lda, int ldb, int M,
                                         int N, int K) {
    __shared__ Tiles<T> tiles;
    int ti = threadIdx.x / 16, tj = threadIdx.x % 16;
    for (int k0 = 0; k0 < K; k0 += 32) {
        load<T, A>(tiles.a, a, lda, blockIdx.y * 32, k0, M, K);
        load<T, B>(tiles.b, b, ldb, blockIdx.x * 32, k0, N, K);
        __syncthreads();
#pragma unroll
        for (int k = 0; k < 32; k++) {
            T x0 = tiles.a[k][ti], x1 = tiles.a[k][ti + 16], y0 = tiles.b[k][tj], y1 = tiles.b[k][tj + 16];
            acc[0][0] += x0 * y0, acc[0][1] += x0 * y1, acc[1][0] += x1 * y0, acc[1][1] += x1 * y1;
            if (threadIdx.x < 32) column += tiles.a[k][threadIdx.x];
        }
        __syncthreads();
    }
}
// The four places of a thread's sums that there are: p is which one.
#define PLACES(i, j)                                                                              \
    for (int p = 0; p < 4; p++)                                                                   \
        if (int i = blockIdx.y * 32 + threadIdx.x / 16 + p / 2 * 16,                              \
            j = blockIdx.x * 32 + threadIdx.x % 16 + p % 2 * 16;                                  \
            i < M && j < N)
template <class T>
__global__ void __launch_bounds__(256)
    linear_forward(const T* x, const T* w, const T* bias, T* y, int M, int N, int K) {
    T acc[2][2] = {}, column = 0;
    products<T, false, false>(acc, column, x, w, K, K, M, N, K);
#pragma unroll
    PLACES(i, j) y[(index_t)i * N + j] = acc[p / 2][p % 2] + (bias ? bias[j] : T(0));
}
template <class T>
__global__ void __launch_bounds__(256) linear_gradient(const T* dy, const T* w, T* dx, int M, int N, int K) {
    T acc[2][2] = {}, column = 0;
    products<T, false, true>(acc, column, dy, w, K, N, M, N, K);
#pragma unroll
    PLACES(i, j) dx[(index_t)i * N + j] = acc[p / 2][p % 2];
}
template <class T>
__global__ void __launch_bounds__(256)
    linear_weights(const T* dy, const T* x, T* dw, T* db, int M, int N, int K, T scale) {
    T acc[2][2] = {}, column = 0;
    products<T, true, true>(acc, column, dy, x, M, N, M, N, K);
#pragma unroll
    PLACES(i, j) dw[(index_t)i * N + j] += scale * acc[p / 2][p % 2];
    int i = blockIdx.y * 32 + threadIdx.x;
    if (db && blockIdx.x == 0 && threadIdx.x < 32 && i < M) db[i] += scale * column;
}
