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
// How many outputs copy a place, and which: neighbours, the first of them `at`, or (`list`) those from[at...].
struct Copies {
    int at, count;
    bool list;
};
__device__ inline Copies copies_of(const unsigned long long* table, index_t place) {  // count, below 0 for a list, and at
    unsigned long long both = table[place];
    int count = (int)(both >> 32);
    return {(int)both, count < 0 ? -count : count, count < 0};
}
__device__ inline index_t copy_of(Copies c, const int* from, int k) {
    return c.list ? from[c.at + k] : c.at + k;
}
// A thread an input. Two neighbours in a row are read at once.
template <class T>
__global__ void gather_gradient(const T* dy, T* dx, const unsigned long long* depths, const int* d_from,
                                const unsigned long long* rows, const int* h_from, const unsigned long long* columns,
                                const int* w_from, index_t n, int D, int H, int W, int oD, int oH, int oW) {
    bool twos = in_twos(dy, oW);
    for (EACH(e, n)) {
        index_t plane = e / W / H / D;
        Copies d = copies_of(depths, e / W / H % D), h = copies_of(rows, e / W % H), w = copies_of(columns, e % W);
        bool two = twos && !w.list && w.count == 2 && w.at % 2 == 0;
        T sum = 0;
        for (int a = 0; a < d.count; a++)
            for (int b = 0; b < h.count; b++) {
                const T* row = dy + ((plane * oD + copy_of(d, d_from, a)) * oH + copy_of(h, h_from, b)) * oW;
                if (two) {
                    T left, right;
                    read_two(row + w.at, left, right);
                    sum += left, sum += right;
                } else
                    for (int c = 0; c < w.count; c++) sum += row[copy_of(w, w_from, c)];
            }
        dx[e] = sum;
    }
}
