// A pixel of every window, drawn with a probability that is its value, or the mean weighted by it. Planes of H x W.
#include "common.cuh"
struct Window {
    int top, bottom, left, right;
};
__device__ inline Window window_of(index_t k, int columns, int H, int W, int kH, int kW, int dH, int dW) {
    int top = (int)(k / columns) * dH, left = (int)(k % columns) * dW;
    return {top, top + kH < H ? top + kH : H, left, left + kW < W ? left + kW : W};
}
template <class T>
__global__ void draw_pixels(const T* x, const T* draws, T* y, index_t* places, index_t n, index_t count, int columns,
                            int H, int W, int kH, int kW, int dH, int dW) {
    for (EACH(i, n)) {
        const T* plane = x + i / count * H * W;
        Window w = window_of(i % count, columns, H, W, kH, kW, dH, dW);
        T sum = 0, reached = 0;
        for (int a = w.top; a < w.bottom; a++)
            for (int b = w.left; b < w.right; b++) sum += plane[a * W + b];
        sum *= draws[i];
        index_t place = -1;
        for (int a = w.top; a < w.bottom && place < 0; a++)
            for (int b = w.left; b < w.right && place < 0; b++) {
                reached += plane[a * W + b];
                if (reached >= sum) place = a * W + b;
            }
        y[i] = place >= 0 ? plane[place] : T(0), places[i] = place;
    }
}
// y = sum x^2 / (least + sum x); `totals`, if wanted, takes the divisors.
template <class T>
__global__ void weigh_pixels(const T* x, T* y, T* totals, index_t n, index_t count, int columns, int H, int W, int kH,
                             int kW, int dH, int dW, T least) {
    for (EACH(i, n)) {
        const T* plane = x + i / count * H * W;
        Window w = window_of(i % count, columns, H, W, kH, kW, dH, dW);
        T sum = 0, squares = 0;
        for (int a = w.top; a < w.bottom; a++)
            for (int b = w.left; b < w.right; b++) sum += plane[a * W + b], squares += plane[a * W + b] * plane[a * W + b];
        y[i] = squares / (least + sum);
        if (totals) totals[i] = least + sum;
    }
}
// A thread an element of dx, which is added to: all windows over it.
template <class T>
__global__ void weigh_gradient(const T* x, const T* dy, const T* means, const T* totals, T* dx, index_t n, int rows,
                               int columns, int H, int W, int kH, int kW, int dH, int dW) {
    for (EACH(i, n)) {
        int a = i / W % H, b = i % W;
        index_t plane = i / ((index_t)H * W) * rows * columns;
        T sum = 0;
        for (int r = a < kH ? 0 : (a - kH) / dH + 1; r <= a / dH && r < rows; r++)
            for (int c = b < kW ? 0 : (b - kW) / dW + 1; c <= b / dW && c < columns; c++) {
                index_t k = plane + (index_t)r * columns + c;
                sum += (2 * x[i] - means[k]) * (dy[k] / totals[k]);
            }
        dx[i] += sum;
    }
}
