// Outputs that copy input positions, axis by axis: planes x three axes; a negative source gives `value`.
#include "common.cuh"
template <class T>
__global__ void gather(const T* x, T* y, const index_t* depths, const index_t* rows, const index_t* columns, index_t n,
                       int D, int H, int W, int oD, int oH, int oW, T value) {
    for (EACH(o, n)) {
        index_t plane = o / oW / oH / oD, d = depths[o / oW / oH % oD], h = rows[o / oW % oH], w = columns[o % oW];
        y[o] = d < 0 || h < 0 || w < 0 ? value : x[((plane * D + d) * H + h) * W + w];
    }
}
// starts[k] ... starts[k + 1]: which outputs copy input position k, in `from`; a thread an input. Two
// neighbours in a row are read at once.
template <class T>
__global__ void gather_gradient(const T* dy, T* dx, const index_t* d_starts, const index_t* d_from,
                                const index_t* h_starts, const index_t* h_from, const index_t* w_starts,
                                const index_t* w_from, index_t n, int D, int H, int W, int oD, int oH, int oW) {
    bool twos = in_twos(dy, oW);
    for (EACH(e, n)) {
        index_t plane = e / W / H / D, d = e / W / H % D, h = e / W % H, w = e % W;
        T sum = 0;
        index_t first = w_starts[w], last = w_starts[w + 1], column = first < last ? w_from[first] : 0;
        bool two = twos && last - first == 2 && column % 2 == 0 && w_from[first + 1] == column + 1;
        for (index_t a = d_starts[d]; a < d_starts[d + 1]; a++)
            for (index_t b = h_starts[h]; b < h_starts[h + 1]; b++) {
                const T* row = dy + ((plane * oD + d_from[a]) * oH + h_from[b]) * oW;
                if (two) {
                    T left, right;
                    read_two(row + column, left, right);
                    sum += left, sum += right;
                } else
                    for (index_t c = first; c < last; c++) sum += row[w_from[c]];
            }
        dx[e] = sum;
    }
}
