// Max and average pooling of volumes; places are offsets in taps, t + 256 h + 65536 w, -1 for none. Maxima
// of windows two wide that do not overlap read their rows at once.
#include "common.cuh"
struct Box {  // of the axes T, H, W
    int size[3], step[3], pad[3], gap[3], large[3], small[3];
};
__device__ inline Box box_of(const int* numbers) {
    Box b;
    for (int i = 0; i < 18; i++) (&b.size[0])[i] = numbers[i];
    return b;
}
template <class T> __global__ void volume_max(const T* x, T* y, index_t* places, const int* numbers, index_t n) {
    Box w = box_of(numbers);
    bool twos = w.size[2] == 2 && w.step[2] == 2 && w.pad[2] == 0 && w.gap[2] == 1 && in_twos(x, w.large[2]);
    for (EACH(o, n)) {
        int t = (int)(o / w.small[2] / w.small[1] % w.small[0]), i = (int)(o / w.small[2] % w.small[1]);
        int j = (int)(o % w.small[2]);
        const T* p = x + o / ((index_t)w.small[0] * w.small[1] * w.small[2]) * w.large[0] * w.large[1] * w.large[2];
        T best = Limits<T>::lowest(), first, second;
        index_t place = -1;
        for (int a = 0; a < w.size[0]; a++)
            for (int b = 0; b < w.size[1]; b++) {
                int d = t * w.step[0] - w.pad[0] + a * w.gap[0], h = i * w.step[1] - w.pad[1] + b * w.gap[1];
                if (d < 0 || h < 0 || d >= w.large[0] || h >= w.large[1]) continue;
                const T* row = p + ((index_t)d * w.large[1] + h) * w.large[2];
                if (twos) read_two(row + 2 * j, first, second);
                for (int c = 0; c < w.size[2]; c++) {
                    int v = j * w.step[2] - w.pad[2] + c * w.gap[2];
                    if (v < 0 || v >= w.large[2]) continue;
                    T value = !twos ? row[v] : c == 0 ? first : second;
                    if (value > best) best = value, place = a + (b << 8) + (c << 16);
                }
            }
        y[o] = best, places[o] = place;
    }
}
// Where the place of output o lies in its plane, or -1.
__device__ inline index_t place_in(const Box& w, index_t place, index_t o) {
    if ((place & 0xffffffff) == 0xffffffff) return -1;
    int d = (int)(o / w.small[2] / w.small[1] % w.small[0]) * w.step[0] - w.pad[0] + (int)(place & 255) * w.gap[0];
    int h = (int)(o / w.small[2] % w.small[1]) * w.step[1] - w.pad[1] + (int)(place >> 8 & 255) * w.gap[1];
    int v = (int)(o % w.small[2]) * w.step[2] - w.pad[2] + (int)(place >> 16 & 255) * w.gap[2];
    if (d < 0 || h < 0 || v < 0 || d >= w.large[0] || h >= w.large[1] || v >= w.large[2]) return -1;
    return ((index_t)d * w.large[1] + h) * w.large[2] + v;
}
__device__ inline int first_window(int at, int size, int step) {
    return at < size ? 0 : (at - size) / step + 1;
}
// A thread an element of dx asks the windows over it, in the order of the windows.
template <class T>
__global__ void volume_max_gradient(const T* dy, T* dx, const index_t* places, const int* numbers, index_t n) {
    Box w = box_of(numbers);
    for (EACH(e, n)) {
        int t = (int)(e / w.large[2] / w.large[1] % w.large[0]) + w.pad[0];
        int i = (int)(e / w.large[2] % w.large[1]) + w.pad[1], j = (int)(e % w.large[2]) + w.pad[2], low[3], high[3];
        for (int axis = 0; axis < 3; axis++) {
            int at = axis == 0 ? t : axis == 1 ? i : j;
            low[axis] = first_window(at, (w.size[axis] - 1) * w.gap[axis] + 1, w.step[axis]);
            high[axis] = min(at / w.step[axis] + 1, w.small[axis]);
        }
        index_t plane = e / ((index_t)w.large[0] * w.large[1] * w.large[2]);
        T sum = 0;
        for (int a = low[0]; a < high[0]; a++)
            for (int b = low[1]; b < high[1]; b++)
                for (int c = low[2]; c < high[2]; c++) {
                    index_t o = ((plane * w.small[0] + a) * w.small[1] + b) * w.small[2] + c, place = places[o];
                    int d = t - a * w.step[0], h = i - b * w.step[1], v = j - c * w.step[2];
                    bool here = d == (int)(place & 255) * w.gap[0] && h == (int)(place >> 8 & 255) * w.gap[1] &&
                                v == (int)(place >> 16 & 255) * w.gap[2];
                    if (here && (place & 0xffffffff) != 0xffffffff) sum += dy[o];
                }
        dx[e] = sum;
    }
}
// The same without the size of the windows. A thread a plane: windows may share a maximum, and each element is written
// by one thread in one order.
template <class T>
__global__ void volume_max_scatter(const T* dy, T* dx, const index_t* places, const int* numbers, index_t planes) {
    Box w = box_of(numbers);
    index_t count = (index_t)w.small[0] * w.small[1] * w.small[2], size = (index_t)w.large[0] * w.large[1] * w.large[2];
    for (EACH(p, planes))
        for (index_t i = 0; i < count; i++) {
            index_t at = place_in(w, places[p * count + i], i);
            if (at >= 0) dx[p * size + at] += dy[p * count + i];
        }
}
template <class T>
__global__ void volume_put(const T* x, T* y, const index_t* places, const int* numbers, double* slot, index_t planes) {
    Box w = box_of(numbers);
    index_t count = (index_t)w.small[0] * w.small[1] * w.small[2], size = (index_t)w.large[0] * w.large[1] * w.large[2];
    for (EACH(p, planes))
        for (index_t i = 0; i < count; i++) {
            index_t at = place_in(w, places[p * count + i], i);
            if (at < 0)
                atomicAdd(slot + 1, 1.0);
            else
                y[p * size + at] = x[p * count + i];
        }
}
template <class T>
__global__ void volume_get(const T* dy, T* dx, const index_t* places, const int* numbers, index_t n) {
    Box w = box_of(numbers);
    index_t count = (index_t)w.small[0] * w.small[1] * w.small[2], size = (index_t)w.large[0] * w.large[1] * w.large[2];
    for (EACH(i, n)) {
        index_t at = place_in(w, places[i], i % count);
        if (at >= 0) dx[i] = dy[i / count * size + at];
    }
}
template <class T> __global__ void volume_average(const T* x, T* y, const int* numbers, index_t n) {
    Box w = box_of(numbers);
    for (EACH(o, n)) {
        index_t t = o / w.small[2] / w.small[1] % w.small[0] * w.step[0], i = o / w.small[2] % w.small[1] * w.step[1];
        index_t j = o % w.small[2] * w.step[2], plane = o / ((index_t)w.small[0] * w.small[1] * w.small[2]);
        T sum = 0;
        for (int a = 0; a < w.size[0]; a++)
            for (int b = 0; b < w.size[1]; b++)
                for (int c = 0; c < w.size[2]; c++)
                    sum += x[((plane * w.large[0] + t + a) * w.large[1] + i + b) * w.large[2] + j + c];
        y[o] = sum / T(w.size[0] * w.size[1] * w.size[2]);
    }
}
template <class T> __global__ void volume_average_gradient(const T* dy, T* dx, const int* numbers, index_t n) {
    Box w = box_of(numbers);
    T taps = T(w.size[0] * w.size[1] * w.size[2]);
    for (EACH(e, n)) {
        int t = (int)(e / w.large[2] / w.large[1] % w.large[0]), i = (int)(e / w.large[2] % w.large[1]);
        int j = (int)(e % w.large[2]);
        index_t plane = e / ((index_t)w.large[0] * w.large[1] * w.large[2]);
        T sum = 0;
        for (int a = first_window(t, w.size[0], w.step[0]); a < min(t / w.step[0] + 1, w.small[0]); a++)
            for (int b = first_window(i, w.size[1], w.step[1]); b < min(i / w.step[1] + 1, w.small[1]); b++)
                for (int c = first_window(j, w.size[2], w.step[2]); c < min(j / w.step[2] + 1, w.small[2]); c++)
                    sum += dy[((plane * w.small[0] + a) * w.small[1] + b) * w.small[2] + c] / taps;
        dx[e] = sum;
    }
}
