/* search.c - one question put to one kind. Names that are sealed are read, not indexed: a key that
 * is destroyed takes its name out of search with it, in every copy of the store. */
#include "common/search/search.h"

#include "access/index.h"
#include "access/seal.h"
#include "common/files/files.h"
#include "common/search/hit.h"
#include "gen/common/search/queries.h"
#include "gen/records/finding.h"
#include "gen/records/indicator.h"
#include "gen/records/notice.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/records/sharing_group.h"
#include "store/store.h"

#include <sodium.h>
#include <string.h>

const record_def *const *search_kinds(void)
{
    static const record_def *const kinds[] = { &organisation_def, &person_def, &notice_def,
        &finding_def, &indicator_def, &sharing_group_def, &attachment_def, NULL };
    return kinds;
}

bool search_may(const viewer *v, const record_def *d)
{
    return !failed(permit_use(v, record_rules[d->kind].read));
}

/* ---- names that are read one by one ---- */

typedef struct {
    txn *t;
    const viewer *v;
    index_question q;
    str text; /* as typed */
    arena *a;
    int64_t before, limit; /* of hits */
    int64_t *rows;         /* those that fit */
    size_t n;
    bool more;    /* stopped before the end */
    int64_t last; /* the last that was looked at */
} reading;

static bool fits(reading *r, str name)
{
    buf tokens = buf_new(r->a, 128);
    words_index(r->a, name, &tokens);
    return words_match(r->q.groups, r->q.n, buf_str(&tokens));
}

/* Whether to read on. */
static bool take(reading *r, int64_t row, bool fit)
{
    r->last = row;
    if (fit) r->rows[r->n++] = row;
    return (int64_t)r->n < r->limit;
}

static err by_mail(reading *r)
{
    search_person_mail_row *rows;
    uint8_t hash[SEAL_MAIL_HASH];
    size_t n;
    seal_mail_hash(r->text, hash);
    search_person_mail_args args = { .mail_hash = { (const char *)hash, sizeof hash },
        .before = r->before };
    TRY(search_person_mail(r->t, r->v, &args, r->a, &rows, &n));
    for (size_t i = 0; i < n && take(r, rows[i].row, true); i++)
        ;
    return OK;
}

static err person_fits(reading *r, const search_people_row *p, bool *ret)
{
    seal_place at = { "person", "name", p->id };
    str name;
    bool lost;
    TRY(open_text(r->t, p->row, &at, p->name, &name, &lost));
    *ret = !lost && fits(r, name);
    return OK;
}

static err people(reading *r)
{
    search_people_row *rows;
    size_t n;
    if (str_find_byte(r->text, '@') > 0) return by_mail(r);
    search_people_args args = { .before = r->before, .limit = SEARCH_PEOPLE };
    TRY(search_people(r->t, r->v, &args, r->a, &rows, &n));
    r->more = n == SEARCH_PEOPLE;
    for (size_t i = 0; i < n; i++) {
        bool fit;
        TRY(person_fits(r, &rows[i], &fit));
        if (take(r, rows[i].row, fit)) continue;
        r->more = r->more || i + 1 < n;
        break;
    }
    return OK;
}

static bool as_sha256(str text, uint8_t ret[32])
{
    size_t n = 0;
    return text.n == 64 && sodium_hex2bin(ret, 32, text.p, text.n, NULL, &n, NULL) == 0 && n == 32;
}

static err by_hash(reading *r, const uint8_t hash[32])
{
    search_files_hash_row *rows;
    size_t n;
    search_files_hash_args args = {
        .hash = { (const char *)hash, 32 }, .before = r->before, .limit = r->limit + 1
    };
    TRY(search_files_hash(r->t, r->v, &args, r->a, &rows, &n));
    r->more = (int64_t)n > r->limit;
    for (size_t i = 0; i < n && take(r, rows[i].row, true); i++)
        ;
    return OK;
}

static err files(reading *r)
{
    search_files_row *rows;
    uint8_t hash[32];
    size_t n;
    if (as_sha256(r->text, hash)) return by_hash(r, hash);
    search_files_args args = { .before = r->before, .limit = SEARCH_FILES };
    TRY(search_files(r->t, r->v, &args, r->a, &rows, &n));
    r->more = n == SEARCH_FILES;
    for (size_t i = 0; i < n; i++) {
        str name;
        TRY(files_words(
                r->a, rows[i].object, rows[i].wrapped, rows[i].name, (str){ 0 }, &name, NULL));
        if (take(r, rows[i].row, fits(r, name))) continue;
        r->more = r->more || i + 1 < n;
        break;
    }
    return OK;
}

/* ---- what is in the index ---- */

static err indexed(reading *r, const record_def *d)
{
    int64_t *rows = NEW_ARRAY(r->a, int64_t, (size_t)r->limit + 1);
    size_t n;
    TRY(index_find(r->t, r->v, d, &r->q, r->before, r->limit + 1, rows, &n));
    r->more = (int64_t)n > r->limit;
    r->n = r->more ? (size_t)r->limit : n;
    memcpy(r->rows, rows, r->n * sizeof *rows);
    if (r->n) r->last = rows[r->n - 1];
    return OK;
}

static err read_rows(reading *r, const record_def *d)
{
    r->rows = NEW_ARRAY(r->a, int64_t, (size_t)r->limit + 1);
    if (!r->q.n || !search_may(r->v, d)) return OK;
    if (d->kind == RECORD_person) return people(r);
    return d->kind == RECORD_attachment ? files(r) : indexed(r, d);
}

static reading reading_of(txn *t, const viewer *v, const search_question *q, arena *a)
{
    reading r = { .t = t, .v = v, .a = a, .text = str_trim(q->text), .before = INT64_MAX };
    words_group *groups;
    r.q.n = words_ask(a, r.text, q->typing, &groups);
    r.q.groups = groups;
    return r;
}

err search_find(txn *t, const viewer *v, const record_def *d, const search_question *q,
        int64_t before, int64_t limit, arena *a, search_page *ret)
{
    reading r = reading_of(t, v, q, a);
    r.before = before;
    r.limit = limit;
    TRY(read_rows(&r, d));
    ret->at = NEW_ARRAY(a, search_hit, r.n + 1);
    ret->n = 0;
    ret->more = r.more;
    ret->before = r.last;
    for (size_t i = 0; i < r.n; i++)
        TRY(hit_of(t, v, d, r.rows[i], q->l, a, &ret->at[ret->n++]));
    return OK;
}

err search_count(txn *t, const viewer *v, const record_def *d, const search_question *q,
        int64_t *ret, bool *ret_more)
{
    reading r = reading_of(t, v, q, txn_arena(t));
    r.limit = SEARCH_COUNT_MAX;
    *ret = 0;
    *ret_more = false;
    if (d->n_searched) {
        if (!r.q.n || !search_may(v, d)) return OK;
        TRY(index_count(t, v, d, &r.q, SEARCH_COUNT_MAX + 1, ret));
        *ret_more = *ret > SEARCH_COUNT_MAX;
        if (*ret_more) *ret = SEARCH_COUNT_MAX;
        return OK;
    }
    TRY(read_rows(&r, d));
    *ret = (int64_t)r.n;
    *ret_more = r.more;
    return OK;
}
