/* problem.c - a fault as RFC 9457 problem details, in the caller's language. What went wrong inside
 * the machine is logged and not told. Owns nothing; any thread. */
#include "api/walk.h"
#include "api/missing.h"
#include "api/problem_page.h"
#include "base/log.h"
#include "base/text.h"

static const int statuses[E_CODES] = {
    [E_OK] = 200,
    [E_INVALID] = 422,
    [E_DENIED] = 403,
    [E_ABSENT] = 404,
    [E_CONFLICT] = 409,
    [E_FULL] = 429,
    [E_BUSY] = 503,
    [E_TIMEOUT] = 504,
    [E_PEER] = 502,
    [E_IO] = 500,
    [E_CONFIG] = 500,
    [E_AUTH] = 401,
    [E_USAGE] = 400,
    [E_STALE] = 412,
    [E_TOO_LARGE] = 413,
    [E_BUG] = 500,
};

int status_of(err_code code)
{
    ASSERT(code < E_CODES);
    return statuses[code];
}

static const struct {
    int status;
    const char *key;
} titles[] = {
    { 400, TK("error.api.title_400") },
    { 401, TK("error.api.title_401") },
    { 403, TK("error.api.title_403") },
    { 404, TK("error.api.title_404") },
    { 405, TK("error.api.title_405") },
    { 409, TK("error.api.title_409") },
    { 412, TK("error.api.title_412") },
    { 413, TK("error.api.title_413") },
    { 415, TK("error.api.title_415") },
    { 422, TK("error.api.title_422") },
    { 429, TK("error.api.title_429") },
    { 500, TK("error.api.title_500") },
    { 502, TK("error.api.title_502") },
    { 503, TK("error.api.title_503") },
    { 504, TK("error.api.title_504") },
};

static str title_of(lang l, int status)
{
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        if (titles[i].status == status) return T(l, titles[i].key);
    return T(l, "error.api.title_500");
}

/* A fault of the machine's: disk, configuration, a bug. Its words may hold paths. */
static bool is_inner(const fault *f)
{
    return f->code == E_IO || f->code == E_CONFIG || f->code == E_BUG;
}

/* What is not there, or not for this viewer, is so in the same words whatever was asked for first:
 * the one that was missed would tell how far the asker's sight goes. */
static const char *key_of(const fault *f)
{
    if (is_inner(f)) return "error.api.inner";
    bool missed = f->code == E_ABSENT && (str_eq(str_of(f->key), S("error.store.absent")) ||
                                                 str_eq(str_of(f->key), S("error.access.absent")));
    return missed ? "error.api.absent" : f->key;
}

/* The place stands in members of its own, so the words need not repeat it. */
static str detail_of(arena *a, lang l, const fault *f)
{
    return text_fill(a, T(l, key_of(f)), f->args[0], f->args[1], f->args[2]);
}

/* What to show before the act is asked for again: totp, password, link, or key: a key cannot. */
static void put_step_up(jsonw *w, const fault *f)
{
    str key = str_of(f->key), mark = S(".step_up_");
    ptrdiff_t at = str_find(key, mark);
    if (at >= 0) jw_kstr(w, "step_up", str_sub(key, (size_t)at + mark.n, key.n));
}

str problem_body(arena *a, lang l, int status, const fault *f, str request_id)
{
    jsonw w = jsonw_new(a, 512);
    jw_obj(&w);
    jw_kstr(&w, "type", S("about:blank"));
    jw_kstr(&w, "title", title_of(l, status));
    jw_ki64(&w, "status", status);
    jw_kstr(&w, "code", str_of(key_of(f)));
    jw_kstr(&w, "detail", detail_of(a, l, f));
    put_step_up(&w, f);
    missing_put(&w, f);
    if (f->pointer.n) jw_kstr(&w, "pointer", f->pointer);
    if (f->row) jw_ki64(&w, "row", f->row);
    if (f->col) jw_ki64(&w, "column", f->col);
    if (is_inner(f) && request_id.n) jw_kstr(&w, "request", request_id);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

static int64_t retry_after(const fault *f)
{
    int64_t s;
    if (f->code == E_BUSY) return 1;
    if (f->code != E_FULL) return 0;
    return str_to_i64(f->args[0], &s) && s > 0 ? s : 1;
}

void problem_write(walk *w)
{
    const fault *f = w->fault;
    lang l = call_lang(&w->c);
    int status = w->refused ? w->refused : status_of(f->code);
    if (is_inner(f)) log_err("api.fault", (err){ f });
    w->answer = (api_answer){ .status = status,
        .content_type = S("application/problem+json"),
        .body = problem_body(w->c.a, l, status, f, w->q.request_id),
        .retry_after_s = retry_after(f),
        .allow = str_of(w->allow) };
    w->page = w->c.route && w->c.route->reply == REPLY_HTML;
    if (!w->page) return;
    w->answer.content_type = S("text/html; charset=utf-8");
    w->answer.body = problem_page(w->c.a, l, title_of(l, status), detail_of(w->c.a, l, f));
}
