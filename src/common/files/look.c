/* look.c - asks the sandbox about a file, one opener a question, and writes down what it says. */
#include "common/files/look.h"

#include "base/json.h"
#include "proc/sandbox.h"
#include <sodium.h>

static void put_hex(jsonw *w, str key, const uint8_t *p, size_t n)
{
    char hex[65];
    ASSERT(n <= 32);
    sodium_bin2hex(hex, sizeof hex, p, n);
    jw_key(w, key);
    jw_str(w, str_of(hex));
}

static void put_marks(jsonw *w, int64_t marks)
{
    static const char *const names[] = { "folder", "link", "encrypted", "unsafe_name", "inner",
        "unreadable", "unopened" };
    jw_key(w, S("marks"));
    jw_arr(w);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (marks >> i & 1) jw_str(w, str_of(names[i]));
    jw_end_arr(w);
}

static void put_entry(jsonw *w, const open_entry *e)
{
    static const uint8_t none[32];
    jw_obj(w);
    jw_kstr(w, "name", e->name);
    jw_kstr(w, "type", e->mime);
    jw_ki64(w, "bytes", e->bytes);
    put_marks(w, e->marks);
    if (memcmp(e->sha256, none, sizeof none) != 0) put_hex(w, S("sha256"), e->sha256, 32);
    jw_end_obj(w);
}

static void put_listing(jsonw *w, const open_listing *l)
{
    jw_key(w, S("archive"));
    jw_obj(w);
    jw_kstr(w, "format", l->format);
    jw_kbool(w, "encrypted", l->encrypted);
    jw_kstr(w, "stopped", l->stopped);
    jw_ki64(w, "count", l->count);
    jw_ki64(w, "bytes", l->bytes);
    jw_key(w, S("entries"));
    jw_arr(w);
    for (size_t i = 0; i < l->n; i++)
        put_entry(w, &l->entries[i]);
    jw_end_arr(w);
    jw_end_obj(w);
}

static void put_part(jsonw *w, const open_part *p)
{
    jw_obj(w);
    jw_kstr(w, "name", p->name);
    jw_kstr(w, "said", p->said);
    jw_kstr(w, "type", p->mime);
    jw_ki64(w, "bytes", p->bytes);
    jw_kbool(w, "attachment", p->marks & PART_ATTACHMENT);
    jw_kbool(w, "unsafe_name", p->marks & PART_UNSAFE_NAME);
    put_hex(w, S("sha256"), p->sha256, 32);
    jw_end_obj(w);
}

static void put_mail(jsonw *w, const open_mail *m)
{
    jw_key(w, S("mail"));
    jw_obj(w);
    jw_kstr(w, "from", m->from);
    jw_kstr(w, "to", m->to);
    jw_kstr(w, "reply_to", m->reply_to);
    jw_kstr(w, "subject", m->subject);
    jw_kstr(w, "date", m->date);
    jw_kstr(w, "message_id", m->message_id);
    jw_kstr(w, "text", m->text);
    jw_kstr(w, "stopped", m->stopped);
    jw_key(w, S("parts"));
    jw_arr(w);
    for (size_t i = 0; i < m->n; i++)
        put_part(w, &m->parts[i]);
    jw_end_arr(w);
    jw_key(w, S("urls"));
    jw_arr(w);
    for (size_t i = 0; i < m->n_urls; i++)
        jw_str(w, m->urls[i]);
    jw_end_arr(w);
    jw_end_obj(w);
}

static void put_identity(jsonw *w, const open_identity *i)
{
    jw_kstr(w, "words", i->words);
    jw_kstr(w, "text", i->text);
    put_hex(w, S("sha1"), i->sha1, sizeof i->sha1);
    put_hex(w, S("md5"), i->md5, sizeof i->md5);
}

/* No sandbox now is a state and no fault; what it cannot open safely is another. */
static err state_of(err e, str *look)
{
    if (err_code_of(e) == E_BUSY) *look = S("waiting");
    if (err_code_of(e) == E_INVALID) *look = S("unsafe");
    return err_code_of(e) == E_BUSY || err_code_of(e) == E_INVALID ? OK : e;
}

static err look_inside(
        struct sandbox *s, int fd, int64_t bytes, open_kind kind, arena *a, jsonw *w, str *look)
{
    open_listing l;
    open_mail m;
    err e = OK;
    if (kind == OPEN_ARCHIVE) e = sandbox_list(s, fd, bytes, a, &l);
    if (kind == OPEN_MAIL) e = sandbox_mail(s, fd, bytes, a, &m);
    if (failed(e)) return state_of(e, look);
    if (kind == OPEN_ARCHIVE) put_listing(w, &l);
    if (kind == OPEN_MAIL) put_mail(w, &m);
    return OK;
}

static err look_like(
        struct sandbox *s, int fd, int64_t bytes, open_kind kind, arena *a, file_look *ret)
{
    open_picture p;
    if (kind != OPEN_PICTURE) return OK;
    err e = sandbox_picture(s, fd, bytes, a, &p);
    if (failed(e)) return state_of(e, &ret->look);
    ret->picture = p.png;
    return OK;
}

err file_look_at(
        struct sandbox *s, int fd, int64_t bytes, const uint8_t hash[32], arena *a, file_look *ret)
{
    open_identity i;
    jsonw w = jsonw_new(a, 1024);
    *ret = (file_look){ .look = S("done") };
    err e = sandbox_identify(s, fd, bytes, a, &i);
    if (failed(e)) return state_of(e, &ret->look);
    if (i.bytes != bytes || memcmp(i.sha256, hash, sizeof i.sha256) != 0) {
        ret->look = S("unsafe");
        return OK;
    }
    open_kind kind = open_kind_of(i.mime);
    ret->mime = i.mime;
    ret->kind = str_of(open_kind_name(kind));
    jw_obj(&w);
    put_identity(&w, &i);
    TRY(look_inside(s, fd, bytes, kind, a, &w, &ret->look));
    TRY(look_like(s, fd, bytes, kind, a, ret));
    jw_end_obj(&w);
    ret->report = jsonw_done(&w);
    return OK;
}

bool file_is_plain(str kind)
{
    return str_eq(kind, S("text")) || str_eq(kind, S("picture"));
}
