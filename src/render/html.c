/* html.c - see html.h. */
#include "render/html.h"
#include <stdarg.h>

static const char *const void_elements[] = { "br", "hr", "img", "input", "link", "meta" };

html html_new(arena *a)
{
    return (html){ .b = buf_new(a, 2048) };
}

static void put_escaped(buf *b, str s, bool breaks)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&': buf_put(b, S("&amp;")); break;
        case '<': buf_put(b, S("&lt;")); break;
        case '>': buf_put(b, S("&gt;")); break;
        case '"': buf_put(b, S("&quot;")); break;
        case '\'': buf_put(b, S("&#39;")); break;
        case '\n': buf_put(b, breaks ? S("<br>") : S(" ")); break;
        default: buf_byte(b, s.p[i]); break;
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

void html_tag(html *h, const char *name, ...)
{
    html_attr attrs[12];
    size_t n = 0;
    va_list ap;
    va_start(ap, name);
    for (const char *a; (a = va_arg(ap, const char *)) != NULL;) {
        ASSERT(n < ARRAY_LEN(attrs));
        attrs[n++] = (html_attr){ a, str_of(va_arg(ap, const char *)) };
    }
    va_end(ap);
    html_element(h, name, attrs, n);
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

str html_done(html *h)
{
    ASSERT(h->depth == 0);
    return buf_str(&h->b);
}

str html_page(arena *a, lang l, str title, html_body body, void *ctx)
{
    html h = html_new(a);
    const char *dir = l == LANG_UR ? "rtl" : "ltr";
    buf_put(&h.b, S("<!doctype html>"));
    html_tag(&h, "html", "lang", str_z(a, lang_code(l)), "dir", dir, NULL);
    html_tag(&h, "head", NULL);
    html_tag(&h, "meta", "charset", "utf-8", NULL);
    html_tag(&h, "meta", "name", "viewport", "content", "width=device-width, initial-scale=1", NULL);
    html_tag(&h, "title", NULL);
    html_text(&h, title);
    html_end(&h);
    html_tag(&h, "link", "rel", "icon", "href", "/favicon.svg", NULL);
    html_tag(&h, "link", "rel", "stylesheet", "href", "/public.css", NULL);
    html_end(&h);
    html_tag(&h, "body", NULL);
    html_tag(&h, "main", NULL);
    html_tag(&h, "p", "class", "mark", NULL);
    html_text(&h, T(l, "page.mark"));
    html_end(&h);
    html_tag(&h, "h1", NULL);
    html_text(&h, title);
    html_end(&h);
    body(&h, ctx);
    html_end(&h);
    html_end(&h);
    html_end(&h);
    return html_done(&h);
}
