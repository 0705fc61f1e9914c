/* url.c - RFC 3986's grammar as far as comparing needs it. Any thread. */
#include "engine/url/url.h"

#include "engine/domain/domain.h"

static str refang(arena *a, str s)
{
    if (str_find(s, S("[.]")) < 0 && str_find(s, S("(.)")) < 0) return s;
    char *out = arena_alloc(a, s.n);
    size_t k = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool wrapped =
                i + 2 < s.n && s.p[i + 1] == '.' &&
                ((s.p[i] == '[' && s.p[i + 2] == ']') || (s.p[i] == '(' && s.p[i + 2] == ')'));
        out[k++] = wrapped ? '.' : s.p[i];
        if (wrapped) i += 2;
    }
    return (str){ out, k };
}

static bool scheme_take(arena *a, str *s, str *scheme)
{
    ptrdiff_t at = str_find(*s, S("://"));
    if (at < 1 || at > 16) return false;
    str name = str_lower(a, str_sub(*s, 0, (size_t)at));
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = c >= 'a' && c <= 'z';
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
            return false;
    }
    if (str_eq(name, S("hxxp"))) name = S("http");
    if (str_eq(name, S("hxxps"))) name = S("https");
    *scheme = name;
    *s = str_sub(*s, (size_t)at + 3, s->n);
    return true;
}

static uint16_t default_port(str scheme)
{
    if (str_eq(scheme, S("http"))) return 80;
    if (str_eq(scheme, S("https"))) return 443;
    if (str_eq(scheme, S("ftp"))) return 21;
    return 0;
}

static bool port_set(url *u, str text)
{
    int64_t port;
    if (text.n == 0) return true;
    if (text.n > 5 || !str_to_i64(text, &port) || port < 1 || port > 65535) return false;
    u->port = port == default_port(u->scheme) ? 0 : (uint16_t)port;
    return true;
}

static bool host_set(arena *a, url *u, str host)
{
    if (addr_parse(host, &u->ip)) {
        char *out = arena_alloc(a, ADDR_TEXT_MAX);
        u->host = (str){ out, addr_put(out, u->ip) };
        u->host_is_ip = true;
        return true;
    }
    return domain_normalise(a, host, &u->host);
}

/* host, host:port or [v6]:port. */
static bool authority_set(arena *a, url *u, str s)
{
    ptrdiff_t at = -1;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '@') at = (ptrdiff_t)i;
    if (at >= 0) {
        u->user = str_sub(s, 0, (size_t)at);
        s = str_sub(s, (size_t)at + 1, s.n);
    }
    if (str_starts(s, S("["))) {
        ptrdiff_t close = str_find_byte(s, ']');
        if (close < 0) return false;
        str tail = str_sub(s, (size_t)close + 1, s.n);
        str inner = str_sub(s, 1, (size_t)close - 1);
        if (tail.n > 0 && (tail.p[0] != ':' || !port_set(u, str_sub(tail, 1, tail.n))))
            return false;
        return str_find_byte(inner, ':') >= 0 && host_set(a, u, inner);
    }
    ptrdiff_t colon = str_find_byte(s, ':');
    if (colon >= 0) {
        if (!port_set(u, str_sub(s, (size_t)colon + 1, s.n))) return false;
        s = str_sub(s, 0, (size_t)colon);
    }
    return host_set(a, u, s);
}

bool url_parse(arena *a, str s, url *ret)
{
    url u = { 0 };
    s = str_trim(s);
    if (s.n == 0 || s.n > URL_MAX) return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f) return false;
    if (!scheme_take(a, &s, &u.scheme)) return false;
    size_t end = 0;
    while (end < s.n && s.p[end] != '/' && s.p[end] != '?' && s.p[end] != '#')
        end++;
    if (!authority_set(a, &u, refang(a, str_sub(s, 0, end)))) return false;
    str path = str_sub(s, end, s.n);
    ptrdiff_t hash = str_find_byte(path, '#');
    if (hash >= 0) path = str_sub(path, 0, (size_t)hash);
    if (path.n == 0) path = S("/");
    u.path = path.p[0] == '/' ? path : str_cat(a, S("/"), path);
    *ret = u;
    return true;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unreserved(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/* Unescapes what needs no escape, writes the other escapes in upper case, and escapes a '%' that
 * begins none, or what follows it could become one. out has room for three times s. */
static size_t unescape(char *out, str s)
{
    static const char up[] = "0123456789ABCDEF";
    size_t k = 0;
    for (size_t i = 0; i < s.n; i++) {
        int h = s.p[i] == '%' && i + 2 < s.n ? hex(s.p[i + 1]) : -1;
        int l = h >= 0 ? hex(s.p[i + 2]) : -1;
        if (l < 0) {
            out[k++] = s.p[i];
            if (s.p[i] != '%') continue;
            out[k++] = '2';
            out[k++] = '5';
            continue;
        }
        int c = h << 4 | l;
        if (unreserved(c)) {
            out[k++] = (char)c;
        } else {
            out[k++] = '%';
            out[k++] = up[h];
            out[k++] = up[l];
        }
        i += 2;
    }
    return k;
}

/* Removes . and .. segments in place, in the path before any '?'. */
static size_t remove_dots(char *p, size_t n)
{
    const char *q = memchr(p, '?', n);
    size_t end = q ? (size_t)(q - p) : n, k = 0;
    for (size_t i = 0; i < end;) {
        size_t j = i + 1;
        while (j < end && p[j] != '/')
            j++;
        str seg = { p + i, j - i };
        bool dot = str_eq(seg, S("/.")), up = str_eq(seg, S("/.."));
        if (up)
            while (k > 0 && p[--k] != '/') {
            }
        if ((dot || up) && j == end) p[k++] = '/';
        if (!dot && !up) {
            memmove(p + k, p + i, j - i);
            k += j - i;
        }
        i = j;
    }
    memmove(p + k, p + end, n - end);
    return k + n - end;
}

str url_normal(arena *a, const url *u)
{
    buf b = buf_new(a, u->scheme.n + u->host.n + u->path.n + 16);
    bool v6 = u->host_is_ip && !addr_is_v4(u->ip);
    buf_put(&b, u->scheme);
    buf_put(&b, v6 ? S("://[") : S("://"));
    buf_put(&b, u->host);
    if (v6) buf_byte(&b, ']');
    if (u->port) {
        buf_byte(&b, ':');
        buf_i64(&b, u->port);
    }
    char *path = buf_room(&b, u->path.n * 3 + 1);
    b.n += remove_dots(path, unescape(path, u->path));
    return buf_str(&b);
}
