/* yaml.c - YAML in (libyaml) as a JSON tree, within limits; no anchors, aliases or tags.
 * Owns nothing between calls: the tree is the arena's. Any layer, any thread. Refusing aliases
 * keeps a small file from standing for a huge document. */
#include "base/conf.h"

#include <yaml.h>

#include "base/json_lex.h"
#include "base/place.h"

enum { MAX_BYTES = 1 << 20, MAX_DEPTH = 16, MAX_VALUES = 50000 };

typedef struct {
    arena *a;
    str in, file;
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    size_t values;
    size_t chars, bytes; /* the latest mark: libyaml counts characters, slices count bytes */
} walk;

static void walk_end(walk *w)
{
    if (w->has_event) yaml_event_delete(&w->event);
    yaml_parser_delete(&w->parser);
}

/* The byte offset of a mark. Marks come nearly in order, so the count goes on from the last one. */
static size_t offset_of(walk *w, yaml_mark_t mark)
{
    if (mark.index < w->chars) w->chars = w->bytes = 0;
    while (w->chars < mark.index && w->bytes < w->in.n) {
        size_t len = utf8_len(w->in.p + w->bytes, w->in.n - w->bytes);
        ASSERT(len > 0);
        w->bytes += len;
        w->chars++;
    }
    return w->bytes;
}

static err fail_at(walk *w, const path *p, size_t offset, err e)
{
    e = err_placed(e, w->a, w->in, p, offset);
    return err_at_row(e, w->file, e.f->row, e.f->col);
}

static err fail(walk *w, const path *p, err e)
{
    return fail_at(w, p, offset_of(w, w->event.start_mark), e);
}

static err fail_limit(walk *w, const path *p, const char *key, size_t limit)
{
    return fail(w, p, ERR1(E_CONFIG, key, str_fmt(w->a, "%zu", limit)));
}

static err next_event(walk *w, const path *p)
{
    if (w->has_event) yaml_event_delete(&w->event);
    w->has_event = yaml_parser_parse(&w->parser, &w->event);
    if (w->has_event) return OK;
    if (w->parser.error == YAML_MEMORY_ERROR) return ERR(E_BUSY, "error.json.memory");
    str why = str_copy(w->a, str_of(w->parser.problem));
    return fail_at(
            w, p, offset_of(w, w->parser.problem_mark), ERR1(E_CONFIG, "error.yaml.syntax", why));
}

/* Anchors and tags on a scalar, list or section; both may be NULL. */
static err check_bare(walk *w, const path *p, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor) return fail(w, p, ERR(E_CONFIG, "error.yaml.alias"));
    if (!tag) return OK;
    return fail(w, p, ERR1(E_CONFIG, "error.yaml.tag", str_copy(w->a, str_of((const char *)tag))));
}

static str scalar_text(walk *w)
{
    return (str){ (const char *)w->event.data.scalar.value, w->event.data.scalar.length };
}

static err take_scalar(walk *w, const path *p, str *ret)
{
    str text = scalar_text(w);
    TRY(check_bare(w, p, w->event.data.scalar.anchor, w->event.data.scalar.tag));
    if (!str_is_utf8(text)) return fail(w, p, ERR(E_CONFIG, "error.yaml.utf8"));
    *ret = str_copy(w->a, text);
    return OK;
}

/* Plain true, false, null, ~ and nothing are what they say, and JSON's numbers are numbers; all
 * else, as no, 010 or 2026-01-01, is text. */
static err read_scalar(walk *w, const path *p, json *v)
{
    TRY(take_scalar(w, p, &v->text));
    bool plain = w->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    str t = v->text;
    v->type = JSON_STRING;
    if (!plain) return OK;
    if (t.n == 0 || str_eq(t, S("null")) || str_eq(t, S("~")))
        v->type = JSON_NULL;
    else if (str_eq(t, S("true")) || str_eq(t, S("false")))
        v->type = JSON_BOOL;
    else if (json_is_number(t))
        v->type = JSON_NUMBER;
    v->boolean = v->type == JSON_BOOL && t.n == 4;
    return OK;
}

static json *append(walk *w, json *parent, json *last)
{
    json *child = NEW(w->a, json);
    if (last)
        last->next = child;
    else
        parent->first = child;
    parent->count++;
    return child;
}

static err read_value(walk *w, const path *p, unsigned depth, json *v);

static err read_list(walk *w, const path *p, unsigned depth, json *v)
{
    path here = { .up = p };
    json *last = NULL;
    TRY(check_bare(w, p, w->event.data.sequence_start.anchor, w->event.data.sequence_start.tag));
    v->type = JSON_ARRAY;
    for (;; here.index++) {
        TRY(next_event(w, &here));
        if (w->event.type == YAML_SEQUENCE_END_EVENT) return OK;
        last = append(w, v, last);
        TRY(read_value(w, &here, depth, last));
    }
}

static err read_section(walk *w, const path *p, unsigned depth, json *v)
{
    path here = { .up = p };
    json *last = NULL;
    TRY(check_bare(w, p, w->event.data.mapping_start.anchor, w->event.data.mapping_start.tag));
    v->type = JSON_OBJECT;
    for (;;) {
        TRY(next_event(w, p));
        if (w->event.type == YAML_MAPPING_END_EVENT) break;
        if (w->event.type != YAML_SCALAR_EVENT) return fail(w, p, ERR(E_CONFIG, "error.yaml.key"));
        TRY(take_scalar(w, p, &here.key));
        last = append(w, v, last);
        last->key = here.key;
        TRY(next_event(w, &here));
        TRY(read_value(w, &here, depth, last));
    }
    const json *twice = json_duplicate(w->a, v);
    if (!twice) return OK;
    here.key = twice->key;
    return fail_at(w, &here, (size_t)(twice->raw.p - w->in.p),
            ERR1(E_CONFIG, "error.yaml.duplicate_key", twice->key));
}

/* Reads the value whose first event is the current one. */
static err read_value(walk *w, const path *p, unsigned depth, json *v)
{
    size_t from = offset_of(w, w->event.start_mark);
    v->raw.p = w->in.p + from;
    if (++w->values > MAX_VALUES) return fail_limit(w, p, "error.yaml.too_many", MAX_VALUES);
    if (depth >= MAX_DEPTH && w->event.type != YAML_SCALAR_EVENT)
        return fail_limit(w, p, "error.yaml.too_deep", MAX_DEPTH);
    switch (w->event.type) {
    case YAML_SCALAR_EVENT:
        TRY(read_scalar(w, p, v));
        break;
    case YAML_SEQUENCE_START_EVENT:
        TRY(read_list(w, p, depth + 1, v));
        break;
    case YAML_MAPPING_START_EVENT:
        TRY(read_section(w, p, depth + 1, v));
        break;
    default:
        return fail(w, p, ERR(E_CONFIG, "error.yaml.alias"));
    }
    v->raw.n = offset_of(w, w->event.end_mark) - from;
    if (v->type == JSON_NUMBER) v->raw.n = v->text.n;
    return OK;
}

static err read_document(walk *w, const json **ret)
{
    json *root = NEW(w->a, json);
    TRY(next_event(w, NULL)); /* the stream's start */
    TRY(next_event(w, NULL));
    if (w->event.type == YAML_DOCUMENT_START_EVENT) {
        TRY(next_event(w, NULL));
        TRY(read_value(w, NULL, 0, root));
        TRY(next_event(w, NULL)); /* the document's end */
        TRY(next_event(w, NULL));
    }
    if (w->event.type != YAML_STREAM_END_EVENT)
        return fail(w, NULL, ERR(E_CONFIG, "error.yaml.documents"));
    *ret = root;
    return OK;
}

/* The first byte that begins no character, or is U+0000. */
static size_t find_bad_byte(str in)
{
    size_t i = 0, len;
    while (i < in.n && in.p[i] && (len = utf8_len(in.p + i, in.n - i)) > 0)
        i += len;
    return i;
}

err yaml_parse(arena *a, str in, str file, const json **ret)
{
    if (str_starts(in, S("\xEF\xBB\xBF"))) in = str_sub(in, 3, in.n);
    if (in.n > MAX_BYTES) {
        err e = ERR1(E_CONFIG, "error.yaml.too_large", str_fmt(a, "%d", MAX_BYTES));
        return err_at_row(e, file, 0, 0);
    }
    CLEANUP(walk_end) walk w = { .a = a, .in = in, .file = file };
    if (!yaml_parser_initialize(&w.parser)) return ERR(E_BUSY, "error.json.memory");
    if (!str_is_utf8(in))
        return fail_at(&w, NULL, find_bad_byte(in), ERR(E_CONFIG, "error.yaml.utf8"));
    yaml_parser_set_encoding(&w.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&w.parser, (const unsigned char *)in.p, in.n);
    return read_document(&w, ret);
}
