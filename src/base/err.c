/* err.c - errors as values: a ring of faults per thread, each with memory of its own.
 * Owns the rings; any layer may call it. A fault stays whole until 64 younger ones of its thread
 * were made. Text that does not fit is cut at a character's end. */
#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RING = 64, ARG_BYTES = 200, PLACE_BYTES = 240 };

typedef struct {
    fault f;
    char file[PLACE_BYTES], pointer[PLACE_BYTES], args[3][ARG_BYTES];
} slot;

static _Thread_local slot ring[RING];
static _Thread_local unsigned ring_next;

_Noreturn void assert_failed(const char *what, const char *file, int line)
{
    char text[512];
    int n = snprintf(text, sizeof text, "minar: assertion failed: %s (%s:%d)\n", what, file, line);
    if (n > (int)sizeof text - 1) n = sizeof text - 1;
    ssize_t ignored = write(STDERR_FILENO, text, (size_t)n);
    (void)ignored;
    abort();
}

static const char *const code_names[E_CODES] = {
    [E_OK] = "ok",
    [E_INVALID] = "invalid",
    [E_DENIED] = "denied",
    [E_ABSENT] = "absent",
    [E_CONFLICT] = "conflict",
    [E_FULL] = "full",
    [E_BUSY] = "busy",
    [E_TIMEOUT] = "timeout",
    [E_PEER] = "peer",
    [E_IO] = "io",
    [E_CONFIG] = "config",
    [E_AUTH] = "auth",
    [E_USAGE] = "usage",
    [E_STALE] = "stale",
    [E_TOO_LARGE] = "too_large",
    [E_BUG] = "bug",
};

const char *err_code_name(err_code code)
{
    ASSERT(code < E_CODES && code_names[code]);
    return code_names[code];
}

/* Keeps s in a slot's own memory, cut before a character that does not fit whole. */
static str keep(char *mem, size_t cap, str s)
{
    size_t n = s.n <= cap ? s.n : cap;
    while (n && n < s.n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    if (n) memmove(mem, s.p, n);
    return (str){ mem, n };
}

static slot *slot_next(void)
{
    return &ring[ring_next++ % RING];
}

err err_make(err_code code, const char *key, str a1, str a2, str a3)
{
    ASSERT(code > E_OK && code < E_CODES && key);
    slot *s = slot_next();
    str a[3] = { a1, a2, a3 };
    s->f = (fault){ .code = code, .key = key };
    for (int i = 0; i < 3; i++)
        s->f.args[i] = keep(s->args[i], ARG_BYTES, a[i]);
    return (err){ &s->f };
}

/* A copy of e's fault in the next slot; e itself is left alone, for it may belong to an arena. */
static slot *slot_copy(err e)
{
    ASSERT(e.f);
    slot *s = slot_next();
    const fault *f = e.f;
    if (f == &s->f) return s;
    s->f = *f;
    s->f.file = keep(s->file, PLACE_BYTES, f->file);
    s->f.pointer = keep(s->pointer, PLACE_BYTES, f->pointer);
    for (int i = 0; i < 3; i++)
        s->f.args[i] = keep(s->args[i], ARG_BYTES, f->args[i]);
    return s;
}

err err_at_pointer(err e, str pointer)
{
    if (!e.f) return e;
    slot *s = slot_copy(e);
    s->f.pointer = keep(s->pointer, PLACE_BYTES, pointer);
    return (err){ &s->f };
}

err err_at_row(err e, str file, int64_t row, int64_t col)
{
    if (!e.f) return e;
    slot *s = slot_copy(e);
    s->f.file = keep(s->file, PLACE_BYTES, file);
    s->f.row = row;
    s->f.col = col;
    return (err){ &s->f };
}

err err_errno(const char *key, str what)
{
    char text[128];
    const char *why = strerror_r(errno, text, sizeof text);
    return err_make(E_IO, key, what, str_of(why), (str){ 0 });
}

const fault *fault_copy(arena *a, const fault *f)
{
    fault *c = NEW(a, fault);
    *c = *f;
    c->file = str_copy(a, f->file);
    c->pointer = str_copy(a, f->pointer);
    for (int i = 0; i < 3; i++)
        c->args[i] = str_copy(a, f->args[i]);
    return c;
}
