// Checks of every access to memory. Compile with -fsanitize=thread and link WITHOUT it: the compiler then calls
// __tsan_read4 and so on, which are ours. Finds races in shared and global memory (per barrier epoch), accesses
// outside the arrays given to the kernel, reads of shared memory that nothing wrote, misaligned vector accesses; and,
// when asked, counts the 32-byte sectors of global and the bank conflicts of shared memory, warp by warp, and those that
// a whole launch reads and writes, each once.
#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>

namespace emu {

struct Cell {  // for four bytes of memory
    uint32_t wepoch = 0, wwarp = 0, wblock = 0, repoch = 0, rwarp = 0, rblock = 0;
    uint16_t wtid = 0, rtid = 0;
    uint8_t wmask = 0, rmask = 0, many = 0, born = 0;
    const void* wpc = nullptr;
};
struct Range {
    char* at;
    size_t bytes;
    bool shared;
    std::vector<Cell> cells;
    std::vector<uint8_t> touched;  // of every four bytes, when counted: 1 read, 2 written
};
struct Group {
    uint32_t mask = 0;
    uint8_t size = 0;
    bool shared = false, write = false;
    uintptr_t at[WARP];
};
struct Tally {
    uint64_t requests = 0, lanes = 0, bytes = 0, parts = 0, ideal = 0;
    bool shared = false, write = false;
    uint8_t size = 0;
};

struct Checker {
    std::vector<Range> ranges;  // sorted by address
    size_t last = 0;
    bool on = false, profile = false;
    std::unordered_map<uint64_t, Group> groups;
    std::unordered_map<uint64_t, uint32_t> seen[LIMIT];
    std::map<const void*, Tally> tally;
    std::string text;
};
inline Checker* k = nullptr;

EMU_RAW inline Range* find(uintptr_t a) {
    Checker& K = *k;
    if (K.last < K.ranges.size()) {
        Range& r = K.ranges[K.last];
        if (a - (uintptr_t)r.at < r.bytes) return &r;
    }
    for (size_t i = 0; i < K.ranges.size(); i++)
        if (a - (uintptr_t)K.ranges[i].at < K.ranges[i].bytes) return K.last = i, &K.ranges[i];
    return nullptr;
}
EMU_RAW inline void note(Checker& K, uintptr_t a, unsigned size, bool shared, bool write, const void* pc) {
    uint64_t id = (uint64_t)(uintptr_t)pc << 6 | (unsigned)(m->current / WARP);
    uint32_t n = K.seen[m->current][id]++;
    Group& g = K.groups[id * 0x9e3779b97f4a7c15ull + n * 0xc2b2ae3d27d4eb4full + (uintptr_t)pc];
    if (!g.mask) g.size = (uint8_t)size, g.shared = shared, g.write = write;
    unsigned lane = m->current % WARP;
    g.at[lane] = a, g.mask |= 1u << lane;
    Tally& t = K.tally[pc];
    t.shared = shared, t.write = write, t.size = (uint8_t)size;
}
EMU_RAW inline void settle(Checker& K) {  // at a block's end: what the warps' requests cost
    std::unordered_map<uint64_t, const void*> pcs;
    for (auto& [pc, t] : K.tally)
        for (unsigned w = 0; w < LIMIT / WARP; w++) {
            uint64_t id = (uint64_t)(uintptr_t)pc << 6 | w;
            uint32_t most = 0;
            for (int l = 0; l < WARP; l++) {
                auto it = K.seen[w * WARP + l].find(id);
                if (it != K.seen[w * WARP + l].end()) most = std::max(most, it->second);
            }
            for (uint32_t n = 0; n < most; n++) {
                auto it = K.groups.find(id * 0x9e3779b97f4a7c15ull + n * 0xc2b2ae3d27d4eb4full + (uintptr_t)pc);
                if (it == K.groups.end()) continue;
                Group& g = it->second;
                int lanes = std::popcount(g.mask);
                t.requests++, t.lanes += lanes, t.bytes += (uint64_t)lanes * g.size;
                if (!g.shared) {
                    std::vector<uintptr_t> s, e;
                    for (int l = 0; l < WARP; l++)
                        if (g.mask >> l & 1) {
                            for (uintptr_t b = g.at[l] / 32; b <= (g.at[l] + g.size - 1) / 32; b++) s.push_back(b);
                            e.push_back(g.at[l]);
                        }
                    std::sort(s.begin(), s.end()), std::sort(e.begin(), e.end());
                    size_t distinct = std::unique(e.begin(), e.end()) - e.begin();
                    t.parts += std::unique(s.begin(), s.end()) - s.begin();
                    t.ideal += (distinct * g.size + 31) / 32;
                } else {
                    int width = g.size >= 16 ? 8 : g.size == 8 ? 16 : 32;  // lanes served together
                    for (int from = 0; from < WARP; from += width) {
                        std::vector<uintptr_t> words[32];
                        bool any = false;
                        for (int l = from; l < from + width; l++)
                            if (g.mask >> l & 1) {
                                any = true;
                                for (uintptr_t q = g.at[l] / 4; q <= (g.at[l] + g.size - 1) / 4; q++)
                                    words[q % 32].push_back(q);
                            }
                        if (!any) continue;
                        size_t worst = 1;
                        for (auto& v : words) {
                            std::sort(v.begin(), v.end());
                            worst = std::max<size_t>(worst, std::unique(v.begin(), v.end()) - v.begin());
                        }
                        t.parts += worst, t.ideal++;
                    }
                }
            }
        }
    K.groups.clear();
    for (auto& s : K.seen) s.clear();
}

EMU_RAW inline void access(uintptr_t a, unsigned size, bool write, const void* pc) {
    Checker& K = *k;
    if (!K.on || m->error[0]) return;
    if (a - (uintptr_t)m < sizeof(Machine)) return;
    const char* stack = m->fibers[m->current].stack;
    if (a - (uintptr_t)stack < STACK) return;
    Range* r = find(a);
    if (!r) {
        if (!write && a >= (uintptr_t)__ehdr_start && a < (uintptr_t)_end) return;  // constants of the program
        return fail(write ? "write outside every array" : "read outside every array", pc);
    }
    if (a % size && size <= 16) return fail("misaligned access", pc);
    size_t at = a - (uintptr_t)r->at;
    if (at + size > r->bytes)
        return fail(write ? "write past the end of an array" : "read past the end of an array", pc);
    if (K.profile) note(K, a, size, r->shared, write, pc);
    if (K.profile && !r->shared)
        for (size_t c = at / 4; c <= (at + size - 1) / 4; c++) r->touched[c] |= write ? 2 : 1;
    uint32_t block = m->block.x + m->grid.x * (m->block.y + m->grid.y * m->block.z), warp = m->current / WARP;
    uint16_t tid = (uint16_t)m->current;
    uint32_t wepoch = m->warps[warp].epoch, epoch = m->epoch;
    for (size_t c = at / 4; c <= (at + size - 1) / 4; c++) {
        Cell& s = r->cells[c];
        size_t lo = std::max(at, c * 4) - c * 4, hi = std::min(at + size, c * 4 + 4) - c * 4;
        uint8_t mask = (uint8_t)((1u << hi) - (1u << lo));
        auto ordered = [&](uint32_t b, uint32_t e, uint32_t we, uint16_t t) {
            return b == block && (e != epoch || t == tid || (t / WARP == (int)warp && we != wepoch));
        };
        if (r->shared && !write && !(s.born & mask))
            return fail("read of shared memory that nothing wrote, or whose cp.async is not waited for", pc);
        if (s.wmask & mask && !ordered(s.wblock, s.wepoch, s.wwarp, s.wtid))
            return fail(write ? "race: write after write" : "race: read after write", pc, s.wpc);
        if (write) {
            if (s.rmask & mask && (!ordered(s.rblock, s.repoch, s.rwarp, s.rtid) ||
                                   (s.many && (s.many == 2 || (s.rblock == block && s.repoch == epoch)))))
                return fail("race: write after read", pc);
            if (s.wblock != block || s.wepoch != epoch || s.wtid != tid) s.wmask = 0;
            s.wmask |= mask, s.born |= mask, s.wblock = block, s.wepoch = epoch, s.wwarp = wepoch, s.wtid = tid,
                                             s.wpc = pc;
        } else {
            bool same =
                s.rmask && s.rblock == block && s.repoch == epoch && (s.rwarp == wepoch || s.rtid / WARP != (int)warp);
            if (s.rmask && s.rblock != block)
                s.many = 2;
            else if (s.many != 2)
                s.many = same && (s.many || s.rtid != tid);
            if (!same && s.many != 2) s.rmask = 0;
            s.rmask |= mask, s.rblock = block, s.repoch = epoch, s.rwarp = wepoch, s.rtid = tid;
        }
    }
}
EMU_RAW inline void checked(uintptr_t a, unsigned size, bool write, const void* pc) {
    Quiet q;
    access(a, size, write, pc);
}
EMU_RAW inline void touched(const void* p, unsigned bytes, int kind, const void* pc) {
    bool counted = k->profile;
    k->profile = counted && kind != 1;  // the copy itself is counted where it is asked for, not at the wait
    access((uintptr_t)p, bytes, kind != 0, (const char*)pc - (kind == 2));
    k->profile = counted;
    Range* r =
        kind == 2 && !m->error[0] ? find((uintptr_t)p) : nullptr;  // under way: nobody may read it before the wait
    if (r)
        for (size_t c = ((char*)p - r->at) / 4; c < ((char*)p - r->at + bytes) / 4; c++) r->cells[c].born = 0;
}
EMU_RAW void start_check() {
    Checker& K = *k;
    std::erase_if(K.ranges, [](Range& r) { return r.shared; });
    for (auto& r : K.ranges)
        r.cells.assign((r.bytes + 3) / 4, Cell{}), r.touched.assign(K.profile ? r.cells.size() : 0, 0);
    for (auto& [p, n] : shared_variables()) K.ranges.push_back({p, n, true, {}, {}});
    if (m->dynamic_bytes) K.ranges.push_back({m->dynamic, m->dynamic_bytes, true, {}, {}});
    K.tally.clear(), K.last = 0, K.on = true, touch = touched;
}
EMU_RAW void block_check() {
    for (auto& r : k->ranges)
        if (r.shared) r.cells.assign((r.bytes + 3) / 4, Cell{});
    m->epoch++;
}
EMU_RAW void end_block() {
    if (k->profile) settle(*k);
}
EMU_RAW void stop_check() {
    k->on = false;
}
// Of all arrays the sectors that a launch read (1) or wrote (2), and the least that hold so many bytes.
inline std::pair<unsigned long, unsigned long> sectors(int way) {
    unsigned long found = 0, least = 0;
    for (auto& r : k->ranges) {
        unsigned long cells = 0;
        uintptr_t last = 0;
        for (size_t c = 0; c < r.touched.size(); c++)
            if (r.touched[c] & way) {
                uintptr_t sector = ((uintptr_t)r.at + 4 * c) / 32;
                found += sector != last, last = sector, cells++;
            }
        least += (cells * 4 + 31) / 32;
    }
    return {found, least};
}
}  // namespace emu

EMU_DOOR void emu_array(void* p, size_t bytes) {  // tell the checker about one array; (0, 0) forgets all
    if (!emu::k) emu::k = new emu::Checker;
    if (!p)
        emu::k->ranges.clear();
    else
        emu::k->ranges.push_back({(char*)p, bytes, false, {}, {}});
}
EMU_DOOR void emu_profile(int on) {
    emu::k->profile = on;
}
// Lines: pc offset, space, r/w, bytes a lane, requests, bytes, parts, ideal; then what memory gave and took in all.
EMU_DOOR const char* emu_report() {
    auto& t = emu::k->text;
    t.clear();
    char line[200];
    for (auto& [pc, q] : emu::k->tally) {
        snprintf(line, sizeof line, "%lx %s %s %d %lu %lu %lu %lu\n", (unsigned long)((char*)pc - __ehdr_start),
                 q.shared ? "shared" : "global", q.write ? "w" : "r", q.size, (unsigned long)q.requests,
                 (unsigned long)q.bytes, (unsigned long)q.parts, (unsigned long)q.ideal);
        t += line;
    }
    for (int way : {1, 2}) {
        auto [found, least] = emu::sectors(way);
        snprintf(line, sizeof line, "0 memory %s 0 0 0 %lu %lu\n", way == 1 ? "r" : "w", found, least);
        t += line;
    }
    return t.c_str();
}
#define EMU_HOOK(n)                                                      \
    EMU_DOOR void __tsan_read##n(void* p) {                              \
        if (!emu::quiet) emu::checked((uintptr_t)p, n, false, EMU_HERE); \
    }                                                                    \
    EMU_DOOR void __tsan_write##n(void* p) {                             \
        if (!emu::quiet) emu::checked((uintptr_t)p, n, true, EMU_HERE);  \
    }                                                                    \
    EMU_DOOR void __tsan_unaligned_read##n(void* p) {                    \
        if (!emu::quiet) emu::checked((uintptr_t)p, n, false, EMU_HERE); \
    }                                                                    \
    EMU_DOOR void __tsan_unaligned_write##n(void* p) {                   \
        if (!emu::quiet) emu::checked((uintptr_t)p, n, true, EMU_HERE);  \
    }
EMU_HOOK(1) EMU_HOOK(2) EMU_HOOK(4) EMU_HOOK(8) EMU_HOOK(16) EMU_DOOR void __tsan_read_range(void* p, long n) {
    if (!emu::quiet) emu::checked((uintptr_t)p, (unsigned)n, false, EMU_HERE);
}
EMU_DOOR void __tsan_write_range(void* p, long n) {
    if (!emu::quiet) emu::checked((uintptr_t)p, (unsigned)n, true, EMU_HERE);
}
EMU_DOOR void __tsan_init() {}
EMU_DOOR void __tsan_func_entry(void*) {}
EMU_DOOR void __tsan_func_exit() {}
EMU_DOOR void __tsan_vptr_update(void**, void*) {}
