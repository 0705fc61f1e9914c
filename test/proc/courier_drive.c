/* courier_drive.c - a small minar for courier_test.py and keys_test.py: supervisor, keys, courier
 * and a server that reads commands on stdin (one a line, fields by tabs) and writes what came of
 * them on stdout. Tests only. mail  ID class host port security user password from to,to file
 * deadline_ms fetch ID class url method max_bytes deadline_ms etag stop_after header (stop_after:
 * cancel after so many bytes; below zero: read slowly) An answer: ID, fault's key or "ok", code,
 * and fields of the result. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base.h"
#include "base/time.h"
#include "proc/address.h"
#include "proc/child.h"
#include "proc/courier.h"
#include "proc/courier_main.h"
#include "proc/keys.h"
#include "proc/keys_main.h"
#include "proc/printer_main.h"
#include "proc/sandbox_main.h"
#include "proc/supervise.h"
#include "render/pdf.h"

enum { FIELDS = 12 };

typedef struct {
    char id[32];
    arena *a;
    int64_t bytes, stop_after;
    uint64_t sum;
} order;

static courier *post;
static keys *ring;
static const char *folder = "/nowhere";

static str option(char **argv, const char *name, size_t which)
{
    size_t seen = 0;
    for (char **at = argv; *at; at++) {
        str arg = str_of(*at), prefix = str_of(name);
        if (str_starts(arg, prefix) && seen++ == which) return str_sub(arg, prefix.n, arg.n);
    }
    return (str){ 0 };
}

static int run_courier(child *c, char **argv)
{
    static cidr nets[4];
    static str endpoints[32];
    courier_setup s = { .allowed = nets, .endpoints = endpoints };
    str ca = option(argv, "--ca=", 0);
    while (s.n_allowed < ARRAY_LEN(nets) && option(argv, "--allow=", s.n_allowed).n) {
        if (!cidr_parse(option(argv, "--allow=", s.n_allowed), true, &nets[s.n_allowed])) return 3;
        s.n_allowed++;
    }
    while (s.n_endpoints < ARRAY_LEN(endpoints) && option(argv, "--endpoint=", s.n_endpoints).n) {
        endpoints[s.n_endpoints] = option(argv, "--endpoint=", s.n_endpoints);
        s.n_endpoints++;
    }
    if (ca.n) s.ca_file = ca.p;
    return courier_main(c, &s);
}

static void say(str line)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    fwrite(line.p, 1, line.n, stdout);
    fflush(stdout);
    pthread_mutex_unlock(&lock);
}

static void put_fault(buf *b, const order *o, err e)
{
    buf_fmt(b, "%s\t%s\t%s", o->id, failed(e) ? e.f->key : "ok", err_code_name(err_code_of(e)));
    for (int i = 0; i < 3; i++)
        buf_fmt(b, "\t%.*s", failed(e) ? (int)e.f->args[i].n : 0, failed(e) ? e.f->args[i].p : "");
}

static void order_end(order *o, buf *b)
{
    buf_byte(b, '\n');
    say(buf_str(b));
    arena_free(o->a);
    free(o);
}

static void mail_ended(void *ctx, err e, const mail_result *r)
{
    order *o = ctx;
    buf b = buf_new(o->a, 256);
    put_fault(&b, o, e);
    buf_fmt(&b, "\t%d\t%.*s", (int)r->code, STR_ARG(r->text));
    for (size_t i = 0; i < r->n_rcpts; i++)
        buf_fmt(&b, "\t%.*s=%d:%d", STR_ARG(r->rcpts[i].to), r->rcpts[i].accepted,
                (int)r->rcpts[i].code);
    order_end(o, &b);
}

static void fetch_ended(void *ctx, err e, const fetch_result *r)
{
    order *o = ctx;
    buf b = buf_new(o->a, 256);
    put_fault(&b, o, e);
    buf_fmt(&b, "\t%d\t%lld\t%llu\t%.*s\t%.*s\t%.*s\t%d\t%lld\t%.*s", (int)r->status,
            (long long)o->bytes, (unsigned long long)o->sum, STR_ARG(r->etag),
            STR_ARG(r->last_modified), STR_ARG(r->url), r->not_modified, (long long)r->took_ms,
            STR_ARG(r->content_type));
    order_end(o, &b);
}

static bool body_came(void *ctx, str part)
{
    order *o = ctx;
    for (size_t i = 0; i < part.n; i++)
        o->sum = o->sum * 31 + (uint8_t)part.p[i];
    o->bytes += (int64_t)part.n;
    if (o->stop_after < 0) usleep(2000);
    return o->stop_after <= 0 || o->bytes < o->stop_after;
}

static int64_t number(str s)
{
    int64_t v;
    return str_to_i64(s, &v) ? v : 0;
}

static str file_read(arena *a, str path)
{
    FILE *f = fopen(str_z(a, path), "r");
    if (!f) return (str){ 0 };
    buf b = buf_new(a, 1 << 16);
    size_t n;
    while ((n = fread(buf_room(&b, 65536), 1, 65536, f)) > 0)
        b.n += n;
    fclose(f);
    return buf_str(&b);
}

static err order_mail(order *o, const str *f)
{
    str to[MAIL_RCPT_MAX], rest = f[9];
    size_t n = 0;
    while (n < MAIL_RCPT_MAX && str_split(&rest, ',', &to[n]))
        n++;
    mail_job j = { .endpoint = (endpoint_class)number(f[2]),
        .host = f[3],
        .port = (int32_t)number(f[4]),
        .security = (mail_security)number(f[5]),
        .user = f[6],
        .password = f[7],
        .from = f[8],
        .to = to,
        .n_to = n,
        .message = file_read(o->a, f[10]),
        .deadline_ms = (int32_t)number(f[11]) };
    return courier_send(post, &j, mail_ended, o);
}

static err order_fetch(order *o, const str *f)
{
    bool is_post = str_eq(f[4], S("POST"));
    fetch_job j = { .endpoint = (endpoint_class)number(f[2]),
        .url = f[3],
        .method = is_post ? FETCH_POST : FETCH_GET,
        .max_bytes = number(f[5]),
        .deadline_ms = (int32_t)number(f[6]),
        .etag = f[7],
        .headers = &f[9],
        .n_headers = f[9].n ? 1 : 0 };
    if (is_post) j.body = S("{\"a\":1}"), j.content_type = S("application/json");
    o->stop_after = number(f[8]);
    return courier_fetch(post, &j, body_came, fetch_ended, o);
}

/* keys ID LABEL TIMES - wraps a key and unwraps it TIMES times, signs and proves the signature. */
static err use_keys(const str *f, uint64_t *sum)
{
    uint8_t key[KEY_BYTES], again[KEY_BYTES], wrapped[KEY_WRAPPED_BYTES], sig[SIGNATURE_BYTES];
    str text = S("minar.example/log\n1\nroot\n"), form = { (char *)wrapped, sizeof wrapped };
    memset(key, 7, sizeof key);
    TRY(keys_wrap(ring, f[2], key, wrapped));
    for (int64_t i = 0; i < number(f[3]); i++)
        TRY(keys_unwrap(ring, f[2], form, again));
    ASSERT(memcmp(key, again, sizeof key) == 0);
    TRY(keys_sign(ring, SIGN_LEDGER_CHECKPOINT, text, sig));
    TRY(keys_public(ring, SIGN_LEDGER_CHECKPOINT, key));
    if (crypto_sign_verify_detached(sig, (const uint8_t *)text.p, text.n, key) != 0)
        return ERR(E_INVALID, "error.keys.statement");
    *sum = key[0];
    return OK;
}

static void order_keys(order *o, const str *f)
{
    uint64_t sum = 0;
    int64_t at = monotonic_us();
    buf b = buf_new(o->a, 64);
    put_fault(&b, o, use_keys(f, &sum));
    buf_fmt(&b, "\t%lld\t%llu", (long long)(monotonic_us() - at), (unsigned long long)sum);
    order_end(o, &b);
}

/* judge ID ADDRESS,ADDRESS,.. - what the courier thinks of them when others name them. */
static void order_judge(order *o, str list)
{
    const address_policy named = { .endpoint = ENDPOINT_NAMED };
    str one;
    buf b = buf_new(o->a, 4096);
    put_fault(&b, o, OK);
    while (str_split(&list, ',', &one)) {
        struct sockaddr_in four = { .sin_family = AF_INET };
        struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
        const char *text = str_z(o->a, one);
        bool is_four = inet_pton(AF_INET, text, &four.sin_addr) == 1;
        ASSERT(is_four || inet_pton(AF_INET6, text, &six.sin6_addr) == 1);
        address_reason reason;
        (void)address_allowed(
                is_four ? (struct sockaddr *)&four : (struct sockaddr *)&six, &named, &reason);
        buf_fmt(&b, "\t%s", address_reason_name(reason));
    }
    order_end(o, &b);
}

static void command(str line)
{
    str f[FIELDS] = { { 0 } };
    order *o = calloc(1, sizeof *o);
    size_t n = 0;
    o->a = arena_new((size_t)256 << 20);
    line = str_copy(o->a, line);
    while (n < FIELDS && str_split(&line, '\t', &f[n]))
        n++;
    snprintf(o->id, sizeof o->id, "%.*s", STR_ARG(f[1]));
    if (str_eq(f[0], S("keys"))) {
        order_keys(o, f);
        return;
    }
    if (str_eq(f[0], S("judge"))) {
        order_judge(o, f[2]);
        return;
    }
    err e = str_eq(f[0], S("mail")) ? order_mail(o, f) : order_fetch(o, f);
    if (!failed(e)) return;
    buf b = buf_new(o->a, 256);
    put_fault(&b, o, e);
    order_end(o, &b);
}

static void on_stop(void *ctx)
{
    (void)ctx;
    courier_free(post);
    keys_stop(ring);
    say(S("stopped\n"));
    _exit(0);
}

static void on_link(void *ctx, proc_kind peer, int fd)
{
    (void)ctx;
    if (peer == PROC_KEYS) {
        keys_link(ring, fd);
        return;
    }
    if (peer == PROC_SANDBOX || peer == PROC_PRINTER) { /* nothing is opened or printed here */
        close(fd);
        return;
    }
    ASSERT(peer == PROC_COURIER);
    courier_link(post, fd);
    say(S("linked\n"));
}

static int run_keys(child *c)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/keys", folder);
    return keys_main(c, path, &(keys_setup){ .name = S("Test CERT") });
}

static int run_server(child *c)
{
    static const child_events events = { .stop = on_stop, .link = on_link };
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    const rights_root roots[] = { { folder, false } };
    err e = rights_apply(PROC_SERVER, &(rights_grant){ .roots = roots, .n_roots = 1 }, NULL);
    if (failed(e)) return 75;
    post = courier_new();
    ring = keys_new();
    child_watch(c, &events);
    child_ready(c);
    while ((n = getline(&line, &cap, stdin)) > 0)
        command((str){ line, (size_t)n - 1 });
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    proc_kind kind;
    child *c = NULL;
    str at = option(argv, "--folder=", 0);
    if (at.n) folder = at.p;
    if (!child_wanted(argc, argv, &kind)) {
        supervise_plan plan = supervise_plan_default(argv + 1);
        return supervise_run(&plan);
    }
    if (failed(child_open(kind, &c))) return 2;
    if (kind == PROC_KEYS) return run_keys(c);
    if (kind == PROC_SANDBOX) return sandbox_main(c);
    if (kind == PROC_PRINTER) return printer_main(c, PDF_FONT_FOLDER);
    return kind == PROC_COURIER ? run_courier(c, argv) : run_server(c);
}
