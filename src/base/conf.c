/* conf.c - the configuration: file, environment and flags laid over the schema's defaults.
 * Owns the loaded values, which live in the arena that loaded them. Loaded on one thread at start,
 * read on any thread after. */
#include "base/conf.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/conf_check.h"

enum { CONF_MAGIC = 0x636f6e66, FILE_MAX_BYTES = (1 << 20) + 1 };

typedef struct {
    str text;
    int64_t num;
    const char *origin;
} value;

struct conf {
    uint32_t magic;
    value values[]; /* as conf_rows */
};

static ptrdiff_t row_of(str name)
{
    for (size_t i = 0; i < conf_rows_n; i++)
        if (str_eq(name, str_of(conf_rows[i].name))) return (ptrdiff_t)i;
    return -1;
}

static err set(arena *a, conf *c, size_t row, str text, const char *origin)
{
    value v = { .text = str_copy(a, text), .origin = origin };
    TRY(conf_check(a, &conf_rows[row], v.text, &v.num));
    c->values[row] = v;
    return OK;
}

/* ---- defaults ---- */

static conf *conf_new(arena *a)
{
    conf *c = arena_alloc(a, sizeof *c + conf_rows_n * sizeof c->values[0]);
    c->magic = CONF_MAGIC;
    for (size_t i = 0; i < conf_rows_n; i++) {
        err e = set(a, c, i, str_of(conf_rows[i].default_text), "default");
        /* a default may name a zone that this machine has not: then the file must name another */
        if (failed(e) && conf_rows[i].type == CONF_ZONE) e = set(a, c, i, S("UTC"), "default");
        ASSERT(!failed(e));
    }
    return c;
}

/* ---- unknown names: the nearest known one, by edit distance ---- */

enum { NAME_MAX_BYTES = 64 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

static size_t distance(str x, str y)
{
    size_t row[NAME_MAX_BYTES + 1];
    if (x.n > NAME_MAX_BYTES || y.n > NAME_MAX_BYTES) return SIZE_MAX;
    for (size_t j = 0; j <= y.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= x.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= y.n; j++) {
            size_t next = least(row[j] + 1, row[j - 1] + 1, diagonal + (x.p[i - 1] != y.p[j - 1]));
            diagonal = row[j];
            row[j] = next;
        }
    }
    return row[y.n];
}

static err unknown(str name)
{
    size_t best = 0;
    for (size_t i = 1; i < conf_rows_n; i++)
        if (distance(name, str_of(conf_rows[i].name)) <
                distance(name, str_of(conf_rows[best].name)))
            best = i;
    return ERR2(E_CONFIG, "error.conf.unknown", name, str_of(conf_rows[best].name));
}

/* ---- the file ---- */

typedef struct {
    arena *a;
    conf *c;
    str in, file;
} source;

static err placed(const source *s, const json *v, str name, err e)
{
    int64_t row, col;
    if (!failed(e)) return OK;
    ASSERT(v->raw.p >= s->in.p && v->raw.p <= s->in.p + s->in.n);
    str_place(s->in, (size_t)(v->raw.p - s->in.p), &row, &col);
    return err_at_row(err_at_pointer(e, name), s->file, row, col);
}

/* A list of weekdays is the same as their names in one text. */
static bool joined(arena *a, const json *list, str *ret)
{
    buf b = buf_new(a, 64);
    for (const json *v = list->first; v; v = v->next) {
        if (v->type != JSON_STRING) return false;
        if (b.n) buf_byte(&b, ' ');
        buf_put(&b, v->text);
    }
    *ret = buf_str(&b);
    return true;
}

static err set_from_file(const source *s, const json *v, str name)
{
    ptrdiff_t row = row_of(name);
    if (row < 0) return unknown(name);
    str text = v->text;
    bool list = v->type == JSON_ARRAY && conf_rows[row].type == CONF_WEEKDAYS;
    bool scalar = v->type != JSON_ARRAY && v->type != JSON_OBJECT;
    if (v->type == JSON_NULL) return OK; /* "name:" with nothing behind it leaves the default */
    if (!scalar && (!list || !joined(s->a, v, &text)))
        return ERR1(E_CONFIG, "error.conf.scalar", name);
    return set(s->a, s->c, (size_t)row, text, "file");
}

static bool is_section(str name)
{
    for (size_t i = 0; i < conf_rows_n; i++) {
        str known = str_of(conf_rows[i].name);
        if (str_starts(known, name) && known.n > name.n && known.p[name.n] == '.') return true;
    }
    return false;
}

static err read_section(const source *s, const json *section)
{
    if (section->type == JSON_NULL) return OK;
    if (section->type != JSON_OBJECT)
        return placed(s, section, section->key, ERR1(E_CONFIG, "error.conf.section", section->key));
    for (const json *v = section->first; v; v = v->next) {
        str name = str_fmt(s->a, "%.*s.%.*s", STR_ARG(section->key), STR_ARG(v->key));
        TRY(placed(s, v, name, set_from_file(s, v, name)));
    }
    return OK;
}

static err read_tree(const source *s, const json *root)
{
    if (root->type == JSON_NULL) return OK;
    if (root->type != JSON_OBJECT)
        return placed(s, root, S(""), ERR1(E_CONFIG, "error.conf.section", s->file));
    for (const json *v = root->first; v; v = v->next) {
        if (is_section(v->key))
            TRY(read_section(s, v));
        else
            TRY(placed(s, v, v->key, set_from_file(s, v, v->key)));
    }
    return OK;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
}

/* The whole file; *there is false when it does not exist. One byte over the limit is read, so that
 * yaml_parse refuses the file by its own limit. */
static err read_file(arena *a, const char *path, bool *there, str *ret)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    *there = fd >= 0 || errno != ENOENT;
    if (!*there) return OK;
    if (fd < 0) return err_errno("error.conf.read", str_of(path));
    char *p = arena_alloc(a, FILE_MAX_BYTES);
    size_t n = 0;
    while (n < FILE_MAX_BYTES) {
        ssize_t got = read(fd, p + n, FILE_MAX_BYTES - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return err_errno("error.conf.read", str_of(path));
        if (got == 0) break;
        n += (size_t)got;
    }
    *ret = (str){ p, n };
    return OK;
}

static err apply_file(arena *a, conf *c, const char *path)
{
    source s = { .a = a, .c = c, .file = str_of(path) };
    bool there;
    const json *root;
    TRY(read_file(a, path, &there, &s.in));
    if (!there) return OK;
    if (str_starts(s.in, S("\xEF\xBB\xBF"))) s.in = str_sub(s.in, 3, s.in.n);
    TRY(yaml_parse(a, s.in, s.file, &root));
    return read_tree(&s, root);
}

/* ---- environment and flags ---- */

static const char *variable_of(arena *a, const char *name)
{
    char *z = str_z(a, str_fmt(a, "MINAR_%s", name));
    for (char *p = z; *p; p++)
        *p = *p == '.' ? '_' : (char)toupper((unsigned char)*p);
    return z;
}

static err apply_environment(arena *a, conf *c)
{
    for (size_t i = 0; i < conf_rows_n; i++) {
        if (conf_rows[i].secret) continue;
        const char *variable = variable_of(a, conf_rows[i].name), *text = getenv(variable);
        if (!text) continue;
        err e = set(a, c, i, str_of(text), "environment");
        if (failed(e)) return err_at_row(e, str_of(variable), 0, 0);
    }
    return OK;
}

static err apply_flags(arena *a, conf *c, const conf_flag *flags, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ptrdiff_t row = row_of(flags[i].name);
        if (row < 0 || conf_rows[row].secret) return unknown(flags[i].name);
        TRY(set(a, c, (size_t)row, flags[i].value, "flag"));
    }
    return OK;
}

err conf_load_flags(arena *a, const char *path, const conf_flag *flags, size_t n, const conf **ret)
{
    conf *c = conf_new(a);
    if (path) TRY(apply_file(a, c, path));
    TRY(apply_environment(a, c));
    TRY(apply_flags(a, c, flags, n));
    *ret = c;
    return OK;
}

err conf_load(arena *a, const char *path, const conf **ret)
{
    return conf_load_flags(a, path, NULL, 0, ret);
}

/* ---- reading ---- */

static const value *value_of(const conf *c, const char *name, const conf_row **row)
{
    ASSERT(c && c->magic == CONF_MAGIC);
    ptrdiff_t i = row_of(str_of(name));
    ASSERT(i >= 0); /* a setting that data/conf.json does not know */
    *row = &conf_rows[i];
    return &c->values[i];
}

str conf_str(const conf *c, const char *name)
{
    const conf_row *row;
    return value_of(c, name, &row)->text;
}

int64_t conf_int(const conf *c, const char *name)
{
    const conf_row *row;
    const value *v = value_of(c, name, &row);
    ASSERT(row->type == CONF_INT || row->type == CONF_WEEKDAYS);
    return v->num;
}

bool conf_bool(const conf *c, const char *name)
{
    const conf_row *row;
    const value *v = value_of(c, name, &row);
    ASSERT(row->type == CONF_BOOL);
    return v->num != 0;
}

str conf_origin(const conf *c, const char *name)
{
    const conf_row *row;
    return str_of(value_of(c, name, &row)->origin);
}
