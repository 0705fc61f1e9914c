/* problem_page.c - a fault as a small page, for routes that people open in a browser without
 * script. Owns nothing; any thread. Called by problem.c. */
#include "api/problem_page.h"

static void put_text(buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '<')
            buf_put(b, S("&lt;"));
        else if (s.p[i] == '>')
            buf_put(b, S("&gt;"));
        else if (s.p[i] == '&')
            buf_put(b, S("&amp;"));
        else
            buf_byte(b, s.p[i]);
    }
}

str problem_page(arena *a, lang l, str title, str detail)
{
    buf b = buf_new(a, 512);
    buf_put(&b, S("<!doctype html><html lang=\""));
    buf_put(&b, lang_code(l));
    buf_put(&b, l == LANG_UR ? S("\" dir=\"rtl\">") : S("\" dir=\"ltr\">"));
    buf_put(&b, S("<meta charset=\"utf-8\"><meta name=\"viewport\" "
                  "content=\"width=device-width\"><title>"));
    put_text(&b, title);
    buf_put(&b, S("</title><main><h1>"));
    put_text(&b, title);
    buf_put(&b, S("</h1><p>"));
    put_text(&b, detail);
    buf_put(&b, S("</p></main></html>\n"));
    return buf_str(&b);
}
