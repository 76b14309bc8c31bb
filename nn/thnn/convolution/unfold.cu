// Windows of planes as rows of a matrix (im2col), and the rows added up to planes (col2im). A row is a place of the
// window in one plane, in all windows.
#include "common.cuh"
template <class T>
__global__ void unfold(const T* x, T* y, index_t n, int H, int W, int kH, int kW, int dilationH, int dilationW,
                       int padH, int padW, int dH, int dW, int rows, int columns) {
    for (EACH(i, n)) {
        index_t r = i / ((index_t)rows * columns), plane = r / (kH * kW);
        int a = i / columns % rows * dH + (int)(r / kW % kH) * dilationH - padH;
        int b = i % columns * dW + (int)(r % kW) * dilationW - padW;
        y[i] = a >= 0 && a < H && b >= 0 && b < W ? x[(plane * H + a) * W + b] : T(0);
    }
}
template <class T>
__global__ void fold(const T* dy, T* dx, index_t n, int H, int W, int kH, int kW, int dilationH, int dilationW, int padH,
                     int padW, int dH, int dW, int rows, int columns) {
    for (EACH(i, n)) {
        index_t plane = i / ((index_t)H * W);
        int top = i / W % H + padH, left = i % W + padW;
        T sum = 0;
        for (int a = 0; a < kH; a++)
            for (int b = 0; b < kW; b++) {
                int row = top - a * dilationH, column = left - b * dilationW;
                if (row < 0 || column < 0 || row % dH || column % dW) continue;
                row /= dH, column /= dW;
                if (row < rows && column < columns)
                    sum += dy[(((plane * kH + a) * kW + b) * rows + row) * columns + column];
            }
        dx[i] = sum;
    }
}
