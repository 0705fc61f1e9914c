/* program.c - see program.h. Main thread only. */
#include "main/program.h"
#include "access/auth/auth.h"
#include "access/auth/passkey.h"
#include "access/auth/oidc.h"
#include "access/rewrap.h"
#include "access/seal.h"
#include "access/site.h"
#include "base/log.h"
#include "common/backup/follow.h"
#include "common/backup/snapshot.h"
#include "common/backup/stage.h"
#include "desk/office/mail_key.h"
#include "gen/routes.h"
#include "ledger/publish.h"
#include "main/demo/fill.h"
#include "main/parts.h"
#include "net/syslog.h"
#include "proc/keys.h"
#include "proc/letter_key.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SYSTEM_FOLDER "/var/lib/minar" /* the package's */
enum { LOCK_PAUSE_MS = 20, LOCK_WAIT_MS = 3000 };

/* The console's files, made by its build; none when it is built without. */
extern const console_asset console_assets[] __attribute__((weak));
extern const size_t console_assets_n __attribute__((weak));

char *program_folder(arena *a, const char *asked)
{
    const char *home = getenv("HOME"), *env = getenv("MINAR_HOME");
    if (asked && asked[0]) return str_z(a, str_of(asked));
    if (env && env[0]) return str_z(a, str_of(env));
    if (access(SYSTEM_FOLDER, F_OK) == 0) return str_z(a, S(SYSTEM_FOLDER));
    return str_z(a, str_fmt(a, "%s/.local/share/minar", home && home[0] ? home : "."));
}

static char *under(program *p, const char *name)
{
    return str_z(p->a, str_fmt(p->a, "%s/%s", p->app.data_dir, name));
}

static err make_folder(const char *path)
{
    if (mkdir(path, 0700) && errno != EEXIST) return err_errno("error.realm.folder", str_of(path));
    return OK;
}

/* One that was killed a moment ago holds the lock until the kernel has taken its memory back. */
static bool lock_take(int fd)
{
    const struct timespec pause = { 0, LOCK_PAUSE_MS * 1000000L };
    for (int ms = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; ms += LOCK_PAUSE_MS) {
        if (ms >= LOCK_WAIT_MS) return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

err program_lock(const char *data_dir, int *ret_fd)
{
    static const char *const folders[] = { "realm", "spool", "drop", "published" };
    char path[4200];
    TRY(make_folder(data_dir));
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        snprintf(path, sizeof path, "%s/%s", data_dir, folders[i]);
        TRY(make_folder(path));
    }
    /* Where SQLite spills a large sort, which may hold people's data: /var/tmp is outside the
     * fence. */
    snprintf(path, sizeof path, "%s/spool", data_dir);
    if (setenv("SQLITE_TMPDIR", path, 1) != 0) return err_errno("error.realm.folder", str_of(path));
    snprintf(path, sizeof path, "%s/lock", data_dir);
    *ret_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*ret_fd < 0) return err_errno("error.realm.folder", str_of(data_dir));
    if (lock_take(*ret_fd)) return OK;
    close(*ret_fd);
    *ret_fd = -1;
    return ERR1(E_BUSY, "error.main.locked", str_of(data_dir));
}

err program_conf(arena *a, const char *data_dir, const char *listen, const conf **ret)
{
    const char *path = str_z(a, str_fmt(a, "%s/minar.yaml", data_dir));
    conf_flag flag = { S("listen"), str_of(listen) };
    return conf_load_flags(a, path, &flag, listen && listen[0] ? 1 : 0, ret);
}

static void set_level(str level)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(level, str_of(names[i]))) log_set_level((log_level)i);
}

err program_log(const char *data_dir)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    char host[256] = "";
    int fd = -1;
    const conf *c;
    TRY(program_conf(a, data_dir, NULL, &c));
    str where = conf_str(c, "log.syslog");
    set_level(conf_str(c, "log.level"));
    log_set_form(str_eq(conf_str(c, "log.format"), S("json")) ? LOG_JSON : LOG_LOGFMT);
    if (!where.n) return OK;
    TRY(syslog_open(where, &fd));
    (void)!gethostname(host, sizeof host - 1);
    log_set_syslog(fd, host);
    return OK;
}

const char *program_scheme(const conf *c)
{
    return conf_str(c, "tls.cert_file").n ? "https" : "http";
}

/* What asks for certificates without being able to see one would shut everybody out. */
static err read_machines(const conf *c)
{
    bool need = conf_bool(c, "signin.machines_need_certificate");
    bool ask = conf_str(c, "tls.client_ca_file").n > 0;
    if (need && !ask)
        return ERR1(E_CONFIG, "error.access.certificate_conf", S("tls.client_ca_file"));
    if (ask && !conf_str(c, "tls.cert_file").n)
        return ERR1(E_CONFIG, "error.access.certificate_conf", S("tls.cert_file"));
    auth_machines_need_certificate(need);
    return OK;
}

static err read_conf(program *p, const char *listen)
{
    app *a = &p->app;
    TRY(program_conf(p->a, a->data_dir, listen, &a->conf));
    TRY(read_machines(a->conf));
    session_limits(conf_int(a->conf, "session.idle_h"), conf_int(a->conf, "session.max_h"),
            conf_int(a->conf, "session.strong_min"));
    passkey_staff(conf_str(a->conf, "signin.staff_passkey"));
    session_dormant(conf_int(a->conf, "account.dormant_days") * US_PER_DAY);
    TRY(mail_key_authorities(p->a, a->conf, &a->smime_authorities));
    a->invite_us = conf_int(a->conf, "invite.valid_h") * 3600 * US_PER_S;
    a->link_us = conf_int(a->conf, "link.valid_h") * 3600 * US_PER_S;
    a->hold_us = conf_int(a->conf, "outbox.hold_s") * US_PER_S;
    a->public_url = conf_str(a->conf, "public_url");
    str at = conf_str(a->conf, "listen");
    ptrdiff_t colon = str_find_byte(at, ':');
    if (!a->public_url.n)
        a->public_url = str_fmt(p->a, "%s://localhost%.*s", program_scheme(a->conf),
                STR_ARG(str_sub(at, (size_t)colon, at.n)));
    return OK;
}

static err open_oidc(program *p)
{
    oidc_setup s = { 0 };
    TRY(oidc_setup_load(p->a, p->app.conf, &s));
    s.courier = p->app.courier;
    oidc_open(&s);
    return OK;
}

/* How outsiders call us: the public address without its scheme. */
static str name_of(program *p, const char *setting, const char *what)
{
    str set = conf_str(p->app.conf, setting), host = p->app.public_url;
    ptrdiff_t at = str_find(host, S("://"));
    if (set.n) return set;
    if (at >= 0) host = str_sub(host, (size_t)at + 3, host.n);
    return str_fmt(p->a, "%.*s/%s", STR_ARG(host), what);
}

static err read_ledger_conf(program *p)
{
    app *a = &p->app;
    witness_peer *asked = NEW_ARRAY(p->a, witness_peer, WITNESS_MAX);
    witness_peer *logs = NEW_ARRAY(p->a, witness_peer, WITNESS_MAX);
    a->log_origin = name_of(p, "ledger.origin", "log");
    a->witness_name = name_of(p, "witness.name", "witness");
    if (!note_name_fits(a->log_origin) || !note_name_fits(a->witness_name))
        return ERR1(E_CONFIG, "error.ledger.peers", a->log_origin);
    a->witnesses = asked;
    a->witness_logs = logs;
    TRY(witness_peers_parse(p->a, conf_str(a->conf, "ledger.witnesses"), "ledger.witnesses", asked,
            &a->n_witnesses));
    return witness_logs_parse(
            p->a, conf_str(a->conf, "witness.logs"), "witness.logs", logs, &a->n_witness_logs);
}

/* A ledger that has signed goes on with that key or not at all: another one in its place would be
 * another ledger for everybody outside. */
static err open_log_key(program *p)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    published last;
    note n;
    TRY(txn_read(realms_live(p->app.realms)->store, 0, &t));
    TRY(signer_open(p->app.keys, SIGN_LEDGER_CHECKPOINT, &p->app.log_key));
    err e = published_last(t, &last);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    TRY(note_parse(txn_arena(t), last.note, &n));
    note_key k = note_key_make(last.head.origin, NOTE_ED25519, signer_public(p->app.log_key));
    if (note_check(&n, &k, NULL, NULL) == NOTE_GOOD) return OK;
    log_err("ledger.key", ERR1(E_CONFIG, "error.ledger.key", last.head.origin));
    signer_close(p->app.log_key);
    p->app.log_key = NULL;
    return OK;
}

static err open_signers(program *p)
{
    TRY(open_log_key(p));
    return signer_open(p->app.keys, SIGN_LEDGER_WITNESS, &p->app.witness_key);
}

/* A lone command reads the key files itself: nobody else has the folder then. */
static err open_keys(program *p, const program_options *o)
{
    keyring *ring;
    if (o->keys) return seal_begin(o->keys);
    TRY(make_folder(under(p, "keys")));
    TRY(letter_key_make(under(p, "keys"), conf_str(p->app.conf, "site.name_en")));
    p->token = token_setup_of(p->app.conf, under(p, "keys"));
    p->token.backup = o->backup;
    TRY(keyring_open_by(under(p, "keys/master.key"), under(p, "keys"), &p->token, &ring));
    p->keys = keys_alone(ring);
    return seal_begin(p->keys);
}

static err open_realms(program *p, const char *begins)
{
    app *a = &p->app;
    realms_options o = { .data_dir = a->data_dir,
        .store_url = str_z(p->a, conf_str(a->conf, "store.url")),
        .schema = begins ? begins : str_z(p->a, conf_str(a->conf, "store.schema")),
        .history_memory_bytes = (size_t)conf_int(a->conf, "history.memory_mb") << 20,
        .history_threads = (int)conf_int(a->conf, "history.threads") };
    return realms_open(&o, &a->realms);
}

static err open_api(program *p)
{
    uint8_t key[KEY_BYTES];
    TRY(keys_derive(p->app.keys, DERIVE_CURSOR, key));
    api_options o = { .app = &p->app,
        .routes = &minar_routes,
        .assets = console_assets,

        .n_assets = &console_assets_n ? console_assets_n : 0,
        .key = key,
        .export_rows = conf_int(p->app.conf, "export.max_rows"),
        .proxies = conf_str(p->app.conf, "http.proxies") };
    TRY(api_open(&o, &p->api));
    p->app.api = p->api;
    return OK;
}

bool program_founded(const program *p)
{
    return realms_live(p->app.realms)->site_org > 0;
}

/* A master key that was put back, or is another folder's, is found before anything is answered. A
 * single row that was altered is said, and keeps nobody from their work. */
static err try_keys(program *p)
{
    rewrap_tried tried = { 0 };
    for (size_t i = 0; i < realms_count(p->app.realms); i++) {
        CLEANUP(txn_end_p) txn *t = NULL;
        realm *r = realms_at(p->app.realms, i);
        if (!r) continue;
        TRY(txn_read(r->store, 0, &t));
        TRY(rewrap_try(t, p->app.keys, &tried));
    }
    if (tried.shut && !tried.open) return ERR(E_CONFIG, "error.access.master_key_other");
    if (tried.shut)
        log_warn("keys.unopened", "tried=%zu shut=%zu", tried.open + tried.shut, tried.shut);
    return OK;
}

static err load_realms(program *p, bool work)
{
    bool founded;
    for (size_t i = 0; i < realms_count(p->app.realms); i++) {
        realm *r = realms_at(p->app.realms, i);
        TRY(site_load(r, &founded));
        if (founded && work) TRY(parts_start(&p->app, r));
    }
    return OK;
}

/* What was restored sends nothing before somebody says so: minar restore --release. */
static void look_restored(program *p)
{
    p->app.held = access(under(p, "realm/restored.json"), F_OK) == 0;
    if (p->app.held)
        log_line(LOG_WARN, "program.restored", "sends=nothing until=minar_restore_release");
}

static err open_all(program *p, const program_options *o)
{
    if (p->lock_fd < 0) TRY(program_lock(p->app.data_dir, &p->lock_fd));
    if (follow_fenced(p->app.data_dir)) return ERR1(E_CONFIG, "error.backup.fenced", S("-"));
    stage_sweep(p->app.data_dir); /* a copy that nobody fetched any more */
    TRY(read_conf(p, o->listen));
    TRY(read_ledger_conf(p));
    TRY(open_oidc(p));
    TRY(open_keys(p, o));
    p->app.keys = o->keys ? o->keys : p->keys;
    look_restored(p);
    TRY(open_realms(p, o->schema));
    TRY(try_keys(p));
    TRY(open_signers(p));
    TRY(open_api(p));
    TRY(load_realms(p, o->work));
    if (o->want_founded && !program_founded(p))
        return ERR1(E_CONFIG, "error.main.not_founded", str_of(p->app.data_dir));
    return OK;
}

/* ---- a demonstration filled by the server ---- */

static demo_filler *filler_of(app *a)
{
    return ((program *)a)->filler;
}

static err fill_demo(app *a, str key)
{
    return demo_filler_start(filler_of(a), key);
}

static void end_demo(app *a)
{
    demo_filler_stop(filler_of(a));
}

static int percent_of_demo(app *a)
{
    return demo_filler_percent(filler_of(a));
}

static void offer_demo(program *p)
{
    p->filler = demo_filler_new(p);
    p->app.demo_fill = fill_demo;
    p->app.demo_end = end_demo;
    p->app.demo_percent = percent_of_demo;
}

err program_open(const program_options *o, program **ret)
{
    program *p = calloc(1, sizeof *p);
    ASSERT(p && sodium_init() >= 0);
    p->a = arena_new(64 << 20);
    p->lock_fd = o->keys ? o->lock_fd : -1;
    p->app.data_dir = str_z(p->a, str_of(o->data_dir));
    p->app.courier = o->courier;
    p->app.sandbox = o->sandbox;
    p->app.printer = o->printer;
    if (o->work) {
        p->app.realm_start = parts_start;
        p->app.realm_stop = parts_stop;
    } else {
        p->app.realm_start = parts_none;
        p->app.realm_stop = parts_stop;
    }
    if (o->keys) offer_demo(p); /* it is the server */
    err e = open_all(p, o);
    if (failed(e)) {
        program_close(p);
        return e;
    }
    *ret = p;
    return OK;
}

void program_close(program *p)
{
    if (!p) return;
    demo_filler_free(p->filler);
    if (p->app.realms)
        for (size_t i = realms_count(p->app.realms); i-- > 0;)
            if (realms_at(p->app.realms, i)) parts_stop(&p->app, realms_at(p->app.realms, i));
    if (p->api) api_close(p->api);
    snapshots_end();
    oidc_close();
    realms_close(p->app.realms);
    signer_close(p->app.log_key);
    signer_close(p->app.witness_key);
    seal_end();
    keys_free(p->keys);
    if (p->lock_fd >= 0) close(p->lock_fd);
    arena_free(p->a);
    free(p);
}
