// Random numbers on the GPU: Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011), four words of a counter and a key.
// A generator is three numbers in memory: its seed, which is the key; the counter of the next draw; and how many blocks
// of a launch have finished. The words of counter c are those that cuRAND's Philox generator gives after
// curand_init(seed, 0, 4 c), whatever the grid.
#ifdef EMU
template <class T> T cospi(T x) {
    return cos(T(3.141592653589793) * x);
}
template <class T> T sinpi(T x) {
    return sin(T(3.141592653589793) * x);
}
#endif
template <class T> struct Units;
__device__ inline void philox(unsigned long long counter, unsigned long long key, unsigned (&w)[4]) {
    unsigned a = (unsigned)counter, b = (unsigned)(counter >> 32), c = 0, d = 0;
    unsigned k0 = (unsigned)key, k1 = (unsigned)(key >> 32);
#pragma unroll
    for (int i = 0; i < 10; i++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
        unsigned ah = __umulhi(0xD2511F53u, a), al = 0xD2511F53u * a, ch = __umulhi(0xCD9E8D57u, c),
                 cl = 0xCD9E8D57u * c;
        a = ch ^ b ^ k0, b = cl, c = ah ^ d ^ k1, d = al;
    }
    w[0] = a, w[1] = b, w[2] = c, w[3] = d;
}
// 0 <= u < 1 for as many elements as 16 bytes have: four of 24 bits, or two of 53.
template <> struct Units<float> {
    static __device__ Pack<float> of(unsigned long long counter, unsigned long long key) {
        unsigned w[4];
        philox(counter, key, w);
        Pack<float> u;
#pragma unroll
        for (int k = 0; k < 4; k++) u.v[k] = (w[k] >> 8) * (1.0f / 16777216);
        return u;
    }
};
template <> struct Units<double> {
    static __device__ Pack<double> of(unsigned long long counter, unsigned long long key) {
        unsigned w[4];
        philox(counter, key, w);
        Pack<double> u;
#pragma unroll
        for (int k = 0; k < 2; k++)
            u.v[k] = ((w[2 * k] >> 5) * 67108864.0 + (w[2 * k + 1] >> 6)) * (1.0 / 9007199254740992.0);
        return u;
    }
};
// The number of element i alone.
template <class T> __device__ inline T unit(unsigned long long counter, index_t i, unsigned long long key) {
    const int V = 16 / sizeof(T);
    Pack<T> u = Units<T>::of(counter + i / V, key);
    T found = u.v[0];
#pragma unroll
    for (int k = 1; k < V; k++)
        if (i % V == k) found = u.v[k];
    return found;
}
// All threads of a launch call it when they have read the generator: the last block moves it past what `n` elements
// took, so that a launch which is captured draws other numbers every time it runs.
template <class T> __device__ inline void drawn(unsigned long long* generator, index_t n) {
    __syncthreads();
    if (threadIdx.x == 0) {
        __threadfence();
        if (atomicAdd(generator + 2, 1ull) == gridDim.x - 1) {
            atomicExch(generator + 2, 0ull);
            atomicAdd(generator + 1, (unsigned long long)((n * sizeof(T) + 15) / 16));
        }
    }
}
// Elements of 16 bytes at a time: for (EACH_PACK(T, i, n)) ...
#define EACH_PACK(T, i, n) EACH(i, ((n) + 16 / (index_t)sizeof(T) - 1) / (16 / (index_t)sizeof(T)))
