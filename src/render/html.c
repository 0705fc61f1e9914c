/* html.c - see html.h. */
#include "render/html.h"

static const char *const void_elements[] = { "br", "hr", "img", "input", "link", "meta" };

html html_new(arena *a)
{
    return (html){ .b = buf_new(a, 2048) };
}

static void put_escaped(buf *b, str s, bool breaks)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            buf_put(b, S("&amp;"));
            break;
        case '<':
            buf_put(b, S("&lt;"));
            break;
        case '>':
            buf_put(b, S("&gt;"));
            break;
        case '"':
            buf_put(b, S("&quot;"));
            break;
        case '\'':
            buf_put(b, S("&#39;"));
            break;
        case '\n':
            buf_put(b, breaks ? S("<br>") : S(" "));
            break;
        default:
            buf_byte(b, s.p[i]);
            break;
        }
    }
}

static bool is_void(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(void_elements); i++)
        if (strcmp(name, void_elements[i]) == 0) return true;
    return false;
}

/* Addresses that a page may name: our own and the web's, never javascript: or data:. */
static bool is_address(const char *name)
{
    return strcmp(name, "href") == 0 || strcmp(name, "action") == 0 || strcmp(name, "src") == 0;
}

static bool address_fits(str s)
{
    bool own = s.n && s.p[0] == '/' && !(s.n > 1 && (s.p[1] == '/' || s.p[1] == '\\'));
    return own || str_starts(s, S("http://")) || str_starts(s, S("https://"));
}

void html_element(html *h, const char *name, const html_attr *attrs, size_t n)
{
    buf_fmt(&h->b, "<%s", name);
    for (size_t i = 0; i < n; i++) {
        if (is_address(attrs[i].name) && !address_fits(attrs[i].value)) continue;
        buf_fmt(&h->b, " %s", attrs[i].name);
        if (!attrs[i].value.n) continue;
        buf_put(&h->b, S("=\""));
        put_escaped(&h->b, attrs[i].value, false);
        buf_byte(&h->b, '"');
    }
    buf_byte(&h->b, '>');
    if (is_void(name)) return;
    ASSERT((size_t)h->depth < ARRAY_LEN(h->open));
    h->open[h->depth++] = name;
}

void html_tag(html *h, const char *name)
{
    html_element(h, name, NULL, 0);
}

void html_text(html *h, str text)
{
    put_escaped(&h->b, text, true);
}

void html_end(html *h)
{
    ASSERT(h->depth > 0);
    buf_fmt(&h->b, "</%s>", h->open[--h->depth]);
}

void html_line(html *h, const char *name, str text)
{
    html_tag(h, name);
    html_text(h, text);
    html_end(h);
}

void html_link(html *h, str url, str words)
{
    html_element(h, "a", &(html_attr){ "href", url }, 1);
    html_text(h, words);
    html_end(h);
}

str html_done(html *h)
{
    while (h->depth)
        html_end(h);
    return buf_str(&h->b);
}

static void put_head(html *h, str title, const char *stylesheet)
{
    html_attr icon[] = { { "rel", S("icon") }, { "href", S("/favicon.svg") } };
    html_attr sheet[] = { { "rel", S("stylesheet") }, { "href", str_of(stylesheet) } };
    html_attr view[] = { { "name", S("viewport") },
        { "content", S("width=device-width, initial-scale=1") } };
    html_tag(h, "head");
    html_element(h, "meta", &(html_attr){ "charset", S("utf-8") }, 1);
    html_element(h, "meta", view, ARRAY_LEN(view));
    html_line(h, "title", title);
    if (stylesheet) {
        html_element(h, "link", icon, ARRAY_LEN(icon));
        html_element(h, "link", sheet, ARRAY_LEN(sheet));
    }
    html_end(h);
}

html html_page(arena *a, lang l, str title, const char *stylesheet)
{
    html h = html_new(a);
    html_attr root[] = { { "lang", lang_code(l) }, { "dir", l == LANG_UR ? S("rtl") : S("ltr") } };
    buf_put(&h.b, S("<!doctype html>"));
    html_element(&h, "html", root, ARRAY_LEN(root));
    put_head(&h, title, stylesheet);
    html_tag(&h, "body");
    html_tag(&h, "main");
    if (stylesheet) {
        html_element(&h, "p", &(html_attr){ "class", S("mark") }, 1);
        html_text(&h, T(l, "page.mark"));
        html_end(&h);
    }
    html_line(&h, "h1", title);
    return h;
}
