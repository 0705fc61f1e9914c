/* serve.c - the processes of a running Minar. The supervisor starts keys, courier and server; the
 * server gives up its rights, opens everything, listens, and ends in order. */
#include "main/serve.h"
#include "access/auth/oidc.h"
#include "base/log.h"
#include "common/bundle/bundle.h"
#include "common/outbox/bounce_box.h"
#include "common/outbox/outbox.h"
#include "common/outbox/sms.h"
#include "ledger/witness.h"
#include "main/backup/backup.h"
#include "main/command.h"
#include "main/lobby.h"
#include "main/parts.h"
#include "main/program.h"
#include "net/http.h"
#include "proc/child.h"
#include "proc/courier.h"
#include "proc/courier_main.h"
#include "proc/dkim_key.h"
#include "proc/keys.h"
#include "proc/keys_main.h"
#include "proc/printer.h"
#include "proc/printer_main.h"
#include "proc/sandbox.h"
#include "proc/sandbox_main.h"
#include "proc/supervise.h"
#include "render/pdf.h"
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- supervisor ---- */

/* A wrong configuration is told in words before anything starts, and that another machine has taken
 * over: only here may the backup key be read. */
static err look_at_conf(const serve_options *o)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    const conf *c;
    minisig_public trusted[BUNDLE_KEYS];
    size_t n;
    TRY(program_conf(a, o->data_dir, o->listen, &c));
    TRY(err_at_pointer(
            bundle_keys_parse(conf_str(c, "bundle.keys"), trusted, &n), S("bundle.keys")));
    return turn_look(a, o->data_dir, conf_bool(c, "copy.alone"));
}

/* An RSA key takes its time, for which the server does not wait: it is made before keys starts, in
 * a child that is gone then. What goes wrong keys says. */
static void make_mail_key(const char *data_dir)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    const conf *c;
    dkim_identity signs = { 0 };
    const char *folder = str_z(a, str_fmt(a, "%s/keys", data_dir));
    if (failed(program_conf(a, data_dir, NULL, &c)) || failed(dkim_conf(c, &signs)) ||
            !signs.selector.n || access(folder, W_OK) != 0)
        return;
    pid_t pid = fork();
    if (pid == 0) _exit(failed(dkim_key_make(folder, signs.selector)));
    if (pid > 0) (void)waitpid(pid, NULL, 0);
}

int serve_run(const serve_options *o)
{
    char *args[] = { (char *)(uintptr_t)o->data_dir,
        (char *)(uintptr_t)(o->listen ? o->listen : ""), NULL };
    err e = look_at_conf(o);
    if (failed(e)) return command_fail(o->lang, e);
    log_set_process("supervisor");
    e = program_log(o->data_dir);
    if (failed(e)) return command_fail(o->lang, e);
    make_mail_key(o->data_dir);
    supervise_plan plan = supervise_plan_default(args);
    return supervise_run(&plan);
}

/* 3: no later start does better without somebody's hand, so there is none. */
static int exit_of(const char *what, err e)
{
    log_err(what, e);
    bool taken = str_eq(str_of(e.f->key), S("error.main.locked"));
    return err_code_of(e) == E_CONFIG || taken ? 3 : 1;
}

/* ---- server ---- */

typedef struct {
    courier *courier;
    keys *keys;
    sandbox *sandbox;
    printer *printer;
    sem_t stop;
} server;

static void told_to_stop(void *ctx)
{
    sem_post(&((server *)ctx)->stop);
}

static void told_link(void *ctx, proc_kind peer, int fd)
{
    if (peer == PROC_COURIER)
        courier_link(((server *)ctx)->courier, fd);
    else if (peer == PROC_KEYS)
        keys_link(((server *)ctx)->keys, fd);
    else if (peer == PROC_SANDBOX)
        sandbox_link(((server *)ctx)->sandbox, fd);
    else if (peer == PROC_PRINTER)
        printer_link(((server *)ctx)->printer, fd);
    else
        close(fd);
}

/* "ADDRESS:PORT" once; a loopback name also on the other family's loopback, unless any free port
 * will do: the second family would need the very same one, which the rights given up do not name.
 */
static str listen_text(arena *a, str at)
{
    if (str_ends(at, S(":0"))) return at;
    if (str_starts(at, S("127.0.0.1:")) || str_starts(at, S("localhost:"))) {
        str port = str_sub(at, (size_t)str_find_byte(at, ':') + 1, at.n);
        return str_fmt(a, "127.0.0.1:%.*s,[::1]:%.*s", STR_ARG(port), STR_ARG(port));
    }
    return at;
}

/* A path below the data folder, in a. */
static const char *below(arena *a, const char *data_dir, const char *name)
{
    return str_z(a, str_fmt(a, "%s/%s", data_dir, name));
}

/* a and c live as long as the server: before its stores are open, it answers that it starts. */
static err listen_now(arena *a, const conf *c, const char *data_dir, http **ret)
{
    str cert = conf_str(c, "tls.cert_file"), key = conf_str(c, "tls.key_file");
    str client_ca = conf_str(c, "tls.client_ca_file");
    http_options o = { .listen = str_z(a, listen_text(a, conf_str(c, "listen"))),
        .unix_path = below(a, data_dir, "minar.sock"),
        .cert_file = cert.n ? str_z(a, cert) : NULL,
        .key_file = key.n ? str_z(a, key) : NULL,
        .client_ca_file = client_ca.n ? str_z(a, client_ca) : NULL,
        .spool_dir = below(a, data_dir, "spool"),
        .threads = (int)conf_int(c, "http.threads"),
        .max_connections = (int)conf_int(c, "http.max_connections"),
        .max_per_address = (int)conf_int(c, "http.max_connections_per_ip"),
        .header_ms = (int)conf_int(c, "http.header_deadline_s") * 1000,
        .body_ms = (int)conf_int(c, "http.body_deadline_s") * 1000,
        .idle_ms = (int)conf_int(c, "http.idle_s") * 1000,
        .handler = lobby_handler() };
    return http_open(&o, ret);
}

/* The port is known only now when 0 was asked for. */
static void name_self(program *p, const http *h)
{
    if (!conf_str(p->app.conf, "public_url").n)
        p->app.public_url =
                str_fmt(p->a, "%s://localhost:%d", program_scheme(p->app.conf), http_port(h));
}

/* The port of postgresql://...:PORT/..., its own when none is written, 0 for an embedded store. */
static uint16_t store_port(str url)
{
    int64_t port = 5432;
    ptrdiff_t at = str_find(url, S("://"));
    if (at < 0) return 0;
    str host = str_sub(url, (size_t)at + 3, url.n);
    ptrdiff_t slash = str_find_byte(host, '/'), user = str_find_byte(host, '@');
    if (slash >= 0) host = str_sub(host, 0, (size_t)slash);
    if (user >= 0) host = str_sub(host, (size_t)user + 1, host.n);
    ptrdiff_t colon = str_find_byte(host, ':');
    if (colon >= 0 && !str_to_i64(str_sub(host, (size_t)colon + 1, host.n), &port)) port = 5432;
    return (uint16_t)port;
}

/* The port of "ADDRESS:PORT" or "[ADDRESS]:PORT". */
static uint16_t listen_port(str at)
{
    int64_t port = 0;
    size_t from = at.n;
    while (from > 0 && at.p[from - 1] != ':')
        from--;
    return str_to_i64(str_sub(at, from, at.n), &port) && port > 0 && port < 65536 ? (uint16_t)port
                                                                                  : 0;
}

/* Before the first thread. Of the data folder the server has all but the keys: what it writes in is
 * named folder by folder, and its local socket may be made, but nothing else beside it. */
static err give_up_rights(const char *data_dir, const char *listen)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    const conf *c;
    TRY(program_conf(a, data_dir, listen, &c));
    uint16_t at = listen_port(conf_str(c, "listen")), store = store_port(conf_str(c, "store.url"));
    rights_root roots[] = { { .path = data_dir, .binds = true },
        { .path = below(a, data_dir, "realm"), .write = true },
        { .path = below(a, data_dir, "spool"), .write = true },
        { .path = below(a, data_dir, "drop"), .write = true },
        { .path = below(a, data_dir, "published"), .write = true },
        { .path = below(a, data_dir, "minar.yaml") }, { .path = parts_share_folder(a) },
        { .path = "/usr/share/zoneinfo" }, { .path = "/etc/localtime" }, { .path = "/etc/hosts" },
        { .path = "/etc/resolv.conf" }, { .path = "/etc/nsswitch.conf" },
        { .path = "/etc/host.conf" }, { .path = "/etc/gai.conf" }, { .path = "/etc/passwd" },
        { .path = "/etc/ssl/certs" }, { .path = "/etc/ssl/openssl.cnf" }, { .path = "/etc/gnutls" },
        { .path = "/etc/ld.so.cache" }, { .path = "/proc/self" }, { .path = "/proc/meminfo" },
        { .path = "/sys/fs/cgroup" }, { .path = "/dev/urandom" }, { .path = "/usr/lib" },
        { .path = "/lib" }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 } };
    const str files[] = { conf_str(c, "tls.cert_file"), conf_str(c, "tls.key_file"),
        conf_str(c, "tls.client_ca_file"), conf_str(c, "oidc.client_secret_file"),
        conf_str(c, "mail.password_file"), conf_str(c, "bounce.password_file"),
        conf_str(c, "mail.smime_ca") };
    size_t n_roots = ARRAY_LEN(roots) - ARRAY_LEN(files);
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (files[i].n) roots[n_roots++] = (rights_root){ .path = str_z(a, files[i]) };
    rights_grant g = { .roots = roots,
        .n_roots = n_roots,
        .listen_ports = &at,
        .n_listen_ports = 1,
        .connect_ports = &store,
        .n_connect_ports = store ? 1 : 0 };
    return rights_apply(PROC_SERVER, &g, NULL);
}

/* While files can still be removed: a server that crashed left its local socket behind. */
static err take_folder(const char *data_dir, int *ret_lock)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    TRY(program_lock(data_dir, ret_lock));
    (void)!unlink(below(a, data_dir, "minar.sock"));
    return OK;
}

/* The stores open behind the door; then calls are let in. */
static err open_behind(program_options *o, const conf *c, arena *a, program **p, http **h)
{
    TRY(listen_now(a, c, o->data_dir, h));
    TRY(program_open(o, p));
    (*p)->app.http = *h;
    http_handler calls = api_handler((*p)->api);
    name_self(*p, *h);
    lobby_let_in(&calls);
    log_info("listening", "on=http://127.0.0.1:%d public=%.*s", http_port(*h),
            STR_ARG((*p)->app.public_url));
    return OK;
}

static void server_close(server *s, program *p, http *h, arena *a)
{
    api_stop(p->api);
    http_close(h, 5000);
    courier_stop(s->courier);
    sandbox_stop(s->sandbox);
    printer_stop(s->printer);
    program_close(p);
    courier_free(s->courier);
    sandbox_free(s->sandbox);
    printer_free(s->printer);
    keys_stop(s->keys);
    keys_free(s->keys);
    arena_free(a);
}

/* Another machine has taken over: nothing more is answered, not even what is under way. */
static void fence_watch(server *s, const char *data_dir)
{
    enum { LOOK_MS = 500 };
    for (;;) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        if (sem_timedwait(&s->stop, &until) == 0) return;
        if (errno != ETIMEDOUT && errno != EINTR) return;
        if (!follow_fenced(data_dir)) continue;
        log_err("server.fenced", ERR1(E_CONFIG, "error.backup.fenced", S("-")));
        _exit(3);
    }
}

static int server_main(child *ch, const char *data_dir, const char *listen)
{
    server s = { 0 };
    program *p = NULL;
    http *h = NULL;
    int lock = -1;
    err e = take_folder(data_dir, &lock);
    if (failed(e)) return exit_of("server.folder", e);
    e = give_up_rights(data_dir, listen);
    if (failed(e)) return exit_of("server.rights", e);
    s.courier = courier_new();
    s.keys = keys_new();
    s.sandbox = sandbox_new();
    s.printer = printer_new();
    sem_init(&s.stop, 0, 0);
    child_events events = { told_to_stop, told_link, &s };
    program_options o = { .data_dir = data_dir,
        .listen = listen,
        .courier = s.courier,
        .keys = s.keys,
        .sandbox = s.sandbox,
        .printer = s.printer,
        .lock_fd = lock,
        .work = true,
        .want_founded = true };
    arena *a = arena_new(4 << 20); /* the process's */
    const conf *c;
    e = program_conf(a, data_dir, listen, &c);
    if (!failed(e) && conf_str(c, "token.module").n) keys_wait_for_token(s.keys);
    child_watch(ch, &events);
    if (!failed(e)) e = open_behind(&o, c, a, &p, &h);
    if (failed(e)) return exit_of("server.open", e);
    child_ready(ch);
    fence_watch(&s, data_dir);
    server_close(&s, p, h, a);
    log_info("stopped", "kind=server");
    return 0;
}

/* ---- courier ---- */

/* What the configuration names, as jobs will name it: scheme://host:port. */
static err relay_text(arena *a, const conf *c, str *ret)
{
    outbox_options o = { 0 };
    *ret = (str){ 0 };
    TRY(outbox_options_load(a, c, &o));
    if (o.host.n)
        *ret = str_fmt(a, "%s://%.*s:%d", o.security == MAIL_TLS ? "smtps" : "smtp",
                STR_ARG(o.host), (int)o.port);
    return OK;
}

/* The mailbox that bounces come to. */
static err box_endpoint_of(arena *a, const conf *c, str *ret, size_t *n)
{
    bounce_options o;
    TRY(bounce_options_load(a, c, &o));
    if (o.box.host.n) ret[(*n)++] = box_endpoint(a, &o.box);
    return OK;
}

/* The web servers of our witnesses: scheme://host:port each. */
static err witness_endpoints(arena *a, const conf *c, str *ret, size_t *n)
{
    witness_peer peers[WITNESS_MAX];
    size_t count;
    TRY(witness_peers_parse(a, conf_str(c, "ledger.witnesses"), "ledger.witnesses", peers, &count));
    for (size_t i = 0; i < count; i++) {
        web_url u;
        TRY(web_url_parse(a, peers[i].url, NULL, &u));
        ret[(*n)++] = u.origin;
    }
    return OK;
}

/* The identity provider, of which the courier needs to know no secret. */
static err provider_endpoint(arena *a, const conf *c, str *ret, size_t *n)
{
    oidc_setup s = { .issuer = conf_str(c, "oidc.issuer") };
    str origin;
    TRY(oidc_origin(a, &s, &origin));
    if (origin.n) ret[(*n)++] = origin;
    return OK;
}

static err gateway_endpoint(arena *a, const conf *c, str *ret, size_t *n)
{
    str origin;
    TRY(sms_origin(a, c, &origin));
    if (origin.n) ret[(*n)++] = origin;
    return OK;
}

/* The administrator's list of networks in which others may name endpoints. */
static err allowed_networks(const conf *c, cidr *ret, size_t most, size_t *n)
{
    str rest = conf_str(c, "courier.networks"), part;
    *n = 0;
    while (str_split(&rest, ' ', &part)) {
        if (!part.n) continue;
        if (*n == most || !cidr_parse(part, true, &ret[*n]))
            return err_at_pointer(
                    ERR1(E_CONFIG, "error.main.networks", part), S("courier.networks"));
        ++*n;
    }
    return OK;
}

static int run_courier(child *ch, const char *data_dir)
{
    arena *a = arena_new(4 << 20);
    const conf *c;
    str relay, ends[3 + WITNESS_MAX];
    cidr allowed[64];
    size_t n = 0, n_ends = 0;
    err e = program_conf(a, data_dir, NULL, &c);
    if (!failed(e)) e = relay_text(a, c, &relay);
    if (!failed(e) && relay.n) ends[n_ends++] = relay;
    if (!failed(e)) e = box_endpoint_of(a, c, ends, &n_ends);
    if (!failed(e)) e = witness_endpoints(a, c, ends, &n_ends);
    if (!failed(e)) e = provider_endpoint(a, c, ends, &n_ends);
    if (!failed(e)) e = gateway_endpoint(a, c, ends, &n_ends);
    if (!failed(e)) e = allowed_networks(c, allowed, ARRAY_LEN(allowed), &n);
    if (failed(e)) return exit_of("courier.conf", e);
    courier_setup setup = {
        .endpoints = ends, .n_endpoints = n_ends, .allowed = allowed, .n_allowed = n
    };
    int code = courier_main(ch, &setup);
    arena_free(a);
    return code;
}

/* ---- keys ---- */

static int run_keys(child *ch, const char *data_dir)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    const conf *c;
    err e = program_conf(a, data_dir, NULL, &c);
    if (failed(e)) return exit_of("keys.conf", e);
    dkim_identity signs;
    keys_setup setup = { .name = conf_str(c, "site.name_en") };
    e = dkim_conf(c, &signs);
    if (failed(e)) return exit_of("keys.conf", e);
    setup.selector = signs.selector;
    const char *folder = below(a, data_dir, "keys");
    setup.token = token_setup_of(c, folder);
    return keys_main(ch, folder, &setup);
}

int serve_child(proc_kind kind, int argc, char **argv)
{
    child *ch;
    if (argc < 1) return 2;
    err e = child_open(kind, &ch);
    if (!failed(e)) e = program_log(argv[0]);
    if (failed(e)) return exit_of("child.open", e);
    const char *listen = argc > 1 && argv[1][0] ? argv[1] : NULL;
    int code = 2;
    if (kind == PROC_COURIER) code = run_courier(ch, argv[0]);
    if (kind == PROC_SANDBOX) code = sandbox_main(ch);
    if (kind == PROC_PRINTER) code = printer_main(ch, PDF_FONT_FOLDER);
    if (kind == PROC_KEYS) code = run_keys(ch, argv[0]);
    if (kind == PROC_SERVER) code = server_main(ch, argv[0], listen);
    child_close(ch);
    return code;
}
