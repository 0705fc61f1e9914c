/* matrix_test.c - every route x role x standing x label x relation x time x state x credential, as
 * access/ really decides it over a real store, written as test/golden/matrix.txt is written (out of
 * the tables, by test/matrix/golden.mjs) and held against that file. A route that the file does not
 * know, or one mark that differs, fails. What each route does stands in the file too. */
#include "unit/unit.h"

#include "base/time.h"
#include "gen/routes.h"
#include "support/matrix.h"

enum { MARKS_MAX = TIMES * LABELS * RELATIONS + LABELS * RELATIONS + 8, NAMED_MAX = 64, GRIDS = 9 };
enum { DOORS = PERSON_STATES * CREDENTIALS };

/* Texts by the name that their content gives them. */
typedef struct {
    char name[5];
    char text[MARKS_MAX];
} named;
typedef struct {
    named at[NAMED_MAX];
    int n;
} named_list;

typedef struct {
    bool known; /* false: the door is shut, refused says how */
    char refused;
    viewer v;
} comer;

typedef struct {
    arena *a;
    str golden;
    matrix_world *m;
    comer comers[STANDINGS][ROLE_SETS][PERSON_STATES][CREDENTIALS];
    matrix_rights rights[STANDINGS][ROLE_SETS][CREDENTIALS];
    named_list doors, grids;
    buf out;
    int64_t cells;
} matrix;

/* ---- what a route does: "hold finding; as admin" ---- */

static str steps_of(const matrix *x, const route *r)
{
    str head = str_fmt(x->a, "\nroute %s ", r->id);
    ptrdiff_t at = str_find(x->golden, head);
    if (at < 0)
        fail_msg("route %s has no expectation: a row in test/matrix/sheet.json, then "
                 "node test/matrix/golden.mjs --write",
                r->id);
    str rest = str_sub(x->golden, (size_t)at + 1, x->golden.n), line, before;
    str_split(&rest, '\n', &line);
    str_split(&line, '|', &before);
    return str_trim(line);
}

static bool next_step(str *steps, str *ret_verb, str *ret_rest)
{
    str one;
    if (!str_split(steps, ';', &one)) return false;
    one = str_trim(one);
    str_split(&one, ' ', ret_verb);
    *ret_rest = one;
    return true;
}

static int kind_of(str name)
{
    for (int k = 0; k < RECORD_KINDS; k++)
        if (str_eq(name, str_of(record_defs[k]->name))) return k;
    fail_msg("%.*s is no record", STR_ARG(name));
    return 0;
}

static bool reads_one(str verb)
{
    return str_eq(verb, S("see")) || str_eq(verb, S("list")) || str_eq(verb, S("hold")) ||
           str_eq(verb, S("part")) || str_eq(verb, S("task"));
}

/* The kind of the object that a route's grid is about: -1 none, RECORD_KINDS for what is told. */
static int object_of(str steps)
{
    str verb, rest;
    while (next_step(&steps, &verb, &rest)) {
        if (str_eq(verb, S("told"))) return RECORD_KINDS;
        if (reads_one(verb)) return kind_of(rest);
    }
    return -1;
}

static bool as_one_of(const viewer *v, str names)
{
    str name;
    while (str_split(&names, ' ', &name))
        for (int b = 0; b < ROLES; b++)
            if (str_eq(name, str_of(role_names[b])) && (v->roles & (1u << b))) return true;
    return false;
}

static char yes(bool may, char otherwise)
{
    return may ? MATRIX_YES : otherwise;
}

static bool may_use(const viewer *v, str name)
{
    for (int p = 0; p < PERMISSIONS; p++)
        if (str_eq(name, str_of(permission_rules[p].name)))
            return !failed(permit_use(v, (permission)p));
    fail_msg("%.*s is no permission", STR_ARG(name));
    return false;
}

/* What refuses whatever the object is. */
static char other_step(const matrix *x, const viewer *v, str verb, str rest, int relation)
{
    bool kept = relation == REL_DELEGATED;
    int64_t there = kept ? matrix_kept(x->m, v->org) : matrix_elsewhere(x->m);
    if (str_eq(verb, S("make")))
        return yes(!failed(permit_create(v, (record_kind)kind_of(rest), v->org, 0)), MATRIX_DENIED);
    if (str_eq(verb, S("give"))) return yes(!failed(permit_roles(v, there, 0)), MATRIX_DENIED);
    if (str_eq(verb, S("as"))) return yes(as_one_of(v, rest), MATRIX_DENIED);
    if (str_eq(verb, S("if"))) return yes(may_use(v, rest), MATRIX_UNSEEN);
    if (str_eq(verb, S("local"))) return yes(str_eq(v->how, S("local")), MATRIX_DENIED);
    if (str_eq(verb, S("never"))) return MATRIX_DENIED;
    if (str_eq(verb, S("absent"))) return MATRIX_UNSEEN;
    if (!str_eq(verb, S("nothing"))) fail_msg("%.*s is no step", STR_ARG(verb));
    return MATRIX_YES;
}

/* Something to do, given to whoever owns the object. */
static bool may_give(const matrix *x, const viewer *v, int relation)
{
    bool own = strcmp(matrix_relations[relation], "own") == 0;
    int64_t owner = own ? v->org : matrix_elsewhere(x->m);
    return !failed(permit_create(v, RECORD_action, owner, 0));
}

static char one_step(
        const matrix *x, const viewer *v, const matrix_rights *g, str verb, str rest, matrix_at at)
{
    if (str_eq(verb, S("told"))) return g->told[at.relation][at.label];
    if (str_eq(verb, S("hold"))) return g->hold[kind_of(rest)][at.relation][at.label][at.time];
    if (str_eq(verb, S("own")))
        return yes(strcmp(matrix_relations[at.relation], "own") == 0, MATRIX_UNSEEN);
    char sees = reads_one(verb) ? g->see[kind_of(rest)][at.relation][at.label][at.time] : 0;
    if (str_eq(verb, S("part")) && sees == MATRIX_YES) /* by the label, and not by broken glass */
        return yes(g->told[at.relation][at.label] == MATRIX_YES, MATRIX_DENIED);
    if (str_eq(verb, S("task")) && sees == MATRIX_YES)
        return yes(g->told[at.relation][at.label] == MATRIX_YES && may_give(x, v, at.relation),
                MATRIX_DENIED);
    if (reads_one(verb)) return sees;
    return other_step(x, v, verb, rest, at.relation);
}

static char verdict(
        const matrix *x, const viewer *v, const matrix_rights *g, str steps, matrix_at at)
{
    str verb, rest;
    while (next_step(&steps, &verb, &rest)) {
        char c = one_step(x, v, g, verb, rest, at);
        if (c != MATRIX_YES) return c;
    }
    return MATRIX_YES;
}

/* ---- names ---- */

static const char *name_of(named_list *l, const char *text)
{
    uint32_t h = 2166136261u;
    char name[5];
    for (const char *c = text; *c; c++)
        h = (h ^ (uint8_t)*c) * 16777619u;
    snprintf(name, sizeof name, "%04x", (h >> 16) ^ (h & 0xffff));
    for (int i = 0; i < l->n; i++) {
        if (strcmp(l->at[i].name, name) != 0) continue;
        assert_string_equal(l->at[i].text, text);
        return l->at[i].name;
    }
    assert_true(l->n < NAMED_MAX);
    named *x = &l->at[l->n++];
    memcpy(x->name, name, sizeof name);
    snprintf(x->text, sizeof x->text, "%s", text);
    return x->name;
}

/* ---- one role of one standing: DOOR/GRID,GRID.. ---- */

/* Of how many times a route's grid speaks. */
static int times_of(str steps)
{
    int kind = object_of(steps);
    if (kind == RECORD_KINDS) return 1;
    return kind < 0 ? 0 : matrix_has_parent((record_kind)kind) ? TIMES : TIME_ORPHAN;
}

static const char *grid_name(matrix *x, const viewer *v, const matrix_rights *g, str steps)
{
    char text[MARKS_MAX], *p = text;
    int times = times_of(steps);
    if (times == 0) {
        *p++ = verdict(x, v, g, steps, (matrix_at){ 0 });
        *p = 0;
        return name_of(&x->grids, text);
    }
    for (int r = 0; r < RELATIONS; r++)
        for (int l = 0; l < LABELS; l++) {
            for (int t = 0; t < TIMES; t++)
                *p++ = t < times ? verdict(x, v, g, steps, (matrix_at){ r, l, t }) : '~';
            *p++ = l + 1 < LABELS ? ' ' : r + 1 < RELATIONS ? '\n' : 0;
        }
    return name_of(&x->grids, text);
}

/* Who may come in by this door at all: '1' not known, '-' not permitted, '*' goes on. */
static char door_mark(const route *r, const comer *c)
{
    if (r->is_public) return '*';
    if (!c->known) return c->refused;
    if (failed(permit_use(&c->v, (permission)r->permission))) return MATRIX_DENIED;
    viewer fresh = c->v; /* a session that has just shown what it can */
    fresh.strong = (instant){ 1 };
    bool shown = !r->step_up || !failed(permit_step_up(&fresh, true, fresh.strong, US_PER_S));
    return shown ? '*' : MATRIX_DENIED;
}

static str right_of(matrix *x, const route *r, str steps, int s, int role)
{
    char door[DOORS + PERSON_STATES], *p = door;
    const char *behind[GRIDS];
    int n = 0;
    str grids = S("-");
    for (int state = 0; state < PERSON_STATES; state++) {
        for (int c = 0; c < CREDENTIALS; c++) {
            const comer *who = &x->comers[s][role][state][c];
            *p = door_mark(r, who);
            if (*p++ != '*') continue;
            const char *g = grid_name(x, &who->v, &x->rights[s][role][c], steps);
            int i = 0;
            while (i < n && behind[i] != g)
                i++;
            assert_true(i < GRIDS);
            if (i == n) behind[n++] = g;
            p[-1] = "*23456789"[i];
        }
        *p++ = state + 1 < PERSON_STATES ? '\n' : 0;
    }
    for (int i = 0; i < n; i++)
        grids = i ? str_fmt(x->a, "%.*s,%s", STR_ARG(grids), behind[i]) : str_of(behind[i]);
    return str_fmt(x->a, "%s/%.*s", name_of(&x->doors, door), STR_ARG(grids));
}

/* ---- the text ---- */

static void standing_put(matrix *x, const route *r, str steps, int s)
{
    str rights[ROLE_SETS];
    bool put = false;
    for (int role = 0; role < ROLE_SETS; role++)
        rights[role] = right_of(x, r, steps, s, role);
    buf_fmt(&x->out, "  %-8s", matrix_standings[s]);
    for (int role = 0; role < ROLE_SETS; role++) {
        bool first = true;
        for (int i = 0; i < role; i++)
            first &= !str_eq(rights[i], rights[role]);
        if (!first) continue;
        buf_fmt(&x->out, "%s%.*s", put ? " | " : "", STR_ARG(rights[role]));
        for (int i = role; i < ROLE_SETS; i++)
            if (str_eq(rights[i], rights[role])) buf_fmt(&x->out, " %s", matrix_role(i));
        put = true;
    }
    buf_byte(&x->out, '\n');
}

static void route_put(matrix *x, const route *r)
{
    static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
    str steps = steps_of(x, r);
    int times = times_of(steps), people = STANDINGS * ROLE_SETS * PERSON_STATES * CREDENTIALS;
    buf_fmt(&x->out, "route %s %s %s %s | %.*s\n", r->id, methods[r->method], r->path,
            r->is_public ? "public" : permission_rules[r->permission].name, STR_ARG(steps));
    for (int s = 0; s < STANDINGS; s++)
        standing_put(x, r, steps, s);
    x->cells += (int64_t)people * (times ? times * RELATIONS * LABELS : 1);
}

static int by_name(const void *p, const void *q)
{
    return strcmp(((const named *)p)->name, ((const named *)q)->name);
}

static void doors_put(matrix *x)
{
    qsort(x->doors.at, (size_t)x->doors.n, sizeof(named), by_name);
    for (int i = 0; i < x->doors.n; i++) {
        str rest = str_of(x->doors.at[i].text), line;
        buf_fmt(&x->out, "door %s\n", x->doors.at[i].name);
        for (int state = 0; str_split(&rest, '\n', &line); state++) {
            buf_fmt(&x->out, "  %-12s", matrix_states[state]);
            for (int c = 0; c < CREDENTIALS; c++) {
                bool last = c + 1 == CREDENTIALS;
                int width = last ? 1 : (int)strlen(matrix_credentials[c]) + 2;
                buf_fmt(&x->out, "%-*c", width, line.p[c]);
            }
            buf_byte(&x->out, '\n');
        }
    }
}

static void grids_put(matrix *x)
{
    qsort(x->grids.at, (size_t)x->grids.n, sizeof(named), by_name);
    for (int i = 0; i < x->grids.n; i++) {
        str rest = str_of(x->grids.at[i].text), line;
        buf_fmt(&x->out, "grid %s\n", x->grids.at[i].name);
        for (int r = 0; str_split(&rest, '\n', &line); r++)
            if (line.n == 1)
                buf_fmt(&x->out, "  %.*s\n", STR_ARG(line));
            else
                buf_fmt(&x->out, "  %-20s%.*s\n", matrix_relations[r], STR_ARG(line));
    }
}

/* ---- which roles may be handed out ---- */

static bool grants(matrix *x, int s, uint32_t roles, uint32_t given, bool own)
{
    viewer v = x->comers[s][ROLES][0][1].v;
    v.roles = roles;
    return !failed(permit_roles(&v, own ? v.org : matrix_elsewhere(x->m), given));
}

/* Every set of roles against every set: the single ones decide. */
static void grants_compose(matrix *x, int s, bool own)
{
    for (uint32_t has = 0; has < 1u << ROLES; has++)
        for (uint32_t given = 0; given < 1u << ROLES; given++) {
            bool each = own || s == 0;
            for (uint32_t b = 1; b < 1u << ROLES; b <<= 1)
                if (given & b) each &= grants(x, s, has, b, own);
            assert_int_equal(grants(x, s, has, given, own), each);
        }
}

static void grants_put(matrix *x)
{
    for (int s = 0; s < 2; s++)
        for (int role = 0; role < ROLE_SETS; role++) {
            buf_fmt(&x->out, "  %-8s%-14s", matrix_standings[s], matrix_role(role));
            for (int own = 1; own >= 0; own--) {
                for (int b = 0; b < ROLES; b++)
                    buf_byte(&x->out,
                            grants(x, s, matrix_role_bits(role), 1u << b, own) ? '+' : '-');
                buf_put(&x->out, own ? S("  ") : S("\n"));
            }
            grants_compose(x, s, true);
            grants_compose(x, s, false);
        }
}

/* ---- held together ---- */

/* The lines of the file that this test writes: all but remarks and empty ones. */
static str next_line(str *rest)
{
    str line;
    while (str_split(rest, '\n', &line))
        if (line.n && line.p[0] != '#') return line;
    return (str){ 0 };
}

static void compare(matrix *x)
{
    str want = x->golden, got = buf_str(&x->out);
    int odd = 0;
    for (;;) {
        str a = next_line(&want), b = next_line(&got);
        if (!a.n && !b.n) break;
        if (str_eq(a, b)) continue;
        if (odd++ < 20) print_message("- %.*s\n+ %.*s\n", STR_ARG(a), STR_ARG(b));
    }
    if (odd)
        fail_msg("%d lines differ: - is test/golden/matrix.txt, made of the tables; + is what the "
                 "program decides",
                odd);
}

static str golden_text(arena *a)
{
    str path = str_fmt(a, "%s/test/golden/matrix.txt", getenv("MINAR_SOURCE"));
    FILE *f = fopen(str_z(a, path), "r");
    if (!f) fail_msg("%.*s is missing", STR_ARG(path));
    buf b = buf_new(a, 1 << 16);
    for (size_t n; (n = fread(buf_room(&b, 4096), 1, 4096, f)) > 0;)
        b.n += n;
    (void)fclose(f);
    return buf_str(&b);
}

static void find_kinds(const matrix *x, bool kinds[RECORD_KINDS])
{
    for (size_t i = 0; i < minar_routes.n; i++) {
        int k = object_of(steps_of(x, &minar_routes.routes[i]));
        if (k >= 0 && k < RECORD_KINDS) kinds[k] = true;
    }
}

static void meet(matrix *x, int s, int role, int state, int credential)
{
    comer *c = &x->comers[s][role][state][credential];
    err e = matrix_viewer(x->m, s, role, state, credential, &c->v);
    bool nobody = credential == 0;
    if (failed(e)) assert_int_equal(err_code_of(e), E_AUTH);
    if (nobody) assert_true(!failed(e) && c->v.person == 0 && c->v.sight.nothing);
    c->known = !failed(e) && !nobody;
    c->refused = '1';
    if (c->known) matrix_ask(x->m, &c->v, s, role, &x->rights[s][role][credential]);
}

static void every_cell(void **state)
{
    matrix *x = calloc(1, sizeof *x);
    bool kinds[RECORD_KINDS] = { 0 };
    int64_t began = monotonic_us();
    x->a = *state;
    x->golden = golden_text(x->a);
    find_kinds(x, kinds);
    x->m = matrix_open(kinds);
    int64_t made = monotonic_us();
    for (int i = 0; i < STANDINGS * ROLE_SETS * DOORS; i++)
        meet(x, i / (ROLE_SETS * DOORS), i / DOORS % ROLE_SETS, i / CREDENTIALS % PERSON_STATES,
                i % CREDENTIALS);
    x->out = buf_new(x->a, 1 << 16);
    for (size_t i = 0; i < minar_routes.n; i++)
        route_put(x, &minar_routes.routes[i]);
    doors_put(x);
    grids_put(x);
    buf_put(&x->out, S("grants\n"));
    grants_put(x);
    buf_fmt(&x->out, "cells %lld\n", (long long)x->cells);
    compare(x);
    print_message("matrix: %lld cells in %.2f s, of which the world %.2f s\n", (long long)x->cells,
            (double)(monotonic_us() - began) / US_PER_S, (double)(made - began) / US_PER_S);
    matrix_close(x->m);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(every_cell) };
    return cmocka_run_group_tests_name("access matrix", tests, NULL, NULL);
}
