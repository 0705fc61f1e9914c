/* smtp.c - one mail handed to one relay by curl. Owns the curl handle and what the relay answered.
 * curl tells one code for the whole; the reply to each recipient is read from its trace of commands
 * and replies, in the order in which they crossed the wire. The courier's thread only. */
#include "net/smtp.h"

#include <curl/curl.h>

#include "base/time.h"

/* What the relay is answering. */
typedef enum {
    PHASE_GREET,
    PHASE_LOGIN,
    PHASE_FROM,
    PHASE_RCPT,
    PHASE_DATA,
    PHASE_BODY,
    PHASE_QUIT
} phase;

struct smtp {
    transfer t;
    arena *a;
    const mail_job *job;
    struct curl_slist *rcpts;
    size_t sent; /* of the message */
    phase phase;
    size_t next_rcpt; /* recipients asked about so far */
    mail_rcpt *results;
    int32_t code; /* the last reply that counts for the whole */
    str text;
    bool accepted;
    int64_t started_us;
};

static size_t read_message(char *out, size_t size, size_t n, void *ctx)
{
    smtp *s = ctx;
    str part = str_sub(s->job->message, s->sent, size * n);
    memcpy(out, part.p, part.n);
    s->sent += part.n;
    return part.n;
}

static void command_seen(smtp *s, str line)
{
    if (str_starts(line, S("RCPT TO:"))) {
        s->phase = PHASE_RCPT;
        s->next_rcpt++;
    } else if (str_starts(line, S("MAIL FROM:"))) {
        s->phase = PHASE_FROM;
    } else if (str_starts(line, S("DATA"))) {
        s->phase = PHASE_DATA;
    } else if (str_starts(line, S("QUIT"))) {
        s->phase = PHASE_QUIT;
    } else if (str_starts(line, S("AUTH"))) {
        s->phase = PHASE_LOGIN;
    }
}

static void rcpt_answered(smtp *s, int32_t code, str text)
{
    if (!s->next_rcpt || s->next_rcpt > s->job->n_to) return;
    mail_rcpt *r = &s->results[s->next_rcpt - 1];
    r->code = code;
    r->text = text;
}

static void reply_seen(smtp *s, str line)
{
    int64_t code;
    line = str_trim(line);
    bool last = line.n == 3 || (line.n > 3 && line.p[3] == ' ');
    if (!last || !str_to_i64(str_sub(line, 0, 3), &code) || code < 200 || code > 599) return;
    str text = peer_text(s->a, str_sub(line, 3, line.n), MAIL_REPLY_MAX);
    if (s->phase == PHASE_QUIT) return;
    if (s->phase == PHASE_RCPT) {
        rcpt_answered(s, (int32_t)code, text);
        return;
    }
    s->code = (int32_t)code;
    s->text = text;
    if (s->phase == PHASE_BODY) {
        s->accepted = code < 300;
        /* All is said: curl waits for the reply to QUIT inside its call, so not for long. */
        curl_easy_setopt(s->t.curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, 1L);
    }
    if (s->phase == PHASE_DATA && code == 354) s->phase = PHASE_BODY;
}

static int trace(CURL *c, curl_infotype type, char *bytes, size_t n, void *ctx)
{
    (void)c;
    str line = { bytes, n };
    if (type == CURLINFO_HEADER_OUT) command_seen(ctx, line);
    if (type == CURLINFO_HEADER_IN) reply_seen(ctx, line);
    return 0;
}

static bool rcpts_add(smtp *s)
{
    for (size_t i = 0; i < s->job->n_to; i++) {
        s->results[i].to = s->job->to[i];
        struct curl_slist *more = curl_slist_append(s->rcpts, str_z(s->a, s->job->to[i]));
        if (!more) return false;
        s->rcpts = more;
    }
    return true;
}

#define SET(option, value) ok = ok && curl_easy_setopt(c, (option), (value)) == CURLE_OK

static bool set_login(CURL *c, smtp *s)
{
    bool ok = true;
    SET(CURLOPT_USE_SSL, (long)(s->job->security == MAIL_PLAIN ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (!s->job->user.n) return ok;
    SET(CURLOPT_USERNAME, str_z(s->a, s->job->user));
    SET(CURLOPT_PASSWORD, str_z(s->a, s->job->password));
    return ok;
}

static bool set_mail(CURL *c, smtp *s)
{
    const mail_job *j = s->job;
    bool tls = j->security == MAIL_TLS,
         six = str_find_byte(j->host, ':') >= 0 && j->host.p[0] != '[';
    str url = str_fmt(s->a, "%s://%s%.*s%s:%d/%.*s", tls ? "smtps" : "smtp", six ? "[" : "",
            STR_ARG(j->host), six ? "]" : "", (int)j->port, STR_ARG(j->helo));
    bool ok = true;
    SET(CURLOPT_URL, str_z(s->a, url));
    SET(CURLOPT_PROTOCOLS_STR, tls ? "smtps" : "smtp");
    SET(CURLOPT_MAIL_FROM, str_z(s->a, str_fmt(s->a, "<%.*s>", STR_ARG(j->from))));
    SET(CURLOPT_MAIL_RCPT, s->rcpts);
    SET(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, read_message);
    SET(CURLOPT_READDATA, s);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)j->message.n);
    SET(CURLOPT_DEBUGFUNCTION, trace);
    SET(CURLOPT_DEBUGDATA, s);
    SET(CURLOPT_VERBOSE, 1L);
    return ok;
}

err smtp_open(arena *a, const trust *trusted, address_gate gate, const mail_job *job, smtp **ret)
{
    TRY(mail_job_check(job));
    smtp *s = NEW(a, smtp);
    s->a = a;
    s->job = job;
    s->results = NEW_ARRAY(a, mail_rcpt, job->n_to);
    s->started_us = monotonic_us();
    int32_t ms = job->deadline_ms ? job->deadline_ms : MAIL_DEADLINE_MS;
    s->t = (transfer){ .trusted = trusted,
        .gate = gate,
        .endpoint = job->endpoint,
        .encrypted = job->security != MAIL_PLAIN,
        .host = job->host,
        .deadline_us = s->started_us + ms * US_PER_MS };
    TRY(transfer_open(&s->t));
    err e = OK;
    if (!rcpts_add(s) || !set_mail(s->t.curl, s) || !set_login(s->t.curl, s))
        e = ERR(E_FULL, "error.courier.memory");
    if (!failed(e)) e = transfer_arm(&s->t);
    if (failed(e))
        smtp_close(s);
    else
        *ret = s;
    return e;
}

void *smtp_curl(smtp *s)
{
    return s->t.curl;
}

/* An accepted message goes to those whose RCPT was accepted, and to nobody else. */
static size_t settle(smtp *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->job->n_to; i++) {
        mail_rcpt *r = &s->results[i];
        r->accepted = s->accepted && r->code >= 200 && r->code < 300;
        n += r->accepted;
    }
    return n;
}

static bool rcpts_all_refused(const smtp *s)
{
    for (size_t i = 0; i < s->job->n_to; i++)
        if (s->results[i].code < 400) return false;
    return true;
}

static err verdict(const smtp *s, int curl_code)
{
    arena *a = s->a;
    str code = str_fmt(a, "%d", (int)s->code);
    if (rcpts_all_refused(s)) {
        const mail_rcpt *r = &s->results[0];
        return ERR3(E_PEER, "error.courier.rcpt", s->job->host, str_fmt(a, "%d", (int)r->code),
                r->text);
    }
    if (curl_code == CURLE_LOGIN_DENIED || s->code < 400) {
        TRY(transfer_fault(&s->t, curl_code));
        return ERR2(E_PEER, "error.courier.failed", s->job->host, s->text);
    }
    return ERR3(E_PEER, "error.courier.smtp", s->job->host, code, s->text);
}

err smtp_end(smtp *s, int curl_code, mail_result *ret)
{
    ASSERT(s && ret);
    size_t taken = settle(s);
    *ret = (mail_result){ .code = s->code,
        .text = s->text,
        .rcpts = s->results,
        .n_rcpts = s->job->n_to,
        .took_ms = (monotonic_us() - s->started_us) / US_PER_MS };
    /* Once the relay has said 250 it has the message, whatever happened to the connection after. */
    return taken ? OK : verdict(s, curl_code);
}

void smtp_close(smtp *s)
{
    if (!s) return;
    transfer_close(&s->t);
    curl_slist_free_all(s->rcpts);
    s->rcpts = NULL;
}
