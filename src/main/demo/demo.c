/* demo.c - see demo.h. Every step is a call that anyone with the right could make. */
#include "main/demo/demo.h"
#include "api/app.h"
#include "base/json.h"
#include "base/time.h"
#include "main/client.h"
#include "main/demo/dice.h"
#include "main/demo/roshana.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The registry is as old as that its contacts are to be confirmed anew where nobody has. */
enum { DAYS = 14, AGENCIES = 60, LIVE_EVERY_S = 6 };

typedef struct {
    const demo_order *order; /* NULL: a command */
    const command_line *l;   /* NULL: an order */
    const char *data_dir;
    client *c;
    arena *a;    /* of the whole run: names, keys */
    arena *step; /* emptied between steps */
    uint64_t seed;
    int64_t scale;
    instant now;
    int percent; /* how far */
    str key;     /* of the national desk in the realm */
    str agency_keys[AGENCIES];
    size_t n_agencies;
} demo;

/* ---- calls ---- */

static err go_on(demo *d)
{
    if (!d->order || d->order->going(d->order->ctx, d->percent)) return OK;
    return ERR(E_CONFLICT, "error.demo.stopped");
}

static err ask(demo *d, const client_request *q, const json **ret)
{
    api_answer r;
    json_limits big = { .max_bytes = 64 << 20, .max_values = 2000000 };
    TRY(go_on(d));
    TRY(client_call(d->c, d->step, q, &r));
    if (r.body.n) TRY(json_parse(d->step, r.body, &big, ret));
    if (r.status >= 400)
        return ERR2(E_PEER, "error.demo.step", q->path, json_get_text(*ret, S("detail")));
    return OK;
}

static err call_json(demo *d, str bearer, const char *method, str path, str body, const json **ret)
{
    client_request q = {
        .method = method, .path = path, .body = body, .bearer = bearer, .lang = S("en")
    };
    return ask(d, &q, ret);
}

/* Sends text as a file. */
static err call_file(demo *d, const char *method, str path, str text, const json **ret)
{
    char *name = str_z(d->step, str_fmt(d->step, "%s/spool/demo-XXXXXX", d->data_dir));
    int fd = mkstemp(name);
    if (fd < 0) return err_errno("error.import.open", str_of(name));
    bool bad = write(fd, text.p, text.n) != (ssize_t)text.n;
    close(fd);
    client_request q = {
        .method = method, .path = path, .file = name, .bearer = d->key, .lang = S("en")
    };
    err e = bad ? err_errno("error.import.open", str_of(name)) : ask(d, &q, ret);
    unlink(name);
    return e;
}

static void say(demo *d, const char *what, int64_t n)
{
    if (!d->order) fprintf(stderr, "demo: %s %lld\n", what, (long long)n);
}

/* ---- the realm, its clock, its bodies ---- */

static err set_clock(demo *d, instant t, bool frozen)
{
    const json *j = NULL;
    jsonw w = jsonw_new(d->step, 96);
    jw_obj(&w);
    jw_ktime(&w, "now", t);
    jw_kbool(&w, "frozen", frozen);
    jw_end_obj(&w);
    return call_json(d, d->key, "PUT", S("/api/realm/clock"), jsonw_done(&w), &j);
}

static err make_realm(demo *d)
{
    const json *j = NULL;
    jsonw w = jsonw_new(d->step, 128);
    jw_obj(&w);
    jw_kstr(&w, "name", S("demo"));
    jw_kstr(&w, "kind", S("demo"));
    jw_ktime(&w, "now", (instant){ d->now.us - DEMO_REGISTRY_DAYS * US_PER_DAY });
    jw_end_obj(&w);
    TRY(call_json(d, (str){ 0 }, "POST", S("/api/realms"), jsonw_done(&w), &j));
    d->key = str_copy(d->a, json_get_text(j, S("key")));
    return OK;
}

static err make_bodies(demo *d)
{
    const json *j = NULL;
    int64_t done = 0, bad = 0;
    str file = roshana_constituents(d->step, d->seed);
    TRY(call_file(d, "POST", S("/api/imports/organisations?name=roshana.csv"), file, &j));
    if (!json_i64(json_get(j, S("rows_done")), &done) ||
            !json_i64(json_get(j, S("rows_bad")), &bad) || bad)
        return ERR2(E_PEER, "error.demo.step", S("organisations"), json_get(j, S("errors"))->raw);
    say(d, "bodies", done);
    TRY(call_file(d, "POST", S("/api/imports/indicators?name=list.txt&source=partner"),
            roshana_indicators(d->step), &j));
    return OK;
}

static err make_feed(demo *d, const roshana_feed *f)
{
    const json *j = NULL;
    jsonw w = jsonw_new(d->step, 2048);
    jw_obj(&w);
    jw_kstr(&w, "key", str_of(f->key));
    jw_kstr(&w, "format", str_of(f->format));
    jw_kstr(&w, "name_en", str_of(f->name_en));
    jw_kstr(&w, "name_ur", str_of(f->name_ur));
    jw_kstr(&w, "declaration", str_of(f->declaration));
    jw_ki64(&w, "expect_every_s", 86400);
    jw_end_obj(&w);
    return call_json(d, d->key, "POST", S("/api/feeds"), jsonw_done(&w), &j);
}

/* ---- agencies: keys for some focal people, so that they can answer ---- */

static err agency_key(demo *d, const json *person)
{
    const json *j = NULL;
    jsonw w = jsonw_new(d->step, 256);
    jw_obj(&w);
    jw_kstr(&w, "name", S("demonstration"));
    jw_kstr(&w, "access", S("write"));
    jw_ki64(&w, "days", 30);
    jw_kstr(&w, "person", json_get_text(person, S("id")));
    jw_end_obj(&w);
    TRY(call_json(d, d->key, "POST", S("/api/keys"), jsonw_done(&w), &j));
    d->agency_keys[d->n_agencies++] = str_copy(d->a, json_get_text(j, S("secret")));
    return OK;
}

/* The contacts of one body in seven are old. */
static err wake_person(demo *d, const json *person, bool confirmed)
{
    const json *j = NULL;
    str body = confirmed ? S("{\"state\":\"active\",\"contact_role\":\"focal\"}")
                         : S("{\"state\":\"active\"}");
    str path = str_fmt(d->step, "/api/people/%.*s", STR_ARG(json_get_text(person, S("id"))));
    return call_json(d, d->key, "PATCH", path, body, &j);
}

static err make_agencies(demo *d)
{
    const json *j = NULL;
    str from = { 0 };
    int64_t focal = 0;
    do {
        str path = from.n ? str_fmt(d->step, "/api/people?limit=200&cursor=%.*s", STR_ARG(from))
                          : S("/api/people?limit=200");
        TRY(call_json(d, d->key, "GET", path, (str){ 0 }, &j));
        for (const json *p = json_get(j, S("items"))->first; p; p = p->next) {
            if (!str_eq(json_get_text(p, S("contact_role")), S("focal"))) continue;
            TRY(wake_person(d, p, focal++ % 7 != 3));
            if (d->n_agencies < AGENCIES) TRY(agency_key(d, p));
        }
        from = json_get_text(j, S("next"));
    } while (from.n);
    return OK;
}

/* ---- leaves: one focal person with a deputy, one with nobody standing in ---- */

enum { LEAVE_DAYS = 5 };

static err go_away(demo *d, const json *person, const json *deputy)
{
    const json *j = NULL;
    instant now = clock_now(&clock_system);
    jsonw w = jsonw_new(d->step, 256);
    jw_obj(&w);
    jw_kstr(&w, "person", json_get_text(person, S("id")));
    if (deputy) jw_kstr(&w, "deputy", json_get_text(deputy, S("id")));
    jw_ktime(&w, "from", now);
    jw_ktime(&w, "until", (instant){ now.us + LEAVE_DAYS * US_PER_DAY });
    jw_end_obj(&w);
    return call_json(d, d->key, "POST", S("/api/leaves"), jsonw_done(&w), &j);
}

static str org_of(const json *person)
{
    return json_get_text(json_get(person, S("org")), S("id"));
}

/* A file names an organisation's focal person after the others: the one before stands in. */
static err make_leaves(demo *d)
{
    const json *j = NULL, *covered = NULL, *before = NULL;
    str path = S("/api/people?limit=200");
    TRY(call_json(d, d->key, "GET", path, (str){ 0 }, &j));
    for (const json *p = json_get(j, S("items"))->first; p; before = p, p = p->next) {
        if (!str_eq(json_get_text(p, S("contact_role")), S("focal"))) continue;
        if (covered && !str_eq(org_of(covered), org_of(p))) return go_away(d, p, NULL);
        if (covered || !before || !str_eq(org_of(p), org_of(before))) continue;
        TRY(wake_person(d, before, false));
        TRY(go_away(d, p, before));
        covered = p;
    }
    return OK;
}

/* ---- what an agency does in a day ---- */

static err answer_findings(demo *d, str key, str notice)
{
    const json *j = NULL, *x = NULL;
    str path = str_fmt(d->step, "/api/findings?limit=3&notice=%.*s", STR_ARG(notice));
    TRY(call_json(d, key, "GET", path, (str){ 0 }, &j));
    for (const json *f = json_get(j, S("items"))->first; f; f = f->next) {
        str at = str_fmt(d->step, "/api/findings/%.*s/answer", STR_ARG(json_get_text(f, S("id"))));
        TRY(call_json(d, key, "POST", at, S("{\"answer\":\"fixed\"}"), &x));
    }
    return OK;
}

static err agency_acts(demo *d, str key, int64_t most)
{
    const json *j = NULL, *x = NULL;
    TRY(call_json(d, key, "GET", S("/api/notices?state=sent&limit=50"), (str){ 0 }, &j));
    for (const json *n = json_get(j, S("items"))->first; n && most > 0; n = n->next, most--) {
        str id = json_get_text(n, S("id"));
        str path = str_fmt(d->step, "/api/notices/%.*s/acknowledge", STR_ARG(id));
        TRY(call_json(d, key, "POST", path, (str){ 0 }, &x));
        /* One in six says "fixed": some of it comes back with the next scan, and is told again. */
        str number = json_get_text(n, S("number"));
        if (number.n && number.p[number.n - 1] % 6 == 0) TRY(answer_findings(d, key, id));
    }
    return OK;
}

/* The pipeline and its reactions work on their own: wait until the ledger rests. */
static err settle(demo *d)
{
    int64_t last = -1, size = 0;
    for (int quiet = 0, i = 0; quiet < 3 && i < 200; i++) {
        const json *j = NULL;
        TRY(call_json(d, d->key, "GET", S("/api/ledger?limit=1"), (str){ 0 }, &j));
        if (!json_i64(json_get(j, S("size")), &size)) size = 0;
        quiet = size == last ? quiet + 1 : 0;
        last = size;
        usleep(60000);
    }
    return OK;
}

/* What was held has left: agencies see the same notices, however fast the machine is. */
static err all_left(demo *d)
{
    for (int i = 0; i < 400; i++) {
        const json *j = NULL;
        TRY(call_json(d, d->key, "GET", S("/api/notices?state=held&limit=1"), (str){ 0 }, &j));
        if (!json_get(j, S("items"))->first) return OK;
        usleep(50000);
    }
    return OK;
}

static err give_file(demo *d, int f, instant day, str text, const char *what)
{
    const json *j = NULL;
    str path = str_fmt(d->step, "/api/feeds/%s/files?wait=true&name=%.*s", roshana_feeds[f].key,
            STR_ARG(roshana_file_name(d->step, f, day, what)));
    return call_file(d, "POST", path, text, &j);
}

/* ---- what is to be done ---- */

static err step_to(demo *d, str key, const json *a, const char *to, const char *said)
{
    const json *x = NULL;
    jsonw w = jsonw_new(d->step, 256);
    jw_obj(&w);
    jw_kstr(&w, "to", str_of(to));
    jw_kstr(&w, "said", str_of(said));
    jw_end_obj(&w);
    str path = str_fmt(d->step, "/api/actions/%.*s/step", STR_ARG(json_get_text(a, S("id"))));
    return call_json(d, key, "POST", path, jsonw_done(&w), &x);
}

static const roshana_todo *todo_of(const json *a)
{
    str title = json_get_text(a, S("title"));
    for (size_t i = 0; i < ROSHANA_TODOS; i++)
        if (str_eq(title, str_of(roshana_todos[i].title))) return &roshana_todos[i];
    return &roshana_todos[0];
}

/* One or two a day, about what nobody has answered yet. */
static err give_todos(demo *d, int64_t n)
{
    const json *j = NULL, *x = NULL;
    int64_t i = n * 2;
    TRY(call_json(d, d->key, "GET", S("/api/notices?state=sent&limit=2"), (str){ 0 }, &j));
    for (const json *at = json_get(j, S("items"))->first; at; at = at->next, i++) {
        const roshana_todo *t = &roshana_todos[i % ROSHANA_TODOS];
        jsonw w = jsonw_new(d->step, 512);
        jw_obj(&w);
        jw_kstr(&w, "about", S("notice"));
        jw_kstr(&w, "subject", json_get_text(at, S("id")));
        jw_kstr(&w, "title", str_of(t->title));
        jw_kstr(&w, "lang", str_of(t->lang));
        jw_ki64(&w, "working_days", 2 + i % 4);
        jw_end_obj(&w);
        TRY(call_json(d, d->key, "POST", S("/api/actions"), jsonw_done(&w), &x));
    }
    return OK;
}

/* The earliest of theirs is done. */
static err agency_does(demo *d, str key)
{
    const json *j = NULL;
    TRY(call_json(d, key, "GET", S("/api/actions?state=open&limit=1"), (str){ 0 }, &j));
    const json *a = json_get(j, S("items"))->first;
    return a ? step_to(d, key, a, "done", todo_of(a)->said) : OK;
}

/* The desk verifies one a day; the rest waits. */
static err desk_verifies(demo *d)
{
    const json *j = NULL;
    TRY(call_json(d, d->key, "GET", S("/api/actions?state=done&limit=1"), (str){ 0 }, &j));
    const json *a = json_get(j, S("items"))->first;
    return a ? step_to(d, d->key, a, "verified", todo_of(a)->seen) : OK;
}

static err make_holidays(demo *d)
{
    const zone *z;
    TRY(zone_find(S("+05:00"), &z));
    for (size_t i = 0; i < ROSHANA_HOLIDAYS; i++) {
        const roshana_holiday *h = &roshana_holidays[i];
        const json *x = NULL;
        civil c = civil_of(d->now, z);
        civil from = { .year = c.year, .month = h->month, .day = h->day };
        if (!h->month) from = (civil){ .year = c.year, .month = c.month, .day = c.day + h->day };
        civil until = from;
        until.day += h->days - 1;
        from = civil_of(civil_instant(&from, z), z);
        until = civil_of(civil_instant(&until, z), z);
        jsonw w = jsonw_new(d->step, 512);
        jw_obj(&w);
        jw_kstr(&w, "from", str_fmt(d->step, "%04d-%02d-%02d", from.year, from.month, from.day));
        jw_kstr(&w, "until",
                str_fmt(d->step, "%04d-%02d-%02d", until.year, until.month, until.day));
        jw_kstr(&w, "name_en", str_of(h->name_en));
        jw_kstr(&w, "name_ur", str_of(h->name_ur));
        if (h->sector) jw_kstr(&w, "sector", str_of(h->sector));
        if (h->province) jw_kstr(&w, "province", str_of(h->province));
        jw_kbool(&w, "expected", h->month == 0);
        jw_end_obj(&w);
        TRY(call_json(d, d->key, "POST", S("/api/calendar/holidays"), jsonw_done(&w), &x));
    }
    return OK;
}

/* Most answer within a day or two, some take their time, a few never do. */
static err agencies_act(demo *d, int64_t n)
{
    for (size_t i = 0; i < d->n_agencies; i++) {
        dice c = dice_new(d->seed, 99, i * 1000 + (uint64_t)n);
        if (i % 17 == 5 || dice_below(&c, 100) >= (i % 4 == 3 ? 25 : 70)) continue;
        TRY(agency_acts(d, d->agency_keys[i], 40));
        TRY(agency_does(d, d->agency_keys[i]));
    }
    return OK;
}

static err play_day(demo *d, int64_t n)
{
    instant day = { d->now.us - (DAYS - n) * US_PER_DAY };
    day.us -= day.us % US_PER_DAY;
    instant morning = { day.us + 2 * 3600 * US_PER_S }; /* 07:00 in Roshana */
    if (morning.us > d->now.us) morning = d->now;
    TRY(set_clock(d, morning, false));
    for (int f = 0; f < ROSHANA_FEEDS; f++)
        TRY(give_file(d, f, day,
                roshana_day(
                        d->step, d->seed, f, n + 60, (instant){ day.us - US_PER_DAY }, d->scale),
                "day"));
    TRY(settle(d));
    instant noon = { morning.us + 4 * 3600 * US_PER_S };
    if (noon.us > d->now.us) noon = d->now;
    TRY(set_clock(d, noon, false));
    TRY(settle(d));
    TRY(all_left(d));
    TRY(give_todos(d, n));
    TRY(desk_verifies(d));
    return n < DAYS ? agencies_act(d, n) : OK;
}

/* ---- what an agency sent with its answer, and an act that waits for a second person ---- */

static err make_file(demo *d)
{
    const json *j = NULL;
    TRY(call_json(d, d->key, "GET", S("/api/notices?state=acknowledged&limit=1"), (str){ 0 }, &j));
    const json *n = json_get(j, S("items"))->first;
    if (!n) return OK;
    str path = str_fmt(d->step, "/api/files?kind=notice&id=%.*s&name=scan-after-the-fix.txt",
            STR_ARG(json_get_text(n, S("id"))));
    str text = S("Scan after the fix, outside address:\n"
                 "443/tcp open, TLS 1.3, certificate valid\nall others closed\n");
    return call_file(d, "POST", path, text, &j);
}

static err id_of(demo *d, const char *key, str *ret)
{
    const json *j = NULL;
    str path = str_fmt(d->step, "/api/organisations/%s", key);
    TRY(call_json(d, d->key, "GET", path, (str){ 0 }, &j));
    *ret = json_get_text(j, S("id"));
    return OK;
}

/* The telecom regulator is to administer a telecom's people: it waits for a second yes. */
static err make_delegation(demo *d)
{
    const json *j = NULL;
    str keeper, member;
    TRY(id_of(d, "TELREG", &keeper));
    TRY(id_of(d, "SADA", &member));
    jsonw w = jsonw_new(d->step, 256);
    jw_obj(&w);
    jw_kstr(&w, "keeper", keeper);
    jw_key(&w, S("members"));
    jw_arr(&w);
    jw_str(&w, member);
    jw_end_arr(&w);
    jw_ktime(&w, "until", (instant){ clock_now(&clock_system).us + 365 * US_PER_DAY });
    jw_end_obj(&w);
    return call_json(d, d->key, "POST", S("/api/delegations"), jsonw_done(&w), &j);
}

static err keep_key(demo *d, const char *mode)
{
    char *path = str_z(d->a, str_fmt(d->a, "%s/realm/demo/demo.key", d->data_dir));
    FILE *f = fopen(path, mode);
    char line[256];
    if (!f) return err_errno("error.demo.key", str_of(path));
    if (mode[0] == 'w') {
        fprintf(f, "%.*s\n", STR_ARG(d->key));
        for (size_t i = 0; i < d->n_agencies; i++)
            fprintf(f, "%.*s\n", STR_ARG(d->agency_keys[i]));
    } else {
        for (size_t i = 0; fgets(line, sizeof line, f) && i <= AGENCIES; i++) {
            str s = str_copy(d->a, str_trim(str_of(line)));
            if (i == 0)
                d->key = s;
            else
                d->agency_keys[d->n_agencies++] = s;
        }
    }
    fclose(f);
    return OK;
}

static err fill_in(demo *d)
{
    TRY(make_bodies(d));
    TRY(make_holidays(d));
    TRY(set_clock(d, (instant){ d->now.us - DAYS * US_PER_DAY }, false));
    for (int f = 0; f < ROSHANA_FEEDS; f++)
        TRY(make_feed(d, &roshana_feeds[f]));
    TRY(make_agencies(d));
    for (int64_t n = 1; n <= DAYS; n++) {
        TRY(play_day(d, n));
        say(d, "day", n);
        d->percent = (int)(n * 100 / (DAYS + 1));
        arena_reset(d->step);
    }
    TRY(set_clock(d, clock_now(&clock_system), false));
    TRY(make_file(d));
    TRY(make_delegation(d));
    TRY(make_leaves(d));
    return keep_key(d, "we");
}

/* ---- living on ---- */

static err live(demo *d, int64_t ticks)
{
    TRY(keep_key(d, "re"));
    for (int64_t tick = 0; ticks == 0 || tick < ticks; tick++) {
        instant now = clock_now(&clock_system);
        int f = tick % 7 == 6 ? 2 : (int)(tick % 2);
        char what[32];
        snprintf(what, sizeof what, "live-%lld", (long long)(now.us / US_PER_S));
        TRY(give_file(
                d, f, now, roshana_now(d->step, d->seed ^ (uint64_t)now.us, f, tick, now), what));
        if (d->n_agencies && tick % 3 == 2)
            TRY(agency_acts(d, d->agency_keys[(size_t)tick / 3 % d->n_agencies], 1));
        arena_reset(d->step);
        sleep(LIVE_EVERY_S);
    }
    return OK;
}

/* ---- the command ---- */

static str option(const command_line *l, const char *name)
{
    for (int i = 1; i + 1 < l->argc; i++)
        if (strcmp(l->argv[i], name) == 0) return str_of(l->argv[i + 1]);
    return (str){ 0 };
}

static bool flag(const command_line *l, const char *name)
{
    for (int i = 1; i < l->argc; i++)
        if (strcmp(l->argv[i], name) == 0) return true;
    return false;
}

static err read_options(demo *d)
{
    int64_t seed = 1, scale = 100;
    str s = option(d->l, "--seed"), n = option(d->l, "--now"), x = option(d->l, "--scale");
    if (s.n && !str_to_i64(s, &seed)) return ERR1(E_USAGE, "error.main.option", s);
    if (x.n && (!str_to_i64(x, &scale) || scale < 1 || scale > 100000))
        return ERR1(E_USAGE, "error.main.option", x);
    d->now = clock_now(&clock_system);
    if (n.n && !instant_parse(n, &d->now)) return ERR1(E_USAGE, "error.main.option", n);
    d->seed = (uint64_t)seed;
    d->scale = scale;
    return OK;
}

static err run(demo *d)
{
    int64_t ticks = 0;
    str t = option(d->l, "--ticks");
    TRY(read_options(d));
    if (t.n && !str_to_i64(t, &ticks)) return ERR1(E_USAGE, "error.main.option", t);
    if (flag(d->l, "--live")) return live(d, ticks);
    TRY(make_realm(d));
    return fill_in(d);
}

static demo demo_new(const char *data_dir)
{
    return (demo){
        .data_dir = data_dir, .a = arena_new(64 << 20), .step = arena_new((size_t)1 << 30)
    };
}

static void demo_free(demo *d)
{
    arena_free(d->step);
    arena_free(d->a);
}

err demo_fill_in(const demo_order *o)
{
    demo d = demo_new(o->data_dir);
    d.order = o;
    d.c = o->c;
    d.key = o->key;
    d.seed = o->seed;
    d.scale = o->scale;
    d.now = o->now;
    err e = fill_in(&d);
    demo_free(&d);
    return e;
}

int demo_run(const command_line *l)
{
    demo d = demo_new(l->data_dir);
    d.l = l;
    err e = client_open_working(l->data_dir, &d.c);
    if (failed(e)) return command_fail(l->lang, e);
    e = run(&d);
    int code = failed(e) ? command_fail(l->lang, e) : 0;
    client_close(d.c);
    demo_free(&d);
    return code;
}
