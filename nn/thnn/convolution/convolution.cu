// Convolution of 1 to 3 dimensions as an implicit product of matrices. One kernel, `gather_gemm`, computes
//     out[image, group, m, q] = bias[m] + sum_k  A[group, k, m] * source[image, group, column q moved by entry k]
// and serves forward (A = weights), backward to the input (one launch per phase of the stride, A = weights turned) and
// the full (transposed) convolution. What differs lies in the plan, an int32 array made once per shape:
//   0 M   1 columns   2 K   3-5 grid of columns per image   6 images   7-9 stride into the source   10-12 source size
//   13 source plane   14 source image stride   15 source group stride   16-18 steps in out   19 start in out
//   20 row stride in out   21 image stride in out   22 group stride in out   23 Mp   24 Kp   25 four columns in one
//   store   26, 28, 29 taps of each axis   27 adds to out   32...: two numbers an entry k: offset, and the bits of its
//   tap; then what every tap of every axis adds to the coordinate.
// A tap lies in the source if it does along every axis: each axis has a bit for each of its taps, 31 in all, and an entry
// three of them. Bit 31, of entries past K, no column has. Kernels of more bits are several products, of which all but
// the first add to out (27).
// Where there are few tiles, k is divided among `splits` blocks for each, whose sums go side by side into a copy of out
// for each split, `apart` elements from the next one; `add_splits` adds them up in their order.
#include "common.cuh"

struct Column {  // where it begins in the source, and which taps of it lie there
    int base;
    unsigned valid;
};

__device__ __forceinline__ Column column_of(const int* plan, int j) {
    Column c;
    int q2 = plan[5], q1 = plan[4], q0 = plan[3];
    int r = j / q2, s = r / q1, n = s / q0;
    int x[3] = {(s - n * q0) * plan[7], (r - s * q1) * plan[8], (j - r * q2) * plan[9]};
    c.base = n * plan[14] + (x[0] * plan[11] + x[1]) * plan[12] + x[2], c.valid = 0;
    const int* moves = plan + 32 + 2 * plan[24];
    int counts[3] = {plan[26], plan[28], plan[29]};
    unsigned bit = 1;
    if (j < plan[1])
#pragma unroll
        for (int axis = 0; axis < 3; axis++)
            for (int t = 0; t < counts[axis]; t++, moves++, bit += bit)
                if ((unsigned)(x[axis] + *moves) < (unsigned)plan[10 + axis]) c.valid |= bit;
    return c;
}

// COUNT entries of a table, two at a time.
template <int COUNT> __device__ __forceinline__ void read_entries(int2 (&e)[COUNT], const int2* table) {
#pragma unroll
    for (int i = 0; i < COUNT; i += 2) {
        int4 two = *(const int4*)(table + i);
        e[i] = make_int2(two.x, two.y), e[i + 1] = make_int2(two.z, two.w);
    }
}

// The tile of A (weights, packed K x M) and of B (gathered) in shared memory: rows k, BM or BN wide plus PAD. A thread
// copies NB rows of B in CB columns. Trip counts are constants and the addresses of several copies come before the first:
// ptxas then puts them side by side.
template <class T, int BM, int BN, int BK, int PAD, int THREADS> struct Tiles {
    static const int LA = BM + PAD, LB = BN + PAD, SIZE = BK * (LA + LB), V = Vec<T>::n, KA = THREADS / (BM / V),
                     NA = BK / KA, CB = BN > THREADS ? BN / THREADS : 1, NB = BK * BN / THREADS / CB,
                     AT = NB < 8 ? NB : 8;
    const T *a, *b;
    const int2* table;
    int am, ab, step;  // where this thread's part of A and of B goes; rows of A times KA
    bool in;
    unsigned valid[CB];
    index_t apart;  // of the second column from the first, in the source
    __device__ __forceinline__ Tiles(const T* A, const T* source, const int* plan, int m0, int j0) {
        int ka = threadIdx.x / (BM / V), m = threadIdx.x % (BM / V) * V, kb = threadIdx.x / BN * NB,
            col = threadIdx.x % BN, Mp = plan[23];
        in = m0 + m < Mp, a = A + (in ? ka * Mp + m0 + m : 0), am = ka * LA + m, step = KA * Mp;
        Column first = column_of(plan, j0 + col), last = column_of(plan, j0 + col + (CB - 1) * THREADS);
        valid[CB - 1] = last.valid, valid[0] = first.valid, b = source + first.base, apart = last.base - first.base;
        ab = BK * LA + kb * LB + col, table = (const int2*)(plan + 32) + kb;
    }
    __device__ __forceinline__ void skip(int tiles) {
        a += (index_t)tiles * NA * step, table += tiles * BK;
    }
    __device__ __forceinline__ void load(T* tile) {  // the next tile of k
#pragma unroll
        for (int i = 0; i < NA; i++, a = moved(a, step)) cp_async16(tile + am + i * KA * LA, a, in);
#pragma unroll
        for (int first = 0; first < NB; first += AT) {
            int2 e[AT];
            read_entries(e, table + first);
#pragma unroll
            for (int i = 0; i < AT; i++) {
                const T* from = moved(b, e[i].x);
                T* to = tile + ab + (first + i) * LB;
                cp_element(to, from, e[i].y & ~valid[0]);
                if (CB == 2) cp_element(to + THREADS, from + apart, e[i].y & ~valid[CB - 1]);
            }
        }
        table += BK;
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

// What a thread has of a tile: 8 x W sums, of rows and columns V at a time, TY or TX times V apart.
template <class T, int BK, int LA, int LB, int TY, int TX, int W>
__device__ __forceinline__ void multiply_exact(T (&acc)[8][W], const T* a, const T* b) {
    typedef typename Vec<T>::type vector;
    const int V = Vec<T>::n;
#pragma unroll
    for (int k = 0; k < BK; k++) {
        T x[8], y[W];
#pragma unroll
        for (int i = 0; i < 8; i += V) *(vector*)(x + i) = *(const vector*)(a + k * LA + i * TY);
#pragma unroll
        for (int j = 0; j < W; j += V) *(vector*)(y + j) = *(const vector*)(b + k * LB + j * TX);
#pragma unroll
        for (int i = 0; i < 8; i++)
#pragma unroll
            for (int j = 0; j < W; j++) acc[i][j] += x[i] * y[j];
    }
}

// A warp's 64 x 64 sums of a tile in TF32. In which order rows and columns go to the fragments of the products is free:
// a lane takes two neighbouring rows, which lie in registers as a product wants them, and four columns, which rounding
// puts there: one integer addition, because the unit cuts the lower 13 bits off itself. A may be rounded already.
__device__ __forceinline__ float rounded(float x) {
    return __uint_as_float(__float_as_uint(x) + 0x1000u);
}
template <int BK, int LA, int LB, bool ROUND>
__device__ __forceinline__ void multiply_tf32(float (&acc)[4][8][4], const float* a, const float* b, int lane) {
    a += lane % 4 * LA + lane / 4 * (ROUND ? 4 : 2), b += lane % 4 * LB + lane / 4 * 4;
#pragma unroll
    for (int k = 0; k < BK; k += 8) {
        float x[4][4], y[8][2];
#pragma unroll
        for (int h = 0; h < 2; h++) {
#pragma unroll
            for (int i = 0; i < 4; i++)
                if constexpr (!ROUND) {
                    float2 v = *(const float2*)(a + (k + 4 * h) * LA + 16 * i);
                    x[i][2 * h] = v.x, x[i][2 * h + 1] = v.y;
                } else if (i % 2 == 0) {
                    float4 v = *(const float4*)(a + (k + 4 * h) * LA + 16 * i);
                    x[i][2 * h] = rounded(v.x), x[i][2 * h + 1] = rounded(v.y);
                    x[i + 1][2 * h] = rounded(v.z), x[i + 1][2 * h + 1] = rounded(v.w);
                }
#pragma unroll
            for (int j = 0; j < 8; j += 4) {
                float4 w = *(const float4*)(b + (k + 4 * h) * LB + 8 * j);
                y[j][h] = rounded(w.x), y[j + 1][h] = rounded(w.y);
                y[j + 2][h] = rounded(w.z), y[j + 3][h] = rounded(w.w);
            }
        }
#pragma unroll
        for (int i = 0; i < 4; i++)
#pragma unroll
            for (int j = 0; j < 8; j++) mma_tf32(acc[i][j], x[i], y[j]);
    }
}
// Of a lane's 8 rows and 16 columns the i-th and j-th, and the sum there.
template <bool ROUND> __device__ __forceinline__ int row_tf32(int lane, int i) {
    return ROUND ? i / 4 * 32 + lane / 4 * 4 + i % 4 : i / 2 * 16 + lane / 4 * 2 + i % 2;
}
__device__ __forceinline__ int column_tf32(int lane, int j) {
    return j / 8 * 32 + lane % 4 * 8 + j % 8;
}
__device__ __forceinline__ float of_tf32(const float (&acc)[4][8][4], int i, int j) {
    return acc[i / 2][j / 8 * 4 + j % 4][i % 2 * 2 + j / 4 % 2];
}

// Exact: fused multiply-adds, 8 x 8 a thread in quarters (float) or sixteenths (double).
template <class T, int BM, int BN, int BK, int STAGES>
__global__ void __launch_bounds__(BM* BN / 64, sizeof(T) == 8 ? 4 : 32768 / (BM * BN))
    gather_gemm(const T* __restrict__ A, const T* __restrict__ source, const T* __restrict__ bias, T* __restrict__ out,
                const int* __restrict__ plan, int splits, index_t apart) {
    const int V = Vec<T>::n, TY = BM / 8, TX = BN / 8;
    typedef Tiles<T, BM, BN, BK, 0, TY * TX> Tile;
    const int SIZE = Tile::SIZE;
    DYNAMIC_SHARED(T, tiles);
    int group = blockIdx.z / splits, split = blockIdx.z % splits, m0 = blockIdx.y * BM, j0 = blockIdx.x * BN;
    int steps = plan[24] / BK, share = (steps + splits - 1) / splits;
    A += (index_t)group * plan[24] * plan[23], source += (index_t)group * plan[15], out += split * apart;
    Tile tile(A, source, plan, m0, j0);
    tile.skip(split * share), steps = steps - split * share < share ? steps - split * share : share;
    T acc[8][8];
#pragma unroll
    for (int i = 0; i < 64; i++) acc[i / 8][i % 8] = 0;
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
        if (s < steps) tile.load(tiles + s * SIZE);
        cp_commit();
    }
    int ty = threadIdx.x / TX * V, tx = threadIdx.x % TX * V;
    T *now = tiles, *ahead = tiles + (STAGES - 1) * SIZE;
    for (int step = 0; step < steps; step++) {
        cp_wait<STAGES - 2>();
        __syncthreads();
        if (step + STAGES - 1 < steps) tile.load(ahead);
        cp_commit();
        const T *a = now + ty, *b = now + BK * Tile::LA + tx;
        multiply_exact<T, BK, Tile::LA, Tile::LB, TY, TX, 8>(acc, a, b);
        ahead = now, now = now + SIZE == tiles + STAGES * SIZE ? tiles : now + SIZE;
    }
    bool vector = plan[25], more = plan[27] && splits == 1;
    int at[8], M = plan[0];
#pragma unroll
    for (int j = 0; j < 8; j++) at[j] = place_of(plan, j0 + tx + j / V * V * TX + j % V);
    out += plan[19] + group * plan[22];
#pragma unroll
    for (int i = 0; i < 8; i++) {
        int m = m0 + ty + i / V * V * TY + i % V;
        if (m >= M) break;
        T add = bias ? bias[group * M + m] : T(0);
#pragma unroll
        for (int j = 0; j < 8; j += V) store_row<T, V>(out + m * plan[20], at + j, acc[i] + j, add, vector, more);
    }
}

// TF32 on tensor cores: a tile BM x BN by warps of 64 x 64 each. `A` is rounded already when packed.
template <int BM, int BN, int BK, int STAGES>
__global__ void __launch_bounds__(BM* BN / 128, 32768 / (BM * BN))
    gather_gemm_tf32(const float* __restrict__ A, const float* __restrict__ source, const float* __restrict__ bias,
                     float* __restrict__ out, const int* __restrict__ plan, int splits, index_t apart) {
    typedef Tiles<float, BM, BN, BK, 8, BM * BN / 128> Tile;
    const int SIZE = Tile::SIZE;
    DYNAMIC_SHARED(float, tiles);
    int group = blockIdx.z / splits, split = blockIdx.z % splits, m0 = blockIdx.y * BM, j0 = blockIdx.x * BN;
    int steps = plan[24] / BK, share = (steps + splits - 1) / splits;
    A += (index_t)group * plan[24] * plan[23], source += (index_t)group * plan[15], out += split * apart;
    Tile tile(A, source, plan, m0, j0);
    tile.skip(split * share), steps = steps - split * share < share ? steps - split * share : share;
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, wm = warp / (BN / 64) * 64, wn = warp % (BN / 64) * 64;
    float acc[4][8][4];
#pragma unroll
    for (int i = 0; i < 128; i++) (&acc[0][0][0])[i] = 0;
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
        if (s < steps) tile.load(tiles + s * SIZE);
        cp_commit();
    }
    float *now = tiles, *ahead = tiles + (STAGES - 1) * SIZE;
    for (int step = 0; step < steps; step++) {
        cp_wait<STAGES - 2>();
        __syncthreads();
        if (step + STAGES - 1 < steps) tile.load(ahead);
        cp_commit();
        const float *a = now + wm, *b = now + BK * Tile::LA + wn;
        multiply_tf32<BK, Tile::LA, Tile::LB, false>(acc, a, b, lane);
        ahead = now, now = now + SIZE == tiles + STAGES * SIZE ? tiles : now + SIZE;
    }
    bool vector = plan[25], more = plan[27] && splits == 1;
    int at[16], M = plan[0];
#pragma unroll
    for (int j = 0; j < 16; j++) at[j] = place_of(plan, j0 + wn + column_tf32(lane, j));
    out += plan[19] + group * plan[22];
#pragma unroll
    for (int i = 0; i < 8; i++) {
        int m = m0 + wm + row_tf32<false>(lane, i);
        if (m >= M) break;
        float add = bias ? bias[group * M + m] : 0.0f;
#pragma unroll
        for (int j = 0; j < 16; j += 4) {
            float v[4];
#pragma unroll
            for (int q = 0; q < 4; q++) v[q] = of_tf32(acc, i, j + q);
            store_row<float, 4>(out + m * plan[20], at + j, v, add, vector, more);
        }
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
// inner index over O, as the gradient needs; `taps` lists the taps of one phase. `round`: to TF32. A block 32 x 32, which
// it reads along k, where weights are neighbours, but along m where those of few taps are, and writes along m.
template <class T>
__global__ void __launch_bounds__(256)
    pack_weights(const T* __restrict__ w, T* __restrict__ packed, const int* __restrict__ taps, int M, int inner,
                 int used, int all, int Mp, int Kp, int turned, int round) {
    __shared__ T tile[32][33];
    int across = (Mp + 31) / 32, down = (Kp + 31) / 32, lane = threadIdx.x % 32, part = threadIdx.x / 32;
    int m0 = blockIdx.x % across * 32, k0 = blockIdx.x / across % down * 32;
    index_t g = blockIdx.x / across / down;
    bool along = turned && all < 4;
#pragma unroll
    for (int q = part; q < 32; q += 8) {
        int m = m0 + (along ? lane : q), k = k0 + (along ? q : lane);
        T v = 0;
        if (m < M && k < inner * used) {
            int c = k / used, tap = taps[k - c * used];
            v = turned ? w[((g * inner + c) * M + m) * all + tap] : w[((g * M + m) * inner + c) * all + tap];
        }
        tile[m - m0][k - k0] = round ? (T)to_tf32((float)v) : v;
    }
    __syncthreads();
#pragma unroll
    for (int q = part; q < 32; q += 8)
        if (k0 + q < Kp && m0 + lane < Mp) packed[(g * Kp + k0 + q) * Mp + m0 + lane] = tile[lane][q];
}

// Gradient of the weights: partial[split, group, m, j] = sum over a share of k = (image, position) of
// gradOutput[image, m, position] * input[image, entry j moved by the position]; entry J is 1: the gradient of the bias.
// The plan: 0 M  1 J  2 K  3 positions an image  4 minus those of k  14-15 input image and group stride  20 rows of the
// table  21 gradOutput's image stride  22 its group stride  24 tiles of k a split  26-27 (mul, shift) to divide by the
// positions of k; 32...: the entries (offset, bits of the tap), those that a thread copies side by side, with bit 31 from
// J on; then two numbers a position: where it begins in the input, and the bits of the taps that do not lie there, and
// bit 31. Tiles past the last of a split are copied as nothing. A thread has 8 x 8 sums, of the smaller tiles in float
// 8 x 16. In the smallest (PAIRS) an image fills up its last tile of k, with positions that are copied as nothing, and a
// thread copies two positions, k and k + BK / 2, of each row and column: of gradOutput they lie a constant apart, and
// half as many rows and entries stay in registers. Else its addresses would be too many for its multiply-adds.
template <class T, int BM, int BN, int BK, int STAGES, bool TF32>
__global__ void __launch_bounds__(TF32 || BM * sizeof(T) == 256 ? BM * BN / 128 : BM * BN / 64,
                                  sizeof(T) == 8 || BM != BN ? 4 : BM == 64 ? 8 : 2)
    weight_gemm(const T* __restrict__ gradOutput, const T* __restrict__ input, T* __restrict__ partial,
                const int* __restrict__ plan, int splits) {
    const bool WIDE = BM == 64 && sizeof(T) == 4, PAIRS = WIDE && BN == 64;
    const int V = Vec<T>::n, W = WIDE ? 16 : 8, TY = BM / 8, TX = BN / W, PAD = TF32 ? 8 : 4,
              THREADS = TF32 ? TY * TX / 2 : TY * TX, KT = PAIRS ? BK / 2 : BK, LA = BM + PAD, LB = BN + PAD,
              SIZE = BK * (LA + LB), R = THREADS / KT, NA = BM / R, NB = BN / R;
    DYNAMIC_SHARED(T, tiles);
    int M = plan[0], J = plan[1], K = plan[2], P = plan[3];
    int group = blockIdx.z / splits, split = blockIdx.z % splits, m0 = blockIdx.y * BM, j0 = blockIdx.x * BN;
    int first = split * plan[24], steps = (K + BK - 1) / BK - first;
    steps = steps < plan[24] ? steps : plan[24];
    gradOutput += (index_t)group * plan[22], input += (index_t)group * plan[15];
    int lk = threadIdx.x % KT, lr = threadIdx.x / KT;
    const int2* table = (const int2*)(plan + 32) + j0 + lr * NB;
    const int2* positions = (const int2*)(plan + 32 + 2 * plan[20]);
    int rows[NA];  // of gradOutput; past the last it is the last again, for sums that nobody reads
#pragma unroll
    for (int i = 0; i < NA; i++) rows[i] = min(m0 + lr + i * R, M - 1) * P;
    int ones = J - j0 - lr;  // a thread that copies column J puts its ones there, behind the copies
    ones = ones >= 0 && ones < BN && ones % R == 0 ? BK * LA + lk * LB + lr + ones : -1;
    int fast = plan[26], shift = plan[27], strideA = plan[21], strideB = plan[14];
    int k = first * BK + (PAIRS ? 0 : lk), minus = plan[4], end = min(K, (first + steps) * BK);  // the next copies
    auto load = [&](T* tile) {
        int n = fast_div(k, fast, shift), p = n * minus + k + (PAIRS ? lk : 0);
        int2 at = positions[p], next = PAIRS ? positions[p + KT] : at;
        const T *a = moved(gradOutput, n * strideA + p), *b = moved(input, n * strideB + at.x);
        index_t apart = next.x - at.x;
        unsigned past[2] = {k >= end || (PAIRS && p >= P), k >= end || (PAIRS && p + KT >= P)};
        unsigned outside[2] = {past[0] ? ~0 : at.y, past[1] ? ~0 : next.y};
        k += BK;
        tile += lk * LA + lr;
#pragma unroll
        for (int i = 0; i < NA; i++) {
            const T* row = moved(a, rows[i]);
            cp_element(tile + i * R, row, past[0]);
            if (PAIRS) cp_element(tile + KT * LA + i * R, row + KT, past[1]);
        }
        tile += BK * LA + lk * (LB - LA);
#pragma unroll
        for (int i = 0; i < NB; i += 8) {
            int2 e[8];
            read_entries(e, table + i);
#pragma unroll
            for (int h = 0; h < 8; h++) {
                const T* from = moved(b, e[h].x);
                cp_element(tile + (i + h) * R, from, outside[0] & e[h].y);
                if (PAIRS) cp_element(tile + KT * LB + (i + h) * R, from + apart, outside[1] & e[h].y);
            }
        }
    };
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
        load(tiles + s * SIZE);
        cp_commit();
    }
    int ty = threadIdx.x / TX * V, tx = threadIdx.x % TX * V;
    T *now = tiles, *ahead = tiles + (STAGES - 1) * SIZE;
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, wm = warp / (BN / 64) * 64, wn = warp % (BN / 64) * 64;
    T acc[TF32 ? 4 : 8][W][TF32 ? 4 : 1];
#pragma unroll
    for (int i = 0; i < (TF32 ? 128 : 8 * W); i++) (&acc[0][0][0])[i] = 0;
    for (int step = 0; step < steps; step++) {
        cp_wait<STAGES - 2>();
        if (ones >= 0) {
            now[ones] = 1;
            if (PAIRS) now[ones + KT * LB] = 1;
        }
        __syncthreads();
        load(ahead);
        cp_commit();
        const T *a = now, *b = a + BK * LA;
        if constexpr (TF32)
            multiply_tf32<BK, LA, LB, true>(acc, a + wm, b + wn, lane);
        else
            multiply_exact<T, BK, LA, LB, TY, TX, W>((T(&)[8][W])acc, a + ty, b + tx);
        ahead = now, now = now + SIZE == tiles + STAGES * SIZE ? tiles : now + SIZE;
    }
    partial += (index_t)blockIdx.z * M * (J + 1);
    auto put = [&](int m, int j, T v) {
        if (m < M && j <= J) partial[(index_t)m * (J + 1) + j] = v;
    };
    if constexpr (TF32) {
#pragma unroll
        for (int i = 0; i < 8; i++)
#pragma unroll
            for (int j = 0; j < 16; j++)
                put(m0 + wm + row_tf32<true>(lane, i), j0 + wn + column_tf32(lane, j), of_tf32(acc, i, j));
    } else {
#pragma unroll
        for (int i = 0; i < 8; i++)
#pragma unroll
            for (int j = 0; j < W; j++)
                put(m0 + ty + i / V * V * TY + i % V, j0 + tx + j / V * V * TX + j % V, acc[i][j][0]);
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
