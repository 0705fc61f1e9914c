/* letter.c - see letter.h. */
#include "common/outbox/letter.h"

letter letter_new(arena *a, lang l, str title)
{
    return (letter){ .l = l, .text = buf_new(a, 1024), .page = html_page(a, l, title, NULL) };
}

void letter_say(letter *x, str paragraph)
{
    buf_put(&x->text, paragraph);
    buf_put(&x->text, S("\n\n"));
    html_line(&x->page, "p", paragraph);
}

void letter_link(letter *x, str words, str url)
{
    buf_put(&x->text, words);
    buf_byte(&x->text, '\n');
    buf_put(&x->text, url);
    buf_put(&x->text, S("\n\n"));
    html_tag(&x->page, "p");
    html_link(&x->page, url, words);
    html_end(&x->page);
}

void letter_done(letter *x, str *ret_text, str *ret_html)
{
    *ret_text = buf_str(&x->text);
    *ret_html = html_done(&x->page);
}
