/* search.c - one question put to one kind. Names that are sealed are read, not indexed: a key that
 * is destroyed takes its name out of search with it, in every copy of the store. */
#include "common/search/search.h"

#include "access/index.h"
#include "access/seal.h"
#include "common/files/files.h"
#include "common/search/hit.h"
#include "common/search/names.h"
#include "gen/common/search/queries.h"
#include "gen/records/action.h"
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
        &finding_def, &action_def, &indicator_def, &sharing_group_def, &attachment_def,
        NULL };
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
    bool more;      /* stopped before the end */
    int64_t last;   /* the last that was looked at */
    arena *scratch; /* emptied at each name */
} reading;

static bool fits(reading *r, str name)
{
    arena_reset(r->scratch);
    buf words = buf_new(r->scratch, 256);
    words_index(r->scratch, name, &words);
    return words_match(r->q.groups, r->q.n, buf_str(&words));
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
    arena_reset(r->scratch);
    buf words = buf_new(r->scratch, 256);
    *ret = true;
    if (!names_find(p->name, &words)) {
        TRY(open_text(r->t, p->row, &at, p->name, &name, &lost));
        *ret = !lost;
        words_index(r->scratch, name, &words);
        if (!lost) names_keep(p->name, buf_str(&words));
    }
    *ret = *ret && words_match(r->q.groups, r->q.n, buf_str(&words));
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
    size_t n;
    TRY(index_find(r->t, r->v, d, &r->q, r->before, r->limit + 1, r->rows, &n));
    r->more = (int64_t)n > r->limit;
    r->n = r->more ? (size_t)r->limit : n;
    if (r->n) r->last = r->rows[r->n - 1];
    return OK;
}

static err count_indexed(reading *r, const record_def *d, search_page *ret)
{
    int64_t n;
    TRY(index_count(r->t, r->v, d, &r->q, SEARCH_COUNT_MAX + 1, &n));
    ret->count_more = n > SEARCH_COUNT_MAX;
    ret->count = ret->count_more ? SEARCH_COUNT_MAX : n;
    return OK;
}

/* ---- one kind ---- */

static err by_index(reading *r, const record_def *d, const search_part *part, search_page *ret)
{
    if (part->counted) TRY(count_indexed(r, d, ret));
    return part->limit ? indexed(r, d) : OK;
}

/* Names are read once, for the count and for the page. */
static err by_names(reading *r, const record_def *d, const search_part *part, search_page *ret)
{
    CLEANUP(arena_free_p) arena *scratch = arena_new((size_t)16 << 20);
    r->scratch = scratch;
    bool whole = part->counted && part->before == INT64_MAX;
    if (whole) r->limit = SEARCH_COUNT_MAX;
    r->rows = NEW_ARRAY(r->a, int64_t, (size_t)r->limit + 1);
    TRY(d->kind == RECORD_person ? people(r) : files(r));
    if (!whole) return OK;
    ret->count = (int64_t)r->n;
    ret->count_more = r->more;
    if ((int64_t)r->n <= part->limit) return OK;
    r->n = (size_t)part->limit;
    r->more = true;
    r->last = r->n ? r->rows[r->n - 1] : INT64_MAX;
    return OK;
}

static reading reading_of(
        txn *t, const viewer *v, const search_question *q, const search_part *part, arena *a)
{
    reading r = { .t = t, .v = v, .a = a, .before = part->before, .limit = part->limit };
    words_group *groups;
    r.text = str_trim(q->text);
    r.q.n = words_ask(a, r.text, q->typing, &groups);
    r.q.groups = groups;
    r.rows = NEW_ARRAY(a, int64_t, (size_t)part->limit + 1);
    return r;
}

err search_find(txn *t, const viewer *v, const record_def *d, const search_question *q,
        const search_part *part, arena *a, search_page *ret)
{
    reading r = reading_of(t, v, q, part, a);
    *ret = (search_page){ 0 };
    if (!r.q.n || !search_may(v, d)) return OK;
    TRY(d->n_searched ? by_index(&r, d, part, ret) : by_names(&r, d, part, ret));
    ret->at = NEW_ARRAY(a, search_hit, r.n + 1);
    ret->more = r.more;
    ret->before = r.last;
    for (size_t i = 0; i < r.n; i++)
        TRY(hit_of(t, v, d, r.rows[i], q->l, a, &ret->at[ret->n++]));
    return OK;
}
