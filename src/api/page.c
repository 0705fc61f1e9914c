/* page.c - see page.h. */
#include "api/page.h"

void page_open(call *c)
{
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
}

void page_close(call *c, bool more, const cursor *last)
{
    jw_end_arr(&c->out);
    jw_key(&c->out, S("next"));
    if (more && last)
        jw_str(&c->out, cursor_make(c, last));
    else
        jw_null(&c->out);
    jw_end_obj(&c->out);
}
