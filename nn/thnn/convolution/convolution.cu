// Convolution of 1 to 3 dimensions as an implicit product of matrices. One kernel, `gather_gemm`, computes
//     out[image, group, m, q] = bias[m] + sum_k  A[group, k, m] * source[image, group, column q moved by entry k]
// and serves forward (A = weights), backward to the input (one launch per phase of the stride, A = weights turned) and
// the full (transposed) convolution. What differs lies in the plan, an int32 array made once per shape:
//   0 M   1 columns   2 K   3-5 grid of columns per image   6 images   7-9 stride into the source   10-12 source size
//   13 source plane   14 source image stride   15 source group stride   16-18 steps in out   19 start in out
//   20 row stride in out   21 image stride in out   22 group stride in out   23 Mp   24 Kp   25 four columns in one
//   store 26 taps   32...: two numbers an entry k: offset, and the bit of its tap (0 past K), or WIDE its number (63
//   past K); then three numbers a tap: what it adds to the coordinates. At most 62 taps: larger kernels are several
//   products, of which all but the first add to out (27).
// Where there are few tiles, k is divided among `splits` blocks for each, whose sums go side by side into a copy of out
// for each split, `apart` elements from the next one; `add_splits` adds them up in their order.
#include "common.cuh"

// Which taps of a column lie in the source: bit t for tap t. Up to 31 taps an entry of the table holds its bit, and the
// test is one instruction; up to 63 (WIDE) it holds the number.
template <bool WIDE> struct Bits {
    typedef unsigned type;
};
template <> struct Bits<true> {
    typedef unsigned long long type;
};
__device__ __forceinline__ bool lies_in(unsigned valid, int code) {
    return valid & (unsigned)code;
}
__device__ __forceinline__ bool lies_in(unsigned long long valid, int code) {
    return valid >> code & 1;
}
template <bool WIDE> struct Column {
    int base;
    typename Bits<WIDE>::type valid;
};

template <bool WIDE> __device__ __forceinline__ Column<WIDE> column_of(const int* plan, int j) {
    typedef typename Bits<WIDE>::type bits;
    Column<WIDE> c;
    int q2 = plan[5], q1 = plan[4], q0 = plan[3];
    int r = j / q2, x2 = (j - r * q2) * plan[9];
    int s = r / q1, x1 = (r - s * q1) * plan[8];
    int n = s / q0, x0 = (s - n * q0) * plan[7];
    c.base = n * plan[14] + (x0 * plan[11] + x1) * plan[12] + x2, c.valid = 0;
    const int* taps = plan + 32 + 2 * plan[24];
    unsigned s0 = plan[10], s1 = plan[11], s2 = plan[12];
    if (j < plan[1])
        for (int t = 0; t < plan[26]; t++, taps += 3)
            if ((unsigned)(x0 + taps[0]) < s0 && (unsigned)(x1 + taps[1]) < s1 && (unsigned)(x2 + taps[2]) < s2)
                c.valid |= (bits)1 << t;
    return c;
}

// The tile of A (weights, packed K x M) and of B (gathered) in shared memory: rows k, BM or BN wide plus PAD. Trip
// counts are constants and all addresses come before the first copy: ptxas then puts the copies side by side.
template <class T, int BM, int BN, int BK, int PAD, int THREADS, bool WIDE> struct Tiles {
    static const int LA = BM + PAD, LB = BN + PAD, SIZE = BK * (LA + LB), V = Vec<T>::n;
    static const int NA = BK * BM / V / THREADS, NB = BK * BN / THREADS, KA = THREADS / (BM / V), KB = THREADS / BN;
    const T *a, *b;
    const int2* table;
    int am, ab, step;  // where this thread's part of A and of B goes; rows of A times KA
    bool in;
    typename Bits<WIDE>::type valid;
    __device__ __forceinline__ Tiles(const T* A, const T* source, const int* plan, int m0, int j0) {
        int ka = threadIdx.x / (BM / V), m = threadIdx.x % (BM / V) * V, kb = threadIdx.x / BN, col = threadIdx.x % BN,
            Mp = plan[23];
        in = m0 + m < Mp, a = A + (in ? ka * Mp + m0 + m : 0), am = ka * LA + m, step = KA * Mp;
        Column<WIDE> c = column_of<WIDE>(plan, j0 + col);
        b = source + c.base, valid = c.valid, ab = BK * LA + kb * LB + col, table = (const int2*)(plan + 32) + kb;
    }
    __device__ __forceinline__ void skip(int tiles) {
        a += (index_t)tiles * NA * step, table += tiles * BK;
    }
    __device__ __forceinline__ void load(T* tile) {  // the next tile of k
        int2 e[NB];
#pragma unroll
        for (int i = 0; i < NB; i++) e[i] = table[i * KB];
#pragma unroll
        for (int i = 0; i < NA; i++) cp_async16(tile + am + i * KA * LA, a + i * step, in);
#pragma unroll
        for (int i = 0; i < NB; i++) cp_element(tile + ab + i * KB * LB, b + e[i].x, lies_in(valid, e[i].y));
        a += NA * step, table += BK;
    }
};

// Where a column lies in out, -1 past the last: worked out once a column, not once an element.
__device__ __forceinline__ int place_of(const int* plan, int j) {
    int q2 = plan[5], q1 = plan[4], q0 = plan[3], r = j / q2, x2 = j - r * q2, s = r / q1, x1 = r - s * q1, n = s / q0,
        x0 = s - n * q0;
    return j < plan[1] ? n * plan[21] + x0 * plan[16] + x1 * plan[17] + x2 * plan[18] : -1;
}
// COUNT neighbouring columns of a row; `vector`: they are neighbours in out too, and the address is a multiple of their
// size.
template <class T, int COUNT>
__device__ __forceinline__ void store_row(T* row, const int* at, const T* v, T bias, bool vector, bool add) {
    struct alignas(COUNT * sizeof(T)) Pack {
        T v[COUNT];
    } w = {};
    if (vector && at[COUNT - 1] >= 0) {
        if (add) w = *(Pack*)(row + at[0]);
#pragma unroll
        for (int i = 0; i < COUNT; i++) w.v[i] += v[i] + bias;
        *(Pack*)(row + at[0]) = w;
    } else {
#pragma unroll
        for (int i = 0; i < COUNT; i++)
            if (at[i] >= 0) row[at[i]] = (add ? row[at[i]] : T(0)) + (v[i] + bias);
    }
}

// Exact: fused multiply-adds; 256 threads, each 8 x 8 (float) in four quarters.
template <class T, int BM, int BN, int BK, int STAGES, bool WIDE>
__global__ void __launch_bounds__(256, sizeof(T) == 4 ? 2 : 1)
    gather_gemm(const T* __restrict__ A, const T* __restrict__ source, const T* __restrict__ bias, T* __restrict__ out,
                const int* __restrict__ plan, int splits, index_t apart) {
    typedef Tiles<T, BM, BN, BK, 0, 256, WIDE> Tile;
    const int V = Vec<T>::n, TM = BM / 16, TN = BN / 16;
    DYNAMIC_SHARED(T, tiles);
    int group = blockIdx.z / splits, split = blockIdx.z % splits, m0 = blockIdx.y * BM, j0 = blockIdx.x * BN;
    int steps = plan[24] / BK, share = (steps + splits - 1) / splits;
    A += (index_t)group * plan[24] * plan[23], source += (index_t)group * plan[15], out += split * apart;
    Tile tile(A, source, plan, m0, j0);
    tile.skip(split * share), steps = steps - split * share < share ? steps - split * share : share;
    T acc[TM][TN];
#pragma unroll
    for (int i = 0; i < TM; i++)
#pragma unroll
        for (int j = 0; j < TN; j++) acc[i][j] = 0;
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
        if (s < steps) tile.load(tiles + s * Tile::SIZE);
        cp_commit();
    }
    int ty = threadIdx.x / 16 * V, tx = threadIdx.x % 16 * V, stage = 0, ahead = STAGES - 1;
    for (int step = 0; step < steps; step++) {
        cp_wait<STAGES - 2>();
        __syncthreads();
        if (step + STAGES - 1 < steps) tile.load(tiles + ahead * Tile::SIZE);
        cp_commit();
        const T *a = tiles + stage * Tile::SIZE + ty, *b = tiles + stage * Tile::SIZE + BK * Tile::LA + tx;
#pragma unroll
        for (int k = 0; k < BK; k++) {
            T x[TM], y[TN];
#pragma unroll
            for (int i = 0; i < TM; i += V)
                *(typename Vec<T>::type*)(x + i) = *(const typename Vec<T>::type*)(a + k * Tile::LA + i * 16);
#pragma unroll
            for (int j = 0; j < TN; j += V)
                *(typename Vec<T>::type*)(y + j) = *(const typename Vec<T>::type*)(b + k * Tile::LB + j * 16);
#pragma unroll
            for (int i = 0; i < TM; i++)
#pragma unroll
                for (int j = 0; j < TN; j++) acc[i][j] += x[i] * y[j];
        }
        stage = stage + 1 == STAGES ? 0 : stage + 1, ahead = ahead + 1 == STAGES ? 0 : ahead + 1;
    }
    bool vector = plan[25], more = plan[27] && splits == 1;
    int at[TN], M = plan[0];
#pragma unroll
    for (int j = 0; j < TN; j++) at[j] = place_of(plan, j0 + tx + j / V * V * 16 + j % V);
    out += plan[19] + group * plan[22];
#pragma unroll
    for (int i = 0; i < TM; i++) {
        int m = m0 + ty + i / V * V * 16 + i % V;
        if (m >= M) break;
        T add = bias ? bias[group * M + m] : T(0);
#pragma unroll
        for (int j = 0; j < TN; j += V) store_row<T, V>(out + m * plan[20], at + j, acc[i] + j, add, vector, more);
    }
}

// TF32 on tensor cores: a tile BM x BN by warps of WM x WN each. `A` is rounded already when packed; rounding of the
// gathered values is one integer addition, because the unit cuts the lower 13 bits off itself.
template <int BM, int BN, int WM, int WN, int BK, int STAGES, bool WIDE>
__global__ void __launch_bounds__(BM / WM * (BN / WN) * 32, 2)
    gather_gemm_tf32(const float* __restrict__ A, const float* __restrict__ source, const float* __restrict__ bias,
                     float* __restrict__ out, const int* __restrict__ plan, int splits, index_t apart) {
    const int FM = WM / 16, FN = WN / 8;
    typedef Tiles<float, BM, BN, BK, 8, BM / WM*(BN / WN) * 32, WIDE> Tile;
    DYNAMIC_SHARED(float, tiles);
    int group = blockIdx.z / splits, split = blockIdx.z % splits, m0 = blockIdx.y * BM, j0 = blockIdx.x * BN;
    int steps = plan[24] / BK, share = (steps + splits - 1) / splits;
    A += (index_t)group * plan[24] * plan[23], source += (index_t)group * plan[15], out += split * apart;
    Tile tile(A, source, plan, m0, j0);
    tile.skip(split * share), steps = steps - split * share < share ? steps - split * share : share;
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, g = lane / 4, t = lane % 4, wm = warp / (BN / WN) * WM,
        wn = warp % (BN / WN) * WN;
    float acc[FM][FN][4];
#pragma unroll
    for (int i = 0; i < FM * FN * 4; i++) (&acc[0][0][0])[i] = 0;
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
        if (s < steps) tile.load(tiles + s * Tile::SIZE);
        cp_commit();
    }
    int stage = 0, ahead = STAGES - 1;
    for (int step = 0; step < steps; step++) {
        cp_wait<STAGES - 2>();
        __syncthreads();
        if (step + STAGES - 1 < steps) tile.load(tiles + ahead * Tile::SIZE);
        cp_commit();
        const float *a = tiles + stage * Tile::SIZE + wm + g, *b = tiles + stage * Tile::SIZE + BK * Tile::LA + wn + g;
#pragma unroll
        for (int k = 0; k < BK; k += 8) {
            float x[FM][4], y[FN][2];
#pragma unroll
            for (int i = 0; i < FM; i++)
#pragma unroll
                for (int r = 0; r < 4; r++) x[i][r] = a[(k + t + r / 2 * 4) * Tile::LA + i * 16 + r % 2 * 8];
#pragma unroll
            for (int j = 0; j < FN; j++)
#pragma unroll
                for (int r = 0; r < 2; r++)
                    y[j][r] = __uint_as_float(__float_as_uint(b[(k + t + r * 4) * Tile::LB + j * 8]) + 0x1000u);
#pragma unroll
            for (int i = 0; i < FM; i++)
#pragma unroll
                for (int j = 0; j < FN; j++) mma_tf32(acc[i][j], x[i], y[j]);
        }
        stage = stage + 1 == STAGES ? 0 : stage + 1, ahead = ahead + 1 == STAGES ? 0 : ahead + 1;
    }
    bool vector = plan[25], more = plan[27] && splits == 1;
    int at[FN * 2], M = plan[0];
#pragma unroll
    for (int j = 0; j < FN * 2; j++) at[j] = place_of(plan, j0 + wn + j / 2 * 8 + 2 * t + j % 2);
    out += plan[19] + group * plan[22];
#pragma unroll
    for (int i = 0; i < FM * 2; i++) {
        int m = m0 + wm + i / 2 * 16 + g + i % 2 * 8;
        if (m >= M) break;
        float add = bias ? bias[group * M + m] : 0.0f;
#pragma unroll
        for (int j = 0; j < FN; j++)
            store_row<float, 2>(out + m * plan[20], at + 2 * j, &acc[i / 2][j][i % 2 * 2], add, vector, more);
    }
}

// out = the sums of all splits, `apart` elements each, plus the bias, plus out where `add`; `size` is the elements of a
// plane.
template <class T>
__global__ void add_splits(const T* __restrict__ parts, const T* __restrict__ bias, T* __restrict__ out, index_t apart,
                           int splits, int planes, index_t size, int add) {
    for (EACH(i, apart)) {
        T sum = bias ? bias[i / size % planes] : T(0);
        for (int s = 0; s < splits; s++) sum += parts[s * apart + i];
        out[i] = add ? out[i] + sum : sum;
    }
}

// Weights O x C x taps as rows k = (inner, tap) and columns m, zero in the padding. `turned`: m runs over C and the
// inner index over O, as the gradient needs; `taps` lists the taps of one phase. `round`: to TF32.
template <class T>
__global__ void pack_weights(const T* __restrict__ w, T* __restrict__ packed, const int* __restrict__ taps, int M,
                             int inner, int used, int all, int Mp, int Kp, int turned, int round, int groups) {
    index_t total = (index_t)groups * Kp * Mp;
    for (index_t i = blockIdx.x * (index_t)blockDim.x + threadIdx.x; i < total; i += (index_t)gridDim.x * blockDim.x) {
        int m = (int)(i % Mp), k = (int)(i / Mp % Kp), g = (int)(i / Mp / Kp);
        T v = 0;
        if (m < M && k < inner * used) {
            int c = k / used, tap = taps[k % used];
            v = turned ? w[(((index_t)g * inner + c) * M + m) * all + tap]
                       : w[(((index_t)g * M + m) * inner + c) * all + tap];
        }
        packed[i] = round ? (T)to_tf32((float)v) : v;
    }
}

// Gradient of the weights: partial[split, group, m, j] = sum over a share of k = (image, position) of
// gradOutput[image, m, position] * input[image, entry j moved by the position]; entry J is 1: the gradient of the bias.
// The plan: 0 M  1 J  2 K  3 positions an image  14-15 input image and group stride  20 rows of the table  21
// gradOutput's image stride  22 its group stride  24 tiles of k a split  26-27 (mul, shift) to divide by 3; 32...: the
// entries (offset, tap), padded to the tile with tap 63, tap 62 being the column of ones; then four numbers a position:
// where it begins in the input, 64 bits of valid taps (62 always), 0.
template <class T, int BM, int BN, int BK, int STAGES, bool TF32>
__global__ void __launch_bounds__(256, sizeof(T) == 4 ? 2 : 1)
    weight_gemm(const T* __restrict__ gradOutput, const T* __restrict__ input, T* __restrict__ partial,
                const int* __restrict__ plan, const T* __restrict__ one, int splits) {
    const int V = Vec<T>::n, TM = BM / 16, TN = BN / 16, PAD = TF32 ? 8 : 4, LA = BM + PAD, LB = BN + PAD,
              SIZE = BK * (LA + LB);
    DYNAMIC_SHARED(T, tiles);
    int M = plan[0], J = plan[1], K = plan[2], P = plan[3];
    int group = blockIdx.z / splits, split = blockIdx.z % splits, m0 = blockIdx.y * BM, j0 = blockIdx.x * BN;
    int first = split * plan[24], steps = (K + BK - 1) / BK - first;
    steps = steps < plan[24] ? steps : plan[24];
    gradOutput += (index_t)group * plan[22], input += (index_t)group * plan[15];
    const int2* table = (const int2*)(plan + 32) + j0;
    const int4* positions = (const int4*)(plan + 32 + 2 * plan[20]);
    int lk = threadIdx.x % BK, lr = threadIdx.x / BK;
    auto load = [&](T* tile, int k0) {
        int k = k0 + lk;
        bool in = k < K;
        int n = in ? fast_div(k, plan[26], plan[27]) : 0, p = in ? k - n * P : 0;
        int4 at = in ? positions[p] : make_int4(0, 0, 0, 0);  // where the position begins in the input; its valid taps
        const T* a = gradOutput + n * plan[21] + p;
        const T* b = input + n * plan[14] + at.x;
        unsigned long long valid = (unsigned long long)(unsigned)at.z << 32 | (unsigned)at.y;
        int2 e[BN * BK / 256];
#pragma unroll
        for (int i = 0; i < BN * BK / 256; i++) e[i] = table[lr + i * (256 / BK)];
        a += (index_t)(m0 + lr) * P;
#pragma unroll
        for (int i = 0; i < BM * BK / 256; i++)
            cp_element(tile + lk * LA + lr + i * (256 / BK), a + (index_t)i * (256 / BK) * P,
                       in && m0 + lr + i * (256 / BK) < M);
#pragma unroll
        for (int i = 0; i < BN * BK / 256; i++)
            cp_element(tile + BK * LA + lk * LB + lr + i * (256 / BK), e[i].y == 62 ? one : b + e[i].x,
                       valid >> e[i].y & 1);
    };
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
        if (s < steps) load(tiles + s * SIZE, (first + s) * BK);
        cp_commit();
    }
    int ty = threadIdx.x / 16 * V, tx = threadIdx.x % 16 * V, stage = 0, ahead = STAGES - 1;
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, g = lane / 4, t = lane % 4, wm = warp / 4 * 64,
        wn = warp % 4 * 32;
    T acc[TM][TN];
#pragma unroll
    for (int i = 0; i < TM * TN; i++) (&acc[0][0])[i] = 0;
    for (int step = 0; step < steps; step++) {
        cp_wait<STAGES - 2>();
        __syncthreads();
        if (step + STAGES - 1 < steps) load(tiles + ahead * SIZE, (first + step + STAGES - 1) * BK);
        cp_commit();
        const T* base = tiles + stage * SIZE;
        if constexpr (TF32) {
            const T *a = base + wm + g, *b = base + BK * LA + wn + g;
#pragma unroll
            for (int k = 0; k < BK; k += 8) {
                float x[4][4], y[4][2];
#pragma unroll
                for (int i = 0; i < 16; i++)
                    x[i / 4][i % 4] = __uint_as_float(
                        __float_as_uint(a[(k + t + i % 4 / 2 * 4) * LA + i / 4 * 16 + i % 2 * 8]) + 0x1000u);
#pragma unroll
                for (int j = 0; j < 8; j++)
                    y[j / 2][j % 2] =
                        __uint_as_float(__float_as_uint(b[(k + t + j % 2 * 4) * LB + j / 2 * 8]) + 0x1000u);
#pragma unroll
                for (int i = 0; i < 4; i++)
#pragma unroll
                    for (int j = 0; j < 4; j++) mma_tf32(*(float (*)[4]) & acc[i * 2 + j / 2][j % 2 * 4], x[i], y[j]);
            }
        } else {
            const T *a = base + ty, *b = base + BK * LA + tx;
#pragma unroll
            for (int k = 0; k < BK; k++) {
                T x[TM], y[TN];
#pragma unroll
                for (int i = 0; i < TM; i += V)
                    *(typename Vec<T>::type*)(x + i) = *(const typename Vec<T>::type*)(a + k * LA + i * 16);
#pragma unroll
                for (int j = 0; j < TN; j += V)
                    *(typename Vec<T>::type*)(y + j) = *(const typename Vec<T>::type*)(b + k * LB + j * 16);
#pragma unroll
                for (int i = 0; i < TM; i++)
#pragma unroll
                    for (int j = 0; j < TN; j++) acc[i][j] += x[i] * y[j];
            }
        }
        stage = stage + 1 == STAGES ? 0 : stage + 1, ahead = ahead + 1 == STAGES ? 0 : ahead + 1;
    }
    partial += (index_t)blockIdx.z * M * (J + 1);
    auto put = [&](int m, int j, T v) {
        if (m < M && j <= J) partial[(index_t)m * (J + 1) + j] = v;
    };
    if constexpr (TF32) {
#pragma unroll
        for (int i = 0; i < 4; i++)
#pragma unroll
            for (int j = 0; j < 4; j++)
#pragma unroll
                for (int h = 0; h < 4; h++)
                    put(m0 + wm + i * 16 + g + h / 2 * 8, j0 + wn + j * 8 + 2 * t + h % 2,
                        acc[i * 2 + j / 2][j % 2 * 4 + h]);
    } else {
#pragma unroll
        for (int i = 0; i < TM; i++)
#pragma unroll
            for (int j = 0; j < TN; j++)
                put(m0 + ty + i / V * V * 16 + i % V, j0 + tx + j / V * V * 16 + j % V, acc[i][j]);
    }
}
// gradWeight += scale * the sum of the parts, in a fixed order: column j belongs to weight place[j] of `all` in a row;
// the last column of each row goes to gradBias.
template <class T>
__global__ void sum_parts(const T* __restrict__ partial, T* __restrict__ gradWeight, T* __restrict__ gradBias,
                          const int* __restrict__ place, int M, int J, int all, int splits, int groups, T scale) {
    index_t total = (index_t)groups * M * (J + 1);
    for (index_t i = blockIdx.x * (index_t)blockDim.x + threadIdx.x; i < total; i += (index_t)gridDim.x * blockDim.x) {
        index_t row = i / (J + 1), j = i % (J + 1), g = row / M;
        T s = 0;
        for (int p = 0; p < splits; p++) s += partial[((g * splits + p) * M + row % M) * (J + 1) + j];
        if (j < J)
            gradWeight[row * all + place[j]] += scale * s;
        else if (gradBias)
            gradBias[row] += scale * s;
    }
}
