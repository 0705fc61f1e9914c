/* link_page.c - see link_page.h. One heading, a few sentences, one button; works without script. */
#include "desk/office/link_page.h"
#include "base/texts.h"
#include "render/html.h"

typedef struct {
    arena *a;
    const link_page *p;
    lang l;
    str text, button, href;
} page;

static void paragraph(html *h, str text)
{
    html_tag(h, "p", NULL);
    html_text(h, text);
    html_end(h);
}

static void put_button(html *h, str words)
{
    html_tag(h, "p", NULL);
    html_tag(h, "button", "type", "submit", NULL);
    html_text(h, words);
    html_end(h);
    html_end(h);
}

static void put_field(html *h, const char *name, str label, bool is_new)
{
    html_tag(h, "p", NULL);
    html_tag(h, "label", "for", name, NULL);
    html_text(h, label);
    html_end(h);
    html_tag(h, "input", "type", "password", "id", name, "name", name, "required", "", "autocomplete",
            is_new ? "new-password" : "current-password", "minlength", "12", "maxlength", "1024", NULL);
    html_end(h);
}

static void put_wrong(html *h, lang l, str wrong)
{
    html_tag(h, "div", "class", "wrong", "role", "alert", NULL);
    html_tag(h, "h2", NULL);
    html_text(h, T(l, "link.problem"));
    html_end(h);
    paragraph(h, wrong);
    html_end(h);
}

static void put_form(html *h, void *ctx)
{
    page *x = ctx;
    if (x->p->wrong.n) put_wrong(h, x->l, x->p->wrong);
    paragraph(h, x->text);
    html_attr form[] = { { "method", S("post") },
        { "action", str_fmt(x->a, "/l/%.*s", STR_ARG(x->p->token)) } };
    html_element(h, "form", form, ARRAY_LEN(form));
    if (x->p->facts.kind == LINK_INVITE) {
        put_field(h, "password", T(x->l, "link.password"), true);
        put_field(h, "again", T(x->l, "link.again"), true);
    }
    put_button(h, x->button);
    html_end(h);
}

static void put_message(html *h, void *ctx)
{
    page *x = ctx;
    paragraph(h, x->text);
    html_tag(h, "p", NULL);
    html_tag(h, "a", "class", "button", "href", "/", NULL);
    html_text(h, T(x->l, "link.button.portal"));
    html_end(h);
    html_end(h);
}

str link_page_show(arena *a, const link_page *p)
{
    lang l = p->lang;
    str org = texts_pick(a, p->org, l);
    page x = { .a = a, .p = p, .l = l };
    str title = { 0 };
    switch (p->facts.kind) {
    case LINK_SIGN_IN:
        title = T(l, "link.title.sign_in");
        x.text = text_fill(a, T(l, "link.sign_in"), p->person, org, (str){ 0 });
        x.button = T(l, "link.button.sign_in");
        break;
    case LINK_INVITE:
        title = T(l, "link.title.invite");
        x.text = text_fill(a, T(l, "link.invite"), p->person, org, (str){ 0 });
        x.button = T(l, "link.button.invite");
        break;
    case LINK_ACKNOWLEDGE:
        title = text_fill(a, T(l, "link.title.acknowledge"), org, (str){ 0 }, (str){ 0 });
        x.text = text_fill(a, T(l, "link.acknowledge"), p->notice, org, (str){ 0 });
        x.button = T(l, "link.button.acknowledge");
        break;
    }
    return html_page(a, l, title, put_form, &x);
}

str link_page_thanks(arena *a, const link_page *p)
{
    lang l = p->lang;
    page x = { .a = a, .p = p, .l = l };
    x.text = text_fill(a, T(l, "link.thanks"), texts_pick(a, p->org, l), p->notice, (str){ 0 });
    return html_page(a, l, T(l, "link.title.thanks"), put_message, &x);
}

str link_page_ended(arena *a, lang l)
{
    page x = { .a = a, .l = l, .text = T(l, "link.ended") };
    return html_page(a, l, T(l, "link.title.ended"), put_message, &x);
}
