/* courier_task.c - the courier's jobs in hand. Owns the tasks; a task's arena has its job, its
 * message and its transfer, and goes with it. The courier's one thread only. */
#include "proc/courier_task.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "proc/address.h"

enum {
    HELD_BYTES_MAX = 256 << 20, /* messages of all tasks together */
    TASK_BYTES_MAX = 64 << 20,  /* a task's arena: the largest message and room to spare */
    WAITING_HIGH = 1 << 20,     /* replies that wait for the server: hold bodies above.. */
    WAITING_LOW = 256 << 10,    /* ..and let them go on below */
};

struct task {
    task *next;
    desk *desk;
    uint64_t sequence;
    arena *a;
    address_policy policy;
    str payload; /* the job's fields, with its password */
    mail_job mail;
    fetch_job fetch_job;
    box_job box;
    char *message;    /* of mail.message, filled as parts come */
    size_t due_bytes; /* of the message, still to come */
    smtp *smtp;       /* one of the three once the transfer runs */
    fetch *fetch;
    imap *imap;
    bool is_mail, held;
};

static bool gate_allows(void *ctx, const struct sockaddr *to)
{
    task *t = ctx;
    address_reason reason;
    bool yes = address_allowed(to, &t->policy, &reason);
    if (!yes) log_warn("courier.address", "refused=%s", address_reason_name(reason));
    return yes;
}

static task *task_find(desk *d, uint64_t sequence)
{
    for (task *t = d->tasks; t; t = t->next)
        if (t->sequence == sequence) return t;
    return NULL;
}

static task *task_new(desk *d, uint64_t sequence, str payload)
{
    task *t = calloc(1, sizeof *t);
    ASSERT(t);
    t->a = arena_new(TASK_BYTES_MAX);
    t->desk = d;
    t->sequence = sequence;
    t->payload = str_copy(t->a, payload);
    t->next = d->tasks;
    d->tasks = t;
    d->n_tasks++;
    return t;
}

static void *task_curl(const task *t)
{
    if (t->imap) return imap_curl(t->imap);
    return t->smtp ? smtp_curl(t->smtp) : t->fetch ? fetch_curl(t->fetch) : NULL;
}

static void task_free(task *t)
{
    desk *d = t->desk;
    task **at = &d->tasks;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    d->n_tasks--;
    if (task_curl(t)) curl_multi_remove_handle(d->multi, task_curl(t));
    smtp_close(t->smtp);
    fetch_close(t->fetch);
    imap_close(t->imap);
    d->held_bytes -= t->mail.message.n;
    explicit_bzero((char *)(uintptr_t)t->payload.p, t->payload.n);
    arena_free(t->a);
    free(t);
}

static void reply_mail(task *t, err e, const mail_result *r)
{
    buf b = buf_new(t->a, 1024);
    wire_put_mail_done(&b, e, r);
    frame_out_put(&t->desk->out, COURIER_MAIL_DONE, t->sequence, buf_str(&b));
    log_info("courier.mail", "host=%.*s rcpts=%zu code=%d fault=%s took_ms=%lld",
            STR_ARG(t->mail.host), r->n_rcpts, (int)r->code, failed(e) ? e.f->key : "none",
            (long long)r->took_ms);
    task_free(t);
}

static void reply_fetch(task *t, err e, const fetch_result *r)
{
    buf b = buf_new(t->a, 1024);
    wire_put_fetch_done(&b, e, r);
    frame_out_put(&t->desk->out, COURIER_FETCH_DONE, t->sequence, buf_str(&b));
    log_info("courier.fetch", "status=%d bytes=%lld redirects=%d fault=%s took_ms=%lld",
            (int)r->status, (long long)r->bytes, (int)r->redirects, failed(e) ? e.f->key : "none",
            (long long)r->took_ms);
    task_free(t);
}

static void reply_fault(task *t, err e)
{
    if (t->is_mail)
        reply_mail(t, e, &(mail_result){ 0 });
    else
        reply_fetch(t, e, &(fetch_result){ 0 });
}

static bool endpoint_listed(const desk *d, str endpoint)
{
    for (size_t i = 0; i < d->setup->n_endpoints; i++)
        if (str_eq_nocase(d->setup->endpoints[i], endpoint)) return true;
    return false;
}

/* The server's word that an endpoint is configured is not enough: it must be on our own list. */
static err endpoint_check(task *t, endpoint_class class, str endpoint)
{
    const courier_setup *s = t->desk->setup;
    t->policy =
            (address_policy){ .endpoint = class, .allowed = s->allowed, .n_allowed = s->n_allowed };
    if (class == ENDPOINT_NAMED || endpoint_listed(t->desk, endpoint)) return OK;
    return ERR1(E_DENIED, "error.courier.unlisted", endpoint);
}

static err task_run(task *t)
{
    curl_easy_setopt(task_curl(t), CURLOPT_PRIVATE, t);
    if (curl_multi_add_handle(t->desk->multi, task_curl(t)) == CURLM_OK) return OK;
    return ERR(E_FULL, "error.courier.memory");
}

static err mail_start(task *t)
{
    const mail_job *j = &t->mail;
    address_gate gate = { gate_allows, t };
    str endpoint = str_fmt(t->a, "%s://%.*s:%d", j->security == MAIL_TLS ? "smtps" : "smtp",
            STR_ARG(j->host), (int)j->port);
    TRY(endpoint_check(t, j->endpoint, endpoint));
    TRY(smtp_open(t->a, t->desk->trusted, gate, j, &t->smtp));
    return task_run(t);
}

static sink_answer body_put(void *ctx, str part)
{
    task *t = ctx;
    if (frame_out_waiting(&t->desk->out) > WAITING_HIGH) {
        t->held = true;
        return SINK_HOLD;
    }
    frame_out_put(&t->desk->out, COURIER_FETCH_PART, t->sequence, part);
    return SINK_TAKEN;
}

static err fetch_start(task *t)
{
    web_url at = { 0 };
    address_gate gate = { gate_allows, t };
    fetch_sink sink = { body_put, t };
    TRY(web_url_parse(t->a, t->fetch_job.url, NULL, &at));
    TRY(endpoint_check(t, t->fetch_job.endpoint, at.origin));
    TRY(fetch_open(t->a, t->desk->trusted, gate, &t->fetch_job, sink, &t->fetch));
    return task_run(t);
}

static err box_start(task *t)
{
    address_gate gate = { gate_allows, t };
    fetch_sink sink = { body_put, t };
    TRY(endpoint_check(t, t->box.endpoint, box_endpoint(t->a, &t->box)));
    TRY(imap_open(t->a, t->desk->trusted, gate, &t->box, sink, &t->imap));
    return task_run(t);
}

static bool room_for(const desk *d, size_t bytes)
{
    return d->n_tasks <= COURIER_TASKS_MAX && d->held_bytes + bytes <= HELD_BYTES_MAX;
}

static bool take_mail(desk *d, uint64_t sequence, str payload)
{
    size_t bytes = 0;
    task *t = task_new(d, sequence, payload);
    t->is_mail = true;
    if (!wire_get_mail(t->a, t->payload, &t->mail, &bytes)) return false;
    if (d->stopping || !room_for(d, bytes)) {
        reply_fault(t, d->stopping ? ERR(E_BUSY, "error.courier.stopping")
                                   : ERR(E_FULL, "error.courier.full"));
        return true;
    }
    t->message = arena_alloc(t->a, bytes);
    t->mail.message = (str){ t->message, bytes };
    t->due_bytes = bytes;
    d->held_bytes += bytes;
    return true;
}

static bool take_mail_part(desk *d, uint64_t sequence, str part)
{
    task *t = task_find(d, sequence);
    if (!t) return true; /* refused or cancelled while its parts were on their way */
    if (!t->is_mail || part.n > t->due_bytes) return false;
    memcpy(t->message + (t->mail.message.n - t->due_bytes), part.p, part.n);
    t->due_bytes -= part.n;
    if (t->due_bytes) return true;
    err e = mail_start(t);
    if (failed(e)) reply_fault(t, e);
    return true;
}

static bool take_fetch(desk *d, uint64_t sequence, str payload, bool box)
{
    task *t = task_new(d, sequence, payload);
    if (box ? !wire_get_box(t->payload, &t->box) : !wire_get_fetch(t->a, t->payload, &t->fetch_job))
        return false;
    err e = OK;
    if (d->stopping)
        e = ERR(E_BUSY, "error.courier.stopping");
    else if (!room_for(d, 0))
        e = ERR(E_FULL, "error.courier.full");
    else
        e = box ? box_start(t) : fetch_start(t);
    if (failed(e)) reply_fault(t, e);
    return true;
}

bool desk_take(desk *d, frame_head head, str payload)
{
    bool opens =
            head.kind == COURIER_MAIL || head.kind == COURIER_FETCH || head.kind == COURIER_BOX;
    if (opens && task_find(d, head.sequence)) return false;
    switch (head.kind) {
    case COURIER_MAIL:
        return take_mail(d, head.sequence, payload);
    case COURIER_MAIL_PART:
        return take_mail_part(d, head.sequence, payload);
    case COURIER_FETCH:
        return take_fetch(d, head.sequence, payload, false);
    case COURIER_BOX:
        return take_fetch(d, head.sequence, payload, true);
    case COURIER_CANCEL:
        if (task_find(d, head.sequence)) task_free(task_find(d, head.sequence));
        return true;
    default:
        return false;
    }
}

static void fetch_ended(task *t, CURLcode code)
{
    bool again = false;
    fetch_result r = { 0 };
    err e = fetch_end(t->fetch, code, &again, &r);
    curl_multi_remove_handle(t->desk->multi, fetch_curl(t->fetch));
    if (again) e = task_run(t);
    if (!again || failed(e)) reply_fetch(t, e, &r);
}

void desk_collect(desk *d)
{
    int left;
    CURLMsg *m;
    while ((m = curl_multi_info_read(d->multi, &left))) {
        task *t = NULL;
        if (m->msg != CURLMSG_DONE) continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        ASSERT(t && t->desk == d);
        if (t->fetch) {
            fetch_ended(t, m->data.result);
            continue;
        }
        if (t->imap) {
            fetch_result answer;
            err ended = imap_end(t->imap, m->data.result, &answer);
            reply_fetch(t, ended, &answer);
            continue;
        }
        mail_result r;
        err e = smtp_end(t->smtp, m->data.result, &r);
        reply_mail(t, e, &r);
    }
}

void desk_go_on(desk *d)
{
    for (task *t = d->tasks; t && frame_out_waiting(&d->out) < WAITING_LOW; t = t->next) {
        if (!t->held) continue;
        t->held = false;
        if (t->imap)
            imap_go_on(t->imap);
        else
            fetch_go_on(t->fetch);
    }
}

void desk_clear(desk *d)
{
    while (d->tasks)
        task_free(d->tasks);
    frame_out_free(&d->out);
}
