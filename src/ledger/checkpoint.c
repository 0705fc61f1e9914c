/* checkpoint.c - see checkpoint.h. Owns nothing. */
#include "ledger/checkpoint.h"
#include "ledger/note.h"

bool size_parse(str s, int64_t *ret)
{
    if (!s.n || s.n > 19 || (s.n > 1 && s.p[0] == '0')) return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return str_to_i64(s, ret);
}

/* One line without its end off *rest; false when none ends. */
static bool take_line(str *rest, str *line)
{
    ptrdiff_t end = str_find_byte(*rest, '\n');
    if (end < 0) return false;
    *line = str_sub(*rest, 0, (size_t)end);
    *rest = str_sub(*rest, (size_t)end + 1, rest->n);
    return true;
}

str checkpoint_text(arena *a, const log_head *h)
{
    str root = { (const char *)h->root, sizeof h->root };
    return str_fmt(a, "%.*s\n%lld\n%.*s\n", STR_ARG(h->origin), (long long)h->size,
            STR_ARG(base64_text(a, root)));
}

static err bad(err_code code, const char *key, int64_t row)
{
    return err_at_row(err_make(code, key, (str){ 0 }, (str){ 0 }, (str){ 0 }), S(""), row, 0);
}

err checkpoint_parse(str text, log_head *ret)
{
    str origin, size, root, more;
    log_head h;
    if (!take_line(&text, &origin) || !origin.n || !str_is_utf8(origin))
        return bad(E_INVALID, "error.ledger.checkpoint", 1);
    if (!take_line(&text, &size) || !size_parse(size, &h.size))
        return bad(E_INVALID, "error.ledger.checkpoint", 2);
    if (!take_line(&text, &root) || !base64_bytes(root, h.root, sizeof h.root))
        return bad(E_INVALID, "error.ledger.checkpoint", 3);
    for (int64_t row = 4; text.n; row++)
        if (!take_line(&text, &more) || !more.n)
            return bad(E_INVALID, "error.ledger.checkpoint", row);
    h.origin = origin;
    *ret = h;
    return OK;
}

str submission_text(arena *a, const submission *s)
{
    buf b = buf_new(a, 4096);
    buf_fmt(&b, "old %lld\n", (long long)s->old);
    for (size_t i = 0; i < s->path.n; i += TREE_HASH) {
        buf_put(&b, base64_text(a, str_sub(s->path, i, TREE_HASH)));
        buf_byte(&b, '\n');
    }
    buf_byte(&b, '\n');
    buf_put(&b, s->note);
    return buf_str(&b);
}

err submission_parse(arena *a, str body, submission *ret)
{
    str line;
    submission s = { 0 };
    uint8_t *path = arena_alloc(a, (size_t)SUBMISSION_PATH_MAX * TREE_HASH);
    size_t n = 0;
    if (!take_line(&body, &line) || !str_starts(line, S("old ")) ||
            !size_parse(str_sub(line, 4, line.n), &s.old))
        return bad(E_USAGE, "error.ledger.submission", 1);
    for (;; n++) {
        if (!take_line(&body, &line))
            return bad(E_USAGE, "error.ledger.submission", (int64_t)n + 2);
        if (!line.n) break;
        if (n == SUBMISSION_PATH_MAX || !base64_bytes(line, path + n * TREE_HASH, TREE_HASH))
            return bad(E_USAGE, "error.ledger.submission", (int64_t)n + 2);
    }
    s.path = (str){ (const char *)path, n * TREE_HASH };
    s.note = body;
    *ret = s;
    return OK;
}
