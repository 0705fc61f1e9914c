/* link_page.c - see link_page.h. One heading, a few sentences, one button; works without script. */
#include "desk/office/link_page.h"
#include "base/texts.h"
#include "render/html.h"

static void put_button(html *h, str words)
{
    html_tag(h, "p");
    html_element(h, "button", &(html_attr){ "type", S("submit") }, 1);
    html_text(h, words);
    html_end(h);
    html_end(h);
}

static void put_field(html *h, str name, str label)
{
    html_attr field[] = { { "type", S("password") }, { "id", name }, { "name", name },
        { "required", S("") }, { "autocomplete", S("new-password") }, { "minlength", S("12") },
        { "maxlength", S("1024") } };
    html_tag(h, "p");
    html_element(h, "label", &(html_attr){ "for", name }, 1);
    html_text(h, label);
    html_end(h);
    html_element(h, "input", field, ARRAY_LEN(field));
    html_end(h);
}

static void put_wrong(html *h, lang l, str wrong)
{
    html_attr box[] = { { "class", S("wrong") }, { "role", S("alert") } };
    html_element(h, "div", box, ARRAY_LEN(box));
    html_line(h, "h2", T(l, "link.problem"));
    html_line(h, "p", wrong);
    html_end(h);
}

/* First, and in a form of its own: Enter in a password's field must not mean this. The console
 * makes the passkey with the session that it opens. */
static void put_passkey(html *h, arena *a, const link_page *p)
{
    html_attr form[] = { { "method", S("post") },
        { "action", str_fmt(a, "/l/%.*s", STR_ARG(p->token)) } };
    html_attr way[] = { { "type", S("hidden") }, { "name", S("way") }, { "value", S("passkey") } };
    html_line(h, "p", T(p->lang, "link.passkey"));
    html_element(h, "form", form, ARRAY_LEN(form));
    html_element(h, "input", way, ARRAY_LEN(way));
    put_button(h, T(p->lang, "link.button.passkey"));
    html_end(h);
    if (p->passkey == PASSKEY_ASKED) html_line(h, "p", T(p->lang, "link.or_password"));
}

static void put_portal(html *h, str words)
{
    html_attr link[] = { { "class", S("button") }, { "href", S("/") } };
    html_tag(h, "p");
    html_element(h, "a", link, ARRAY_LEN(link));
    html_text(h, words);
    html_end(h);
    html_end(h);
}

static void put_contacts(html *h, const link_page *p)
{
    html_attr list[] = { { "type", S("hidden") }, { "name", S("list") }, { "value", p->list } };
    html_tag(h, "ul");
    for (size_t i = 0; i < p->n_contacts; i++)
        html_line(h, "li", p->contacts[i]);
    html_end(h);
    html_element(h, "input", list, ARRAY_LEN(list));
}

static str form_page(arena *a, const link_page *p, str title, str text, str button)
{
    html h = html_page(a, p->lang, title, "/public.css");
    if (p->wrong.n) put_wrong(&h, p->lang, p->wrong);
    html_line(&h, "p", text);
    if (p->facts.kind == LINK_INVITE && p->passkey != PASSKEY_OFF) put_passkey(&h, a, p);
    if (p->facts.kind == LINK_INVITE && p->passkey == PASSKEY_REQUIRED) return html_done(&h);
    html_attr form[] = { { "method", S("post") },
        { "action", str_fmt(a, "/l/%.*s", STR_ARG(p->token)) } };
    html_element(&h, "form", form, ARRAY_LEN(form));
    if (p->facts.kind == LINK_INVITE || p->facts.kind == LINK_RETURN) {
        put_field(&h, S("password"), T(p->lang, "link.password"));
        put_field(&h, S("again"), T(p->lang, "link.again"));
    }
    if (p->facts.kind == LINK_CONTACTS) put_contacts(&h, p);
    put_button(&h, button);
    html_end(&h);
    if (p->facts.kind == LINK_CONTACTS) put_portal(&h, T(p->lang, "link.button.contacts_change"));
    return html_done(&h);
}

static str message_page(arena *a, lang l, str title, str text)
{
    html h = html_page(a, l, title, "/public.css");
    html_line(&h, "p", text);
    put_portal(&h, T(l, "link.button.portal"));
    return html_done(&h);
}

/* A name between words of any direction keeps its own (U+2068 ... U+2069). */
static str isolated(arena *a, str name)
{
    return str_fmt(a, "\u2068%.*s\u2069", STR_ARG(name));
}

str link_page_show(arena *a, const link_page *p)
{
    lang l = p->lang;
    str org = isolated(a, texts_pick(a, p->org, l)), person = isolated(a, p->person), none = { 0 };
    switch (p->facts.kind) {
    case LINK_SIGN_IN:
        return form_page(a, p, T(l, "link.title.sign_in"),
                text_fill(a, T(l, "link.sign_in"), person, org, none), T(l, "link.button.sign_in"));
    case LINK_INVITE:
        return form_page(a, p, T(l, "link.title.invite"),
                text_fill(a, p->passkey ? T(l, "link.invite_staff") : T(l, "link.invite"), person,
                        org, none),
                T(l, "link.button.invite"));
    case LINK_RETURN:
        return form_page(a, p, T(l, "link.title.return"),
                text_fill(a, T(l, "link.return"), person, org, none), T(l, "link.button.return"));
    case LINK_CONTACTS:
        return form_page(a, p, T(l, "link.title.contacts"),
                text_fill(a, T(l, "link.contacts"), org, none, none), T(l, "link.button.contacts"));
    case LINK_ACKNOWLEDGE:
        break;
    }
    return form_page(a, p, text_fill(a, T(l, "link.title.acknowledge"), org, none, none),
            text_fill(a, T(l, "link.acknowledge"), p->notice, org, none),
            T(l, "link.button.acknowledge"));
}

str link_page_thanks(arena *a, const link_page *p)
{
    if (p->facts.kind == LINK_CONTACTS)
        return message_page(
                a, p->lang, T(p->lang, "link.title.thanks"), T(p->lang, "link.contacts_thanks"));
    str text = text_fill(
            a, T(p->lang, "link.thanks"), texts_pick(a, p->org, p->lang), p->notice, (str){ 0 });
    return message_page(a, p->lang, T(p->lang, "link.title.thanks"), text);
}

str link_page_ended(arena *a, lang l)
{
    return message_page(a, l, T(l, "link.title.ended"), T(l, "link.ended"));
}
