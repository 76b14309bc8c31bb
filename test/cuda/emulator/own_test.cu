// Kernels that do right, and with `broken` what must be noticed.
template <class T> __global__ void sum(const T* x, T* out, int n, int broken) {
    __shared__ T room[128];
    T s = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) s += x[i];
    room[threadIdx.x] = s;
    for (int d = 64; d; d /= 2) {
        if (broken != 1) __syncthreads();
        if (threadIdx.x < d) room[threadIdx.x] += room[threadIdx.x + d];
        if (broken == 2 && threadIdx.x < 32) __syncthreads();
    }
    if (threadIdx.x == 0) out[blockIdx.x] = room[broken == 3 ? n : 0];
    if (broken == 4) out[0] = 1;
    if (broken == 5 && threadIdx.x == 3) out[blockIdx.x] = x[n];
}
template <class T> __global__ void unwritten(T* out, int broken) {
    __shared__ T room[64];
    if (broken == 0 || threadIdx.x != 7) room[threadIdx.x] = 1;
    __syncthreads();
    out[threadIdx.x] = room[threadIdx.x ^ 1];
}
__global__ void shuffles(int* out) {
    int l = threadIdx.x;
    out[l] = __shfl_xor_sync(0xffffffffu, l, 5);
    out[32 + l] = __shfl_down_sync(0xffffffffu, l, 3);
    out[64 + l] = (int)__ballot_sync(0xffffffffu, l % 3 == 0);
    out[96 + l] = __shfl_up_sync(0xffffffffu, l, 2, 8);
    out[128 + l] = __shfl_sync(0xffffffffu, l * 10, 9, 16);
}
__global__ void histogram(const int* x, float* f, double* d, int* c, int n) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        atomicAdd(f + x[i], 1.0f), atomicAdd(d + x[i], 0.5), atomicAdd(c + x[i], 1);
}
__global__ void pipeline(const float4* x, float4* y, int broken) {
    __shared__ float4 buf[2][64];
    int t = threadIdx.x;
    emu::async_copy(&buf[0][t], x + t, 16, 16);
    emu::async_commit();
    emu::async_copy(&buf[1][t], x + 64 + t, 16, t == 5 ? 0 : 16);
    emu::async_commit();
    emu::async_wait(broken ? 1 : 0);
    __syncthreads();
    y[t] = buf[0][63 - t];
    y[64 + t] = buf[1][63 - t];
}
__global__ void strided(const float* x, float* y, int step) {
    __shared__ float room[32 * 33];
    for (int i = 0; i < 32; i++) room[i * 32 + threadIdx.x] = x[i * 32 + threadIdx.x];
    __syncthreads();
    for (int i = 0; i < 32; i++) y[threadIdx.x * step + i] = room[threadIdx.x * 32 + i];
}
