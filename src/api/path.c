/* path.c - finds the route of a path in the generated tree; decodes percent escapes.
 * Owns nothing; any thread. Called by route.c; the fuzz target is fuzz/path.c. */
#include "api/route.h"

enum { PATH_BYTES = 2048 };
static const char *const method_names[METHODS] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* One decoded byte at s[*i], which moves past it; -1 for a bad escape or a control character. */
static int decode_byte(str s, size_t *i, bool form)
{
    unsigned char c = (unsigned char)s.p[(*i)++];
    if (form && c == '+') return ' ';
    if (c == '%') {
        if (*i + 2 > s.n) return -1;
        int hi = hex_digit(s.p[*i]), lo = hex_digit(s.p[*i + 1]);
        if (hi < 0 || lo < 0) return -1;
        *i += 2;
        c = (unsigned char)(hi * 16 + lo);
    }
    bool space = form && (c == '\n' || c == '\r' || c == '\t');
    return (c < 0x20 && !space) || c == 0x7f ? -1 : c;
}

bool percent_decode(arena *a, str s, bool form, str *ret)
{
    if (!memchr(s.p ? s.p : "", '%', s.n) && !form && str_is_utf8(s)) {
        for (size_t i = 0; i < s.n;)
            if (decode_byte(s, &i, false) < 0) return false;
        *ret = s;
        return true;
    }
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n;) {
        int c = decode_byte(s, &i, form);
        if (c < 0) return false;
        out[n++] = (char)c;
    }
    str got = { out, n };
    if (!str_is_utf8(got)) return false;
    *ret = got;
    return true;
}

static const path_node *child_of(const route_table *t, const path_node *node, str part)
{
    for (size_t i = 0; i < node->n; i++) {
        const path_node *k = &t->nodes[node->first + i];
        if (k->literal.n == 0 || str_eq(k->literal, part)) return k;
    }
    return NULL;
}

/* The tree's node at the end of path, or NULL; a parameter's part goes to *ret_part. */
static const path_node *node_of(const route_table *t, str path, str *ret_part)
{
    const path_node *node = &t->nodes[0];
    if (path.n < 2 || path.n > PATH_BYTES || path.p[0] != '/') return NULL;
    str rest = str_sub(path, 1, path.n), part;
    while (str_split(&rest, '/', &part)) {
        if (part.n == 0) return NULL;
        node = child_of(t, node, part);
        if (!node) return NULL;
        if (node->literal.n == 0) *ret_part = part;
        if (!node->rest) continue;
        *ret_part = (str){ part.p, (size_t)(path.p + path.n - part.p) };
        break;
    }
    return node->path ? node : NULL;
}

static int method_index(str method)
{
    if (str_eq(method, S("HEAD"))) return METHOD_GET;
    for (int i = 0; i < METHODS; i++)
        if (str_eq(method, str_of(method_names[i]))) return i;
    return -1;
}

route_found route_find(const route_table *t, arena *a, str method, str path, const route **ret,
        str *ret_param, const char **ret_allow)
{
    str part = { 0 };
    const path_node *node = node_of(t, path, &part);
    if (!node) return NO_PATH;
    str param = { 0 };
    if (part.n && !percent_decode(a, part, false, &param)) return NO_PATH;
    if (!node->rest && str_find_byte(param, '/') >= 0) return NO_PATH;
    const path_row *row = &t->paths[node->path - 1];
    int m = method_index(method);
    *ret_allow = row->allow;
    if (m < 0 || row->routes[m] < 0) return NO_METHOD;
    *ret = &t->routes[row->routes[m]];
    *ret_param = param;
    return FOUND;
}
