/* vuln.c - see vuln.h: two sorted arrays, keyed by year and number of the CVE. */
#include "flow/vuln.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/civil.h"
#include "base/json.h"

enum { YEAR_FIRST = 1999, YEAR_LAST = 2999, NUMBER_DIGITS = 10, WORDS_MAX = 4000, TWICE_MAX = 100 };
#define ROWS_MAX ((size_t)4000000)
#define NUMBERS INT64_C(10000000000)

typedef struct {
    int64_t key;
    vuln_answer of; /* the catalogue's part */
} kev_row;
typedef struct {
    int64_t key;
    float epss, percentile;
} epss_row;

struct vuln {
    atomic_int owners;
    arena *a;
    kev_row *kev;
    epss_row *epss;
    size_t n_kev, n_epss;
    instant kev_of, epss_of;
};

vuln *vuln_new(void)
{
    vuln *v = calloc(1, sizeof *v);
    ASSERT(v != NULL);
    atomic_init(&v->owners, 1);
    v->a = arena_new((size_t)1 << 30);
    return v;
}

void vuln_hold(vuln *v)
{
    if (v) atomic_fetch_add(&v->owners, 1);
}

void vuln_release(vuln *v)
{
    if (!v || atomic_fetch_sub(&v->owners, 1) != 1) return;
    arena_free(v->a);
    free(v);
}

/* ---- small forms ---- */

/* "CVE-YYYY-N", N of four to ten digits, as one number. */
static bool cve_key(str s, int64_t *ret)
{
    int64_t year, number;
    str digits = str_sub(s, 9, s.n);
    if (s.n < 13 || !str_starts(s, S("CVE-")) || s.p[8] != '-') return false;
    if (digits.n > NUMBER_DIGITS || !str_only(digits, "0123456789")) return false;
    if (digits.n > 4 && digits.p[0] == '0') return false; /* one form of each number */
    if (!str_only(str_sub(s, 4, 4), "0123456789") || !str_to_i64(str_sub(s, 4, 4), &year))
        return false;
    if (year < YEAR_FIRST || year > YEAR_LAST || !str_to_i64(digits, &number)) return false;
    *ret = year * NUMBERS + number;
    return true;
}

static bool day_read(str s, instant *ret)
{
    int64_t year, month, day;
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-') return false;
    if (!str_to_i64(str_sub(s, 0, 4), &year) || !str_to_i64(str_sub(s, 5, 2), &month) ||
            !str_to_i64(str_sub(s, 8, 2), &day))
        return false;
    if (year < YEAR_FIRST || month < 1 || month > 12 || day < 1) return false;
    if (day > days_in_month(year, (int)month)) return false;
    ret->us = days_of_civil(year, (int)month, (int)day) * US_PER_DAY;
    return true;
}

static int by_key(const void *x, const void *y)
{
    const int64_t *a = x, *b = y; /* the key is the first member of both rows */
    return (*a > *b) - (*a < *b);
}

static const void *find(const void *rows, size_t n, size_t size, int64_t key)
{
    return n ? bsearch(&key, rows, n, size, by_key) : NULL;
}

/* ---- telling what is wrong ---- */

typedef struct {
    vuln_bad_fn fn;
    void *ctx;
    arena *a;
    const fault *first;
    size_t n;
    str file;
} complaints;

static void complain(complaints *c, err e, int64_t row, str pointer)
{
    err placed = err_at_pointer(err_at_row(e, c->file, row, 0), pointer);
    if (c->fn) c->fn(c->ctx, placed);
    if (!c->first) c->first = fault_copy(c->a, placed.f);
    c->n++;
}

/* Kept as long as v, so it is remade as one of this thread's ring. */
static err first_of(const complaints *c)
{
    const fault *f = c->first;
    if (!f) return OK;
    err e = err_make(f->code, f->key, f->args[0], f->args[1], f->args[2]);
    return err_at_pointer(err_at_row(e, f->file, f->row, 0), f->pointer);
}

/* ---- the catalogue ---- */

typedef struct {
    vuln *v;
    arena *a;
    str text;
    complaints c;
    kev_row *rows;
    size_t n;
} kev_reading;

static void kev_complain(kev_reading *x, const json *j, size_t i, const char *member, err e)
{
    int64_t row, col;
    str_place(x->text, (size_t)(j->raw.p - x->text.p), &row, &col);
    complain(&x->c, e, row, str_fmt(x->a, "/vulnerabilities/%zu/%s", i, member));
}

static bool words_of(kev_reading *x, const json *j, str member, str *ret)
{
    str s = json_get_text(j, member);
    *ret = str_copy(x->v->a, s);
    return s.n > 0 && s.n <= WORDS_MAX;
}

/* The member that cannot be taken, or NULL. */
static const char *kev_row_read(kev_reading *x, const json *j, kev_row *r)
{
    str use = json_get_text(j, S("knownRansomwareCampaignUse"));
    vuln_answer *v = &r->of;
    *r = (kev_row){ .of.exploited = true };
    if (!cve_key(json_get_text(j, S("cveID")), &r->key)) return "cveID";
    if (!day_read(json_get_text(j, S("dateAdded")), &v->added)) return "dateAdded";
    if (!day_read(json_get_text(j, S("dueDate")), &v->due)) return "dueDate";
    if (!words_of(x, j, S("vendorProject"), &v->vendor)) return "vendorProject";
    if (!words_of(x, j, S("product"), &v->product)) return "product";
    if (!words_of(x, j, S("vulnerabilityName"), &v->name)) return "vulnerabilityName";
    if (!words_of(x, j, S("requiredAction"), &v->action)) return "requiredAction";
    if (!use.n) return "knownRansomwareCampaignUse";
    v->ransomware = str_eq(use, S("Known"));
    return NULL;
}

static str shown(const json *j, const char *member)
{
    return str_sub(json_get_text(j, str_of(member)), 0, 60);
}

static void kev_rows_read(kev_reading *x, const json *all)
{
    size_t i = 0;
    for (const json *j = all->first; j; j = j->next, i++) {
        const char *wrong = kev_row_read(x, j, &x->rows[x->n]);
        if (wrong)
            kev_complain(x, j, i, wrong,
                    ERR2(E_INVALID, "error.vuln.member", str_of(wrong), shown(j, wrong)));
        else
            x->n++;
    }
}

/* Sorted; the same number twice is told of. */
static void kev_sort(kev_reading *x, const json *all)
{
    if (!x->n) return;
    qsort(x->rows, x->n, sizeof *x->rows, by_key);
    size_t most = x->c.n + TWICE_MAX; /* each is looked for from the beginning */
    for (size_t i = 1; i < x->n && x->c.n < most; i++) {
        if (x->rows[i].key != x->rows[i - 1].key) continue;
        int64_t key = x->rows[i].key;
        str cve = str_fmt(
                x->a, "CVE-%lld-%04lld", (long long)(key / NUMBERS), (long long)(key % NUMBERS));
        size_t at = 0, last = 0;
        const json *row = all;
        for (const json *j = all->first; j; j = j->next, at++)
            if (str_eq(json_get_text(j, S("cveID")), cve)) {
                row = j;
                last = at;
            }
        kev_complain(x, row, last, "cveID", ERR1(E_INVALID, "error.vuln.twice", cve));
    }
}

static err kev_facts(const json *j, arena *a, str file, vuln_facts *ret)
{
    const json *all = json_get(j, S("vulnerabilities"));
    int64_t count;
    ret->version = str_copy(a, str_sub(json_get_text(j, S("catalogVersion")), 0, 100));
    bool good = instant_parse(json_get_text(j, S("dateReleased")), &ret->date) && ret->version.n &&
                all && all->type == JSON_ARRAY && all->count <= ROWS_MAX &&
                json_i64(json_get(j, S("count")), &count) && count == (int64_t)all->count &&
                count > 0;
    if (good) ret->rows = all->count;
    return good ? OK : ERR1(E_INVALID, "error.vuln.kev", file);
}

static err kev_read(kev_reading *x, str file, vuln_facts *ret)
{
    const json *j;
    json_limits most = { .max_bytes = (size_t)16 << 20, .max_values = 1000000 };
    TRY(err_at_row(json_parse(x->a, x->text, &most, &j), file, 0, 0));
    TRY(kev_facts(j, x->v->a, file, ret));
    const json *all = json_get(j, S("vulnerabilities"));
    x->rows = NEW_ARRAY(x->v->a, kev_row, all->count + 1);
    kev_rows_read(x, all);
    kev_sort(x, all);
    ret->bad = x->c.n;
    return first_of(&x->c);
}

err vuln_add_kev(vuln *v, str text, str file, vuln_bad_fn bad, void *ctx, vuln_facts *ret)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 30);
    kev_reading x = { .v = v, .a = a, .text = text, .c = { bad, ctx, v->a, NULL, 0, file } };
    ASSERT(!v->kev);
    *ret = (vuln_facts){ 0 };
    TRY(kev_read(&x, file, ret));
    v->kev = x.rows;
    v->n_kev = x.n;
    v->kev_of = ret->date;
    return OK;
}

/* ---- the scores ---- */

/* "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000" */
static bool epss_head(arena *a, str line, vuln_facts *ret)
{
    str model, date;
    if (!str_starts(line, S("#model_version:"))) return false;
    line = str_sub(line, 15, line.n);
    if (!str_split(&line, ',', &model) || !str_starts(line, S("score_date:"))) return false;
    date = str_sub(line, 11, line.n);
    if (str_ends(date, S("+0000"))) date = str_cat(a, str_sub(date, 0, date.n - 5), S("Z"));
    ret->version = str_copy(a, str_sub(model, 0, 100));
    return ret->version.n > 0 && instant_parse(date, &ret->date);
}

static bool share_read(str s, float *ret)
{
    double v;
    if (!str_only(s, "0123456789.eE-") || !str_to_f64(s, &v) || !(v >= 0 && v <= 1)) return false;
    *ret = (float)v;
    return true;
}

/* The column that cannot be taken, or NULL. */
static const char *epss_row_read(str line, epss_row *r, str *ret_cell)
{
    str cve, epss;
    *ret_cell = line;
    if (!str_split(&line, ',', &cve)) return "cve";
    *ret_cell = cve;
    if (!cve_key(cve, &r->key)) return "cve";
    if (!str_split(&line, ',', &epss)) return "epss";
    *ret_cell = epss;
    if (!share_read(epss, &r->epss)) return "epss";
    *ret_cell = line;
    return share_read(line, &r->percentile) ? NULL : "percentile";
}

static str line_of(str *rest)
{
    str line = { 0 };
    (void)!str_split(rest, '\n', &line);
    return str_ends(line, S("\r")) ? str_sub(line, 0, line.n - 1) : line;
}

static size_t epss_rows_read(str rest, epss_row *rows, size_t room, complaints *c)
{
    size_t n = 0;
    for (int64_t row = 3; rest.n; row++) {
        str cell, line = line_of(&rest);
        ASSERT(n < room);
        const char *wrong = epss_row_read(line, &rows[n], &cell);
        if (wrong)
            complain(c, ERR2(E_INVALID, "error.vuln.member", str_of(wrong), str_sub(cell, 0, 60)),
                    row, str_of(wrong));
        else
            n++;
    }
    return n;
}

static void epss_sort(arena *a, epss_row *rows, size_t n, complaints *c)
{
    if (n) qsort(rows, n, sizeof *rows, by_key);
    for (size_t i = 1; i < n; i++)
        if (rows[i].key == rows[i - 1].key)
            complain(c,
                    ERR1(E_INVALID, "error.vuln.twice",
                            str_fmt(a, "CVE-%lld-%04lld", (long long)(rows[i].key / NUMBERS),
                                    (long long)(rows[i].key % NUMBERS))),
                    0, S("cve"));
}

err vuln_add_epss(vuln *v, str text, str file, vuln_bad_fn bad, void *ctx, vuln_facts *ret)
{
    complaints c = { bad, ctx, v->a, NULL, 0, file };
    str rest = text;
    ASSERT(!v->epss);
    *ret = (vuln_facts){ 0 };
    if (!epss_head(v->a, line_of(&rest), ret) ||
            !str_eq(line_of(&rest), S("cve,epss,percentile")) || !rest.n)
        return ERR1(E_INVALID, "error.vuln.epss", file);
    ret->rows = str_count_byte(rest, '\n') + 1;
    if (ret->rows > ROWS_MAX) return ERR1(E_TOO_LARGE, "error.vuln.epss", file);
    epss_row *rows = NEW_ARRAY(v->a, epss_row, ret->rows);
    size_t n = epss_rows_read(rest, rows, ret->rows, &c);
    epss_sort(v->a, rows, n, &c);
    ret->rows = n + c.n;
    ret->bad = c.n;
    TRY(first_of(&c));
    v->epss = rows;
    v->n_epss = n;
    v->epss_of = ret->date;
    return OK;
}

/* ---- asking ---- */

vuln_answer vuln_find(const vuln *v, str cve)
{
    int64_t key;
    vuln_answer ret = { 0 };
    if (!v || !cve_key(cve, &key)) return ret;
    const kev_row *k = find(v->kev, v->n_kev, sizeof *k, key);
    const epss_row *e = find(v->epss, v->n_epss, sizeof *e, key);
    if (k) ret = k->of;
    ret.kev_of = v->kev_of;
    ret.epss_of = v->epss_of;
    ret.scored = e != NULL;
    if (e) {
        ret.epss = (double)e->epss;
        ret.percentile = (double)e->percentile;
    }
    return ret;
}
