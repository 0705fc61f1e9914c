/* first_hour.c - routes of the first hour of a new site: its steps, each as it is by what stands in
 * the store. Nothing is ticked by hand; a step may be set aside, and why is kept. A step's question
 * costs one row of an index. Owns table first_step. Reads in the pool, writes on the writer. */
#include "access/model.h"
#include "api/api.h"
#include "base/text.h"
#include "desk/office/tell.h"
#include "gen/desk/office/queries.h"
#include "gen/permissions.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* ---- what is there ---- */

static err has_site(call *c, bool *ret)
{
    (void)c;
    *ret = true;
    return OK;
}

static err has_strong(call *c, bool *ret)
{
    first_strong_row *rows;
    size_t n;
    TRY(first_strong(c->t, c->a, &rows, &n));
    *ret = n > 0;
    return OK;
}

static err has_own_network(call *c, bool *ret)
{
    first_network_row *rows;
    size_t n;
    int64_t site = c->realm->site_org;
    TRY(first_network(c->t, &(first_network_args){ .first = site, .last = site }, c->a, &rows, &n));
    *ret = n > 0;
    return OK;
}

static err has_constituent(call *c, bool *ret)
{
    first_constituent_row *rows;
    size_t n;
    TRY(first_constituent(
            c->t, &(first_constituent_args){ .site = c->realm->site_org }, c->a, &rows, &n));
    *ret = n > 0;
    return OK;
}

static err has_network(call *c, bool *ret)
{
    first_network_row *rows;
    size_t n;
    int64_t site = c->realm->site_org;
    TRY(first_network(
            c->t, &(first_network_args){ .first = site + 1, .last = INT64_MAX }, c->a, &rows, &n));
    *ret = n > 0;
    return OK;
}

static err has_import(call *c, bool *ret)
{
    first_import_row *rows;
    size_t n;
    TRY(first_import(c->t, c->a, &rows, &n));
    *ret = n > 0;
    return OK;
}

static err has_finding(call *c, bool *ret)
{
    first_finding_row *rows;
    size_t n;
    TRY(first_finding(c->t, c->a, &rows, &n));
    *ret = n > 0;
    return OK;
}

static err has_guest(call *c, bool *ret)
{
    first_guest_row *rows;
    size_t n;
    TRY(first_guest(c->t, &(first_guest_args){ .site = c->realm->site_org }, c->a, &rows, &n));
    *ret = n > 0;
    return OK;
}

static err has_answer(call *c, bool *ret)
{
    first_answer_row *rows;
    size_t n;
    TRY(first_answer(c->t, c->a, &rows, &n));
    *ret = n > 0;
    return OK;
}

static err has_run(call *c, str kind, str state, bool *ret)
{
    first_backup_row *rows;
    size_t n;
    TRY(first_backup(c->t, &(first_backup_args){ .kind = kind, .state = state }, c->a, &rows, &n));
    *ret = n > 0;
    return OK;
}

/* Made once, and once restored as a drill that was good. */
static err has_backup(call *c, bool *ret)
{
    bool made, drilled;
    TRY(has_run(c, S("backup"), S("made"), &made));
    TRY(has_run(c, S("drill"), S("good"), &drilled));
    *ret = made && drilled;
    return OK;
}

/* ---- the steps ---- */

typedef struct {
    const char *name;
    int minute;
    err (*done)(call *c, bool *ret); /* NULL: what the program does not bring yet */
    const char *words, *hint, *path, *command;
    permission needs;
} step;

static const step steps[] = {
    { "site", 0, has_site, TK("first.site"), TK("first.site_hint"), NULL, "minar init",
            PERMISSION_admin_read },
    { "strong", 2, has_strong, TK("first.strong"), TK("first.strong_hint"), "/rights",
            "minar factor add", PERMISSION_session_write },
    { "self", 4, has_own_network, TK("first.self"), TK("first.self_hint"), "/organisations",
            "minar org net-add cert 198.18.0.0/22", PERMISSION_org_write },
    { "constituents", 6, has_constituent, TK("first.constituents"), TK("first.constituents_hint"),
            "/organisations/import", "minar org import constituents.csv --dry-run",
            PERMISSION_org_import },
    { "networks", 12, has_network, TK("first.networks"), TK("first.networks_hint"),
            "/organisations", "minar org net-add MOF 198.18.4.0/22", PERMISSION_org_write },
    { "feed", 17, has_import, TK("first.feed"), TK("first.feed_hint"), "/feeds",
            "minar feed add shadowserver --format shadowserver", PERMISSION_feed_write },
    { "finding", 22, has_finding, TK("first.finding"), TK("first.finding_hint"), "/findings",
            "minar finding ls", PERMISSION_finding_read },
    { "invite", 23, has_guest, TK("first.invite"), TK("first.invite_hint"), "/people",
            "minar user add it@mof.example \"Aisha K.\" --org ORG-ID", PERMISSION_person_invite },
    { "notice", 28, has_answer, TK("first.notice"), TK("first.notice_hint"), "/queue",
            "minar notice ls --state sent", PERMISSION_notice_read },
    { "advisory", 33, NULL, TK("first.advisory"), TK("first.advisory_hint"), NULL, NULL,
            PERMISSION_admin_read },
    { "report", 45, NULL, TK("first.report"), TK("first.report_hint"), NULL, NULL,
            PERMISSION_admin_read },
    { "backup", 50, has_backup, TK("first.backup"), TK("first.backup_hint"), "/backups",
            "minar backup DIR && minar verify && minar restore --test DIR",
            PERMISSION_backup_read },
};

static const step *step_of(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (str_eq(name, str_of(steps[i].name))) return &steps[i];
    return NULL;
}

/* ---- reading ---- */

static const first_steps_row *aside(const first_steps_row *rows, size_t n, const step *s)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(rows[i].name, str_of(s->name))) return &rows[i];
    return NULL;
}

static err put_step(call *c, const step *s, const first_steps_row *skipped, int64_t *open)
{
    jsonw *w = &c->out;
    lang l = call_lang(c);
    bool done = false;
    if (s->done) TRY(s->done(c, &done));
    bool is_open = s->done && !done && !skipped;
    jw_obj(w);
    jw_kstr(w, "name", str_of(s->name));
    jw_kstr(w, "state",
            !s->done  ? S("later")
            : done    ? S("done")
            : skipped ? S("skipped")
                      : S("open"));
    jw_ki64(w, "minute", s->minute);
    jw_kstr(w, "words", T(l, s->words));
    jw_kstr(w, "hint", T(l, s->hint));
    if (s->path) jw_kstr(w, "path", str_of(s->path));
    if (s->command) jw_kstr(w, "command", str_of(s->command));
    jw_kbool(w, "may", !failed(permit_use(&c->viewer, s->needs)));
    if (skipped && !done) {
        jw_ktime(w, "at", skipped->at);
        jw_kstr(w, "why", skipped->why);
    }
    jw_end_obj(w);
    *open += is_open;
    return OK;
}

err h_first_hour_read(call *c)
{
    first_steps_row *rows;
    first_founded_row *site;
    size_t n, n_site;
    int64_t open = 0;
    TRY(first_steps(c->t, c->a, &rows, &n));
    TRY(first_founded(
            c->t, &(first_founded_args){ .site = c->realm->site_org }, c->a, &site, &n_site));
    ASSERT(n_site == 1);
    jw_obj(&c->out);
    jw_ktime(&c->out, "since", site->at);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        TRY(put_step(c, &steps[i], aside(rows, n, &steps[i]), &open));
    jw_end_arr(&c->out);
    jw_ki64(&c->out, "open", open);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- setting aside ---- */

static err entry(call *c, ledger_type type, str name)
{
    jsonw w = jsonw_new(c->a, 64);
    jw_obj(&w);
    jw_kstr(&w, "name", name);
    jw_end_obj(&w);
    return tell_entry(c->t, c->realm,
            &(told_entry){ .type = type,
                    .kind = S("site"),
                    .subject = id_new(),
                    .org = c->realm->site_org,
                    .author = c->viewer.person,
                    .more = jsonw_done(&w) });
}

err h_first_step_skip(call *c)
{
    const struct first_skip *b = c->req;
    const step *s = step_of(c->path_id);
    bool done = false;
    if (!s) return ERR(E_ABSENT, "error.api.absent");
    if (!s->done) return ERR(E_CONFLICT, "error.first.later");
    TRY(s->done(c, &done));
    if (done) return ERR(E_CONFLICT, "error.first.done");
    TRY(first_step_put(c->t,
            &(first_step_put_args){ .name = str_of(s->name),
                    .why = b->why,
                    .person = c->viewer.person,
                    .at = txn_now(c->t) },
            NULL));
    TRY(entry(c, LEDGER_site_step_skipped, str_of(s->name)));
    call_put_empty(c);
    return OK;
}

err h_first_step_resume(call *c)
{
    const step *s = step_of(c->path_id);
    int64_t changed = 0;
    if (!s) return ERR(E_ABSENT, "error.api.absent");
    TRY(first_step_drop(c->t, &(first_step_drop_args){ .name = str_of(s->name) }, &changed));
    if (!changed) return ERR(E_ABSENT, "error.api.absent");
    TRY(entry(c, LEDGER_site_step_taken_up, str_of(s->name)));
    call_put_empty(c);
    return OK;
}
