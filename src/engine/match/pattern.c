/* pattern.c - Hyperscan's database of all pattern indicators; each reports once a text. */
#include "engine/match/pattern.h"

#include <hs/hs.h>
#include <stdlib.h>

struct patterns {
    hs_database_t *db;
};

struct pattern_scratch {
    hs_scratch_t *s;
};

static err compile(
        char **z, unsigned *flags, unsigned *ids, size_t n, const str *text, hs_database_t **db)
{
    hs_compile_error_t *bad = NULL;
    if (hs_compile_multi((const char *const *)z, flags, ids, (unsigned)n, HS_MODE_BLOCK, NULL, db,
                &bad) == HS_SUCCESS)
        return OK;
    str which = bad && bad->expression >= 0 ? text[bad->expression] : (str){ 0 };
    err e = ERR2(E_INVALID, "error.flow.pattern", which, str_of(bad ? bad->message : NULL));
    hs_free_compile_error(bad);
    return e;
}

err patterns_build(const str *text, const uint32_t *ids, size_t n, patterns **ret)
{
    *ret = NULL;
    if (n == 0) return OK;
    arena *a = arena_new((size_t)1 << 30);
    char **z = NEW_ARRAY(a, char *, n);
    unsigned *flags = NEW_ARRAY(a, unsigned, n), *copy = NEW_ARRAY(a, unsigned, n);
    for (size_t i = 0; i < n; i++) {
        z[i] = str_z(a, text[i]);
        flags[i] = HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH;
        copy[i] = ids[i];
    }
    hs_database_t *db = NULL;
    err e = compile(z, flags, copy, n, text, &db);
    arena_free(a);
    if (failed(e)) return e;
    patterns *p = calloc(1, sizeof *p);
    ASSERT(p != NULL);
    p->db = db;
    *ret = p;
    return OK;
}

void patterns_free(patterns *p)
{
    if (!p) return;
    hs_free_database(p->db);
    free(p);
}

pattern_scratch *pattern_scratch_new(const patterns *p)
{
    if (!p) return NULL;
    pattern_scratch *s = calloc(1, sizeof *s);
    ASSERT(s != NULL && hs_alloc_scratch(p->db, &s->s) == HS_SUCCESS);
    return s;
}

void pattern_scratch_free(pattern_scratch *s)
{
    if (!s) return;
    hs_free_scratch(s->s);
    free(s);
}

typedef struct {
    void (*hit)(void *, uint32_t);
    void *ctx;
} report;

static int on_match(
        unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    report *r = ctx;
    r->hit(r->ctx, id);
    return 0;
}

void patterns_scan(
        const patterns *p, pattern_scratch *s, str text, void (*hit)(void *, uint32_t), void *ctx)
{
    if (!p || !s || text.n == 0) return;
    report r = { hit, ctx };
    unsigned n = text.n > 65536 ? 65536 : (unsigned)text.n;
    (void)hs_scan(p->db, text.p, n, 0, s->s, on_match, &r);
}
