/* indicator_import.c - route of lists of indicators: a value a line, or a table with guessed
 * columns. Read in the pool, written in slices; each slice is one entry of the ledger, with a
 * digest over its values. Bringing the same list again changes nothing. */
#include <sodium.h>

#include "common/import/file_in.h"
#include "desk/watch/event/indicator.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { SLICE = 1000, SNIFF_LINES = 50, LINE_BYTES = 8192, CONFIDENCE_PLAIN = 50 };
typedef enum { F_VALUE, F_SOURCE, F_CONFIDENCE, F_WHY, F_TAGS, F_UNTIL, FIELDS } field_no;

static const import_field fields[FIELDS] = {
    { "value",
            "value|indicator|ioc|ioc value|observable|ip|address|ip address|dst "
            "ip|domain|hostname|fqdn|url|uri|"
            "hash|md5|sha1|sha256|sha256 hash|email|cidr|network|قدر|اشارہ|پتا|ڈومین",
            true },
    { "source", "source|feed|provider|reporter|ماخذ", false },
    { "confidence", "confidence|confidence level|score|اعتماد", false },
    { "why", "why|comment|description|reason|threat|malware|malware printable|signature|وجہ|تفصیل",
            false },
    { "tags", "tags|tag|labels|ٹیگ", false },
    { "valid_until", "valid until|expires|expiry|expiration|last seen utc|میعاد", false },
};

typedef struct {
    call *c;
    const struct import_query *q;
    file_in in;
    bool lines; /* a value a line, no heading */
    str rest;   /* lines: what is left */
    int64_t line;
    str cell[FIELDS];
    int64_t audience;
    /* one slice, in its own arena */
    arena *a;
    indicator_draft *draft;
    size_t n;
    int64_t done, same;
    instant now;
} importing;

/* ---- what it is ---- */

static bool next_line(str *rest, str *line)
{
    if (!str_split(rest, '\n', line)) return false;
    *line = str_trim(*line);
    if (str_starts(*line, S("\xef\xbb\xbf"))) *line = str_sub(*line, 3, line->n);
    return true;
}

static bool is_comment(str line)
{
    return line.n == 0 || line.p[0] == '#' || line.p[0] == ';';
}

/* The first word of a line that has more: "192.0.2.1 # seen by us", "192.0.2.0/24 ; SBL1". */
static str first_word(str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t' && line.p[n] != ';' &&
            line.p[n] != ',')
        n++;
    return str_sub(line, 0, n);
}

static bool is_value(arena *a, str text)
{
    observable o;
    indicator_draft d;
    return text.n <= LINE_BYTES && !failed(observable_recognise(a, text, &o)) &&
           indicator_of(&o, &d);
}

/* A list when the first line that says something is a value by itself, for no heading is one. */
static bool is_list(importing *x)
{
    str rest = x->in.content, line;
    for (int i = 0; i < SNIFF_LINES && next_line(&rest, &line); i++) {
        if (is_comment(line)) continue;
        bool alone = str_find_byte(line, ',') < 0;
        return is_value(x->c->a, line) || (alone && is_value(x->c->a, first_word(line)));
    }
    return false;
}

static err sheet_open(importing *x)
{
    x->lines = !x->q->map.n && is_list(x);
    str content = x->lines ? S("value\n") : x->in.content;
    x->rest = x->in.content;
    return import_open(x->c->a, content, x->in.file_name, fields, FIELDS, x->q->map, &x->in.sheet);
}

/* ---- rows ---- */

static bool line_next(importing *x, import_row *row)
{
    str line;
    while (next_line(&x->rest, &line)) {
        x->line++;
        if (is_comment(line)) continue;
        import_counts_of(x->in.sheet)->read++;
        x->cell[F_VALUE] = line;
        *row = (import_row){ x->line, x->cell };
        return true;
    }
    return false;
}

static bool row_next(importing *x, import_row *row)
{
    return x->lines ? line_next(x, row) : import_next(x->in.sheet, row);
}

static str tags_json(arena *a, str tags)
{
    jsonw w = jsonw_new(a, 64);
    str part;
    char sep = str_find_byte(tags, ';') >= 0 ? ';' : str_find_byte(tags, '|') >= 0 ? '|' : ',';
    jw_arr(&w);
    while (str_split(&tags, sep, &part))
        if (str_trim(part).n) jw_str(&w, str_sub(str_trim(part), 0, 100));
    jw_end_arr(&w);
    return jsonw_done(&w);
}

static err take_value(importing *x, str text, indicator_draft *d)
{
    observable o;
    err e = text.n > LINE_BYTES ? ERR(E_INVALID, "error.indicator.kind")
                                : observable_recognise(x->a, text, &o);
    if (failed(e) && x->lines) e = observable_recognise(x->a, first_word(text), &o);
    if (!failed(e) && indicator_of(&o, d)) return OK;
    return ERR1(E_INVALID, "error.indicator.kind", str_sub(text, 0, 100));
}

static err take_rest(importing *x, const import_row *r, indicator_draft *d, int *which)
{
    *which = F_CONFIDENCE;
    if (r->cell[F_CONFIDENCE].n && (!str_to_i64(r->cell[F_CONFIDENCE], &d->confidence) ||
                                           d->confidence < 0 || d->confidence > 100))
        return ERR1(E_INVALID, "error.indicator.number", r->cell[F_CONFIDENCE]);
    if (r->cell[F_SOURCE].n) d->source = str_copy(x->a, str_sub(r->cell[F_SOURCE], 0, 100));
    if (r->cell[F_WHY].n) d->why = str_copy(x->a, str_sub(r->cell[F_WHY], 0, 2000));
    if (r->cell[F_TAGS].n) d->tags = tags_json(x->a, r->cell[F_TAGS]);
    if (!x->lines && instant_parse(r->cell[F_UNTIL], &d->valid_until) &&
            d->valid_until.us <= x->now.us)
        d->valid_until = INSTANT_MAX; /* "last seen" columns lie in the past: no end is known */
    return OK;
}

static void take_row(importing *x, const import_row *r)
{
    indicator_draft *d = &x->draft[x->n];
    int which = F_VALUE;
    *d = (indicator_draft){ .owner = x->c->viewer.org,
        .audience = x->audience,
        .confidence = CONFIDENCE_PLAIN,
        .source = x->q->source.n ? x->q->source : S("import"),
        .valid_from = x->now,
        .valid_until = INSTANT_MAX,
        .tags = S("[]"),
        .why = x->in.file_name,
        .state = S("active"),
        .batch = x->in.row };
    err e = take_value(x, r->cell[F_VALUE], d);
    if (!failed(e)) e = take_rest(x, r, d, &which);
    if (failed(e))
        import_bad(x->in.sheet, r, which, e);
    else
        x->n++;
}

/* ---- a slice ---- */

static void slice_begin(importing *x)
{
    arena_reset(x->a);
    x->draft = NEW_ARRAY(x->a, indicator_draft, SLICE);
    x->n = 0;
}

static void digest_add(crypto_hash_sha256_state *h, str s)
{
    uint64_t n = s.n;
    crypto_hash_sha256_update(h, (const uint8_t *)&n, sizeof n);
    crypto_hash_sha256_update(h, (const uint8_t *)s.p, s.n);
}

static err slice_entry(txn *t, importing *x, crypto_hash_sha256_state *h, int64_t n)
{
    uint8_t digest[32];
    crypto_hash_sha256_final(h, digest);
    return ledger_append(
            t, &(ledger_draft){ .type = LEDGER_indicator_imported,
                       .kind = S("import_run"),
                       .subject = x->in.id,
                       .digest = digest,
                       .audience = x->audience,
                       .owner = x->c->viewer.org,
                       .author = x->c->viewer.person,
                       .more = str_fmt(txn_arena(t), "{\"indicators\":%lld}", (long long)n) });
}

static err slice_apply(txn *t, void *ctx)
{
    importing *x = ctx;
    crypto_hash_sha256_state h;
    int64_t done = 0;
    crypto_hash_sha256_init(&h);
    for (size_t i = 0; i < x->n; i++) {
        const indicator_handle *made;
        bool same;
        TRY(indicator_add(t, &x->c->viewer, &x->draft[i], LEDGER_NONE, &same, &made));
        if (same) continue;
        done++;
        digest_add(&h, (str){ (const char *)made->id.id.b, sizeof made->id.id.b });
        digest_add(&h, x->draft[i].kind);
        digest_add(&h, x->draft[i].value);
    }
    x->done = done;
    x->same = (int64_t)x->n - done;
    return done ? slice_entry(t, x, &h, done) : OK;
}

static err slice_write(importing *x)
{
    import_counts *n = import_counts_of(x->in.sheet);
    if (!x->n) return OK;
    TRY(store_write(x->c->realm->store, slice_apply, x));
    n->done += x->done;
    n->same += x->same;
    return OK;
}

/* ---- the run ---- */

static err audience_apply(txn *t, void *ctx)
{
    importing *x = ctx;
    return indicator_audience(t, x->c->realm, x->q->tlp, &x->audience);
}

static err rows_write(importing *x)
{
    import_row row;
    bool goes_on = true;
    slice_begin(x);
    while (goes_on && row_next(x, &row)) {
        take_row(x, &row);
        if (x->n < SLICE) continue;
        TRY(slice_write(x));
        slice_begin(x);
        TRY(file_in_goes_on(&x->in, &goes_on));
    }
    return slice_write(x);
}

static err rows_write_run(importing *x)
{
    call_release(x->c);
    TRY(store_write(x->c->realm->store, audience_apply, x));
    TRY(file_in_begin(&x->in));
    x->now = x->in.at;
    err e = rows_write(x), end = file_in_end(&x->in, !failed(e));
    return failed(e) ? e : end;
}

static err rows_look(importing *x)
{
    import_row row;
    x->now = txn_now(x->c->t);
    slice_begin(x);
    while (row_next(x, &row)) {
        take_row(x, &row);
        import_counts_of(x->in.sheet)->done += (int64_t)x->n;
        x->n = 0;
    }
    return OK;
}

err h_indicator_import(call *c)
{
    const struct import_query *q = c->query;
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)256 << 20);
    importing x = { .c = c,
        .q = q,
        .a = a,
        .in = { .realm = c->realm,
                .v = &c->viewer,
                .a = c->a,
                .kind = S("indicators"),
                .file_name = q->name.n ? q->name : S("list"),
                .lang = call_lang(c),
                .bytes = c->spool_bytes } };
    bool dry = q->has_dry_run && q->dry_run;
    TRY(file_in_map(c->spool, c->spool_bytes, &x.in.content));
    if (!x.in.content.n) return ERR(E_INVALID, "error.feed.empty_file");
    err e = sheet_open(&x);
    if (!failed(e)) e = dry ? rows_look(&x) : rows_write_run(&x);
    if (!failed(e)) {
        jw_obj(&c->out);
        file_in_put(&x.in, &c->out, dry);
        jw_end_obj(&c->out);
    }
    file_in_unmap(x.in.content);
    return e;
}
