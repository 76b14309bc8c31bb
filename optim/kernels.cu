// Fused updates on the GPU: the loops of kernels.py, one element at a time, with the same names and arguments.
//
// What is written comes first, by reference; then what is read. T is float or double.

template <typename T>
__device__ void axpy(T &x, T d, T a) {
    x += a * d;
}

template <typename T>
__device__ void sgd(T &x, T g, T lr, T rate, T decay) {
    x -= lr * rate * (g + decay * x);
}

template <typename T>
__device__ void momentum(T &x, T &v, T g, T lr, T rate, T decay, T keep, T take, T ahead) {
    T d = g + decay * x;
    v = keep * v + take * d;
    x -= lr * rate * (ahead > 0 ? d + ahead * v : v);
}

template <typename T>
__device__ void nag(T &x, T &v, T g, T lr, T rate, T decay, T keep) {
    T d = lr * rate * (g + decay * x);
    x -= d;
    v = keep * v - d;
}

template <typename T>
__device__ void asgd(T &x, T &mean, T g, T shrink, T eta, T mu) {
    x = shrink * x - eta * g;
    mean = mu != 1 ? mean + mu * (x - mean) : x;
}

template <typename T>
__device__ void adam(T &x, T &m, T &v, T g, T step, T decay, T beta1, T take1, T beta2, T take2, T epsilon) {
    T d = g + decay * x;
    m = beta1 * m + take1 * d;
    v = beta2 * v + take2 * d * d;
    x -= step * m / (sqrt(v) + epsilon);
}

template <typename T>
__device__ void adamax(T &x, T &m, T &u, T g, T step, T decay, T beta1, T take1, T beta2, T epsilon) {
    T d = g + decay * x;
    m = beta1 * m + take1 * d;
    T old_u = beta2 * u, new_u = fabs(d) + epsilon;
    u = old_u > new_u ? old_u : new_u;
    x -= step * m / u;
}

template <typename T>
__device__ void adagrad(T &x, T &v, T g, T lr, T decay, T epsilon) {
    T d = g + decay * x;
    v += d * d;
    x -= lr * d / (sqrt(v) + epsilon);
}

template <typename T>
__device__ void adadelta(T &x, T &v, T &a, T g, T decay, T rho, T take, T epsilon) {
    T d = g + decay * x;
    v = rho * v + take * d * d;
    d *= sqrt(a + epsilon) / sqrt(v + epsilon);
    x -= d;
    a = rho * a + take * d * d;
}

template <typename T>
__device__ void rmsprop(T &x, T &m, T g, T lr, T decay, T alpha, T take, T epsilon) {
    T d = g + decay * x;
    m = alpha * m + take * d * d;
    x -= lr * d / (sqrt(m) + epsilon);
}

template <typename T>
__device__ void rprop(T &x, T &last, T &step, T g, T plus, T minus, T largest, T smallest) {
    T same = g * last;
    T d = same < 0 ? T(0) : g;
    T h = step * (same > 0 ? plus : same < 0 ? minus : T(1));
    h = h < smallest ? smallest : h;
    step = h > largest ? largest : h;
    last = d;
    x -= d > 0 ? step : d < 0 ? -step : T(0);
}
