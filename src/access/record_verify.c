/* record_verify.c - holds records and their earlier versions against the digests in the ledger.
 * Owns nothing; the thread is the transaction's. */
#include "access/record_row.h"

#include "gen/access/queries.h"
#include "gen/records/person.h"

#include <stdio.h>

enum { PART = 500 };

typedef struct {
    const record_def *d;
    bool found;
    int64_t row, version;
    uint8_t digest[32];
} digesting;

static err digest_row(void *ctx, const cell *out)
{
    digesting *g = ctx;
    int version = 1 + (g->d->has_parent ? 12 : 11) - 3;
    g->found = true;
    g->row = out[0].i;
    g->version = out[version].i;
    record_hash(g->d, out + 1, g->digest);
    return OK;
}

err record_digest(txn *t, const record_def *d, id128 id, int64_t version, uint8_t ret[32])
{
    digesting g = { .d = d };
    cell key = { .type = CELL_BLOB, .s = { (const char *)id.b, sizeof id.b } };
    TRY(stmt_run(t, d->by_id, 0, &key, digest_row, &g, NULL));
    if (g.found && g.version != version) {
        cell in[2] = { { .type = CELL_I64, .i = g.row }, { .type = CELL_I64, .i = version } };
        g.found = false;
        TRY(stmt_run(t, d->earlier, 0, in, digest_row, &g, NULL));
    }
    if (!g.found) return ERR1(E_ABSENT, "error.access.absent", str_of(d->name));
    memcpy(ret, g.digest, 32);
    return OK;
}

static const record_def *def_of(str kind)
{
    for (int i = 0; i < RECORD_KINDS; i++)
        if (str_eq(kind, str_of(record_defs[i]->name))) return record_defs[i];
    return NULL;
}

static bool hex_is(str hex, const uint8_t *digest)
{
    static const char digits[] = "0123456789abcdef";
    if (hex.n != 64) return false;
    for (size_t i = 0; i < 32; i++)
        if (hex.p[2 * i] != digits[digest[i] >> 4] || hex.p[2 * i + 1] != digits[digest[i] & 15])
            return false;
    return true;
}

typedef struct {
    txn *t;
    arena *a; /* of one part */
    int64_t last, checked;
    int64_t gone_us[RECORD_KINDS]; /* what was last changed by then may have gone (retention) */
} walk;

static err does_not_fit(const verify_entries_row *e)
{
    char text[24];
    int w = snprintf(text, sizeof text, "%lld", (long long)(e->number ? e->number : e->row));
    str number = { text, (size_t)w };
    return ERR2(E_INVALID, "error.access.digest", number, e->kind);
}

/* Of an erased person the keyed hash of the address went from earlier versions too. They are let
 * pass where the record as it stands says so itself: that one is held against its own entry. */
static err was_erased(txn *t, const verify_entries_row *e, bool *ret)
{
    viewer sys;
    const person_handle *p;
    *ret = false;
    if (!str_eq(e->kind, str_of(person_def.name))) return OK;
    TRY(viewer_system(t, &sys));
    TRY(person_read(t, &sys, (person_id){ e->subject }, &p));
    *ret = !p->now.mail_hash.p && p->version > e->version;
    return OK;
}

static err check_digest(walk *k, const verify_entries_row *e, bool fits)
{
    bool erased = false;
    if (!fits) TRY(was_erased(k->t, e, &erased));
    k->checked += fits;
    return fits || erased ? OK : does_not_fit(e);
}

/* ---- what went by a rule of retention ---- */

static void take_gone(walk *k, str kinds, int64_t before_us)
{
    str kind;
    while (str_split(&kinds, ' ', &kind)) {
        const record_def *d = def_of(kind);
        if (d && before_us > k->gone_us[d->kind]) k->gone_us[d->kind] = before_us;
    }
}

static err gone_part(walk *k, int64_t *after, size_t *n)
{
    verify_gone_row *rows;
    TRY(verify_gone(k->t, &(verify_gone_args){ .after = *after, .limit = PART }, k->a, &rows, n));
    for (size_t i = 0; i < *n; i++) {
        const json *body, *more;
        int64_t before_us = 0;
        TRY(json_parse(k->a, rows[i].body, NULL, &body));
        more = json_get(body, S("more"));
        if (json_i64(json_get(more, S("before_us")), &before_us))
            take_gone(k, json_get_text(more, S("kinds")), before_us);
        *after = rows[i].row;
    }
    return OK;
}

static err read_gone(walk *k)
{
    int64_t after = 0;
    for (size_t n = PART; n == PART;) {
        TRY(gone_part(k, &after, &n));
        arena_reset(k->a);
    }
    return OK;
}

static err check_entry(walk *k, const verify_entries_row *e)
{
    uint8_t digest[32];
    const json *body;
    const record_def *d = def_of(e->kind);
    k->last = e->row;
    if (!d || e->version < 1)
        return OK; /* version 0: about a record, its digest is of something else */
    TRY(json_parse(k->a, e->body, NULL, &body));
    str said = json_get_text(body, S("digest"));
    if (!said.n) return OK;
    err found = record_digest(k->t, d, e->subject, e->version, digest);
    if (err_code_of(found) == E_ABSENT)
        return e->at.us <= k->gone_us[d->kind] ? OK : does_not_fit(e);
    TRY(found);
    return check_digest(k, e, hex_is(said, digest));
}

static err check_part(walk *k, size_t *n)
{
    verify_entries_row *rows;
    TRY(verify_entries(
            k->t, &(verify_entries_args){ .after = k->last, .limit = PART }, k->a, &rows, n));
    for (size_t i = 0; i < *n; i++)
        TRY(check_entry(k, &rows[i]));
    return OK;
}

err record_verify(
        txn *t, void (*progress)(void *ctx, int64_t done), void *ctx, int64_t *ret_checked)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)256 << 20);
    walk k = { .t = t, .a = a };
    TRY(read_gone(&k));
    for (size_t n = PART; n == PART;) {
        TRY(check_part(&k, &n));
        arena_reset(a);
        if (progress) progress(ctx, k.checked);
    }
    *ret_checked = k.checked;
    return OK;
}
