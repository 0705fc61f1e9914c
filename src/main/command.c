/* command.c - from arguments to a call and from its answer to text. The fields that a verb takes
 * are the schema's of its route: `--name-en TEXT` fills name_en. Main thread. */
#include "main/command.h"
#include "gen/commands.h"
#include "gen/routes.h"
#include "gen/schemas.h"
#include "main/client.h"
#include "main/print.h"
#include "main/program.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- common options ---- */

static bool takes(
        const char *arg, const char *name, int argc, char **argv, int *i, const char **ret)
{
    size_t n = strlen(name);
    if (strncmp(arg, name, n) != 0 || (arg[n] && arg[n] != '=')) return false;
    if (arg[n] == '=')
        *ret = arg + n + 1;
    else
        *ret = *i + 1 < argc ? argv[++*i] : "";
    return true;
}

static lang lang_of_machine(void)
{
    lang l;
    const char *e = getenv("LC_ALL");
    if (!e || !e[0]) e = getenv("LANG");
    return e && lang_parse(str_sub(str_of(e), 0, 2), &l) ? l : LANG_EN;
}

err command_parse(arena *a, int argc, char **argv, command_line *ret)
{
    command_line l = { .lang = lang_of_machine(), .argv = NEW_ARRAY(a, char *, (size_t)argc + 1) };
    const char *data = NULL, *v = NULL;
    for (int i = 1; i < argc; i++) {
        if (takes(argv[i], "--data", argc, argv, &i, &data)) continue;
        if (takes(argv[i], "--listen", argc, argv, &i, &l.listen)) continue;
        if (takes(argv[i], "--realm", argc, argv, &i, &v)) {
            l.realm = str_of(v);
        } else if (takes(argv[i], "--ui-lang", argc, argv, &i, &v)) {
            if (!lang_parse(str_of(v), &l.lang)) return ERR1(E_USAGE, "error.main.lang", str_of(v));
        } else if (strcmp(argv[i], "--json") == 0) {
            l.json = true;
        } else if (strcmp(argv[i], "--jsonl") == 0) {
            l.jsonl = true;
        } else if (strcmp(argv[i], "--csv") == 0) {
            l.csv = true;
        } else if (strcmp(argv[i], "--no-input") == 0) {
            l.no_input = true;
        } else {
            l.argv[l.argc++] = argv[i];
        }
    }
    l.data_dir = program_folder(a, data);
    *ret = l;
    return OK;
}

int command_exit(int status)
{
    if (status < 400) return 0;
    switch (status) {
    case 404:
        return 1;
    case 400:
    case 405:
        return 2;
    case 401:
    case 403:
        return 4;
    case 409:
    case 412:
        return 7;
    case 413:
    case 415:
    case 422:
        return 6;
    case 502:
        return 5;
    default:
        return 75;
    }
}

int command_fail(lang l, err e)
{
    static const int codes[E_CODES] = { [E_INVALID] = 6,
        [E_DENIED] = 4,
        [E_ABSENT] = 1,
        [E_CONFLICT] = 7,
        [E_FULL] = 75,
        [E_BUSY] = 75,
        [E_TIMEOUT] = 75,
        [E_PEER] = 5,
        [E_IO] = 75,
        [E_CONFIG] = 3,
        [E_AUTH] = 4,
        [E_USAGE] = 2,
        [E_STALE] = 7,
        [E_TOO_LARGE] = 6,
        [E_BUG] = 70 };
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    str s = fault_text(a, l, e.f);
    fprintf(stderr, "minar: %.*s\n", STR_ARG(s));
    return codes[e.f->code];
}

/* ---- a verb ---- */

typedef struct {
    const command_line *l;
    arena *a;
    const command_row *row;
    const route *route;
    str path, arg_file;
    jsonw body; /* members so far */
    buf query;
    bool any_body, wait, pasted;
    bool is_file; /* a list is wanted as a file */
    int first;    /* argument behind noun and verb */
} asking;

static const command_row *find_row(const char *noun, const char *verb)
{
    for (size_t i = 0; i < command_rows_n; i++)
        if (strcmp(command_rows[i].noun, noun) == 0 && strcmp(command_rows[i].verb, verb) == 0)
            return &command_rows[i];
    return NULL;
}

/* A noun that has one verb needs none said. */
static const command_row *only_row(const char *noun)
{
    const command_row *found = NULL;
    for (size_t i = 0; i < command_rows_n; i++) {
        if (strcmp(command_rows[i].noun, noun) != 0) continue;
        if (found) return NULL;
        found = &command_rows[i];
    }
    return found;
}

static const route *find_route(const char *id)
{
    for (size_t i = 0; i < minar_routes.n; i++)
        if (strcmp(minar_routes.routes[i].id, id) == 0) return &minar_routes.routes[i];
    return NULL;
}

static const schema_field *field_of(const schema *s, str name)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (str_eq(s->fields[i].name, name)) return &s->fields[i];
    return NULL;
}

static str percent(arena *a, str s)
{
    static const char safe[] = "-._~";
    buf b = buf_new(a, s.n * 3 + 1);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (plain || (c && strchr(safe, c)))
            buf_byte(&b, c);
        else
            buf_fmt(&b, "%%%02X", (uint8_t)c);
    }
    return buf_str(&b);
}

static void put_list(asking *x, str value)
{
    str part;
    jw_arr(&x->body);
    while (str_split(&value, ',', &part))
        jw_str(&x->body, str_trim(part));
    jw_end_arr(&x->body);
}

static void put_member(asking *x, const schema_field *f, str value)
{
    bool yes = str_eq(value, S("")) || str_eq(value, S("yes")) || str_eq(value, S("true"));
    jw_key(&x->body, f->name);
    x->any_body = true;
    switch (f->kind) {
    case VALUE_BOOL:
        jw_bool(&x->body, yes);
        break;
    case VALUE_I64:
    case VALUE_F64: {
        double v;
        if (str_to_f64(value, &v))
            jw_raw(&x->body, value);
        else
            jw_str(&x->body, value); /* the server says what is wrong with it */
        break;
    }
    case VALUE_TEXTS:
        put_list(x, value);
        break;
    default:
        jw_str(&x->body, value);
        break;
    }
}

static void put_parameter(asking *x, const schema_field *f, str value)
{
    bool truth = f->kind == VALUE_BOOL && (!value.n || str_eq(value, S("yes")));
    buf_fmt(&x->query, "%s%.*s=", x->query.n ? "&" : "", STR_ARG(f->name));
    buf_put(&x->query, truth ? S("true") : percent(x->a, value));
}

static bool give(asking *x, str name, str value)
{
    const schema_field *f = field_of(x->route->body, name);
    if (f) {
        put_member(x, f, value);
        return true;
    }
    f = field_of(x->route->query, name);
    if (!f && x->route->columns) f = field_of(&export_query_schema, name);
    if (f) put_parameter(x, f, value);
    if (f && str_eq(name, S("format"))) x->is_file = true;
    return f != NULL;
}

static str option_name(arena *a, const char *arg)
{
    str s = str_copy(a, str_of(arg + 2));
    ptrdiff_t eq = str_find_byte(s, '=');
    if (eq >= 0) s = str_sub(s, 0, (size_t)eq);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '-') ((char *)(uintptr_t)s.p)[i] = '_';
    return s;
}

static bool is_truth(const asking *x, str name)
{
    const schema_field *f = field_of(x->route->body, name);
    if (!f) f = field_of(x->route->query, name);
    if (!f && x->route->columns) f = field_of(&export_query_schema, name);
    return f && f->kind == VALUE_BOOL;
}

/* So much is read that the server can say that it is too much. */
static err take_file(asking *x, str name)
{
    enum { PASTE_MAX = 1 << 18 };
    bool in = str_eq(name, S("-"));
    FILE *f = in ? stdin : fopen(str_z(x->a, name), "re");
    if (!f) return err_errno("error.files.read", name);
    char *p = NEW_ARRAY(x->a, char, PASTE_MAX);
    size_t n = fread(p, 1, PASTE_MAX, f);
    err e = ferror(f) ? err_errno("error.files.read", name) : OK;
    if (!in) fclose(f);
    TRY(e);
    return give(x, str_of(x->row->arg), (str){ p, n }) ? OK
                                                       : ERR1(E_USAGE, "error.main.option", name);
}

static err take_option(asking *x, int *i)
{
    char **argv = x->l->argv;
    str name = option_name(x->a, argv[*i]), value = { 0 };
    const char *eq = strchr(argv[*i], '=');
    if (eq)
        value = str_of(eq + 1);
    else if (*i + 1 < x->l->argc && (!is_truth(x, name) || str_eq(str_of(argv[*i + 1]), S("no"))))
        value = str_of(argv[++*i]);
    if (x->row->paste && str_eq(name, S("file"))) {
        x->pasted = true;
        return take_file(x, value);
    }
    if (!give(x, name, value)) return ERR1(E_USAGE, "error.main.option", name);
    return OK;
}

static err take_argument(asking *x, const char *name, const char *value)
{
    if (!name[0]) {
        if (!x->row->file || x->arg_file.n) return ERR1(E_USAGE, "error.main.extra", str_of(value));
        x->arg_file = str_of(value);
        return OK;
    }
    if (name[0] != '{') {
        if (!give(x, str_of(name), str_of(value)))
            return ERR1(E_USAGE, "error.main.extra", str_of(value));
        return OK;
    }
    str p = x->path;
    ptrdiff_t open = str_find_byte(p, '{'), close = str_find_byte(p, '}');
    x->path = str_fmt(x->a, "%.*s%.*s%.*s", (int)open, p.p, STR_ARG(percent(x->a, str_of(value))),
            STR_ARG(str_sub(p, (size_t)close + 1, p.n)));
    return OK;
}

/* Words that make one argument together. */
static err take_words(asking *x)
{
    buf all = buf_new(x->a, 128);
    for (int i = x->first; i < x->l->argc; i++) {
        if (strncmp(x->l->argv[i], "--", 2) == 0) {
            TRY(take_option(x, &i));
            continue;
        }
        buf_fmt(&all, "%s%s", all.n ? " " : "", x->l->argv[i]);
    }
    if (!all.n && x->pasted) return OK;
    if (!all.n || x->pasted) return ERR1(E_USAGE, "error.main.missing", str_of(x->row->example));
    return take_argument(x, x->row->arg, str_z(x->a, buf_str(&all)));
}

static err take_arguments(asking *x)
{
    int n = 0;
    const char *names[] = { x->row->arg, x->row->arg2, "" };
    if (x->row->words) return take_words(x);
    for (int i = x->first; i < x->l->argc; i++) {
        const char *arg = x->l->argv[i];
        if (strncmp(arg, "--", 2) == 0) {
            TRY(take_option(x, &i));
            continue;
        }
        while (n < 2 && !names[n][0])
            n++;
        TRY(take_argument(x, names[n < 2 ? n : 2], arg));
        n++;
    }
    if (str_find_byte(x->path, '{') >= 0)
        return ERR1(E_USAGE, "error.main.missing", str_of(x->row->example));
    if (x->row->file && !x->arg_file.n)
        return ERR1(E_USAGE, "error.main.missing", str_of(x->row->example));
    return OK;
}

/* The file's own name is what the server calls it. */
static void name_file(asking *x)
{
    str name = x->arg_file;
    for (size_t i = name.n; i-- > 0;)
        if (name.p[i] == '/') {
            name = str_sub(name, i + 1, name.n);
            break;
        }
    if (x->arg_file.n && field_of(x->route->query, S("name")) &&
            str_find(buf_str(&x->query), S("name=")) < 0)
        put_parameter(
                x, field_of(x->route->query, S("name")), str_eq(name, S("-")) ? S("stdin") : name);
}

static const char *const method_names[METHODS] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

/* A change names the version it is made of: the one that stands now. */
static err current_version(asking *x, client *c, str *ret)
{
    api_answer now;
    const json *j;
    int64_t version;
    client_request q = {
        .method = "GET", .path = x->path, .realm = x->l->realm, .lang = lang_code(x->l->lang)
    };
    *ret = (str){ 0 };
    if (x->route->method != METHOD_PATCH) return OK;
    TRY(client_call(c, x->a, &q, &now));
    if (now.status != 200) return OK;
    TRY(json_parse(x->a, now.body, NULL, &j));
    if (json_i64(json_get(j, S("version")), &version))
        *ret = str_fmt(x->a, "\"v%lld\"", (long long)version);
    return OK;
}

/* A file that is read in further after the answer is followed until it ends. */
static err follow(asking *x, client *c, api_answer *r)
{
    const json *j;
    json_limits big = { .max_bytes = 64 << 20, .max_values = 4000000 };
    for (;;) {
        TRY(json_parse(x->a, r->body, &big, &j));
        str id = json_get_text(j, S("id"));
        if (r->status >= 300 || !str_eq(json_get_text(j, S("state")), S("running")) || !id.n)
            return OK;
        print_progress(j);
        usleep(300000);
        client_request q = { .method = "GET",
            .path = str_fmt(x->a, "/api/imports/%.*s", STR_ARG(id)),
            .realm = x->l->realm,
            .lang = lang_code(x->l->lang) };
        TRY(client_call(c, x->a, &q, r));
    }
}

static err ask(asking *x, client *c, api_answer *ret)
{
    jw_end_obj(&x->body);
    str body = x->any_body || x->route->body ? jsonw_done(&x->body) : (str){ 0 };
    client_request q = { .method = method_names[x->route->method],
        .body = body,
        .realm = x->l->realm,
        .lang = lang_code(x->l->lang),
        .file = x->arg_file.n ? str_z(x->a, x->arg_file) : NULL,
        .progress = isatty(2) && !x->l->json };
    name_file(x);
    q.path = x->query.n ? str_fmt(x->a, "%.*s?%.*s", STR_ARG(x->path), STR_ARG(buf_str(&x->query)))
                        : x->path;
    TRY(current_version(x, c, &q.if_match));
    TRY(client_call(c, x->a, &q, ret));
    return x->row->file ? follow(x, c, ret) : OK;
}

static err run_row(asking *x, int *code)
{
    client *c;
    api_answer r;
    TRY(take_arguments(x));
    if (x->l->csv && !give(x, S("format"), S("csv")))
        return ERR1(E_USAGE, "error.main.option", S("csv"));
    TRY(x->row->file ? client_open_working(x->l->data_dir, &c) : client_open(x->l->data_dir, &c));
    err e = ask(x, c, &r);
    bool bytes = x->is_file || x->route->reply == REPLY_BYTES || x->route->reply == REPLY_PNG;
    if (!failed(e) && bytes && r.status == 200) {
        bool whole = fwrite(r.body.p, 1, r.body.n, stdout) == r.body.n && fflush(stdout) == 0;
        e = whole ? OK : err_errno("error.files.write", S("-"));
    } else if (!failed(e)) {
        e = print_answer(x->a, x->l, x->row, &r);
        *code = command_exit(r.status);
    }
    client_close(c);
    return e;
}

int command_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 30);
    const command_row *row = l->argc >= 2 ? find_row(l->argv[0], l->argv[1]) : NULL;
    int code = 0, first = 2;
    if (!row && l->argc >= 2 && (row = only_row(l->argv[0]))) first = 1;
    if (!row) {
        (void)help_run(l, l->argc ? l->argv[0] : NULL, NULL);
        return 2;
    }
    asking x = { .l = l,
        .a = a,
        .row = row,
        .first = first,
        .route = find_route(row->route),
        .body = jsonw_new(a, 256),
        .query = buf_new(a, 128) };
    ASSERT(x.route);
    x.path = str_of(x.route->path);
    jw_obj(&x.body);
    err e = run_row(&x, &code);
    return failed(e) ? command_fail(l->lang, e) : code;
}
