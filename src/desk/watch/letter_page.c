/* letter_page.c - see letter_page.h. What is wrong and what is unknown are one page, which repeats
 * nothing of what was typed. */
#include "desk/watch/letter_page.h"
#include "base/texts.h"
#include "render/html.h"
#include "render/words.h"

static const char *const titles[] = { TK("letter.title.ask"), TK("letter.title.ours"),
    TK("letter.title.withdrawn"), TK("letter.title.unknown") };

static str own(arena *a, str s)
{
    return str_fmt(a, "\u2068%.*s\u2069", STR_ARG(s));
}

static void put_fact(html *h, lang l, const char *label, str value)
{
    html_line(h, "dt", T(l, label));
    html_line(h, "dd", value);
}

static void put_facts(html *h, arena *a, const letter_page *p, lang l)
{
    html_tag(h, "dl");
    put_fact(h, l, "paper.number", ltr_text(a, l, p->number));
    put_fact(h, l, "letter.issued", day_text(a, l, p->issued, p->o.zone));
    put_fact(h, l, "letter.by", own(a, p->o.name[l]));
    put_fact(h, l, "paper.to", own(a, texts_pick(a, p->org, l)));
    html_end(h);
}

static void put_answer(html *h, arena *a, const letter_page *p, lang l)
{
    str contacts = p->o.contacts[l].n ? p->o.contacts[l] : p->o.contacts[LANG_EN];
    str none = { 0 };
    switch (p->state) {
    case LETTER_OURS:
        put_facts(h, a, p, l);
        html_line(h, "p", T(l, "letter.ours"));
        html_line(h, "p", T(l, "letter.compare"));
        break;
    case LETTER_WITHDRAWN:
        put_facts(h, a, p, l);
        html_line(h, "p",
                text_fill(a, T(l, "letter.withdrawn"), day_text(a, l, p->withdrawn, p->o.zone),
                        none, none));
        break;
    case LETTER_UNKNOWN:
        html_line(h, "p", T(l, "letter.unknown"));
        html_line(h, "p", T(l, "letter.unknown_then"));
        if (contacts.n) html_line(h, "p", contacts);
        break;
    case LETTER_ASKED:
        html_line(h, "p", T(l, "letter.ask"));
    }
}

static void put_field(html *h, lang l, str name, const char *label)
{
    html_attr box[] = { { "type", S("text") }, { "id", name }, { "name", name },
        { "required", S("") }, { "autocomplete", S("off") }, { "dir", S("ltr") },
        { "autocapitalize", S("characters") }, { "spellcheck", S("false") },
        { "maxlength", S("40") } };
    html_tag(h, "p");
    html_element(h, "label", &(html_attr){ "for", name }, 1);
    html_text(h, T(l, label));
    html_end(h);
    html_element(h, "input", box, ARRAY_LEN(box));
    html_end(h);
}

/* GET, for it changes nothing: the code on paper opens the same address. */
static void put_form(html *h, lang l)
{
    html_attr form[] = { { "method", S("get") }, { "action", S("/letter") } };
    html_element(h, "form", form, ARRAY_LEN(form));
    put_field(h, l, S("n"), "letter.field.number");
    put_field(h, l, S("c"), "letter.field.code");
    html_tag(h, "p");
    html_element(h, "button", &(html_attr){ "type", S("submit") }, 1);
    html_text(h, T(l, "letter.button"));
    html_end(h);
    html_end(h);
    html_end(h);
}

static void put_other(html *h, arena *a, const letter_page *p, lang l)
{
    html_attr part[] = { { "lang", lang_code(l) }, { "dir", l == LANG_UR ? S("rtl") : S("ltr") } };
    html_element(h, "section", part, ARRAY_LEN(part));
    html_line(h, "h2", T(l, titles[p->state]));
    put_answer(h, a, p, l);
    html_end(h);
}

str letter_page_show(arena *a, const letter_page *p)
{
    lang l = p->lang;
    html h = html_page(a, l, T(l, titles[p->state]), "/public.css");
    put_answer(&h, a, p, l);
    if (p->state == LETTER_ASKED || p->state == LETTER_UNKNOWN) put_form(&h, l);
    put_other(&h, a, p, l == LANG_UR ? LANG_EN : LANG_UR);
    return html_done(&h);
}
