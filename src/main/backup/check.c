/* check.c - is what was restored what was backed up? A fresh process opens the folder as a server
 * would, proves the ledger, counts rows and events, opens what is sealed, and says so as JSON; the
 * one that asked holds it against the backup's facts. See backup.h. */
#include "access/viewer.h"
#include "base/json.h"
#include "events/history.h"
#include "gen/common/backup/queries.h"
#include "gen/records/person.h"
#include "ledger/proof.h"
#include "ledger/publish.h"
#include "main/backup/backup.h"
#include "main/program.h"
#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PEOPLE = 500, PATH = 4400, ANSWER_MAX = 64 << 20 };
#define ARENA_BYTES ((size_t)2 << 30)

/* ---- in the fresh process ---- */

static void put_hex(jsonw *w, const uint8_t root[TREE_HASH])
{
    char hex[2 * TREE_HASH + 1];
    for (size_t i = 0; i < TREE_HASH; i++)
        snprintf(hex + 2 * i, 3, "%02x", root[i]);
    jw_str(w, (str){ hex, 2 * TREE_HASH });
}

static err table(void *ctx, str name, int64_t rows)
{
    jw_key(ctx, name);
    jw_i64(ctx, rows);
    return OK;
}

/* Every person's key opens, or the installation's own keys are not the ones it was sealed under. */
static err put_people(jsonw *w, txn *t)
{
    int64_t after = 0, opened = 0;
    backup_people_row *rows;
    size_t n = PEOPLE;
    viewer sys;
    TRY(viewer_system(t, &sys));
    while (n == PEOPLE) {
        TRY(backup_people(t, &(backup_people_args){ .after = after, .limit = PEOPLE }, txn_arena(t),
                &rows, &n));
        for (size_t i = 0; i < n; i++) {
            const person_handle *p;
            err e = person_read_row(t, &sys, rows[i].person, &p);
            after = rows[i].person;
            if (err_code_of(e) == E_ABSENT) continue; /* came after the backup */
            TRY(e);
            opened++;
        }
    }
    jw_ki64(w, "people", opened);
    return OK;
}

/* A head that was signed is this tree's, as far as this tree goes. */
static err put_head(jsonw *w, txn *t, int64_t entries, const log_head *h)
{
    uint8_t root[TREE_HASH];
    bool within = h->size <= entries;
    if (within) TRY(proof_root(t, h->size, root));
    jw_obj(w);
    jw_ki64(w, "size", h->size);
    jw_kbool(w, "within", within);
    jw_kbool(w, "good", within && memcmp(root, h->root, TREE_HASH) == 0);
    jw_end_obj(w);
    return OK;
}

static err put_published(jsonw *w, txn *t, int64_t entries)
{
    published last;
    err e = published_last(t, &last);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    jw_key(w, S("published"));
    return put_head(w, t, entries, &last.head);
}

static err put_witnessed(jsonw *w, txn *t, int64_t entries, const char *path)
{
    str text;
    note n;
    log_head h;
    if (!path || access(path, R_OK) != 0) return OK;
    TRY(file_read(txn_arena(t), path, NOTE_BYTES_MAX, &text));
    TRY(note_parse(txn_arena(t), text, &n));
    TRY(checkpoint_parse(n.text, &h));
    jw_key(w, S("witnessed"));
    return put_head(w, t, entries, &h);
}

static err put_months(jsonw *w, arena *a, const realm *r)
{
    history_stats s;
    TRY(history_stat(r->history, a, &s));
    jw_key(w, S("months"));
    jw_arr(w);
    for (size_t i = 0; i < s.n; i++) {
        jw_arr(w);
        jw_i64(w, s.months[i].year_month);
        jw_i64(w, s.months[i].n_rows);
        jw_end_arr(w);
    }
    jw_end_arr(w);
    return OK;
}

static err put_rows(jsonw *w, txn *t)
{
    jw_key(w, S("tables"));
    jw_obj(w);
    TRY(store_copy_count(t, &(store_copy_watch){ .table = table, .ctx = w }));
    jw_end_obj(w);
    return OK;
}

static err put_realm(jsonw *w, arena *a, realm *r, const char *witnessed)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    ledger_proof proof;
    TRY(ledger_verify(r->store, NULL, NULL, &proof));
    TRY(txn_read(r->store, 0, &t));
    jw_obj(w);
    jw_kstr(w, "name", str_of(r->name));
    jw_ki64(w, "entries", proof.entries);
    jw_key(w, S("root"));
    put_hex(w, proof.root);
    TRY(put_published(w, t, proof.entries));
    if (r->kind == REALM_LIVE) TRY(put_witnessed(w, t, proof.entries, witnessed));
    TRY(put_rows(w, t));
    TRY(put_months(w, a, r));
    TRY(put_people(w, t));
    jw_end_obj(w);
    return OK;
}

static err look(const command_line *l, arena *a)
{
    program *p;
    program_options o = { .data_dir = option_of(l, "check", 0),
        .schema = option_of(l, "schema", 0) };
    TRY(program_open(&o, &p));
    jsonw w = jsonw_new(a, 65536);
    err e = OK;
    jw_obj(&w);
    jw_key(&w, S("realms"));
    jw_arr(&w);
    for (size_t i = 0; !failed(e) && i < realms_count(p->app.realms); i++)
        e = put_realm(&w, a, realms_at(p->app.realms, i), option_of(l, "witnessed", 0));
    if (!failed(e)) {
        jw_end_arr(&w);
        jw_end_obj(&w);
        str s = jsonw_done(&w);
        printf("%.*s\n", STR_ARG(s));
    }
    program_close(p);
    return e;
}

int check_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new(ARENA_BYTES);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* who started it was killed: nobody listens */
    err e = look(l, a);
    return failed(e) ? command_fail(l->lang, e) : 0;
}

/* ---- starting it ---- */

extern char **environ;

static err start(char *const *argv, int *ret_fd, pid_t *ret_pid)
{
    int ends[2];
    posix_spawn_file_actions_t f;
    if (pipe2(ends, O_CLOEXEC) != 0) return err_errno("error.backup.io", S("pipe"));
    posix_spawn_file_actions_init(&f);
    posix_spawn_file_actions_adddup2(&f, ends[1], 1);
    errno = posix_spawn(ret_pid, "/proc/self/exe", &f, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&f);
    close(ends[1]);
    *ret_fd = ends[0];
    if (errno == 0) return OK;
    close(ends[0]);
    return err_errno("error.proc.start", S("minar"));
}

static err hear(arena *a, int fd, pid_t pid, str *ret)
{
    int how = 0;
    buf b = buf_new(a, 65536);
    for (ssize_t n = 1; n > 0 && b.n < ANSWER_MAX;) {
        n = read(fd, buf_room(&b, 65536), 65536);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            b.n += (size_t)n;
    }
    close(fd);
    while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
        ;
    *ret = buf_str(&b);
    return WIFEXITED(how) && WEXITSTATUS(how) == 0 ? OK : ERR(E_INVALID, "error.backup.check");
}

static err ask(arena *a, const char *folder, const char *begins, const char *witnessed,
        const command_line *l, const json **ret)
{
    int fd;
    pid_t pid;
    str text;
    json_limits big = { .max_bytes = ANSWER_MAX, .max_values = 4000000 };
    const char *words[] = { "minar", "restore", "--check", folder, "--ui-lang",
        str_z(a, lang_code(l->lang)), NULL, NULL, NULL, NULL };
    char *argv[ARRAY_LEN(words) + 1] = { 0 };
    size_t n = 6;
    if (begins) words[n++] = "--schema", words[n++] = begins;
    if (witnessed) words[n++] = "--witnessed", words[n++] = witnessed;
    for (size_t i = 0; i < n; i++)
        argv[i] = str_z(a, str_of(words[i]));
    TRY(start(argv, &fd, &pid));
    TRY(hear(a, fd, pid, &text));
    return json_parse(a, text, &big, ret);
}

/* ---- holding it against the facts ---- */

typedef struct {
    const command_line *l;
    arena *a;
    checked k;
} holding;

static void differs(holding *h, str of, str what, str was_and_is)
{
    tell(h->l, "backup.differs", of, what, was_and_is);
    h->k.faults++;
}

static int64_t number(const json *j)
{
    int64_t n = -1;
    return json_i64(j, &n) ? n : -1;
}

static void same_number(holding *h, str of, str what, const json *was, const json *is)
{
    int64_t x = number(was), y = number(is);
    if (x != y || x < 0)
        differs(h, of, what, str_fmt(h->a, "%lld / %lld", (long long)x, (long long)y));
}

static void same_tables(holding *h, str of, const json *was, const json *is)
{
    if (!was || !was->count) differs(h, of, S("tables"), S("- / -"));
    for (const json *t = was ? was->first : NULL; t; t = t->next) {
        same_number(h, of, t->key, t, json_get(is, t->key));
        h->k.rows += number(t) > 0 ? number(t) : 0;
    }
}

static void same_months(holding *h, str of, const json *was, const json *is)
{
    size_t n = was ? was->count : 0;
    if (n != (is ? is->count : 0)) differs(h, of, S("months"), S("- / -"));
    for (size_t i = 0; i < n; i++) {
        const json *x = json_at(was, i), *y = json_at(is, i);
        str month = str_fmt(h->a, "%lld", (long long)number(json_at(x, 0)));
        same_number(h, of, month, json_at(x, 0), json_at(y, 0));
        same_number(h, of, month, json_at(x, 1), json_at(y, 1));
        h->k.events += number(json_at(x, 1));
    }
}

/* A head from outside that is ahead of the copy says nothing of it yet. */
static bool head_holds(holding *h, str of, const char *what, const json *head)
{
    bool good = false, within = false;
    if (!head) return false;
    bool told = json_bool(json_get(head, S("good")), &good) &&
                json_bool(json_get(head, S("within")), &within);
    bool own = strcmp(what, "published") == 0;
    if (!told || (within && !good) || (own && !within)) differs(h, of, str_of(what), S("- / -"));
    return told && good;
}

static void same_ledger(holding *h, str of, const json *was, const json *is)
{
    str root = json_get_text(was, S("root")), now = json_get_text(is, S("root"));
    same_number(h, of, S("ledger"), json_get(was, S("size")), json_get(is, S("entries")));
    if (number(json_get(was, S("size"))) > 0 && (!str_eq(root, now) || root.n != 64))
        differs(h, of, S("ledger root"), str_fmt(h->a, "%.*s / %.*s", STR_ARG(root), STR_ARG(now)));
    bool live = str_eq(of, S("live"));
    bool own = head_holds(h, of, "published", json_get(is, S("published")));
    bool out = head_holds(h, of, "witnessed", json_get(is, S("witnessed")));
    if (!live) return;
    h->k.entries = number(json_get(is, S("entries")));
    h->k.root = now;
    h->k.published = own;
    h->k.witnessed = out;
}

static const json *named(const json *all, str name)
{
    for (const json *r = all ? all->first : NULL; r; r = r->next)
        if (str_eq(json_get_text(r, S("name")), name)) return r;
    return NULL;
}

static void same_realm(holding *h, const json *was, const json *is)
{
    str name = json_get_text(was, S("name"));
    int64_t people = number(json_get(is, S("people")));
    same_ledger(h, name, json_get(was, S("ledger")), is);
    same_tables(h, name, json_get(was, S("tables")), json_get(is, S("tables")));
    same_months(h, name, json_get(was, S("months")), json_get(is, S("months")));
    h->k.people += people > 0 ? people : 0;
}

err check_restored(arena *a, const command_line *l, const char *folder, const char *begins,
        const char *witnessed, const json *facts, checked *ret)
{
    const json *is, *all = json_get(facts, S("realms"));
    holding h = { .l = l, .a = a };
    TRY(ask(a, folder, begins, witnessed, l, &is));
    is = json_get(is, S("realms"));
    for (const json *r = all ? all->first : NULL; r; r = r->next) {
        const json *found = named(is, json_get_text(r, S("name")));
        if (found)
            same_realm(&h, r, found);
        else if (str_eq(json_get_text(r, S("name")), S("live")))
            differs(&h, S("live"), S("-"), S("- / -"));
    }
    if (!all || !all->count) differs(&h, S("live"), S("facts"), S("- / -"));
    *ret = h.k;
    return OK;
}
