/* open.c - the input of an opener, and text and paths that others wrote, made safe to show.
 * Owns nothing; any thread. */
#include "proc/open/open.h"

#include <errno.h>
#include <unistd.h>

size_t open_get(const open_input *in, int64_t at, uint8_t *to, size_t n)
{
    if (at < 0 || at >= in->bytes) return 0;
    if ((int64_t)n > in->bytes - at) n = (size_t)(in->bytes - at);
    if (in->p) {
        memcpy(to, in->p + at, n);
        return n;
    }
    ssize_t got;
    while ((got = pread(in->fd, to, n, at)) < 0 && errno == EINTR)
        ;
    return got > 0 ? (size_t)got : 0;
}

/* Direction marks and overrides, joiners that show nothing, the byte order mark. */
static bool misleads(const char *p, size_t len)
{
    const unsigned char *u = (const unsigned char *)p;
    if (len != 3) return false;
    int c = (u[0] & 15) << 12 | (u[1] & 63) << 6 | (u[2] & 63);
    return c == 0x200b || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static bool controls(const char *p, size_t len, bool lines)
{
    unsigned char c = (unsigned char)p[0];
    if (len == 2) return c == 0xc2 && (unsigned char)p[1] < 0xa0;
    if (len != 1) return false;
    return (c < 32 && !(lines && (c == '\n' || c == '\t'))) || c == 127;
}

str text_safe(arena *a, str raw, size_t max, bool lines, bool *changed)
{
    buf b = buf_new(a, raw.n < max ? raw.n + 8 : max + 8);
    for (size_t i = 0; i < raw.n && b.n < max;) {
        size_t len = utf8_len(raw.p + i, raw.n - i);
        bool crlf = lines && raw.p[i] == '\r' && i + 1 < raw.n && raw.p[i + 1] == '\n';
        bool bad = !len || controls(raw.p + i, len, lines) || misleads(raw.p + i, len);
        if (!crlf) buf_put(&b, bad ? S("\xef\xbf\xbd") : str_sub(raw, i, len));
        if (bad && !crlf && changed) *changed = true;
        i += len ? len : 1;
    }
    return buf_str(&b);
}

static bool is_drive(str part)
{
    return part.n == 2 && part.p[1] == ':';
}

str path_safe(arena *a, str raw, bool *changed)
{
    buf b = buf_new(a, raw.n + 8);
    str rest = text_safe(a, raw, OPEN_NAME_MAX, false, changed), part;
    bool folder = str_ends(rest, S("/"));
    char *p = (char *)(uintptr_t)rest.p;
    for (size_t i = 0; i < rest.n; i++) {
        if (p[i] != '\\') continue;
        p[i] = '/'; /* a separator to whoever unpacks it on Windows */
        *changed = true;
    }
    if (str_starts(rest, S("/"))) *changed = true;
    while (rest.n && str_split(&rest, '/', &part)) {
        if (!part.n || str_eq(part, S("."))) continue;
        if (str_eq(part, S("..")) || is_drive(part)) {
            *changed = true;
            continue;
        }
        if (b.n) buf_byte(&b, '/');
        buf_put(&b, part);
    }
    if (!b.n) buf_byte(&b, '?');
    if (folder) buf_byte(&b, '/');
    return buf_str(&b);
}
