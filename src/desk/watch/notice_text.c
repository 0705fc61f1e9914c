/* notice_text.c - see notice_text.h. */
#include "desk/watch/notice_text.h"
#include "base/texts.h"
#include "common/findings/findings.h"
#include "render/words.h"

static str fill1(arena *a, lang l, const char *key, str x)
{
    return text_fill(a, T(l, key), x, S(""), S(""));
}

static str subject_in(arena *a, lang l, const notice_facts *f)
{
    str what = T(l, f->advice->what_key);
    if (f->findings == 1) return what;
    return text_fill(a, T(l, "notice.subject_many"), what, count_text(a, f->findings), S(""));
}

str notice_subject(arena *a, const notice_facts *f)
{
    return texts_make(a, subject_in(a, LANG_EN, f), subject_in(a, LANG_UR, f));
}

static void paragraph(buf *b, str s)
{
    buf_put(b, s);
    buf_put(b, S("\n\n"));
}

static void put_more(buf *b, lang l, str s)
{
    if (b->n && b->p[b->n - 1] != '\n') buf_put(b, l == LANG_UR ? S("، ") : S(", "));
    buf_put(b, s);
}

/* "198.51.100.7, port 3389, host.example, last seen 24 November 2026, 15:14" */
static void put_machine(buf *b, arena *a, lang l, const notice_facts *f, const notice_machine *m)
{
    if (m->ip.n) put_more(b, l, ltr_text(a, l, m->ip));
    if (m->port >= 0) put_more(b, l, fill1(a, l, "notice.port", count_text(a, m->port)));
    if (m->fqdn.n) put_more(b, l, ltr_text(a, l, m->fqdn));
    put_more(b, l, fill1(a, l, "notice.last_seen", moment_text(a, l, m->seen, f->zone)));
    buf_byte(b, '\n');
}

static void put_where(buf *b, arena *a, lang l, const notice_facts *f)
{
    buf_put(b, T(l, "notice.where"));
    buf_byte(b, '\n');
    for (size_t i = 0; i < f->n_machines; i++)
        put_machine(b, a, l, f, &f->machines[i]);
    int64_t rest = f->findings - (int64_t)f->n_machines;
    if (rest > 0) {
        buf_put(b, fill1(a, l, "notice.more", count_text(a, rest)));
        buf_byte(b, '\n');
    }
    buf_byte(b, '\n');
}

static str body_in(arena *a, lang l, const notice_facts *f)
{
    buf b = buf_new(a, 4096);
    str kind = ltr_text(a, l, f->kind), number = ltr_text(a, l, f->number);
    paragraph(&b, fill1(a, l, "notice.to", texts_pick(a, f->org, l)));
    paragraph(&b, text_fill(a, T(l, "notice.found"), T(l, f->advice->what_key), kind,
                          T(l, severity_key(f->severity))));
    paragraph(&b, text_fill(a, T(l, "notice.since"), moment_text(a, l, f->first, f->zone),
                          moment_text(a, l, f->last, f->zone), S("")));
    put_where(&b, a, l, f);
    paragraph(&b, fill1(a, l, "notice.fix", T(l, f->advice->fix_key)));
    paragraph(&b, fill1(a, l, "notice.due", moment_text(a, l, f->due, f->zone)));
    buf_put(&b, fill1(a, l, "notice.answer", number));
    return buf_str(&b);
}

str notice_body(arena *a, const notice_facts *f)
{
    return texts_make(a, body_in(a, LANG_EN, f), body_in(a, LANG_UR, f));
}
