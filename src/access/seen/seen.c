/* seen.c - see seen.h. Each note's hash takes in the one before, so a day has one value whatever
 * was read in it, and a note that is changed, left out or put between is found. The day's salt
 * keeps that value from being guessed. Owns nothing in memory; the thread is the transaction's. */
#include "access/seen/seen.h"
#include "access/model.h"
#include "access/site.h"
#include "base/json.h"
#include "base/time.h"
#include "gen/access/seen/queries.h"
#include "ledger/ledger.h"
#include "store/store.h"
#include <endian.h>
#include <sodium.h>

enum { CHAIN = 32, SALT = 32, PART = 500, REMOVE = 2000 };
static const char *const whys[] = { "", "outside", "label", "grant", "mail" };

seen_why seen_asks(const viewer *v, const seen_thing *of)
{
    if (v->system || !v->person) return SEEN_NOT;
    if (!model_sees(v, of->audience, of->owner, of->author)) return SEEN_GRANT;
    if (AUDIENCE_LABEL(of->audience) > LABEL_AMBER) return SEEN_LABEL;
    return v->org == of->owner ? SEEN_NOT : SEEN_OUTSIDE;
}

/* ---- the chain ---- */

static void hash_i64(crypto_hash_sha256_state *c, int64_t i)
{
    uint64_t be = htobe64((uint64_t)i);
    crypto_hash_sha256_update(c, (const uint8_t *)&be, sizeof be);
}

static void hash_str(crypto_hash_sha256_state *c, str s)
{
    hash_i64(c, (int64_t)s.n);
    if (s.n) crypto_hash_sha256_update(c, (const uint8_t *)s.p, s.n);
}

static void chain_begin(int64_t day, str salt, uint8_t ret[CHAIN])
{
    crypto_hash_sha256_state c;
    crypto_hash_sha256_init(&c);
    hash_str(&c, salt);
    hash_i64(&c, day);
    crypto_hash_sha256_final(&c, ret);
}

static void chain_note(uint8_t chain[CHAIN], const read_notes_of_day_row *n)
{
    crypto_hash_sha256_state c;
    crypto_hash_sha256_init(&c);
    crypto_hash_sha256_update(&c, chain, CHAIN);
    hash_i64(&c, n->at.us);
    hash_i64(&c, n->person);
    hash_i64(&c, n->org);
    hash_str(&c, n->how);
    hash_str(&c, n->kind);
    hash_i64(&c, n->record);
    crypto_hash_sha256_update(&c, n->subject.b, sizeof n->subject.b);
    hash_i64(&c, n->version);
    hash_str(&c, n->why);
    crypto_hash_sha256_final(&c, chain);
}

static str bytes(const uint8_t *p, size_t n)
{
    return (str){ (const char *)p, n };
}

/* ---- adding ---- */

/* The day's chain as it stands; the first note of a day makes it. */
static err day_open(txn *t, int64_t day, uint8_t chain[CHAIN])
{
    read_day_get_row *d;
    uint8_t salt[SALT];
    err e = read_day_get(t, &(read_day_get_args){ .day = day }, txn_arena(t), &d);
    if (err_code_of(e) == E_ABSENT) {
        randombytes_buf(salt, sizeof salt);
        chain_begin(day, bytes(salt, sizeof salt), chain);
        return read_day_add(t,
                &(read_day_add_args){ .day = day,
                        .salt = bytes(salt, sizeof salt),
                        .chain = bytes(chain, CHAIN) },
                NULL);
    }
    TRY(e);
    ASSERT(d->chain.n == CHAIN && str_eq(d->state, S("open")));
    memcpy(chain, d->chain.p, CHAIN);
    return OK;
}

err seen_add(txn *t, const seen_note *n, instant now)
{
    uint8_t chain[CHAIN];
    int64_t day = now.us / US_PER_DAY;
    read_notes_of_day_row r = { .at = now,
        .person = n->person,
        .org = n->org,
        .how = n->how,
        .kind = str_of(record_rules[n->of.kind].name),
        .record = n->of.row,
        .subject = n->of.id,
        .version = n->of.version,
        .why = str_of(whys[n->why]) };
    ASSERT(n->why != SEEN_NOT && n->person > 0 && n->of.row > 0);
    TRY(day_open(t, day, chain));
    chain_note(chain, &r);
    TRY(read_note_add(t,
            &(read_note_add_args){ .day = day,
                    .at = r.at,
                    .person = r.person,
                    .org = r.org,
                    .how = r.how,
                    .kind = r.kind,
                    .record = r.record,
                    .subject = r.subject,
                    .version = r.version,
                    .why = r.why },
            NULL));
    return read_day_grow(
            t, &(read_day_grow_args){ .day = day, .chain = bytes(chain, CHAIN) }, NULL);
}

/* ---- keeping ---- */

str seen_day_name(arena *a, int64_t day)
{
    return str_sub(instant_text(a, (instant){ day * US_PER_DAY }), 0, 10);
}

static err day_close(txn *t, const realm *r, instant now, const read_days_open_row *d)
{
    int64_t audience;
    id128 entry = id_new();
    arena *a = txn_arena(t);
    str name = seen_day_name(a, d->day);
    ASSERT(d->chain.n == CHAIN);
    TRY(site_audience_strict(t, r->national_grp, &audience));
    TRY(ledger_append(t, &(ledger_draft){ .type = LEDGER_reads_closed,
                                 .at = now,
                                 .subject = entry,
                                 .digest = (const uint8_t *)d->chain.p,
                                 .audience = audience,
                                 .owner = r->site_org,
                                 .more = str_fmt(a, "{\"day\":\"%.*s\",\"notes\":%lld}",
                                         STR_ARG(name), (long long)d->notes) }));
    return read_day_set(t,
            &(read_day_set_args){
                    .day = d->day, .state = S("closed"), .entry = entry, .closed = now },
            NULL);
}

static err remove_old(txn *t, int64_t before, bool *ret_more)
{
    read_days_old_row *old;
    read_held_row *held;
    size_t n;
    int64_t gone;
    TRY(read_held(t, txn_arena(t), &held));
    if (held->n) return OK; /* which of them speak of what is held is not told apart */
    TRY(read_days_old(t, &(read_days_old_args){ .before = before }, txn_arena(t), &old, &n));
    if (!n) return OK;
    *ret_more = true;
    TRY(read_notes_end(t, &(read_notes_end_args){ .day = old->day, .limit = REMOVE }, &gone));
    if (gone == REMOVE) return OK;
    return read_day_set(t,
            &(read_day_set_args){ .day = old->day,
                    .state = S("gone"),
                    .entry = old->entry,
                    .closed = old->closed },
            NULL);
}

err seen_keep(txn *t, const realm *r, instant now, int64_t keep_days, bool *ret_more)
{
    read_days_open_row *d;
    size_t n;
    int64_t today = now.us / US_PER_DAY;
    *ret_more = false;
    TRY(read_days_open(t, &(read_days_open_args){ .before = today }, txn_arena(t), &d, &n));
    for (size_t i = 0; i < n; i++)
        TRY(day_close(t, r, now, &d[i]));
    return remove_old(t, today - keep_days, ret_more);
}

/* ---- proving ---- */

static err wrong(txn *t, const char *key, int64_t day)
{
    return ERR1(E_INVALID, key, seen_day_name(txn_arena(t), day));
}

static bool said_holds(str said, str chain)
{
    char hex[2 * CHAIN + 1];
    sodium_bin2hex(hex, sizeof hex, (const uint8_t *)chain.p, CHAIN);
    return str_eq(said, str_of(hex));
}

static err entry_holds(txn *t, arena *a, const read_days_row *d)
{
    read_entry_of_day_row *e;
    const json *body;
    if (str_eq(d->state, S("open"))) return OK;
    err absent = read_entry_of_day(
            t, &(read_entry_of_day_args){ .at = d->closed, .subject = d->entry }, a, &e);
    if (err_code_of(absent) == E_ABSENT) return wrong(t, "error.seen.entry", d->day);
    TRY(absent);
    TRY(json_parse(a, e->body, NULL, &body));
    str of = json_get_text(json_get(body, S("more")), S("day"));
    bool holds = str_eq(of, seen_day_name(a, d->day)) &&
                 said_holds(json_get_text(body, S("digest")), d->chain);
    return holds ? OK : wrong(t, "error.seen.entry", d->day);
}

static err notes_hold(txn *t, arena *a, const read_days_row *d)
{
    uint8_t chain[CHAIN];
    int64_t last = 0, all = 0;
    chain_begin(d->day, d->salt, chain);
    for (size_t n = PART; n == PART; arena_reset(a)) {
        read_notes_of_day_row *rows;
        TRY(read_notes_of_day(t,
                &(read_notes_of_day_args){ .day = d->day, .after = last, .limit = PART }, a, &rows,
                &n));
        for (size_t i = 0; i < n; i++, all++, last = rows[i - 1].row)
            chain_note(chain, &rows[i]);
    }
    bool holds = all == d->notes && memcmp(chain, d->chain.p, CHAIN) == 0;
    return holds ? OK : wrong(t, "error.seen.chain", d->day);
}

static err day_holds(txn *t, arena *a, const read_days_row *d, int64_t *ret_notes)
{
    if (d->chain.n != CHAIN) return wrong(t, "error.seen.chain", d->day);
    TRY(entry_holds(t, a, d));
    if (str_eq(d->state, S("gone"))) return OK;
    *ret_notes += d->notes;
    return notes_hold(t, a, d);
}

err seen_verify(txn *t, int64_t *ret_notes)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    read_entries_count_row *all;
    size_t n = PART;
    *ret_notes = 0;
    TRY(read_entries_count(t, txn_arena(t), &all));
    if (all->entries != all->days) return ERR(E_INVALID, "error.seen.days");
    for (int64_t after = -1; n == PART;) {
        read_days_row *d;
        TRY(read_days(t, &(read_days_args){ .after = after, .limit = PART }, txn_arena(t), &d, &n));
        for (size_t i = 0; i < n; i++)
            TRY(day_holds(t, a, &d[i], ret_notes));
        if (n) after = d[n - 1].day;
    }
    return OK;
}
