/* sandbox_wire.c - jobs and answers of the sandbox as fields, checked where they are read. */
#include "proc/sandbox_wire.h"

void sandbox_put_job(buf *b, const sandbox_job *j)
{
    field_put_i64(b, j->bytes);
    field_put_i64(b, j->deadline_ms);
}

bool sandbox_get_job(str payload, sandbox_job *ret)
{
    fields f = { .rest = payload };
    ret->bytes = field_i64(&f, 0, INT64_MAX);
    ret->deadline_ms = field_i64(&f, 1, SANDBOX_DEADLINE_MS);
    return fields_end(&f);
}

static void put_bytes(buf *b, const uint8_t *p, size_t n)
{
    field_put_str(b, (str){ (const char *)p, n });
}

static void get_bytes(fields *f, uint8_t *to, size_t n)
{
    str s = field_str(f, n);
    if (s.n == n)
        memcpy(to, s.p, n);
    else
        f->bad = true;
}

/* Safe to show, as text_safe leaves it. */
static str get_text(arena *a, fields *f, size_t max, bool lines)
{
    bool changed = false;
    str s = field_str(f, max);
    (void)text_safe(a, s, max, lines, &changed);
    if (changed) f->bad = true;
    return s;
}

/* ---- identity ---- */

static void put_identity(buf *b, const open_identity *i)
{
    field_put_i64(b, i->bytes);
    put_bytes(b, i->sha256, sizeof i->sha256);
    put_bytes(b, i->sha1, sizeof i->sha1);
    put_bytes(b, i->md5, sizeof i->md5);
    field_put_str(b, i->mime);
    field_put_str(b, i->words);
    field_put_str(b, i->text);
}

bool sandbox_get_identity(arena *a, str payload, open_identity *ret)
{
    fields f = { .rest = payload };
    open_identity i = { .bytes = field_i64(&f, 0, INT64_MAX) };
    get_bytes(&f, i.sha256, sizeof i.sha256);
    get_bytes(&f, i.sha1, sizeof i.sha1);
    get_bytes(&f, i.md5, sizeof i.md5);
    i.mime = get_text(a, &f, 110, false);
    i.words = get_text(a, &f, 310, false);
    i.text = get_text(a, &f, OPEN_TEXT_MAX + 10, true);
    *ret = i;
    return fields_end(&f);
}

/* ---- listing ---- */

enum { MARKS_ALL = ENTRY_UNOPENED * 2 - 1, NAME_MAX_BYTES = OPEN_NAME_MAX * OPEN_DEPTH_MAX + 10 };

static void put_listing(buf *b, const open_listing *l)
{
    field_put_str(b, l->format);
    field_put_i64(b, l->encrypted);
    field_put_str(b, l->stopped);
    field_put_i64(b, l->count);
    field_put_i64(b, l->bytes);
    field_put_i64(b, (int64_t)l->n);
    for (size_t i = 0; i < l->n; i++) {
        const open_entry *e = &l->entries[i];
        field_put_str(b, e->name);
        field_put_str(b, e->mime);
        field_put_i64(b, e->bytes);
        field_put_i64(b, e->marks);
        put_bytes(b, e->sha256, sizeof e->sha256);
    }
}

static bool is_stop(str s)
{
    static const char *const words[] = { "", "broken", "encrypted", "entries", "ratio", "size",
        "time" };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(s, str_of(words[i]))) return true;
    return false;
}

static void get_entry(arena *a, fields *f, open_entry *e)
{
    e->name = get_text(a, f, NAME_MAX_BYTES, false);
    e->mime = get_text(a, f, 110, false);
    e->bytes = field_i64(f, 0, INT64_MAX);
    e->marks = field_i64(f, 0, MARKS_ALL);
    get_bytes(f, e->sha256, sizeof e->sha256);
}

bool sandbox_get_listing(arena *a, str payload, open_listing *ret)
{
    fields f = { .rest = payload };
    open_listing l = { .format = get_text(a, &f, 110, false) };
    l.encrypted = field_i64(&f, 0, 1);
    l.stopped = field_str(&f, 20);
    if (!is_stop(l.stopped)) f.bad = true;
    l.count = field_i64(&f, 0, OPEN_COUNT_MAX + 1);
    l.bytes = field_i64(&f, 0, INT64_MAX);
    l.n = (size_t)field_i64(&f, 0, OPEN_ENTRIES_MAX);
    l.entries = NEW_ARRAY(a, open_entry, l.n + 1);
    for (size_t i = 0; i < l.n && !f.bad; i++)
        get_entry(a, &f, &l.entries[i]);
    *ret = l;
    return fields_end(&f);
}

/* ---- mail ---- */

static void put_part(buf *b, const open_part *p)
{
    field_put_str(b, p->name);
    field_put_str(b, p->said);
    field_put_str(b, p->mime);
    field_put_i64(b, p->bytes);
    field_put_i64(b, p->marks);
    put_bytes(b, p->sha256, sizeof p->sha256);
}

static void put_mail(buf *b, const open_mail *m)
{
    const str heads[] = { m->from, m->to, m->reply_to, m->subject, m->date, m->message_id };
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        field_put_str(b, heads[i]);
    field_put_str(b, m->text);
    field_put_str(b, m->report.action);
    field_put_str(b, m->report.status);
    field_put_str(b, m->report.words);
    field_put_str(b, m->report.came_to);
    field_put_str(b, m->stopped);
    field_put_i64(b, (int64_t)m->n);
    for (size_t i = 0; i < m->n; i++)
        put_part(b, &m->parts[i]);
    field_put_i64(b, (int64_t)m->n_urls);
    for (size_t i = 0; i < m->n_urls; i++)
        field_put_str(b, m->urls[i]);
}

static void get_part(arena *a, fields *f, open_part *p)
{
    p->name = get_text(a, f, OPEN_NAME_MAX + 10, false);
    p->said = get_text(a, f, 110, false);
    p->mime = get_text(a, f, 110, false);
    p->bytes = field_i64(f, 0, INT64_MAX);
    p->marks = field_i64(f, 0, PART_UNSAFE_NAME * 2 - 1);
    get_bytes(f, p->sha256, sizeof p->sha256);
}

/* Nothing that a program makes a link of. */
static str get_url(arena *a, fields *f)
{
    str s = get_text(a, f, OPEN_URL_MAX + 10, false);
    if (!str_starts(s, S("hxxp://")) && !str_starts(s, S("hxxps://"))) f->bad = true;
    return s;
}

static bool is_mail_stop(str s)
{
    static const char *const words[] = { "", "broken", "depth", "parts", "size", "time" };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(s, str_of(words[i]))) return true;
    return false;
}

bool sandbox_get_mail(arena *a, str payload, open_mail *ret)
{
    fields f = { .rest = payload };
    open_mail m = { 0 };
    str *const heads[] = { &m.from, &m.to, &m.reply_to, &m.subject, &m.date, &m.message_id };
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        *heads[i] = get_text(a, &f, 1010, false);
    m.text = get_text(a, &f, OPEN_MAIL_TEXT_MAX + 10, true);
    m.report.action = field_str(&f, 20);
    if (m.report.action.n && !open_report_action_known(m.report.action)) f.bad = true;
    m.report.status = get_text(a, &f, 20, false);
    m.report.words = get_text(a, &f, 1010, false);
    m.report.came_to = get_text(a, &f, 1010, false);
    m.stopped = field_str(&f, 20);
    if (!is_mail_stop(m.stopped)) f.bad = true;
    m.n = (size_t)field_i64(&f, 0, OPEN_PARTS_MAX);
    m.parts = NEW_ARRAY(a, open_part, m.n + 1);
    for (size_t i = 0; i < m.n && !f.bad; i++)
        get_part(a, &f, &m.parts[i]);
    m.n_urls = (size_t)field_i64(&f, 0, OPEN_URLS_MAX);
    m.urls = NEW_ARRAY(a, str, m.n_urls + 1);
    for (size_t i = 0; i < m.n_urls && !f.bad; i++)
        m.urls[i] = get_url(a, &f);
    *ret = m;
    return fields_end(&f);
}

/* ---- picture ---- */

static void put_picture(buf *b, const open_picture *p)
{
    field_put_i64(b, p->w);
    field_put_i64(b, p->h);
    field_put_str(b, p->png);
}

bool sandbox_get_picture(str payload, open_picture *ret)
{
    fields f = { .rest = payload };
    open_picture p = { .w = field_i64(&f, 0, OPEN_PICTURE_SIDE) };
    p.h = field_i64(&f, 0, OPEN_PICTURE_SIDE);
    p.png = field_str(&f, OPEN_PICTURE_BYTES);
    *ret = p;
    return fields_end(&f) && (!p.png.n || open_picture_plain(&p));
}

void sandbox_work(sandbox_task task, const open_input *in, arena *a, buf *out)
{
    open_identity identity;
    open_listing listing;
    open_picture picture;
    open_mail mail;
    switch (task) {
    case SANDBOX_IDENTIFY:
        open_identify(in, a, &identity);
        put_identity(out, &identity);
        break;
    case SANDBOX_LIST:
        open_list(in, a, &listing);
        put_listing(out, &listing);
        break;
    case SANDBOX_MAIL:
        open_mail_of(in, a, &mail);
        put_mail(out, &mail);
        break;
    case SANDBOX_PICTURE:
        open_picture_of(in, a, &picture);
        put_picture(out, &picture);
        break;
    case SANDBOX_TASKS_END:
    case SANDBOX_DONE:
        ASSERT(!"a task");
    }
}
