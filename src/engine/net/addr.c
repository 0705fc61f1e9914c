/* addr.c - reading and writing of addresses by hand: inet_pton wants NUL-terminated text and
 * accepts less than the two formats need; this is also several times faster. Any thread. */
#include "engine/net/addr.h"

addr addr_next(addr a)
{
    a.lo++;
    if (a.lo == 0) a.hi++;
    return a;
}

/* Reads a dotted quad that fills the whole slice. */
static bool quad_parse(const char *p, size_t n, uint32_t *ret)
{
    uint32_t v = 0;
    size_t i = 0;
    for (int part = 0; part < 4; part++) {
        if (part > 0 && (i >= n || p[i++] != '.')) return false;
        size_t start = i;
        uint32_t octet = 0;
        while (i < n && i - start < 3 && (unsigned)(p[i] - '0') < 10)
            octet = octet * 10 + (p[i++] - '0');
        if (i == start || octet > 255 || (i - start > 1 && p[start] == '0')) return false;
        v = v << 8 | octet;
    }
    if (i != n) return false;
    *ret = v;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One to four hexadecimal digits from p; returns how many, 0 when there are none. */
static size_t group_parse(const char *p, size_t n, uint16_t *ret)
{
    uint32_t v = 0;
    size_t i = 0;
    for (; i < n && i < 4; i++) {
        int d = hex_digit(p[i]);
        if (d < 0) break;
        v = v << 4 | (uint32_t)d;
    }
    *ret = (uint16_t)v;
    return i;
}

/* Groups into g[8] with the place of "::" (or -1); the number of groups, or -1 when it is wrong. */
static int groups_parse(const char *p, size_t n, uint16_t g[8], int *gap)
{
    size_t i = 0;
    int k = 0;
    *gap = -1;
    if (n >= 2 && p[0] == ':' && p[1] == ':') {
        *gap = 0;
        i = 2;
    }
    while (i < n) {
        if (k == 8) return -1;
        size_t len = group_parse(p + i, n - i, &g[k]);
        if (len > 0 && i + len < n && p[i + len] == '.') {
            uint32_t v4;
            if (k > 6 || !quad_parse(p + i, n - i, &v4)) return -1;
            g[k++] = (uint16_t)(v4 >> 16);
            g[k++] = (uint16_t)v4;
            return k;
        }
        if (len == 0) return -1;
        k++;
        i += len;
        if (i == n) return k;
        if (p[i++] != ':') return -1;
        if (i == n) return -1; /* a single colon at the end */
        if (p[i] != ':') continue;
        if (*gap >= 0) return -1;
        *gap = k;
        i++;
    }
    return k;
}

static bool v6_parse(str s, addr *ret)
{
    uint16_t g[8] = { 0 }, full[8] = { 0 };
    int gap;
    if (s.n < 2 || s.n > 45) return false;
    int k = groups_parse(s.p, s.n, g, &gap);
    if (k < 0 || (gap < 0 && k != 8) || (gap >= 0 && k > 7)) return false;
    int head = gap < 0 ? 8 : gap;
    for (int i = 0; i < head; i++)
        full[i] = g[i];
    for (int i = head; i < k; i++)
        full[8 - k + i] = g[i];
    addr a = { 0, 0 };
    for (int i = 0; i < 4; i++) {
        a.hi = a.hi << 16 | full[i];
        a.lo = a.lo << 16 | full[4 + i];
    }
    *ret = a;
    return true;
}

bool addr_parse(str s, addr *ret)
{
    uint32_t v4;
    if (s.n >= 7 && s.n <= 15 && quad_parse(s.p, s.n, &v4)) {
        *ret = addr_v4(v4);
        return true;
    }
    return v6_parse(s, ret);
}

cidr cidr_make(addr a, uint8_t len)
{
    ASSERT(len <= 128);
    uint64_t mhi = len >= 64 ? UINT64_MAX : len == 0 ? 0 : UINT64_MAX << (64 - len);
    uint64_t mlo = len <= 64 ? 0 : len == 128 ? UINT64_MAX : UINT64_MAX << (128 - len);
    return (cidr){ { a.hi & mhi, a.lo & mlo }, { a.hi | ~mhi, a.lo | ~mlo }, len };
}

bool cidr_parse(str s, bool strict, cidr *ret)
{
    ptrdiff_t slash = str_find_byte(s, '/');
    str head = slash < 0 ? s : str_sub(s, 0, (size_t)slash);
    addr a;
    if (!addr_parse(head, &a)) return false;
    bool v4 = str_find_byte(head, ':') < 0;
    int64_t len = v4 ? 32 : 128;
    if (slash >= 0) {
        str tail = str_sub(s, (size_t)slash + 1, s.n);
        if (tail.n == 0 || tail.n > 3 || (tail.n > 1 && tail.p[0] == '0')) return false;
        if ((unsigned)(tail.p[0] - '0') > 9 || !str_to_i64(tail, &len)) return false;
        if (len < 0 || len > (v4 ? 32 : 128)) return false;
    }
    cidr c = cidr_make(a, (uint8_t)(v4 ? len + 96 : len));
    if (strict && !addr_eq(c.lo, a)) return false;
    *ret = c;
    return true;
}

static size_t octet_put(char *out, unsigned v)
{
    size_t n = 0;
    if (v >= 100) out[n++] = (char)('0' + v / 100);
    if (v >= 10) out[n++] = (char)('0' + v / 10 % 10);
    out[n++] = (char)('0' + v % 10);
    return n;
}

static size_t v4_put(char *out, uint32_t v)
{
    size_t n = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        n += octet_put(out + n, v >> shift & 255);
        if (shift > 0) out[n++] = '.';
    }
    return n;
}

static size_t group_put(char *out, uint16_t g)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;
    for (int shift = 12; shift >= 0; shift -= 4)
        if (n > 0 || shift == 0 || g >> shift) out[n++] = digits[g >> shift & 15];
    return n;
}

/* Finds the longest run of at least two zero groups, the first of equals (RFC 5952 section 4.2). */
static void zero_run(const uint16_t g[8], int *start, int *len)
{
    *start = -1;
    *len = 1;
    for (int i = 0; i < 8; i++) {
        int j = i;
        while (j < 8 && g[j] == 0)
            j++;
        if (j - i > *len) {
            *start = i;
            *len = j - i;
        }
        if (j > i) i = j - 1;
    }
}

size_t addr_put(char out[ADDR_TEXT_MAX], addr a)
{
    if (addr_is_v4(a)) return v4_put(out, (uint32_t)a.lo);
    uint16_t g[8];
    for (int i = 0; i < 4; i++) {
        g[i] = (uint16_t)(a.hi >> (48 - 16 * i));
        g[4 + i] = (uint16_t)(a.lo >> (48 - 16 * i));
    }
    int start, len;
    zero_run(g, &start, &len);
    size_t n = 0;
    for (int i = 0; i < 8; i++) {
        if (i == start) {
            out[n++] = ':';
            out[n++] = ':';
            i += len - 1;
            continue;
        }
        if (n > 0 && out[n - 1] != ':') out[n++] = ':';
        n += group_put(out + n, g[i]);
    }
    return n;
}

size_t cidr_put(char out[CIDR_TEXT_MAX], cidr c)
{
    bool v4 = addr_is_v4(c.lo) && c.len >= 96;
    size_t n = addr_put(out, c.lo);
    out[n++] = '/';
    return n + octet_put(out + n, v4 ? c.len - 96u : c.len);
}

/* The first `len` bits are the same. */
static bool range_holds(const addr_range *r, addr a)
{
    uint64_t hi = a.hi ^ r->hi, lo = a.lo ^ r->lo;
    if (r->len <= 64) return r->len == 0 || hi >> (64 - r->len) == 0;
    return hi == 0 && lo >> (128 - r->len) == 0;
}

addr_class addr_class_of(addr a)
{
    for (size_t i = 0; i < ADDR_RANGES; i++)
        if (range_holds(&addr_ranges[i], a)) return (addr_class)addr_ranges[i].class;
    return ADDR_RESERVED;
}
