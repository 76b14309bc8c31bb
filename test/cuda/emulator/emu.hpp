// CUDA on the CPU, for tests: runs the kernels of a .cu file, unchanged, as ordinary C++20 (g++ or clang, x86-64 or any
// host with ucontext). One operating-system thread; every CUDA thread of a block is a fiber. Deterministic.
//
// What is adversarial on purpose:
//   * shared memory is filled with NaN (0xFF bytes) before every block: nothing may rely on what was there;
//   * cp.async copies at the LAST legal moment (at the wait), and spoils its destination until then;
//   * threads run in an order chosen by a seed, so that code that depends on the order shows it;
//   * a block that ends, or waits, with some threads at a barrier and others not, is an error with both places.
// With -DEMU_CHECK and -fsanitize=thread (the compiler's hooks only; see hooks.hpp) every access to memory is checked.
#pragma once
#include <bit>
#include <math.h>  // with the overloads for float in the global namespace, as CUDA has them
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

#define EMU 1
// Barriers are told apart by source line: an optimiser may copy a call, so its return address says nothing.
#define EMU_LINE int line = __builtin_LINE()
#define EMU_AT ((const void*)(uintptr_t)line)
#define EMU_HERE __builtin_return_address(0)
#define EMU_RAW __attribute__((no_sanitize("thread"), noinline))
#define EMU_HOT __attribute__((no_sanitize("thread")))
#define EMU_DOOR extern "C" __attribute__((visibility("default"))) EMU_RAW

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
struct alignas(16) double2 {
    double x, y;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(16) int4 {
    int x, y, z, w;
};
struct alignas(8) int2 {
    int x, y;
};
inline float4 make_float4(float a, float b, float c, float d) {
    return {a, b, c, d};
}
inline int4 make_int4(int a, int b, int c, int d) {
    return {a, b, c, d};
}
inline int2 make_int2(int a, int b) {
    return {a, b};
}
inline float2 make_float2(float a, float b) {
    return {a, b};
}

namespace emu {

constexpr int WARP = 32, LIMIT = 1024;
#if defined(__SANITIZE_ADDRESS__) || defined(EMU_CHECK)
constexpr size_t STACK = 256 << 10;
#else
constexpr size_t STACK = 64 << 10;
#endif

enum State : uint8_t { RUN, AT_BLOCK, AT_WARP, DONE };

struct Copy {
    void* to;
    const void* from;
    unsigned bytes, valid;
};

struct Fiber {
    void* sp = nullptr;
    char* stack = nullptr;
    State state = DONE;
    const void* where = nullptr;  // the barrier it waits at
    unsigned warp_phase = 0;
    std::vector<std::vector<Copy>> groups;
    std::vector<Copy> open;
    void* fake = nullptr;  // AddressSanitizer's
};

struct Warp {
    unsigned arrived = 0, alive = 0, epoch = 0;
    unsigned need = 0;
    alignas(16) unsigned char slot[2][WARP][96];  // what lanes exchange; twice, so that one barrier is enough
};

struct Machine {
    Fiber fibers[LIMIT];
    Warp warps[LIMIT / WARP];
    int threads = 0, alive = 0, at_block = 0, current = 0;
    int order[LIMIT];
    uint64_t seed = 0;
    void* scheduler_sp = nullptr;
    const void* scheduler_bottom = nullptr;
    size_t scheduler_size = 0;
    uint3 tid[LIMIT], block{};
    dim3 grid, dim;
    char* dynamic = nullptr;
    size_t dynamic_bytes = 0, dynamic_cap = 0;
    void (*body)(void*) = nullptr;
    void* arguments = nullptr;
    uint32_t epoch = 1;  // counts block barriers over a whole launch: never reset within one
    char error[512] = "";
    bool inside = false;  // a fiber runs, not the scheduler
    int or_value = 0, and_value = 1, count_value = 0, vote_result[3] = {};
};
inline Machine* m = nullptr;
inline int quiet = 1;  // while not 0, accesses are the emulator's own and are not checked
inline std::vector<std::pair<char*, size_t>>& shared_variables() {
    static auto* v = new std::vector<std::pair<char*, size_t>>;
    return *v;
}

EMU_RAW inline void to_scheduler(bool dying = false);

// The launch ends here: a thread that fails goes no further, for its access would hit memory of the host.
EMU_RAW inline void fail(const char* what, const void* a = nullptr, const void* b = nullptr) {
    if (!m->error[0])
        snprintf(m->error, sizeof m->error, "%s; block (%u,%u,%u) thread (%u,%u,%u)|%p|%p", what, m->block.x,
                 m->block.y, m->block.z, m->tid[m->current].x, m->tid[m->current].y, m->tid[m->current].z, a, b);
    if (m->inside) to_scheduler();
}

// ---- switching stacks: twelve instructions on x86-64 --------------------------------------------------------------
extern "C" void emu_switch(void** save, void* load);
#if defined(__x86_64__)
asm(R"(
.text
.weak emu_switch
.type emu_switch,@function
emu_switch:
    push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp
    ret
.size emu_switch,.-emu_switch
)");
#elif defined(__aarch64__)
asm(R"(
.text
.weak emu_switch
.type emu_switch,%function
emu_switch:
    sub sp, sp, #160
    stp x19, x20, [sp]; stp x21, x22, [sp,#16]; stp x23, x24, [sp,#32]; stp x25, x26, [sp,#48]
    stp x27, x28, [sp,#64]; stp x29, x30, [sp,#80]; stp d8, d9, [sp,#96]; stp d10, d11, [sp,#112]
    stp d12, d13, [sp,#128]; stp d14, d15, [sp,#144]
    mov x9, sp; str x9, [x0]; mov sp, x1
    ldp x19, x20, [sp]; ldp x21, x22, [sp,#16]; ldp x23, x24, [sp,#32]; ldp x25, x26, [sp,#48]
    ldp x27, x28, [sp,#64]; ldp x29, x30, [sp,#80]; ldp d8, d9, [sp,#96]; ldp d10, d11, [sp,#112]
    ldp d12, d13, [sp,#128]; ldp d14, d15, [sp,#144]
    add sp, sp, #160; ret
.size emu_switch,.-emu_switch
)");
#else
#error "emu_switch: write it for this processor (or use ucontext)"
#endif

EMU_RAW inline void to_scheduler(bool dying) {
    Fiber& f = m->fibers[m->current];
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(dying ? nullptr : &f.fake, m->scheduler_bottom, m->scheduler_size);
#else
    (void)dying;
#endif
    emu_switch(&f.sp, m->scheduler_sp);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(f.fake, nullptr, nullptr);
#endif
}

EMU_RAW inline void enter() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &m->scheduler_bottom, &m->scheduler_size);
#endif
    m->body(m->arguments);
    quiet = 1;
    Fiber& f = m->fibers[m->current];
    f.groups.clear(), f.open.clear();
    f.state = DONE;
    m->alive--;
    m->warps[m->current / WARP].alive &= ~(1u << m->current % WARP);
    to_scheduler(true);
    __builtin_trap();
}

EMU_RAW inline void resume(int t) {
    m->current = t;
    Fiber& f = m->fibers[t];
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, f.stack, STACK);
#endif
    quiet = 0, m->inside = true;
    emu_switch(&m->scheduler_sp, f.sp);
    quiet = 1, m->inside = false;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
}

EMU_RAW inline void prepare(int t) {
    Fiber& f = m->fibers[t];
    if (!f.stack) f.stack = (char*)aligned_alloc(4096, STACK);
    // tops of stacks apart in the cache: else all fibers share one set of it
    uintptr_t top = (uintptr_t)(f.stack + STACK - t % 61 * 192) & ~uintptr_t(15);
#if defined(__x86_64__)
    void** sp = (void**)top;
    *--sp = nullptr;  // keeps the stack aligned as after a call
    *--sp = (void*)(void (*)())enter;
    for (int i = 0; i < 6; i++) *--sp = nullptr;
    f.sp = sp;
#else
    void** sp = (void**)(top - 160);
    memset(sp, 0, 160);
    sp[11] = (void*)(void (*)())enter;
    f.sp = sp;
#endif
    f.state = RUN, f.groups.clear(), f.open.clear();
}

// ---- barriers -----------------------------------------------------------------------------------------------------
EMU_RAW inline void block_barrier(const void* where) {
    Fiber& f = m->fibers[m->current];
    f.state = AT_BLOCK, f.where = where, m->at_block++;
    to_scheduler();
}

// All lanes of `mask` meet. The lane that comes last calls `last`, then all go on.
template <class Last> EMU_HOT inline void warp_barrier(unsigned mask, const void* where, Last last) {
    int lane = m->current % WARP;
    Warp& w = m->warps[m->current / WARP];
    if (!(mask >> lane & 1)) {
        fail("a lane calls a warp operation whose mask leaves it out", where);
        return;
    }
    if (mask & ~w.alive) {
        fail("a warp operation waits for lanes that have returned or do not exist", where);
        return;
    }
    if (w.arrived && w.need != mask) fail("lanes of one warp operation name different masks", where);
    w.need = mask;
    w.arrived |= 1u << lane;
    m->fibers[m->current].where = where;
    if (w.arrived == mask) {
        last();
        w.arrived = 0, w.epoch++;
        for (int l = 0; l < WARP; l++)
            if (mask >> l & 1 && l != lane) m->fibers[m->current - lane + l].state = RUN;
    } else {
        m->fibers[m->current].state = AT_WARP;
        to_scheduler();
    }
    m->fibers[m->current].warp_phase ^= 1;
}

EMU_RAW inline void run_block() {
    Machine& M = *m;
    int n = M.threads;
    M.alive = n, M.at_block = 0;
    for (int w = 0; w * WARP < n; w++) {
        M.warps[w].arrived = 0;
        M.warps[w].alive = n - w * WARP >= WARP ? 0xffffffffu : (1u << (n - w * WARP)) - 1;
    }
    for (int t = 0; t < n; t++) M.fibers[t].warp_phase = 0, prepare(t);
    int first = 0;  // warps in turn; within a warp the lanes in turn until none can go on
    while (M.alive) {
        bool moved = false;
        for (int i = first; i < n; i += WARP) {
            int end = i + WARP < n ? i + WARP : n;
            for (bool again = true; again;) {
                again = false;
                for (int k = i; k < end; k++) {
                    int t = M.order[k];
                    if (M.fibers[t].state == RUN) resume(t), moved = again = true;
                    if (M.error[0]) return;
                }
            }
        }
        if (!M.alive) break;
        if (M.at_block == M.alive) {
            const void* where = nullptr;
            for (int t = 0; t < n; t++)
                if (M.fibers[t].state == AT_BLOCK) {
                    if (where && where != M.fibers[t].where) {
                        M.current = t;
                        return fail("threads of a block wait at different barriers", where, M.fibers[t].where);
                    }
                    where = M.fibers[t].where;
                }
            if (M.alive != n) {
                for (int t = 0; t < n; t++)
                    if (M.fibers[t].state == AT_BLOCK) {
                        M.current = t;
                        break;
                    }
                return fail("a barrier is reached by some threads only: others have returned", where);
            }
            M.vote_result[0] = M.or_value, M.vote_result[1] = M.and_value, M.vote_result[2] = M.count_value;
            M.or_value = 0, M.and_value = 1, M.count_value = 0;
            for (int t = 0; t < n; t++) M.fibers[t].state = RUN;
            M.at_block = 0, M.epoch++;
        } else if (!moved) {
            for (int t = 0; t < n; t++)
                if (M.fibers[t].state == AT_BLOCK || M.fibers[t].state == AT_WARP) {
                    M.current = t;
                    break;
                }
            return fail("deadlock: some threads wait at a barrier that others never reach", M.fibers[M.current].where);
        }
    }
}

struct Quiet {
    EMU_RAW Quiet() { quiet++; }
    EMU_RAW ~Quiet() { quiet--; }
};
inline void (*touch)(const void* p, unsigned bytes, int kind, const void* pc) = nullptr;  // set by hooks.hpp

// ---- cp.async -----------------------------------------------------------------------------------------------------
EMU_RAW inline void async_copy(void* to, const void* from, unsigned bytes, unsigned valid) {
    Quiet q;
    if ((uintptr_t)to % bytes || (valid && (uintptr_t)from % bytes))
        fail("cp.async: an address is not aligned to its size");
    if (touch) {
        if (valid) touch(from, valid, 0, EMU_HERE);
        touch(to, bytes, 2, EMU_HERE);
    }
    m->fibers[m->current].open.push_back({to, from, bytes, valid});
    memset(to, 0xFF, bytes);
}
EMU_RAW inline void async_commit() {
    Quiet q;
    Fiber& f = m->fibers[m->current];
    f.groups.push_back(std::move(f.open));
    f.open.clear();
}
EMU_RAW inline void async_wait(size_t leave) {
    Quiet q;
    Fiber& f = m->fibers[m->current];
    while (f.groups.size() > leave) {
        for (const Copy& c : f.groups.front()) {
            if (c.valid) memcpy(c.to, c.from, c.valid);
            memset((char*)c.to + c.valid, 0, c.bytes - c.valid);
            if (touch) touch(c.to, c.bytes, 1, EMU_HERE);
        }
        f.groups.erase(f.groups.begin());
    }
}
EMU_HOT inline void* dynamic_shared() {
    return m->dynamic;
}

// ---- launching ----------------------------------------------------------------------------------------------------
template <class... A, size_t... I> EMU_HOT void call(void (*f)(A...), void** a, std::index_sequence<I...>) {
    f(*(std::remove_reference_t<A>*)a[I]...);
}
template <class... A> EMU_HOT void invoke(void (*f)(A...), void** a) {
    call(f, a, std::index_sequence_for<A...>{});
}

// One letter and size a parameter: p8 pointer, i4 int, u4, i8, f4 float, f8 double, s24 struct.
template <class T> void describe(char*& p) {
    *p++ = std::is_pointer_v<T>          ? 'p'
           : std::is_floating_point_v<T> ? 'f'
           : std::is_integral_v<T>       ? (std::is_signed_v<T> ? 'i' : 'u')
                                         : 's';
    p += sprintf(p, "%d ", (int)sizeof(T));
}
template <class... A> const char* signature(void (*)(A...)) {
    static char text[512];
    char* p = text;
    (describe<A>(p), ...);
    return text;
}
struct Entry {
    const char* name;
    const char* types;
    void (*run)(void*);
};
std::vector<Entry>& entries();

template <auto F> struct Runner {
    EMU_HOT static void run(void* a) { invoke(F, (void**)a); }
};

EMU_RAW inline uint64_t mix(uint64_t& s) {
    s += 0x9e3779b97f4a7c15ull;
    uint64_t z = s;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull, z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}
}  // namespace emu

extern "C" char __ehdr_start[] __attribute__((visibility("hidden")));  // where this program's image begins and ends
extern "C" char _end[] __attribute__((visibility("hidden")));

// ---- the language -------------------------------------------------------------------------------------------------
#define __global__ __attribute__((noinline))
#define __device__
#define __host__
#define __forceinline__ inline
#define __noinline__
#define __constant__ static const
#define __shared__ static
#define __align__(n) alignas(n)
#define __launch_bounds__(...)
#define __restrict__
#define threadIdx (emu::m->tid[emu::m->current])
#define blockIdx (emu::m->block)
#define blockDim (emu::m->dim)
#define gridDim (emu::m->grid)
#define warpSize 32

EMU_RAW inline void __syncthreads(EMU_LINE) {
    emu::block_barrier(EMU_AT);
}
EMU_RAW inline int __syncthreads_or(int p, EMU_LINE) {
    emu::m->or_value |= p != 0;
    emu::block_barrier(EMU_AT);
    return emu::m->vote_result[0];
}
EMU_RAW inline int __syncthreads_and(int p, EMU_LINE) {
    emu::m->and_value &= p != 0;
    emu::block_barrier(EMU_AT);
    return emu::m->vote_result[1];
}
EMU_RAW inline int __syncthreads_count(int p, EMU_LINE) {
    emu::m->count_value += p != 0;
    emu::block_barrier(EMU_AT);
    return emu::m->vote_result[2];
}
EMU_RAW inline void __syncwarp(unsigned mask = 0xffffffffu, EMU_LINE) {
    emu::warp_barrier(mask, EMU_AT, [] {});
}
inline void __threadfence() {}
inline void __threadfence_block() {}

namespace emu {
template <class T> EMU_RAW inline T exchange(unsigned mask, T v, int from, const void* where) {
    static_assert(sizeof(T) <= 16);
    Warp& w = m->warps[m->current / WARP];
    unsigned ph = m->fibers[m->current].warp_phase;
    memcpy(w.slot[ph][m->current % WARP], &v, sizeof v);
    warp_barrier(mask, where, [] {});
    T r;
    if (!(mask >> from & 1)) {
        fail("a shuffle reads a lane outside its mask", where);
        return v;
    }
    memcpy(&r, w.slot[ph][from], sizeof r);
    return r;
}
}  // namespace emu
template <class T> EMU_HOT inline T __shfl_sync(unsigned k, T v, int src, int width = 32) {
    int l = emu::m->current % 32;
    return emu::exchange(k, v, (l & ~(width - 1)) + (src & (width - 1)), EMU_HERE);
}
template <class T> EMU_HOT inline T __shfl_xor_sync(unsigned k, T v, int x, int width = 32) {
    int l = emu::m->current % 32, to = l ^ x;
    return emu::exchange(k, v, (to & ~(width - 1)) <= (l & ~(width - 1)) || to < (l | (width - 1)) + 1 ? to : l,
                         EMU_HERE);
}
template <class T> EMU_HOT inline T __shfl_down_sync(unsigned k, T v, unsigned d, int width = 32) {
    int l = emu::m->current % 32;
    return emu::exchange(k, v, (l & (width - 1)) + d < (unsigned)width ? l + d : l, EMU_HERE);
}
template <class T> EMU_HOT inline T __shfl_up_sync(unsigned k, T v, unsigned d, int width = 32) {
    int l = emu::m->current % 32;
    return emu::exchange(k, v, (unsigned)(l & (width - 1)) >= d ? l - d : l, EMU_HERE);
}
EMU_RAW inline unsigned __ballot_sync(unsigned mask, int p) {
    using namespace emu;
    Warp& w = m->warps[m->current / WARP];
    unsigned ph = m->fibers[m->current].warp_phase;
    w.slot[ph][m->current % WARP][0] = p != 0;
    warp_barrier(mask, EMU_HERE, [] {});
    unsigned r = 0;
    for (int l = 0; l < WARP; l++)
        if (mask >> l & 1) r |= (unsigned)w.slot[ph][l][0] << l;
    return r;
}
EMU_HOT inline int __any_sync(unsigned k, int p) {
    return __ballot_sync(k, p) != 0;
}
EMU_HOT inline int __all_sync(unsigned k, int p) {
    return __ballot_sync(k, p) == k;
}
inline unsigned __activemask() {
    return emu::m->warps[emu::m->current / 32].alive;
}
inline int __popc(unsigned x) {
    return std::popcount(x);
}
inline int __ffs(int x) {
    return x ? std::countr_zero((unsigned)x) + 1 : 0;
}
inline int __clz(int x) {
    return std::countl_zero((unsigned)x);
}
inline unsigned __umulhi(unsigned a, unsigned b) {
    return (unsigned)((uint64_t)a * b >> 32);
}
inline int __mul24(int a, int b) {
    return a * b;
}

// Atomics: nothing else runs, so plain code is atomic. Not instrumented: they never race with each other.
template <class T> EMU_RAW inline T atomicAdd(T* p, std::type_identity_t<T> v) {
    T o = *p;
    *p = o + v;
    return o;
}
template <class T> EMU_RAW inline T atomicMax(T* p, std::type_identity_t<T> v) {
    T o = *p;
    if (v > o) *p = v;
    return o;
}
template <class T> EMU_RAW inline T atomicMin(T* p, std::type_identity_t<T> v) {
    T o = *p;
    if (v < o) *p = v;
    return o;
}
template <class T> EMU_RAW inline T atomicExch(T* p, std::type_identity_t<T> v) {
    T o = *p;
    *p = v;
    return o;
}
template <class T> EMU_RAW inline T atomicCAS(T* p, std::type_identity_t<T> c, std::type_identity_t<T> v) {
    T o = *p;
    if (o == c) *p = v;
    return o;
}

template <class T> inline T __ldg(const T* p) {
    return *p;
}
template <class T> inline T __ldcs(const T* p) {
    return *p;
}
template <class T> inline void __stcs(T* p, T v) {
    *p = v;
}
inline float __int_as_float(int x) {
    return std::bit_cast<float>(x);
}
inline int __float_as_int(float x) {
    return std::bit_cast<int>(x);
}
inline unsigned __float_as_uint(float x) {
    return std::bit_cast<unsigned>(x);
}
inline float __uint_as_float(unsigned x) {
    return std::bit_cast<float>(x);
}
inline float __fdividef(float a, float b) {
    return a / b;
}
inline float __expf(float x) {
    return expf(x);
}
inline float __logf(float x) {
    return logf(x);
}
inline float rsqrtf(float x) {
    return 1 / sqrtf(x);
}
inline double rsqrt(double x) {
    return 1 / std::sqrt(x);
}
using std::isinf;
using std::isnan;
template <class A, class B> inline std::common_type_t<A, B> min(A a, B b) {
    return b < a ? b : a;
}
template <class A, class B> inline std::common_type_t<A, B> max(A a, B b) {
    return a < b ? b : a;
}

// ---- what common.cuh writes in PTX: twins --------------------------------------------------------------------------
namespace emu {
inline float tf32_rna(float x) {  // cvt.rna.tf32.f32: nearest, ties away from zero
    unsigned u = std::bit_cast<unsigned>(x);
    if ((u & 0x7f800000u) == 0x7f800000u) return x;
    return std::bit_cast<float>((u + 0x1000u) & ~0x1fffu);
}
inline float tf32_cut(float x) {
    return std::bit_cast<float>(std::bit_cast<unsigned>(x) & ~0x1fffu);
}  // what the unit reads
inline float bf16_to(uint16_t x) {
    return std::bit_cast<float>((unsigned)x << 16);
}
inline uint16_t to_bf16(float x) {
    unsigned u = std::bit_cast<unsigned>(x);
    if (x != x) return 0x7fff;
    return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}
// mma.sync.m16n8k8 row.col f32.tf32.tf32.f32: fragments as the PTX manual lays them out.
EMU_RAW inline void mma_16x8x8_tf32(float* d, const float* a, const float* b) {
    Warp& w = m->warps[m->current / WARP];
    unsigned ph = m->fibers[m->current].warp_phase;
    struct Slot {
        float a[4], b[2], c[4], d[4];
    };
    static_assert(sizeof(Slot) <= 96);
    auto slot = [&](int l) { return (Slot*)w.slot[ph][l]; };
    Slot* s = slot(m->current % WARP);
    for (int i = 0; i < 4; i++) s->a[i] = tf32_cut(a[i]), s->c[i] = d[i];
    for (int i = 0; i < 2; i++) s->b[i] = tf32_cut(b[i]);
    warp_barrier(0xffffffffu, EMU_HERE, [&] {
        float A[16][8], B[8][8];
        for (int l = 0; l < 32; l++) {
            int g = l / 4, t = l % 4;
            Slot* q = slot(l);
            A[g][t] = q->a[0], A[g + 8][t] = q->a[1], A[g][t + 4] = q->a[2], A[g + 8][t + 4] = q->a[3];
            B[t][g] = q->b[0], B[t + 4][g] = q->b[1];
        }
        for (int l = 0; l < 32; l++) {
            int g = l / 4, t = l % 4;
            Slot* q = slot(l);
            for (int i = 0; i < 4; i++) {
                int r = g + (i / 2) * 8, c = 2 * t + i % 2;
                float sum = q->c[i];
                for (int k = 0; k < 8; k++) sum += A[r][k] * B[k][c];
                q->d[i] = sum;
            }
        }
    });
    for (int i = 0; i < 4; i++) d[i] = s->d[i];
}
// mma.sync.m16n8k16 row.col f32.bf16.bf16.f32: a four, b two registers of two bf16 each, the lower half first.
EMU_RAW inline void mma_16x8x16_bf16(float* d, const unsigned* a, const unsigned* b) {
    Warp& w = m->warps[m->current / WARP];
    unsigned ph = m->fibers[m->current].warp_phase;
    struct Slot {
        unsigned a[4], b[2];
        float c[4], d[4];
    };
    auto slot = [&](int l) { return (Slot*)w.slot[ph][l]; };
    Slot* s = slot(m->current % WARP);
    memcpy(s->a, a, 16), memcpy(s->b, b, 8), memcpy(s->c, d, 16);
    warp_barrier(0xffffffffu, EMU_HERE, [&] {
        float A[16][16], B[16][8];
        for (int l = 0; l < 32; l++) {
            int g = l / 4, t = l % 4;
            Slot* q = slot(l);
            for (int r = 0; r < 4; r++)
                for (int h = 0; h < 2; h++)
                    A[g + (r & 1) * 8][2 * t + h + (r >> 1) * 8] = bf16_to((uint16_t)(q->a[r] >> 16 * h));
            for (int r = 0; r < 2; r++)
                for (int h = 0; h < 2; h++) B[2 * t + h + r * 8][g] = bf16_to((uint16_t)(q->b[r] >> 16 * h));
        }
        for (int l = 0; l < 32; l++) {
            int g = l / 4, t = l % 4;
            Slot* q = slot(l);
            for (int i = 0; i < 4; i++) {
                float sum = q->c[i];
                for (int k = 0; k < 16; k++) sum += A[g + (i / 2) * 8][k] * B[k][2 * t + i % 2];
                q->d[i] = sum;
            }
        }
    });
    for (int i = 0; i < 4; i++) d[i] = s->d[i];
}
// Half as bits, for common.cuh: round to nearest even, subnormals kept.
EMU_HOT inline float half_to_float(uint16_t h) {
    unsigned s = (unsigned)(h & 0x8000) << 16, e = h >> 10 & 31, f = h & 1023;
    if (e == 31) return std::bit_cast<float>(s | 0x7f800000u | f << 13);
    if (e == 0) {
        float v = ldexpf((float)f, -24);
        return s ? -v : v;
    }
    return std::bit_cast<float>(s | (e + 112) << 23 | f << 13);
}
EMU_HOT inline uint16_t float_to_half(float x) {
    unsigned u = std::bit_cast<unsigned>(x), s = u >> 16 & 0x8000, a = u & 0x7fffffffu;
    if (a > 0x7f800000u) return (uint16_t)(s | 0x7fff);
    if (a >= 0x477ff000u) return (uint16_t)(s | 0x7c00);
    if (a < 0x38800000u) return (uint16_t)(s | (unsigned)std::nearbyint(ldexpf(std::bit_cast<float>(a), 24)));
    return (uint16_t)(s | ((a + 0xfff + (a >> 13 & 1)) >> 13) - (112 << 10));
}
}  // namespace emu

#if defined(EMU_HOOKS)  // the part of its own that has the checks
#include "hooks.hpp"
#elif defined(EMU_CHECK)
namespace emu {
void start_check();
void block_check();
void end_block();
void stop_check();
}  // namespace emu
#else
namespace emu {
inline void start_check() {}
inline void block_check() {}
inline void end_block() {}
inline void stop_check() {}
}  // namespace emu
#endif

// ---- the door for Python: put EMU_MAIN(...) once, at the end, with one EMU_KERNEL("name", expression) a kernel
// -------
#define EMU_KERNEL(text, ...) \
    emu::entries().push_back({text, strdup(emu::signature(__VA_ARGS__)), emu::Runner<__VA_ARGS__>::run});
#define EMU_MAIN(...)                                                                                                  \
    namespace emu {                                                                                                    \
    std::vector<Entry>& entries() {                                                                                    \
        static auto* e = new std::vector<Entry>;                                                                       \
        return *e;                                                                                                     \
    }                                                                                                                  \
    }                                                                                                                  \
    EMU_RAW static void emu_register() {                                                                               \
        if (emu::entries().empty()) {                                                                                  \
            emu::m = new emu::Machine;                                                                                 \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }                                                                                                                  \
    extern "C" {                                                                                                       \
    char emu_anchor = 1;                                                                                               \
    }                                                                                                                  \
    EMU_DOOR void emu_shared(intptr_t from_anchor, size_t bytes) {                                                     \
        emu::shared_variables().push_back({&emu_anchor + from_anchor, bytes});                                         \
    }                                                                                                                  \
    EMU_DOOR const char* emu_types(const char* name) {                                                                 \
        emu_register();                                                                                                \
        for (auto& e : emu::entries())                                                                                 \
            if (!strcmp(e.name, name)) return e.types;                                                                 \
        return nullptr;                                                                                                \
    }                                                                                                                  \
    EMU_DOOR const char* emu_launch(const char* name, const unsigned* g, const unsigned* b, size_t dynamic,            \
                                    void** arguments, uint64_t seed) {                                                 \
        using namespace emu;                                                                                           \
        emu_register();                                                                                                \
        Machine& M = *m;                                                                                               \
        M.error[0] = 0;                                                                                                \
        Entry* entry = nullptr;                                                                                        \
        for (auto& e : entries())                                                                                      \
            if (!strcmp(e.name, name)) entry = &e;                                                                     \
        if (!entry) return "no such kernel";                                                                           \
        M.body = entry->run, M.arguments = arguments;                                                                  \
        M.grid = {g[0], g[1], g[2]}, M.dim = {b[0], b[1], b[2]};                                                       \
        uint64_t n = (uint64_t)b[0] * b[1] * b[2];                                                                     \
        if (n < 1 || n > 1024) return "a block must have 1 to 1024 threads";                                           \
        if (b[2] > 64) return "blockDim.z is at most 64";                                                              \
        if (!g[0] || !g[1] || !g[2] || g[0] > 0x7fffffffu || g[1] > 65535 || g[2] > 65535) return "grid out of range"; \
        if (dynamic > 227 * 1024) return "a block has at most 227 KB of shared memory";                                \
        M.threads = (int)n;                                                                                            \
        if (dynamic > M.dynamic_cap) {                                                                                 \
            free(M.dynamic);                                                                                           \
            M.dynamic = (char*)aligned_alloc(1024, (dynamic + 1023) / 1024 * 1024);                                    \
            M.dynamic_cap = dynamic;                                                                                   \
        }                                                                                                              \
        M.dynamic_bytes = dynamic;                                                                                     \
        for (unsigned t = 0; t < n; t++) M.tid[t] = {t % b[0], t / b[0] % b[1], t / b[0] / b[1]};                      \
        for (unsigned t = 0; t < n; t++) M.order[t] = (int)t;                                                          \
        if (seed)                                                                                                      \
            for (unsigned w = 0; w < n; w += 32) {                                                                     \
                unsigned c = n - w < 32 ? (unsigned)n - w : 32;                                                        \
                for (unsigned i = c - 1; i > 0; i--) std::swap(M.order[w + i], M.order[w + mix(seed) % (i + 1)]);      \
            }                                                                                                          \
        start_check();                                                                                                 \
        uint64_t blocks = (uint64_t)g[0] * g[1] * g[2];                                                                \
        for (uint64_t k = 0; k < blocks && !M.error[0]; k++) {                                                         \
            uint64_t i = seed & 1 ? blocks - 1 - k : k;                                                                \
            M.block = {(unsigned)(i % g[0]), (unsigned)(i / g[0] % g[1]), (unsigned)(i / g[0] / g[1])};                \
            for (auto& [p, bytes] : shared_variables()) memset(p, 0xFF, bytes);                                        \
            if (dynamic) memset(M.dynamic, 0xFF, dynamic);                                                             \
            block_check();                                                                                             \
            run_block();                                                                                               \
            end_block();                                                                                               \
        }                                                                                                              \
        stop_check();                                                                                                  \
        return M.error[0] ? M.error : nullptr;                                                                         \
    }
