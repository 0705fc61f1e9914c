/* notice_text.c - see notice_text.h. */
#include "desk/watch/notice_text.h"
#include "base/texts.h"
#include "common/findings/findings.h"
#include "render/words.h"

typedef struct {
    arena *a;
    lang l;
    const notice_facts *f;
    const notice_draft *d;
    const zone *zone;
    str org;
} wording;

static str fill1(arena *a, lang l, const char *key, str x)
{
    return text_fill(a, T(l, key), x, S(""), S(""));
}

static str subject_in(const wording *x)
{
    str what = T(x->l, x->f->advice->what_key);
    if (x->d->findings == 1) return what;
    return text_fill(
            x->a, T(x->l, "notice.subject_many"), what, count_text(x->a, x->d->findings), S(""));
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

static str moment(const wording *x, instant t)
{
    return moment_text(x->a, x->l, t, x->zone);
}

/* "198.51.100.7, port 3389, host.example, last seen 24 November 2026, 15:14" */
static void put_machine(buf *b, const wording *x, const notice_machine *m)
{
    arena *a = x->a;
    lang l = x->l;
    if (m->ip.n) put_more(b, l, ltr_text(a, l, m->ip));
    if (m->port >= 0) put_more(b, l, fill1(a, l, "notice.port", count_text(a, m->port)));
    if (m->fqdn.n) put_more(b, l, ltr_text(a, l, m->fqdn));
    put_more(b, l, fill1(a, l, "notice.last_seen", moment(x, m->seen)));
    buf_byte(b, '\n');
}

static void put_where(buf *b, const wording *x)
{
    buf_put(b, T(x->l, "notice.where"));
    buf_byte(b, '\n');
    for (size_t i = 0; i < x->f->n_machines; i++)
        put_machine(b, x, &x->f->machines[i]);
    int64_t rest = x->d->findings - (int64_t)x->f->n_machines;
    if (rest > 0) {
        buf_put(b, fill1(x->a, x->l, "notice.more", count_text(x->a, rest)));
        buf_byte(b, '\n');
    }
    buf_byte(b, '\n');
}

static str body_in(const wording *x)
{
    arena *a = x->a;
    lang l = x->l;
    buf b = buf_new(a, 4096);
    paragraph(&b, fill1(a, l, "notice.to", texts_pick(a, x->org, l)));
    paragraph(&b, text_fill(a, T(l, "notice.found"), T(l, x->f->advice->what_key),
                          ltr_text(a, l, x->d->kind), T(l, severity_key(x->d->severity))));
    paragraph(&b, text_fill(a, T(l, "notice.since"), moment(x, x->f->first), moment(x, x->f->last),
                          S("")));
    put_where(&b, x);
    paragraph(&b, fill1(a, l, "notice.fix", T(l, x->f->advice->fix_key)));
    paragraph(&b, fill1(a, l, "notice.due", moment(x, x->d->due)));
    buf_put(&b, fill1(a, l, "notice.answer", ltr_text(a, l, x->d->number)));
    return buf_str(&b);
}

void notice_words(arena *a, const notice_facts *f, str org, const zone *z, notice_draft *d)
{
    wording en = { .a = a, .l = LANG_EN, .f = f, .d = d, .zone = z, .org = org }, ur = en;
    ur.l = LANG_UR;
    str subject = texts_make(a, subject_in(&en), subject_in(&ur));
    d->body = texts_make(a, body_in(&en), body_in(&ur));
    d->subject = subject;
}
