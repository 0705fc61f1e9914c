/* init.c - `minar init`: founds the live site and prints a one-time sign-in link; asked again, a
 * fresh link for the person that this user of the machine is. `minar verify`: proves the ledger.
 * Main thread. */
#include "access/auth/auth.h"
#include "access/site.h"
#include "base/texts.h"
#include "gen/access/auth/queries.h"
#include "main/client.h"
#include "main/command.h"
#include "main/print.h"
#include "main/program.h"
#include "store/store.h"
#include <stdio.h>
#include <unistd.h>

static str option(const command_line *l, const char *name, str otherwise)
{
    for (int i = 1; i + 1 < l->argc; i++)
        if (strcmp(l->argv[i], name) == 0) return str_of(l->argv[i + 1]);
    return otherwise;
}

typedef struct {
    program *p;
    int64_t person;
    str token;
} linking;

static err link_apply(txn *t, void *ctx)
{
    linking *x = ctx;
    str token;
    TRY(link_make(t, realms_live(x->p->app.realms), LINK_SIGN_IN, x->person, 0, x->p->app.link_us,
            &token));
    x->token = str_copy(x->p->a, token);
    return OK;
}

static err local_person(program *p, int64_t *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    local_user_find_row *u;
    TRY(txn_read(realms_live(p->app.realms)->store, 0, &t));
    err e = local_user_find(
            t, &(local_user_find_args){ .uid = (int64_t)getuid() }, txn_arena(t), &u);
    if (err_code_of(e) == E_ABSENT) return ERR(E_AUTH, "error.access.local_unknown");
    TRY(e);
    *ret = u->person;
    return OK;
}

static err found(program *p, const command_line *l, int64_t *ret)
{
    const conf *c = p->app.conf;
    site_draft d = { .key = option(l, "--key", S("CERT")),
        .name_en = option(l, "--name-en", conf_str(c, "site.name_en")),
        .name_ur = option(l, "--name-ur", conf_str(c, "site.name_ur")),
        .person_name = option(l, "--person", S("Duty officer")),
        .mail = option(l, "--mail", S("duty@cert.example")),
        .lang = lang_code(l->lang),
        .uid = (int64_t)getuid() };
    return site_found(realms_live(p->app.realms), &d, ret);
}

static err init_open(const command_line *l, program *p)
{
    linking x = { .p = p };
    bool is_new = !program_founded(p);
    if (is_new)
        TRY(found(p, l, &x.person));
    else
        TRY(local_person(p, &x.person));
    TRY(store_write(realms_live(p->app.realms)->store, link_apply, &x));
    if (is_new) {
        str s = T(l->lang, "init.founded");
        fprintf(stderr, "%.*s\n", STR_ARG(s));
    }
    printf("%.*s/l/%.*s\n", STR_ARG(p->app.public_url), STR_ARG(x.token));
    return OK;
}

/* A server runs and has the folder: it makes the link. */
static int init_by_server(const command_line *l, client *c)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    api_answer r;
    const json *j;
    client_request q = { .method = "POST",
        .path = S("/api/session/link"),
        .realm = l->realm,
        .lang = lang_code(l->lang) };
    err e = client_call(c, a, &q, &r);
    if (!failed(e)) e = json_parse(a, r.body, NULL, &j);
    if (failed(e)) return command_fail(l->lang, e);
    str link = json_get_text(j, r.status < 400 ? S("link") : S("detail"));
    fprintf(r.status < 400 ? stdout : stderr, "%.*s\n", STR_ARG(link));
    return command_exit(r.status);
}

static int init_alone(const command_line *l)
{
    program *p;
    program_options o = { .data_dir = l->data_dir, .listen = l->listen };
    err e = program_open(&o, &p);
    if (failed(e)) return command_fail(l->lang, e);
    e = init_open(l, p);
    int code = failed(e) ? command_fail(l->lang, e) : 0;
    program_close(p);
    return code;
}

int init_run(const command_line *l)
{
    client *c = client_of_server(l->data_dir);
    if (!c) return init_alone(l);
    int code = init_by_server(l, c);
    client_close(c);
    return code;
}

int verify_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new(64 << 20);
    static const command_row row = { "verify", "", "ledger_verify", "", "", "", "", false };
    client *c;
    api_answer r;
    err e = client_open(l->data_dir, &c);
    if (failed(e)) return command_fail(l->lang, e);
    client_request q = { .method = "POST",
        .path = S("/api/ledger/verify"),
        .realm = l->realm,
        .lang = lang_code(l->lang) };
    e = client_call(c, a, &q, &r);
    if (!failed(e)) e = print_answer(a, l, &row, &r);
    client_close(c);
    if (failed(e)) return command_fail(l->lang, e);
    return r.status < 400 ? 0 : 1;
}
