/* imap.c - see imap.h. curl speaks; what it does not tell, the mailbox's UIDVALIDITY, is read from
 * its trace of replies. The courier's thread only. */
#include "net/imap.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "base/time.h"

struct imap {
    transfer t;
    arena *a;
    const box_job *job;
    fetch_sink sink;
    fetch_result result;
    int64_t most;
    bool stopped;
    int64_t started_us;
};

static bool mailbox_is_sane(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !strchr("./-_", c)) return false;
    }
    return s.n && s.n <= BOX_NAME_MAX;
}

static bool word_is_sane(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 32 || s.p[i] == 127) return false;
    return s.n <= 512;
}

static bool is_this_machine(str host)
{
    return str_starts(host, S("127.")) || str_eq(host, S("::1")) || str_eq(host, S("localhost"));
}

err box_job_check(const box_job *j)
{
    if (!host_is_sane(j->host) || j->port < 1 || j->port > 65535)
        return err_at_pointer(ERR1(E_INVALID, "error.courier.relay", j->host), S("/host"));
    if (!word_is_sane(j->user) || !word_is_sane(j->password))
        return err_at_pointer(ERR1(E_INVALID, "error.courier.login", j->host), S("/user"));
    if (j->security == MAIL_PLAIN && !is_this_machine(j->host))
        return err_at_pointer(
                ERR1(E_INVALID, "error.courier.plain_login", j->host), S("/security"));
    if (!mailbox_is_sane(j->mailbox) || j->uid < 0 || (!j->list && !j->uid) || j->validity < 0)
        return err_at_pointer(ERR1(E_INVALID, "error.courier.mailbox", j->mailbox), S("/mailbox"));
    if (j->deadline_ms < 0 || j->deadline_ms > FETCH_DEADLINE_MAX_MS)
        return err_at_pointer(ERR(E_INVALID, "error.courier.deadline"), S("/deadline_ms"));
    return OK;
}

str box_endpoint(arena *a, const box_job *j)
{
    bool bare = str_find_byte(j->host, ':') >= 0 && j->host.p[0] != '[';
    return str_fmt(a, "%s://%s%.*s%s:%d", j->security == MAIL_TLS ? "imaps" : "imap",
            bare ? "[" : "", STR_ARG(j->host), bare ? "]" : "", (int)j->port);
}

/* ---- what the server says ---- */

static size_t body_seen(char *bytes, size_t size, size_t n, void *ctx)
{
    imap *m = ctx;
    str part = { bytes, size * n };
    if (m->result.bytes + (int64_t)part.n > m->most) return 0;
    switch (m->sink.put(m->sink.ctx, part)) {
    case SINK_TAKEN:
        m->result.bytes += (int64_t)part.n;
        return part.n;
    case SINK_HOLD:
        return CURL_WRITEFUNC_PAUSE;
    case SINK_STOP:
        break;
    }
    m->stopped = true;
    return 0;
}

static int trace(CURL *c, curl_infotype type, char *bytes, size_t n, void *ctx)
{
    imap *m = ctx;
    str line = { bytes, n };
    static const char key[] = "[UIDVALIDITY ";
    (void)c;
    if (type != CURLINFO_HEADER_IN) return 0;
    ptrdiff_t at = str_find(line, str_of(key));
    if (at < 0) return 0;
    line = str_sub(line, (size_t)at + sizeof key - 1, line.n);
    ptrdiff_t end = str_find_byte(line, ']');
    if (end > 0) m->result.etag = peer_text(m->a, str_sub(line, 0, (size_t)end), 20);
    return 0;
}

/* ---- the question ---- */

#define SET(option, value) ok = ok && curl_easy_setopt(c, (option), (value)) == CURLE_OK

static str url_of(imap *m)
{
    const box_job *j = m->job;
    str at = box_endpoint(m->a, j);
    if (j->list) return str_fmt(m->a, "%.*s/%.*s", STR_ARG(at), STR_ARG(j->mailbox));
    return str_fmt(m->a, "%.*s/%.*s;UIDVALIDITY=%lld/;UID=%lld/;PARTIAL=0.%d", STR_ARG(at),
            STR_ARG(j->mailbox), (long long)j->validity, (long long)j->uid, BOX_MAIL_BYTES);
}

static bool set_question(CURL *c, imap *m)
{
    const box_job *j = m->job;
    bool ok = true, tls = j->security == MAIL_TLS;
    SET(CURLOPT_URL, str_z(m->a, url_of(m)));
    SET(CURLOPT_PROTOCOLS_STR, tls ? "imaps" : "imap");
    SET(CURLOPT_USE_SSL, (long)(j->security == MAIL_PLAIN ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    SET(CURLOPT_USERNAME, str_z(m->a, j->user));
    SET(CURLOPT_PASSWORD, str_z(m->a, j->password));
    SET(CURLOPT_WRITEFUNCTION, body_seen);
    SET(CURLOPT_WRITEDATA, m);
    SET(CURLOPT_DEBUGFUNCTION, trace);
    SET(CURLOPT_DEBUGDATA, m);
    SET(CURLOPT_VERBOSE, 1L);
    if (!j->list) return ok;
    /* On a fresh connection the mailbox is chosen anew, and its UIDVALIDITY said. */
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_CUSTOMREQUEST,
            str_z(m->a, str_fmt(m->a, "UID SEARCH UID %lld:* HEADER Content-Type delivery-status",
                                (long long)j->uid + 1)));
    return ok;
}

err imap_open(arena *a, const trust *trusted, address_gate gate, const box_job *job,
        fetch_sink sink, imap **ret)
{
    TRY(box_job_check(job));
    imap *m = NEW(a, imap);
    m->a = a;
    m->job = job;
    m->sink = sink;
    m->most = job->list ? BOX_LIST_BYTES : BOX_MAIL_BYTES;
    m->started_us = monotonic_us();
    int32_t ms = job->deadline_ms ? job->deadline_ms : FETCH_DEADLINE_MS;
    m->t = (transfer){ .trusted = trusted,
        .gate = gate,
        .endpoint = job->endpoint,
        .encrypted = job->security != MAIL_PLAIN,
        .host = job->host,
        .deadline_us = m->started_us + ms * US_PER_MS };
    TRY(transfer_open(&m->t));
    err e = set_question(m->t.curl, m) ? transfer_arm(&m->t) : ERR(E_FULL, "error.courier.memory");
    if (failed(e))
        imap_close(m);
    else
        *ret = m;
    return e;
}

void *imap_curl(imap *m)
{
    return m->t.curl;
}

void imap_go_on(imap *m)
{
    curl_easy_pause(m->t.curl, CURLPAUSE_CONT);
}

err imap_end(imap *m, int curl_code, fetch_result *ret)
{
    m->result.took_ms = (monotonic_us() - m->started_us) / US_PER_MS;
    *ret = m->result;
    if (m->stopped) return ERR1(E_CONFLICT, "error.courier.stopped", m->job->host);
    if (curl_code == CURLE_WRITE_ERROR)
        return ERR1(E_TOO_LARGE, "error.courier.too_large", m->job->host);
    return transfer_fault(&m->t, curl_code);
}

void imap_close(imap *m)
{
    if (m) transfer_close(&m->t);
}

/* ---- a list ---- */

static int by_number(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

size_t imap_list_read(str lines, int64_t after, int64_t *ret, size_t max)
{
    size_t n = 0, kept = 0;
    str line, word;
    while (lines.n && str_split(&lines, '\n', &line)) {
        line = str_trim(line);
        if (!str_starts(line, S("* SEARCH "))) continue;
        line = str_sub(line, 9, line.n);
        while (line.n && n < max && str_split(&line, ' ', &word)) {
            int64_t uid;
            if (str_to_i64(word, &uid) && uid > after && uid <= UINT32_MAX) ret[n++] = uid;
        }
    }
    qsort(ret, n, sizeof *ret, by_number);
    for (size_t i = 0; i < n; i++)
        if (!kept || ret[kept - 1] != ret[i]) ret[kept++] = ret[i];
    return kept;
}
