/* fixture.h - a history in a folder of its own and small batches, for the tests of src/events. */
#pragma once
#include "events/history.h"
#include "unit.h"

#include <ftw.h>
#include <unistd.h>

#define NOVEMBER INT64_C(1795000000000000) /* 2026-11-18 */

static const sight sees_all = { .community = true };

static inline int remove_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
    return remove(path);
}

/* A fresh folder below MINAR_TMP; lives in a. */
static inline char *dir_make(arena *a)
{
    const char *tmp = getenv("MINAR_TMP");
    str path = str_fmt(a, "%s/history-XXXXXX%c", tmp ? tmp : "/tmp", '\0');
    char *dir = mkdtemp((char *)(uintptr_t)path.p);
    assert_non_null(dir);
    return dir;
}

static inline void dir_remove(const char *dir)
{
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline history *open_it(const char *dir)
{
    history *h = NULL;
    assert_ok(
            history_open(dir, &(history_options){ .threads = 1, .memory_bytes = 256u << 20 }, &h));
    return h;
}

/* Commits n CLEAR rows whose identifiers count on from *serial, with input "in" at place *serial.
 */
static inline int64_t commit_simple(
        history *h, arena *a, int64_t now_us, size_t n, int64_t *serial)
{
    str *names = NEW_ARRAY(a, str, n);
    uint64_t *finding = NEW_ARRAY(a, uint64_t, n);
    for (size_t i = 0; i < n; i++) {
        finding[i] = UINT64_MAX - (uint64_t)(*serial % 7);
        names[i] = str_fmt(a, "s%lld", (long long)(*serial)++);
    }
    event_batch rows = { .n = n, .identifier = names, .finding = finding };
    batch_head head = {
        .feed = 3, .file = S("f.csv"), .input = S("in"), .place = *serial, .header = S("a,b,\xFF")
    };
    history_txn *t = NULL;
    int64_t batch = 0;
    assert_ok(history_begin(h, (instant){ now_us }, &t));
    assert_ok(history_append(t, &head, &rows, NULL, 0, &batch));
    input_position p = { .input = S("in"), .place = *serial, .mark = S("m") };
    assert_ok(history_commit(t, &p, 1));
    return batch;
}

static inline int64_t count_all(history *h, arena *a, const event_filter *f)
{
    history_total_row r;
    assert_ok(history_count(h, a, &sees_all, f, &r));
    return r.n_rows;
}

/* A history, its folder and the next serial of commit_simple. */
typedef struct {
    char *dir;
    history *h;
    int64_t serial;
} with;

static inline with start(arena *a)
{
    char *dir = dir_make(a);
    return (with){ dir, open_it(dir), 0 };
}

static inline void again(with *w)
{
    history_close(w->h);
    w->h = open_it(w->dir);
}

static inline void end(with *w)
{
    history_close(w->h);
    dir_remove(w->dir);
}
