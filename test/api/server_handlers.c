/* server_handlers.c - handlers of the API's test server. */
#include "server.h"
#include "api/page.h"
#include "gen/access_auth_queries.h"
#include "gen/test_routes_handlers.h"
#include "gen/test_schemas.h"
#include "ledger/ledger.h"
#include "store/store.h"
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static err say(call *c, str state)
{
    jw_obj(&c->out);
    jw_kstr(&c->out, "state", state);
    jw_end_obj(&c->out);
    return OK;
}

err h_t_health(call *c)
{
    return say(c, S("ready"));
}
err h_t_admin(call *c)
{
    return say(c, S("admin"));
}
err h_t_rate(call *c)
{
    return say(c, S("counted"));
}
err h_t_who(call *c)
{
    return say(c, str_fmt(c->a, "%lld", (long long)c->viewer.person));
}

err h_t_echo(call *c)
{
    const struct test_echo *q = c->query;
    jw_obj(&c->out);
    if (q->has_text) jw_kstr(&c->out, "text", q->text);
    if (q->has_n) jw_ki64(&c->out, "n", q->n);
    if (q->has_yes) jw_kbool(&c->out, "yes", q->yes);
    if (q->has_id) jw_kid(&c->out, "id", q->id);
    if (q->has_at) jw_ktime(&c->out, "at", q->at);
    if (q->has_word) jw_kstr(&c->out, "word", q->word);
    jw_end_obj(&c->out);
    return OK;
}

err h_t_item(call *c)
{
    id128 id;
    TRY(call_id(c, &id));
    if (id.b[0] == 0xff) return ERR(E_ABSENT, "error.api.absent");
    if (call_etag_version(c, 3)) return OK;
    call_created(c, id, 3);
    return OK;
}

static err write_item(call *c, str name, int64_t label, int64_t owner, id128 id)
{
    setting_set_args set = { id_text(c->a, id), name };
    int64_t n;
    TRY(setting_set(c->t, &set, &n));
    ledger_draft d = { .type = LEDGER_finding_opened,
        .kind = S("finding"),
        .subject = id,
        .version = 1,
        .audience = 8 + label,
        .owner = owner,
        .author = c->viewer.person };
    return ledger_append(c->t, &d);
}

err h_t_item_create(call *c)
{
    const struct test_item *q = c->req;
    id128 id = id_new();
    int64_t count = q->has_count ? q->count : 1;
    for (int64_t i = 0; i < count; i++) {
        id = id_new();
        TRY(write_item(c, q->name, q->has_label ? q->label : 0,
                q->has_owner ? q->owner : c->viewer.org, id));
    }
    if (q->fail) return ERR(E_CONFLICT, "error.api.stale");
    c->location = str_fmt(c->a, "/t/items/%.36s", id_text(c->a, id).p);
    call_created(c, id, 1);
    return OK;
}

err h_t_item_change(call *c)
{
    id128 id;
    TRY(call_id(c, &id));
    TRY(call_match(c, 3, true));
    call_created(c, id, 4);
    return OK;
}

err h_t_list(call *c)
{
    const struct test_page *q = c->query;
    cursor at;
    bool found;
    TRY(cursor_read(c, q->cursor, &at, &found));
    int64_t limit = page_limit(q->limit), n = at.n[0];
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (; n < 100 && limit > 0; limit--)
        jw_i64(&c->out, n++);
    jw_end_arr(&c->out);
    jw_key(&c->out, S("next"));
    if (n < 100)
        jw_str(&c->out, cursor_make(c, &(cursor){ .n = { n, -n, 0, 1 }, .s = S("key") }));
    else
        jw_null(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* Row 7 of them is AMBER. */
err h_t_rows(call *c)
{
    const struct test_rows_query *q = c->query;
    cursor at;
    bool found;
    TRY(cursor_read(c, q->cursor, &at, &found));
    int64_t n = at.n[0], limit = page_limit(q->limit);
    if (q->has_breaks && n >= q->breaks) return ERR(E_IO, "error.api.inner");
    usleep((useconds_t)(q->pause_ms * 1000));
    page_open(c);
    for (; n < q->n && limit > 0; n++, limit--) {
        jw_obj(&c->out);
        jw_ki64(&c->out, "n", n);
        jw_kstr(&c->out, "text", q->has_text ? q->text : S("a"));
        jw_kstr(&c->out, "tlp", n == 7 ? S("AMBER") : S("GREEN"));
        jw_end_obj(&c->out);
    }
    page_close(c, n < q->n, &(cursor){ .n = { n } });
    return OK;
}

err h_t_big(call *c)
{
    const struct test_big *q = c->query;
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (int64_t i = 0; i < q->n; i++)
        jw_i64(&c->out, i);
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

err h_t_slow(call *c)
{
    const struct test_big *q = c->query;
    usleep((useconds_t)(q->n * 1000));
    return say(c, S("slept"));
}

/* Counts in SQL for as long as its budget lasts. */
err h_t_budget(call *c)
{
    static atomic_int asked;
    if (atomic_fetch_add(&asked, 1) % 2 == 0) return ERR(E_BUSY, "error.api.busy");
    return say(c, S("done"));
}

err h_t_upload(call *c)
{
    FILE *f = fopen(c->spool, "re");
    int64_t bytes = 0, sum = 0;
    if (!f) return err_errno("error.http.spool", str_of(c->spool));
    for (int b; (b = getc_unlocked(f)) != EOF; bytes++)
        sum += b;
    (void)fclose(f);
    jw_obj(&c->out);
    jw_ki64(&c->out, "bytes", bytes);
    jw_ki64(&c->out, "sum", sum);
    jw_end_obj(&c->out);
    return OK;
}

err h_t_page(call *c)
{
    if (str_eq(c->path_id, S("gone"))) return ERR(E_ABSENT, "error.api.absent");
    c->html = str_fmt(c->a, "<!doctype html><title>%.*s</title>", STR_ARG(c->path_id));
    return OK;
}

err h_t_form(call *c)
{
    c->html = str_fmt(c->a, "<!doctype html><p>%.*s", STR_ARG(form_get(c->req, S("name"))));
    return OK;
}

err h_t_revoke(call *c)
{
    const struct test_revoke *q = c->req;
    if (q->has_after_ms) usleep((useconds_t)(q->after_ms * 1000));
    if (!q->name.n) return OK; /* the writer was kept busy */
    test_revoke(str_copy(c->a, q->name));
    txn_raise_epoch(c->t);
    return OK;
}
