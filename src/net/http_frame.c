/* http_frame.c - is the head of a request framed as RFC 9112 says, exactly? The library is lenient
 * where two readers may disagree (bare LF, folded lines, spaces, NUL, several lengths); here that
 * is refused, so that no proxy in front can see another request than we do. Owns nothing; HTTP
 * threads. Called by http_exchange.c. */
#include "net/http_in.h"

typedef struct {
    http_exchange *x;
    const char *next; /* where the next header's name must stand; NULL: not known */
    int n, hosts, lengths, encodings;
    bool bad, too_many;
    str length, encoding, expect;
} head_walk;

typedef struct {
    str name;
    size_t at;
} header_field;
#define FIELD(text, member)                                                                        \
    {                                                                                              \
        { text, sizeof(text) - 1 }, offsetof(http_request, member)                                 \
    }
static const header_field fields[] = {
    FIELD("Authorization", authorization),
    FIELD("Cookie", cookie),
    FIELD("Origin", origin),
    FIELD("Sec-Fetch-Site", sec_fetch_site),
    FIELD("Host", host),
    FIELD("Content-Type", content_type),
    FIELD("Content-Encoding", content_encoding),
    FIELD("Accept", accept),
    FIELD("Accept-Encoding", accept_encoding),
    FIELD("Accept-Language", accept_language),
    FIELD("If-Match", if_match),
    FIELD("If-None-Match", if_none_match),
    FIELD("Idempotency-Key", idempotency_key),
    FIELD("Last-Event-ID", last_event_id),
    FIELD("Minar-Realm", realm),
};
/* What proxies add and may stand more than once: the last one is the nearest proxy's. */
static const header_field forwarded[] = {
    FIELD("X-Forwarded-For", forwarded_for),
    FIELD("X-Forwarded-Proto", forwarded_proto),
    FIELD("X-Request-Id", request_id),
};

static bool is_token(str s)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && !(c && strchr(others, c))) return false;
    }
    return s.n > 0;
}

static bool is_value(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f) return false;
    return true;
}

/* A header that may stand once only; a second one makes the head bad. */
static void keep_field(head_walk *w, str name, str value)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (!str_eq_nocase(fields[i].name, name)) continue;
        str *at = (str *)((char *)&w->x->q + fields[i].at);
        if (at->p && fields[i].at != offsetof(http_request, accept)) w->bad = true;
        *at = value.n ? value : S("");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(forwarded); i++)
        if (str_eq_nocase(forwarded[i].name, name))
            *(str *)((char *)&w->x->q + forwarded[i].at) = value;
    if (str_eq_nocase(name, S("Content-Length"))) w->lengths++, w->length = value;
    if (str_eq_nocase(name, S("Transfer-Encoding"))) w->encodings++, w->encoding = value;
    if (str_eq_nocase(name, S("Expect"))) w->expect = value;
}

/* The library ends lines in place: CRLF became two NULs, a bare LF one. In its buffer each name
 * must follow the value before it by exactly that, else the line ended otherwise, was folded or
 * held a NUL. */
static enum MHD_Result walk_header(void *ctx, enum MHD_ValueKind kind, const char *key,
        size_t key_n, const char *value, size_t value_n)
{
    head_walk *w = ctx;
    str name = { key, key_n }, v = { value ? value : "", value ? value_n : 0 };
    if (++w->n > HTTP_HEADERS) w->too_many = true;
    if (!value || !is_token(name) || !is_value(v)) w->bad = true;
    if (w->next && key != w->next) w->bad = true;
    if (w->bad || w->too_many) return MHD_NO;
    if (value[value_n] != '\0' || value[value_n + 1] != '\0') w->bad = true;
    if (w->next) w->next = value + value_n + 2;
    keep_field(w, name, str_trim(v));
    return MHD_YES;
}

/* The library's way to leave its buffer is known for this one version; newer ones are strict by
 * option (see http.c). */
static bool buffer_known(void)
{
    return strncmp(MHD_get_version(), "0.9.75", 6) == 0;
}

static int check_length(http_exchange *x, head_walk *w, bool old)
{
    if (w->lengths > 1 || w->encodings > 1 || (w->lengths && w->encodings)) return 400;
    if (w->encodings && (old || !str_eq_nocase(w->encoding, S("chunked")))) return old ? 400 : 501;
    x->q.content_bytes = w->encodings ? -1 : 0;
    if (w->lengths && (!str_to_i64(w->length, &x->q.content_bytes) || x->q.content_bytes < 0))
        return 400;
    if (w->lengths && (w->length.p[0] < '0' || w->length.p[0] > '9')) return 400;
    if (w->encodings)
        x->close = true; /* what follows a chunked body is not read: its end may be disputed */
    if (w->expect.p && !str_eq_nocase(w->expect, S("100-continue"))) return 417;
    bool has_body = x->q.content_bytes != 0;
    bool reads = str_eq(x->q.method, S("GET")) || str_eq(x->q.method, S("HEAD"));
    return has_body && reads ? 400 : 0;
}

/* The three words of the request line stand behind each other with one NUL between, where one space
 * was: else there were more, or a NUL stood in the target. */
static bool check_start(
        const http_exchange *x, const char *url, const char *method, const char *version, bool *old)
{
    *old = strcmp(version, "HTTP/1.0") == 0;
    if (!*old && strcmp(version, "HTTP/1.1") != 0) return false;
    if (!is_token(str_of(method))) return false;
    if (!buffer_known()) return true;
    return url == method + strlen(method) + 1 && url == x->target &&
           version == x->target + x->target_n + 1 && version[8] == '\0' && version[9] == '\0';
}

static bool check_target(const http_request *q)
{
    if (q->path.n == 0 || q->path.p[0] != '/') return false;
    for (size_t i = 0; i < q->path.n + q->query.n; i++) {
        char c = i < q->path.n ? q->path.p[i] : q->query.p[i - q->path.n];
        if ((unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f || strchr("\"<>\\#", c))
            return false;
    }
    return true;
}

/* What stands behind the name, or behind an address in brackets: nothing, or a colon and a port. */
static bool check_port(str host)
{
    bool bracketed = host.p[0] == '[';
    ptrdiff_t end = str_find_byte(host, bracketed ? ']' : ':');
    if (end < 0) return !bracketed;
    str port = str_sub(host, (size_t)end + bracketed, host.n);
    for (size_t i = 1; i < port.n; i++)
        if (port.p[i] < '0' || port.p[i] > '9') return false;
    return port.n == 0 || (port.p[0] == ':' && port.n <= 6);
}

static bool check_host(str host)
{
    for (size_t i = 0; i < host.n; i++)
        if ((unsigned char)host.p[i] <= 0x20 || (unsigned char)host.p[i] >= 0x7f ||
                strchr("/@?#\\,<>\"", host.p[i]))
            return false;
    return host.n > 0 && host.n < 256 && host.p[0] != ':' && check_port(host);
}

/* A target in absolute form names the host, whatever the field beside it says (RFC 9112 section
 * 3.2.2). */
static bool check_hosts(http_exchange *x, bool old)
{
    if (x->q.host.p ? !check_host(x->q.host) : !old) return false;
    if (!x->absolute) return true;
    x->q.host = x->authority;
    return check_host(x->authority);
}

/* Did the head end where the last line that was seen ended? Else a NUL stood at that line's end. */
static bool ends_at(const http_exchange *x, const char *method, const char *end)
{
    const union MHD_ConnectionInfo *i =
            MHD_get_connection_info(x->c, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (end[-2] != '\0' || end[-1] != '\0') return false;
    return i && i->header_size == (size_t)(end - method);
}

int http_frame_check(http_exchange *x, const char *url, const char *method, const char *version)
{
    head_walk w = { .x = x };
    bool old;
    x->close = true;
    if (!check_start(x, url, method, version, &old)) return 400;
    x->q.method = str_of(method);
    w.next = buffer_known() ? version + 10 : NULL;
    MHD_get_connection_values_n(x->c, MHD_HEADER_KIND, walk_header, &w);
    if (w.too_many) return 431;
    if (w.bad || (w.next && !ends_at(x, method, w.next + 2))) return 400;
    if (!check_target(&x->q)) return 400;
    if (!check_hosts(x, old)) return 400;
    x->close = old;
    int status = check_length(x, &w, old);
    if (status) x->close = true;
    return status;
}
