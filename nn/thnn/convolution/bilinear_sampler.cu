// Images read at places between pixels; images have their channels last, places are (row, column) from -1 to 1.
#include "common.cuh"
template <class T> struct Corner {  // the pixel before a place, -2 where both neighbours are outside; the rest
    int first;
    T rest;
};
template <class T> __device__ inline Corner<T> corner(int size, T at) {
    T x = (at + 1) * (size - 1) / 2;
    if (!(-2 < x && x < size + 1)) return {-2, x - x};
    T low = floor(x);
    return {(int)low, x - low};
}
template <class T> __device__ inline T pixel(const T* image, int row, int column, int c, int H, int W, int C) {
    return row >= 0 && row < H && column >= 0 && column < W ? image[((index_t)row * W + column) * C + c] : T(0);
}
// `shared`: one image for all samples.
template <class T>
__global__ void sample(const T* images, const T* grids, T* y, index_t n, index_t places, int H, int W, int C,
                       bool shared) {
    for (EACH(i, n)) {
        index_t job = i / C;
        int c = i % C;
        const T* image = images + (shared ? 0 : job / places) * H * W * C;
        Corner<T> v = corner(H, grids[2 * job]), h = corner(W, grids[2 * job + 1]);
        T sum = (1 - v.rest) * (1 - h.rest) * pixel(image, v.first, h.first, c, H, W, C);
        sum += (1 - v.rest) * h.rest * pixel(image, v.first, h.first + 1, c, H, W, C);
        sum += v.rest * (1 - h.rest) * pixel(image, v.first + 1, h.first, c, H, W, C);
        y[i] = sum + v.rest * h.rest * pixel(image, v.first + 1, h.first + 1, c, H, W, C);
    }
}
// What lane c adds to one neighbour; the product of the gradient and the neighbour.
template <class T>
__device__ inline T add_to_pixel(const T* image, T* gradient, int row, int column, int c, int H, int W, int C, T share,
                                 T g) {
    if (row < 0 || row >= H || column < 0 || column >= W) return 0;
    index_t at = ((index_t)row * W + column) * C + c;
    atomicAdd(gradient + at, share * g);
    return image[at] * g;
}
// A warp a place: several places may read one pixel.
template <class T>
__global__ void __launch_bounds__(256)
    sample_gradients(const T* images, const T* grids, const T* dy, T* dimages, T* dgrids, index_t jobs, index_t places,
                     int H, int W, int C, bool shared) {
    int lane = threadIdx.x % 32;
    for (index_t job = blockIdx.x * (index_t)8 + threadIdx.x / 32; job < jobs; job += gridDim.x * (index_t)8) {
        index_t start = (shared ? 0 : job / places) * H * W * C;
        Corner<T> v = corner(H, grids[2 * job]), h = corner(W, grids[2 * job + 1]);
        T fy = v.rest, fx = h.rest, a = 0, b = 0, p = 0, q = 0;
        for (int c = lane; c < C; c += 32) {
            T g = dy[job * C + c];
            const T* x = images + start;
            T* dx = dimages + start;
            a += add_to_pixel(x, dx, v.first, h.first, c, H, W, C, (1 - fy) * (1 - fx), g);
            b += add_to_pixel(x, dx, v.first, h.first + 1, c, H, W, C, (1 - fy) * fx, g);
            p += add_to_pixel(x, dx, v.first + 1, h.first, c, H, W, C, fy * (1 - fx), g);
            q += add_to_pixel(x, dx, v.first + 1, h.first + 1, c, H, W, C, fy * fx, g);
        }
        a = warp_reduce(a, Sum<T>()), b = warp_reduce(b, Sum<T>());
        p = warp_reduce(p, Sum<T>()), q = warp_reduce(q, Sum<T>());
        if (lane == 0) {
            dgrids[2 * job] = ((p - a) * (1 - fx) + (q - b) * fx) * T((H - 1) / 2.0);
            dgrids[2 * job + 1] = ((b - a) * (1 - fy) + (q - p) * fy) * T((W - 1) / 2.0);
        }
    }
}
