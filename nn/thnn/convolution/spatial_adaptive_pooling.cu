// Pooling to a given size: rows[0][i] <= a < rows[1][i] are the rows of window i, columns likewise.
#include "common.cuh"
template <class T>
__global__ void adaptive_max(const T* x, T* y, index_t* places, const index_t* rows, const index_t* columns, index_t n,
                             int H, int W, int oH, int oW) {
    for (EACH(o, n)) {
        int i = (int)(o / oW % oH), j = (int)(o % oW);
        const T* p = x + o / ((index_t)oH * oW) * H * W;
        T best = T(-3.402823466e38);
        index_t row = 0, column = 0;
        for (index_t a = rows[i]; a < rows[oH + i]; a++)
            for (index_t b = columns[j]; b < columns[oW + j]; b++)
                if (p[a * W + b] > best) best = p[a * W + b], row = a - rows[i] + 1, column = b - columns[j] + 1;
        y[o] = best, places[o] = row, places[n + o] = column;
    }
}
// Windows overlap: a thread an input asks all windows of its plane that cover it.
template <class T>
__global__ void adaptive_max_gradient(const T* dy, T* dx, const index_t* places, const index_t* rows,
                                      const index_t* columns, index_t n, index_t outputs, int H, int W, int oH,
                                      int oW) {
    for (EACH(e, n)) {
        index_t plane = e / ((index_t)H * W), a = e / W % H, b = e % W;
        T sum = 0;
        for (int i = 0; i < oH; i++)
            if (rows[i] <= a && a < rows[oH + i])
                for (int j = 0; j < oW; j++)
                    if (columns[j] <= b && b < columns[oW + j]) {
                        index_t o = (plane * oH + i) * oW + j;
                        if (places[o] == a - rows[i] + 1 && places[outputs + o] == b - columns[j] + 1) sum += dy[o];
                    }
        dx[e] = sum;
    }
}
template <class T>
__global__ void adaptive_average(const T* x, T* y, const index_t* rows, const index_t* columns, index_t n, int H, int W,
                                 int oH, int oW) {
    for (EACH(o, n)) {
        int i = (int)(o / oW % oH), j = (int)(o % oW);
        const T* p = x + o / ((index_t)oH * oW) * H * W;
        T sum = 0;
        for (index_t a = rows[i]; a < rows[oH + i]; a++)
            for (index_t b = columns[j]; b < columns[oW + j]; b++) sum += p[a * W + b];
        y[o] = sum / T(columns[oW + j] - columns[j]) / T(rows[oH + i] - rows[i]);
    }
}
template <class T>
__global__ void adaptive_average_gradient(const T* dy, T* dx, const index_t* rows, const index_t* columns, index_t n,
                                          int H, int W, int oH, int oW) {
    for (EACH(e, n)) {
        index_t plane = e / ((index_t)H * W), a = e / W % H, b = e % W;
        T sum = 0;
        for (int i = 0; i < oH; i++)
            if (rows[i] <= a && a < rows[oH + i])
                for (int j = 0; j < oW; j++)
                    if (columns[j] <= b && b < columns[oW + j])
                        sum +=
                            dy[(plane * oH + i) * oW + j] / T(columns[oW + j] - columns[j]) / T(rows[oH + i] - rows[i]);
        dx[e] = sum;
    }
}
