/* file.c - routes of files that hang on a thing: listed, and one read with what the sandbox says of
 * it. Whoever does not see the thing, or the organisation that it is shown with, does not see its
 * files. Runs in the pool: the names are sealed, and the keys process is asked. */
#include "desk/office/file.h"

#include "access/seen/seen.h"
#include "api/app.h"
#include "api/page.h"
#include "gen/common/files/queries.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "store/store.h"
#include <sodium.h>

err file_vault(call *c, vault_place *ret)
{
    return vault_of_realm(c->a, c->app->data_dir, c->realm->name, ret);
}

err file_find(call *c, const attachment_handle **ret)
{
    thing x;
    TRY(thing_find(c, &attachment_def, &x));
    *ret = (const attachment_handle *)(const void *)x.h;
    return OK;
}

void file_saw(call *c, const attachment_handle *h)
{
    call_saw(c, &(seen_thing){ RECORD_attachment, h->row, h->id.id, h->version, h->owner,
                        h->audience, h->author });
}

static void put_text(jsonw *w, str key, str text)
{
    jw_key(w, key);
    if (text.n)
        jw_str(w, text);
    else
        jw_null(w);
}

/* What a list and one file have alike. */
static err put_row(call *c, const file_page_row *f)
{
    jsonw *w = &c->out;
    char hex[65];
    str name;
    TRY(files_words(c->a, f->object, f->wrapped, f->name, (str){ 0 }, &name, NULL));
    ASSERT(f->hash.n == 32);
    sodium_bin2hex(hex, sizeof hex, (const uint8_t *)f->hash.p, f->hash.n);
    jw_kid(w, "id", f->id);
    jw_ki64(w, "version", f->version);
    put_text(w, S("name"), name);
    jw_ki64(w, "bytes", f->bytes);
    jw_kstr(w, "sha256", str_of(hex));
    jw_kstr(w, "look", f->look);
    put_text(w, S("type"), f->mime);
    put_text(w, S("kind"), f->kind);
    jw_kstr(w, "state", f->state);
    jw_kstr(w, "tlp", tlp_name(f->audience));
    jw_ktime(w, "created", f->created);
    jw_kbool(w, "picture", f->wrapped.n && !id_is_zero(f->preview));
    return OK;
}

err h_file_list(call *c)
{
    const struct files_query *q = c->query;
    file_page_row *rows;
    cursor at;
    bool found;
    size_t n;
    thing x;
    const record_def *d = record_kind_named(q->kind);
    ASSERT(d);
    TRY(thing_find_id(c, d, q->id, &x));
    TRY(cursor_read(c, q->cursor, &at, &found));
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    file_page_args args = {
        .about = q->kind, .parent = x.h->row, .before = found ? at.n[0] : INT64_MAX, .limit = limit
    };
    TRY(file_page(c->t, &c->viewer, &args, c->a, &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&c->out);
        TRY(put_row(c, &rows[i]));
        jw_end_obj(&c->out);
    }
    page_close(c, (int64_t)n == limit, &(cursor){ .n = { n ? rows[n - 1].row : 0 } });
    return OK;
}

/* ---- one ---- */

static err put_author(call *c, int64_t row)
{
    const person_handle *p;
    err e = row ? person_read_row(c->t, &c->viewer, row, &p) : ERR(E_ABSENT, "error.api.absent");
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    put_text(&c->out, S("author"), failed(e) ? (str){ 0 } : p->now.name);
    return OK;
}

static file_page_row row_of(const attachment_handle *h, str wrapped)
{
    return (file_page_row){ .id = h->id.id,
        .version = h->version,
        .object = h->now.object,
        .bytes = h->now.bytes,
        .hash = h->now.hash,
        .name = h->now.name,
        .look = h->now.look,
        .mime = h->now.mime,
        .kind = h->now.kind,
        .preview = h->now.preview,
        .state = h->now.state,
        .created = h->created,
        .audience = h->audience,
        .wrapped = wrapped };
}

static err put_whole(call *c, const attachment_handle *h)
{
    str report;
    file_key_find_row *key;
    TRY(file_key_find(c->t, &(file_key_find_args){ h->row }, c->a, &key));
    file_page_row row = row_of(h, key->wrapped);
    TRY(put_row(c, &row));
    TRY(put_org(c, S("owner"), h->owner));
    jw_kbool(&c->out, "own", h->owner == c->viewer.org);
    TRY(put_author(c, h->author));
    TRY(put_about(c, record_whole(&attachment_def, &h->now), h->parent));
    TRY(files_words_of(c->t, c->a, h, NULL, &report));
    if (report.n) jw_kraw(&c->out, "report", report);
    return OK;
}

err h_file_read(call *c)
{
    const attachment_handle *h;
    TRY(file_find(c, &h));
    jw_obj(&c->out);
    TRY(put_whole(c, h));
    jw_end_obj(&c->out);
    file_saw(c, h);
    return OK;
}
