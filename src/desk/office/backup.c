/* backup.c - routes of backups: begun, looked at, ended, listed; drills and acts on the backup key
 * noted. What is copied is sealed by the command, which may read the keys; the server may not. */
#include "api/app.h"
#include "base/texts.h"
#include "common/backup/follow.h"
#include "common/backup/snapshot.h"
#include "gen/common/backup/queries.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "store/store.h"

enum { LIST_MAX = 100 };

/* All realms go into it: only the live one's administrators see to it. */
static err of_live(const call *c)
{
    return c->realm->kind == REALM_LIVE ? OK : ERR(E_DENIED, "error.realm.from_live");
}

/* ---- the ledger's word on it ---- */

typedef struct {
    id128 id;
    ledger_type type;
    str name, digest, state;
    int64_t entries, custodians;
} saying;

static err say(call *c, txn *t, const saying *s)
{
    jsonw w = jsonw_new(c->a, 256);
    jw_obj(&w);
    if (s->name.n) jw_kstr(&w, "name", s->name);
    if (s->digest.n) jw_kstr(&w, "digest", s->digest);
    if (s->state.n) jw_kstr(&w, "state", s->state);
    if (s->entries) jw_ki64(&w, "entries", s->entries);
    if (s->custodians) jw_ki64(&w, "custodians", s->custodians);
    jw_end_obj(&w);
    return ledger_append(t, &(ledger_draft){ .type = s->type,
                                    .kind = S("backup"),
                                    .subject = s->id,
                                    .owner = c->realm->site_org,
                                    .audience = LABEL_STRICT,
                                    .author = c->viewer.person,
                                    .more = jsonw_done(&w) });
}

/* ---- beginning ---- */

typedef struct {
    call *c;
    id128 id;
    const struct backup_end *end;
    bool known;
} running;

static err begin_apply(txn *t, void *ctx)
{
    running *x = ctx;
    backup_run_add_args row = { .id = x->id,
        .kind = S("backup"),
        .state = S("begun"),
        .person = x->c->viewer.person,
        .created = txn_now(t),
        .name = S(""),
        .digest = S("") };
    TRY(backup_run_add(t, &row, NULL));
    return say(x->c, t, &(saying){ .id = x->id, .type = LEDGER_backup_begun });
}

/* Copies that follow each other every few seconds are told of once a day, and when they begin. */
static _Atomic int64_t stream_told_us;

static err stream_apply(txn *t, void *ctx)
{
    running *x = ctx;
    return say(x->c, t, &(saying){ .id = x->id, .type = LEDGER_backup_streamed });
}

static err tell_stream(running *x)
{
    int64_t now = clock_now(&clock_system).us, last = stream_told_us;
    if (last && now - last < US_PER_DAY) return OK;
    TRY(store_write(x->c->realm->store, stream_apply, x));
    stream_told_us = now;
    return OK;
}

err h_backup_begin(call *c)
{
    running x = { .c = c, .id = id_new() };
    const struct backup_query *q = c->query;
    bool stream = q->has_stream && q->stream;
    TRY(of_live(c));
    call_release(c);
    jsonw w = jsonw_new(c->a, 256);
    jw_obj(&w);
    jw_kid(&w, "id", x.id);
    jw_kstr(&w, "version", S(MINAR_VERSION));
    jw_ktime(&w, "made", clock_now(&c->realm->clock));
    jw_end_obj(&w);
    TRY(snapshot_begin(c->app->realms, c->app->data_dir, x.id, jsonw_done(&w), stream));
    err e = stream ? tell_stream(&x) : store_write(c->realm->store, begin_apply, &x);
    if (failed(e)) {
        snapshot_drop(x.id);
        return e;
    }
    jw_obj(&c->out);
    jw_kid(&c->out, "id", x.id);
    jw_kstr(&c->out, "kind", S("backup"));
    jw_kstr(&c->out, "state", S("copying"));
    jw_ktime(&c->out, "created", clock_now(&c->realm->clock));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- looking ---- */

static void put_row(jsonw *w, const backup_run_page_row *r)
{
    jw_kid(w, "id", r->id);
    jw_kstr(w, "kind", r->kind);
    jw_ktime(w, "created", r->created);
    jw_ktime(w, "ended", r->ended);
    jw_ki64(w, "new_bytes", r->new_bytes);
    jw_ki64(w, "took_ms", r->took_ms);
    jw_kstr(w, "name", r->name);
    jw_kstr(w, "digest", r->digest);
    jw_ki64(w, "entries", r->entries);
    jw_ki64(w, "custodians", r->custodians);
}

static void put_instant(jsonw *w, const char *name, instant t)
{
    if (!t.us) return;
    jw_key(w, str_of(name));
    jw_time(w, t);
}

/* The copy on a second machine, when there is one. */
static err put_follow(call *c)
{
    follow_state s;
    instant now = clock_now(&clock_system);
    err e = follow_read(c->a, c->app->data_dir, &s);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    jw_key(&c->out, S("copy"));
    jw_obj(&c->out);
    jw_kstr(&c->out, "state", s.state);
    jw_kbool(&c->out, "late", follow_late(&s, now));
    jw_ki64(&c->out, "every_s", s.every_s);
    jw_ki64(&c->out, "took_ms", s.took_ms);
    jw_ki64(&c->out, "entries", s.entries);
    jw_ki64(&c->out, "epoch", s.epoch);
    put_instant(&c->out, "made", s.made);
    put_instant(&c->out, "standby_at", s.standby_at);
    put_instant(&c->out, "standby_made", s.standby_made);
    jw_end_obj(&c->out);
    return OK;
}

err h_backup_list(call *c)
{
    backup_run_page_row *rows;
    size_t n;
    TRY(of_live(c));
    TRY(backup_run_page(c->t, &(backup_run_page_args){ .limit = LIST_MAX }, c->a, &rows, &n));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&c->out);
        put_row(&c->out, &rows[i]);
        jw_kstr(&c->out, "state", rows[i].state);
        jw_ki64(&c->out, "bytes", rows[i].bytes);
        jw_end_obj(&c->out);
    }
    jw_end_arr(&c->out);
    TRY(put_follow(c));
    jw_end_obj(&c->out);
    return OK;
}

/* It has no row: nothing of it is kept but the copy itself. */
static err read_streamed(call *c, id128 id)
{
    snapshot_view now;
    TRY(snapshot_look(id, c->a, &now));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", id);
    jw_kstr(&c->out, "kind", S("backup"));
    jw_ktime(&c->out, "created", clock_now(&c->realm->clock));
    jw_kstr(&c->out, "state", str_of(now.state));
    jw_ki64(&c->out, "bytes", now.bytes);
    if (now.folder.n) jw_kstr(&c->out, "folder", now.folder);
    if (now.fault) jw_kstr(&c->out, "words", fault_text(c->a, call_lang(c), now.fault));
    jw_end_obj(&c->out);
    return OK;
}

err h_backup_read(call *c)
{
    id128 id;
    backup_run_one_row *r;
    snapshot_view now;
    TRY(call_id(c, &id));
    TRY(of_live(c));
    if (snapshot_streams(id)) return read_streamed(c, id);
    TRY(backup_run_one(c->t, &(backup_run_one_args){ .id = id }, c->a, &r));
    bool here = !failed(snapshot_look(id, c->a, &now));
    bool begun = str_eq(r->state, S("begun"));
    backup_run_page_row row = { .id = r->id,
        .kind = r->kind,
        .created = r->created,
        .ended = r->ended,
        .new_bytes = r->new_bytes,
        .took_ms = r->took_ms,
        .name = r->name,
        .digest = r->digest,
        .entries = r->entries,
        .custodians = r->custodians };
    jw_obj(&c->out);
    put_row(&c->out, &row);
    /* One that a restart cut off is not being made any more. */
    str state = here ? str_of(now.state) : begun ? S("failed") : r->state;
    jw_kstr(&c->out, "state", state);
    jw_ki64(&c->out, "bytes", here ? now.bytes : r->bytes);
    if (here && now.folder.n) jw_kstr(&c->out, "folder", now.folder);
    if (here && now.fault) jw_kstr(&c->out, "words", fault_text(c->a, call_lang(c), now.fault));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- ending ---- */

static err end_apply(txn *t, void *ctx)
{
    running *x = ctx;
    const struct backup_end *b = x->end;
    int64_t changed = 0;
    bool made = str_eq(b->state, S("made"));
    backup_run_end_args row = { .id = x->id,
        .state = b->state,
        .ended = txn_now(t),
        .bytes = b->bytes,
        .new_bytes = b->new_bytes,
        .took_ms = b->took_ms,
        .name = b->name,
        .digest = b->digest,
        .entries = b->entries };
    TRY(backup_run_end(t, &row, &changed));
    if (!changed) return ERR(E_ABSENT, "error.api.absent");
    return say(x->c, t,
            &(saying){ .id = x->id,
                    .type = made ? LEDGER_backup_made : LEDGER_backup_failed,
                    .state = made ? (str){ 0 } : b->state,
                    .name = b->name,
                    .digest = b->digest,
                    .entries = b->entries });
}

err h_backup_end(call *c)
{
    running x = { .c = c, .end = c->req };
    TRY(call_id(c, &x.id));
    TRY(of_live(c));
    call_release(c);
    if (!snapshot_streams(x.id)) TRY(store_write(c->realm->store, end_apply, &x));
    snapshot_drop(x.id);
    call_put_empty(c);
    return OK;
}

/* ---- noting ---- */

static ledger_type type_of(str kind)
{
    static const struct {
        const char *kind;
        ledger_type type;
    } rows[] = { { "drill", LEDGER_backup_drilled }, { "ceremony", LEDGER_backup_split },
        { "rotation", LEDGER_backup_rotated }, { "check", LEDGER_backup_checked },
        { "release", LEDGER_backup_released }, { "takeover", LEDGER_backup_taken_over } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq(kind, str_of(rows[i].kind))) return rows[i].type;
    ASSERT(!"a kind that the schema lets in");
    return LEDGER_NONE;
}

err h_backup_note(call *c)
{
    const struct backup_note *b = c->req;
    saying s = { .id = id_new(),
        .type = type_of(b->kind),
        .name = b->name,
        .digest = b->digest,
        .state = b->good ? S("good") : S("bad"),
        .entries = b->entries,
        .custodians = b->custodians };
    backup_run_add_args row = { .id = s.id,
        .kind = b->kind,
        .state = s.state,
        .person = c->viewer.person,
        .created = txn_now(c->t),
        .ended = txn_now(c->t),
        .bytes = b->bytes,
        .took_ms = b->took_ms,
        .name = b->name,
        .digest = b->digest,
        .entries = b->entries,
        .custodians = b->custodians };
    TRY(of_live(c));
    TRY(backup_run_add(c->t, &row, NULL));
    TRY(say(c, c->t, &s));
    call_created(c, s.id, 1);
    return OK;
}
