// What all kernels share: the few operations that are PTX on a GPU and a twin of the emulator on a CPU. No headers.
typedef long long index_t;
#define FULL 0xffffffffu
#ifdef EMU
__device__ inline void cp_async4(void* to, const void* from, bool ok) {
    emu::async_copy(to, from, 4, ok ? 4 : 0);
}
__device__ inline void cp_async8(void* to, const void* from, bool ok) {
    emu::async_copy(to, from, 8, ok ? 8 : 0);
}
__device__ inline void cp_async16(void* to, const void* from, bool ok) {
    emu::async_copy(to, from, 16, ok ? 16 : 0);
}
__device__ inline void cp_commit() {
    emu::async_commit();
}
template <int N> __device__ inline void cp_wait() {
    emu::async_wait(N);
}
template <int N> __device__ inline void cp_async_unless(void* to, const void* from, unsigned missing) {
    emu::async_copy(to, from, N, missing ? 0 : N);
}
__device__ inline void mma_tf32(float (&d)[4], const float (&a)[4], const float (&b)[2]) {
    emu::mma_16x8x8_tf32(d, a, b);
}
template <class T> __device__ inline const T* moved(const T* p, int n) {
    return p + n;
}
#define DYNAMIC_SHARED(T, name) T* name = (T*)emu::dynamic_shared()
#else
// p + n, which the compiler does not take apart again.
template <class T> __device__ __forceinline__ const T* moved(const T* p, int n) {
    const T* q;
    asm("mad.wide.s32 %0, %1, %2, %3;" : "=l"(q) : "r"(n), "n"(sizeof(T)), "l"(p));
    return q;
}
#if __CUDA_ARCH__ >= 800
// If nothing is `missing`; asked in PTX, or the compiler counts the bytes with it.
template <int N> __device__ __forceinline__ void cp_async_unless(void* to, const void* from, unsigned missing) {
    unsigned s = (unsigned)__cvta_generic_to_shared(to);
    asm volatile(
        "{.reg .pred p; .reg .b32 n; setp.eq.u32 p, %2, 0; selp.b32 n, %3, 0, p; "
        "cp.async.ca.shared.global [%0], [%1], %3, n;}" ::"r"(s),
        "l"(from), "r"(missing), "n"(N));
}
template <int N> __device__ __forceinline__ void cp_async(void* to, const void* from, bool ok) {
    unsigned s = (unsigned)__cvta_generic_to_shared(to);
    int n = ok ? N : 0;
    if (N == 16)
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(s), "l"(from), "r"(n));
    else
        asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(s), "l"(from), "n"(N), "r"(n));
}
__device__ __forceinline__ void cp_commit() {
    asm volatile("cp.async.commit_group;");
}
template <int N> __device__ __forceinline__ void cp_wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(N));
}
__device__ __forceinline__ void mma_tf32(float (&d)[4], const float (&a)[4], const float (&b)[2]) {
    asm volatile(
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
          "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
}
#else  // before Ampere: the same by plain copies; no TF32
template <int N> __device__ __forceinline__ void cp_async(void* to, const void* from, bool ok) {
    unsigned* d = (unsigned*)to;
    const unsigned* s = (const unsigned*)from;
#pragma unroll
    for (int i = 0; i < N / 4; i++) d[i] = ok ? s[i] : 0;
}
template <int N> __device__ __forceinline__ void cp_async_unless(void* to, const void* from, unsigned missing) {
    cp_async<N>(to, from, !missing);
}
__device__ __forceinline__ void cp_commit() {}
template <int N> __device__ __forceinline__ void cp_wait() {}
__device__ __forceinline__ void mma_tf32(float (&)[4], const float (&)[4], const float (&)[2]) {
    __trap();
}
#endif
__device__ __forceinline__ void cp_async4(void* t, const void* f, bool ok) {
    cp_async<4>(t, f, ok);
}
__device__ __forceinline__ void cp_async8(void* t, const void* f, bool ok) {
    cp_async<8>(t, f, ok);
}
__device__ __forceinline__ void cp_async16(void* t, const void* f, bool ok) {
    cp_async<16>(t, f, ok);
}
#define DYNAMIC_SHARED(T, name)                        \
    extern __shared__ __align__(16) char name##_raw[]; \
    T* name = (T*)name##_raw
#endif
template <class T> __device__ inline void cp_element(T* to, const T* from, unsigned missing) {
    cp_async_unless<sizeof(T)>(to, from, missing);
}
// float32 rounded to TF32, ties away from zero, as cvt.rna; the tensor core itself cuts the lower 13 bits off.
__device__ inline float to_tf32(float x) {
    return __uint_as_float((__float_as_uint(x) + 0x1000u) & ~0x1fffu);
}

template <class T> struct Vec;
template <> struct Vec<float> {
    typedef float4 type;
    static const int n = 4;
};
template <> struct Vec<double> {
    typedef double2 type;
    static const int n = 2;
};

template <class T> struct Sum {
    static __device__ T zero() { return 0; }
    __device__ T operator()(T a, T b) const { return a + b; }
};
template <class T> struct Max {
    __device__ T operator()(T a, T b) const { return a > b ? a : b; }
};
// NaN wins, as NumPy's max
template <class T> struct MaxNan {
    __device__ T operator()(T a, T b) const { return (a > b || a != a) ? a : b; }
};
template <class T, class Op> __device__ inline T warp_reduce(T v, Op op) {
#pragma unroll
    for (int d = 16; d; d /= 2) v = op(v, __shfl_xor_sync(FULL, v, d));
    return v;
}
// Of all threads of a block (a multiple of 32); every thread gets the result. `room` holds 32 T.
template <class T, class Op> __device__ inline T block_reduce(T v, Op op, T* room) {
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, warps = blockDim.x / 32;
    v = warp_reduce(v, op);
    if (warps == 1) return v;
    __syncthreads();
    if (lane == 0) room[warp] = v;
    __syncthreads();
    v = room[lane < warps ? lane : 0];
    T r = room[0];
    for (int w = 1; w < warps; w++) r = op(r, room[w]);
    return r;
}
template <class T> struct alignas(16) Pack {  // what one access of 16 bytes moves
    T v[16 / sizeof(T)];
};
// Two neighbours by one access, and whether rows of `width` fall into such.
__device__ inline void read_two(const float* x, float& a, float& b) {
    unsigned long long both = *(const unsigned long long*)x;
    a = __uint_as_float((unsigned)both), b = __uint_as_float((unsigned)(both >> 32));
}
__device__ inline void read_two(const double* x, double& a, double& b) {
    double2 both = *(const double2*)x;
    a = both.x, b = both.y;
}
template <class T> __device__ inline bool in_twos(const T* x, int width) {
    return width % 2 == 0 && (unsigned long long)x % (2 * sizeof(T)) == 0;
}
template <class T> struct Limits;
template <> struct Limits<float> {
    static __device__ float infinity() { return __int_as_float(0x7f800000); }
    static __device__ float lowest() { return -3.402823466e38f; }
};
template <> struct Limits<double> {
    static __device__ double infinity() { return (double)__int_as_float(0x7f800000); }
    static __device__ double lowest() { return -1.7976931348623157e308; }
};
// Elements of a grid of threads: for (EACH(i, n)) ...
#define EACH(i, n)                                              \
    index_t i = blockIdx.x * (index_t)blockDim.x + threadIdx.x; \
    i < (n);                                                    \
    i += (index_t)gridDim.x * blockDim.x
template <class T> __device__ inline T sigmoid(T x) {
    T e = exp(x < 0 ? x : -x);
    return (x < 0 ? e : T(1)) / (1 + e);
}
template <class T> __device__ inline T softplus(T x) {  // log(1 + exp(x)), without overflow
    return (x > 0 ? x : x != x ? x : T(0)) + log1p(exp(x < 0 ? x : -x));
}
// Exact division of 0 <= n < 2^31 by a constant: q = (umulhi(n, mul) + n) >> shift.
__device__ inline int fast_div(int n, unsigned mul, int shift) {
    return (int)(((unsigned long long)__umulhi((unsigned)n, mul) + (unsigned)n) >> shift);
}
