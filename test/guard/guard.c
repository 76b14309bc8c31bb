/* A memory handler for NumPy (NEP 49): every array lies directly against a page without access.

   A block is [its sizes][page without access][pages of data][page without access]. Fresh memory holds 0xFF bytes, which
   are NaN as floating-point numbers; freed memory is unmapped. One element read or written out of bounds, and every use
   after free, ends the process. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096UL

enum { AT_THE_END, AT_THE_START, EITHER };

static int side = EITHER;
static uint64_t state = 12345;

void guard_side(int where) { side = where; }

static int at_the_end(void) {
    if (side != EITHER)
        return side == AT_THE_END;
    state = state * 6364136223846793005UL + 1442695040888963407UL;
    return state >> 40 & 1;
}

/* The sizes of a block, two pages before its data: mapped bytes, used bytes. */
static size_t *sizes_of(void *data) { return (size_t *)(((uintptr_t)data & ~(PAGE - 1)) - 2 * PAGE); }

static void *reserve(size_t bytes, int fill) {
    size_t used = bytes ? bytes : 1;
    if (used > (size_t)1 << 46)
        return NULL;
    size_t pages = (used + PAGE - 1) / PAGE, total = (pages + 3) * PAGE;
    char *block = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block == MAP_FAILED)
        return NULL;
    char *first = block + 2 * PAGE, *last = first + pages * PAGE;
    if (fill)
        memset(first, 0xFF, pages * PAGE);
    mprotect(block + PAGE, PAGE, PROT_NONE);
    mprotect(last, PAGE, PROT_NONE);
    ((size_t *)block)[0] = total;
    ((size_t *)block)[1] = used;
    return at_the_end() ? last - used : first;
}

static void release(void *data) {
    if (data) {
        size_t *sizes = sizes_of(data);
        munmap(sizes, sizes[0]);
    }
}

static void *guard_malloc(void *context, size_t bytes) { return reserve(bytes, 1); }

static void *guard_calloc(void *context, size_t count, size_t bytes) {
    size_t total;
    return __builtin_mul_overflow(count, bytes, &total) ? NULL : reserve(total, 0);
}

static void guard_free(void *context, void *data, size_t bytes) { release(data); }

static void *guard_realloc(void *context, void *data, size_t bytes) {
    void *moved = reserve(bytes, 1);
    if (moved && data) {
        size_t held = sizes_of(data)[1];
        memcpy(moved, data, held < bytes ? held : bytes);
        release(data);
    }
    return moved;
}

/* PyDataMem_Handler of NumPy's C API */
static struct {
    char name[127];
    uint8_t version;
    struct {
        void *context;
        void *(*malloc)(void *, size_t);
        void *(*calloc)(void *, size_t, size_t);
        void *(*realloc)(void *, void *, size_t);
        void (*free)(void *, void *, size_t);
    } allocator;
} handler = {"guard", 1, {NULL, guard_malloc, guard_calloc, guard_realloc, guard_free}};

void *guard_handler(void) { return &handler; }
