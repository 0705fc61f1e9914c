/* courier_wire.c - jobs and results as fields of frames. Owns nothing; any thread.
 * Each put has its get below it, in the same order: the pair is the format. */
#include "proc/courier_wire.h"

enum { TEXT_MAX = 4096 };

/* A fault crosses the channel by its key, which must come out as a literal again. */
static const char *const keys[] = {
    "error.courier.address",
    "error.courier.connect",
    "error.courier.deadline",
    "error.courier.downgrade",
    "error.courier.encoding",
    "error.courier.failed",
    "error.courier.full",
    "error.courier.header",
    "error.courier.login",
    "error.courier.mail_address",
    "error.courier.mail_lines",
    "error.courier.mail_recipients",
    "error.courier.mail_size",
    "error.courier.mailbox",
    "error.courier.max_bytes",
    "error.courier.memory",
    "error.courier.plain_login",
    "error.courier.port",
    "error.courier.post_size",
    "error.courier.rcpt",
    "error.courier.redirect",
    "error.courier.redirects",
    "error.courier.relay",
    "error.courier.resolve",
    "error.courier.smtp",
    "error.courier.starttls",
    "error.courier.status",
    "error.courier.stopped",
    "error.courier.stopping",
    "error.courier.timeout",
    "error.courier.tls",
    "error.courier.too_large",
    "error.courier.unlisted",
    "error.courier.url",
};

static const char *key_of(str text)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_eq(text, str_of(keys[i]))) return keys[i];
    return NULL;
}

static void put_fault(buf *b, err e)
{
    field_put_i64(b, err_code_of(e));
    if (!failed(e)) return;
    ASSERT(key_of(str_of(e.f->key)));
    field_put_str(b, str_of(e.f->key));
    field_put_str(b, e.f->pointer);
    for (int i = 0; i < 3; i++)
        field_put_str(b, e.f->args[i]);
}

static err get_fault(fields *f)
{
    int64_t code = field_i64(f, E_OK, E_CODES - 1);
    if (code == E_OK || f->bad) return OK;
    const char *key = key_of(field_str(f, TEXT_MAX));
    str pointer = field_str(f, TEXT_MAX), args[3];
    for (int i = 0; i < 3; i++)
        args[i] = field_str(f, TEXT_MAX);
    f->bad = f->bad || !key;
    if (f->bad) return OK;
    err e = err_make((err_code)code, key, args[0], args[1], args[2]);
    return pointer.n ? err_at_pointer(e, pointer) : e;
}

void wire_put_mail(buf *b, const mail_job *j)
{
    field_put_i64(b, j->endpoint);
    field_put_str(b, j->host);
    field_put_i64(b, j->port);
    field_put_i64(b, j->security);
    field_put_str(b, j->user);
    field_put_str(b, j->password);
    field_put_str(b, j->helo);
    field_put_str(b, j->from);
    field_put_i64(b, j->deadline_ms);
    field_put_i64(b, (int64_t)j->message.n);
    field_put_i64(b, (int64_t)j->n_to);
    for (size_t i = 0; i < j->n_to; i++)
        field_put_str(b, j->to[i]);
}

bool wire_get_mail(arena *a, str payload, mail_job *ret, size_t *message_bytes)
{
    fields f = { .rest = payload };
    mail_job j = { .endpoint = (endpoint_class)field_i64(&f, ENDPOINT_NAMED, ENDPOINT_CONFIGURED) };
    j.host = field_str(&f, HOST_MAX);
    j.port = (int32_t)field_i64(&f, 1, 65535);
    j.security = (mail_security)field_i64(&f, MAIL_PLAIN, MAIL_TLS);
    j.user = field_str(&f, TEXT_MAX);
    j.password = field_str(&f, TEXT_MAX);
    j.helo = field_str(&f, HOST_MAX);
    j.from = field_str(&f, MAIL_ADDRESS_MAX);
    j.deadline_ms = (int32_t)field_i64(&f, 0, MAIL_DEADLINE_MAX_MS);
    *message_bytes = (size_t)field_i64(&f, 1, MAIL_BYTES_MAX);
    j.n_to = (size_t)field_i64(&f, 1, MAIL_RCPT_MAX);
    str *to = NEW_ARRAY(a, str, j.n_to ? j.n_to : 1);
    for (size_t i = 0; i < j.n_to; i++)
        to[i] = field_str(&f, MAIL_ADDRESS_MAX);
    j.to = to;
    if (!fields_end(&f)) return false;
    *ret = j;
    return true;
}

void wire_put_fetch(buf *b, const fetch_job *j)
{
    field_put_i64(b, j->endpoint);
    field_put_str(b, j->url);
    field_put_i64(b, j->method);
    field_put_str(b, j->body);
    field_put_str(b, j->content_type);
    field_put_str(b, j->user);
    field_put_str(b, j->password);
    field_put_str(b, j->etag);
    field_put_str(b, j->modified_since);
    field_put_i64(b, j->max_bytes);
    field_put_i64(b, j->deadline_ms);
    field_put_i64(b, (int64_t)j->n_headers);
    for (size_t i = 0; i < j->n_headers; i++)
        field_put_str(b, j->headers[i]);
}

bool wire_get_fetch(arena *a, str payload, fetch_job *ret)
{
    fields f = { .rest = payload };
    fetch_job j = { .endpoint =
                            (endpoint_class)field_i64(&f, ENDPOINT_NAMED, ENDPOINT_CONFIGURED) };
    j.url = field_str(&f, FETCH_URL_MAX);
    j.method = (fetch_method)field_i64(&f, FETCH_GET, FETCH_PUT);
    j.body = field_str(&f, FETCH_POST_BYTES_MAX);
    j.content_type = field_str(&f, TEXT_MAX);
    j.user = field_str(&f, TEXT_MAX);
    j.password = field_str(&f, TEXT_MAX);
    j.etag = field_str(&f, TEXT_MAX);
    j.modified_since = field_str(&f, TEXT_MAX);
    j.max_bytes = field_i64(&f, 1, INT64_MAX);
    j.deadline_ms = (int32_t)field_i64(&f, 0, FETCH_DEADLINE_MAX_MS);
    j.n_headers = (size_t)field_i64(&f, 0, FETCH_HEADERS_MAX);
    str *headers = NEW_ARRAY(a, str, j.n_headers ? j.n_headers : 1);
    for (size_t i = 0; i < j.n_headers; i++)
        headers[i] = field_str(&f, FETCH_HEADER_BYTES_MAX);
    j.headers = headers;
    if (!fields_end(&f)) return false;
    *ret = j;
    return true;
}

void wire_put_box(buf *b, const box_job *j)
{
    field_put_i64(b, j->endpoint);
    field_put_str(b, j->host);
    field_put_i64(b, j->port);
    field_put_i64(b, j->security);
    field_put_str(b, j->user);
    field_put_str(b, j->password);
    field_put_str(b, j->mailbox);
    field_put_i64(b, j->list);
    field_put_i64(b, j->uid);
    field_put_i64(b, j->validity);
    field_put_i64(b, j->deadline_ms);
}

bool wire_get_box(str payload, box_job *ret)
{
    fields f = { .rest = payload };
    box_job j = { .endpoint = (endpoint_class)field_i64(&f, ENDPOINT_NAMED, ENDPOINT_CONFIGURED) };
    j.host = field_str(&f, HOST_MAX);
    j.port = (int32_t)field_i64(&f, 1, 65535);
    j.security = (mail_security)field_i64(&f, MAIL_PLAIN, MAIL_TLS);
    j.user = field_str(&f, TEXT_MAX);
    j.password = field_str(&f, TEXT_MAX);
    j.mailbox = field_str(&f, BOX_NAME_MAX);
    j.list = field_i64(&f, 0, 1) == 1;
    j.uid = field_i64(&f, 0, UINT32_MAX);
    j.validity = field_i64(&f, 0, UINT32_MAX);
    j.deadline_ms = (int32_t)field_i64(&f, 0, FETCH_DEADLINE_MAX_MS);
    if (!fields_end(&f)) return false;
    *ret = j;
    return true;
}

void wire_put_mail_done(buf *b, err e, const mail_result *r)
{
    put_fault(b, e);
    field_put_i64(b, r->code);
    field_put_str(b, r->text);
    field_put_i64(b, r->took_ms);
    field_put_i64(b, (int64_t)r->n_rcpts);
    for (size_t i = 0; i < r->n_rcpts; i++) {
        field_put_str(b, r->rcpts[i].to);
        field_put_i64(b, r->rcpts[i].accepted);
        field_put_i64(b, r->rcpts[i].code);
        field_put_str(b, r->rcpts[i].text);
    }
}

bool wire_get_mail_done(arena *a, str payload, err *what, mail_result *ret)
{
    fields f = { .rest = payload };
    err e = get_fault(&f);
    mail_result r = { .code = (int32_t)field_i64(&f, 0, 599) };
    r.text = field_str(&f, TEXT_MAX);
    r.took_ms = field_i64(&f, 0, INT64_MAX);
    r.n_rcpts = (size_t)field_i64(&f, 0, MAIL_RCPT_MAX);
    mail_rcpt *rcpts = NEW_ARRAY(a, mail_rcpt, r.n_rcpts ? r.n_rcpts : 1);
    for (size_t i = 0; i < r.n_rcpts; i++) {
        rcpts[i].to = field_str(&f, MAIL_ADDRESS_MAX);
        rcpts[i].accepted = field_i64(&f, 0, 1) == 1;
        rcpts[i].code = (int32_t)field_i64(&f, 0, 599);
        rcpts[i].text = field_str(&f, TEXT_MAX);
    }
    r.rcpts = rcpts;
    if (!fields_end(&f)) return false;
    *what = e;
    *ret = r;
    return true;
}

void wire_put_fetch_done(buf *b, err e, const fetch_result *r)
{
    put_fault(b, e);
    field_put_i64(b, r->status);
    field_put_i64(b, r->not_modified);
    field_put_str(b, r->etag);
    field_put_str(b, r->last_modified);
    field_put_str(b, r->content_type);
    field_put_str(b, r->content_encoding);
    field_put_str(b, r->retry_after);
    field_put_str(b, r->url);
    field_put_i64(b, r->redirects);
    field_put_i64(b, r->bytes);
    field_put_i64(b, r->took_ms);
}

bool wire_get_fetch_done(str payload, err *what, fetch_result *ret)
{
    fields f = { .rest = payload };
    err e = get_fault(&f);
    fetch_result r = { .status = (int32_t)field_i64(&f, 0, 999) };
    r.not_modified = field_i64(&f, 0, 1) == 1;
    r.etag = field_str(&f, TEXT_MAX);
    r.last_modified = field_str(&f, TEXT_MAX);
    r.content_type = field_str(&f, TEXT_MAX);
    r.content_encoding = field_str(&f, TEXT_MAX);
    r.retry_after = field_str(&f, TEXT_MAX);
    r.url = field_str(&f, FETCH_URL_MAX);
    r.redirects = (int32_t)field_i64(&f, 0, FETCH_REDIRECTS_MAX);
    r.bytes = field_i64(&f, 0, INT64_MAX);
    r.took_ms = field_i64(&f, 0, INT64_MAX);
    if (!fields_end(&f)) return false;
    *what = e;
    *ret = r;
    return true;
}
