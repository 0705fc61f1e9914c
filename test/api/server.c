/* server.c - the API's test server: the real HTTP server, walk, store and ledger under a small
 * route table. usage: api-test-server [--pg] [header_ms body_ms idle_ms max_per_address]; ends on
 * SIGTERM. */
#include "server.h"
#include "api/app.h"
#include "api/serve.h"
#include "base/log.h"
#include "gen/test_routes.h"
#include "ledger/ledger.h"
#include "net/http.h"
#include "support/stores.h"
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(const char *what, err e)
{
    if (!failed(e)) return;
    log_err(what, e);
    exit(1);
}

static int number(int argc, char **argv, int i)
{
    return i < argc ? atoi(argv[i]) : 0;
}

static http_options options(int argc, char **argv, char *folder, api *a)
{
    static char sock[300], spool[300];
    const char *listen = getenv("MINAR_TEST_LISTEN");
    (void)snprintf(sock, sizeof sock, "%s/minar.sock", folder);
    (void)snprintf(spool, sizeof spool, "%s/spool", folder);
    return (http_options){ .listen = listen ? listen : "127.0.0.1:0,[::1]:0",
        .unix_path = sock,
        .spool_dir = spool,
        .cert_file = getenv("MINAR_TEST_CERT"),
        .key_file = getenv("MINAR_TEST_KEY"),
        .header_ms = number(argc, argv, 1),
        .body_ms = number(argc, argv, 2),
        .idle_ms = number(argc, argv, 3),
        .max_per_address = number(argc, argv, 4),
        .handler = api_handler(a) };
}

int main(int argc, char **argv)
{
    static realm live = { .name = "live" };
    static uint8_t key[32] = { 1, 2, 3 };
    char folder[] = "/tmp/minar-api-test.XXXXXX";
    sigset_t stop;
    int got;
    bool pg = argc > 1 && strcmp(argv[1], "--pg") == 0;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    if (!mkdtemp(folder) || sodium_init() < 0) return 1;
    if (pg && !stores_have_pg()) return 77;
    test_store *t = test_store_new(pg);
    live.store = t->s;
    must("ledger", ledger_open(t->s, &live.ledger));
    test_realm = &live;
    app one = { .data_dir = folder };
    api *a;
    http *h;
    must("api",
            api_open(
                    &(api_options){
                            .app = &one, .routes = &minar_test_routes, .key = key, .workers = 4 },
                    &a));
    one.api = a;
    http_options o = options(argc - pg, argv + pg, folder, a);
    must("http", http_open(&o, &h));
    log_info("listening", "on=http://127.0.0.1:%d sock=%s", http_port(h), o.unix_path);
    sigwait(&stop, &got);
    api_stop(a);
    http_close(h, 5000);
    api_close(a);
    test_store_free(t);
    ledger_close(live.ledger);
    stores_over();
    (void)!rmdir(o.spool_dir);
    (void)!rmdir(folder);
    log_info("stopped", "kind=test");
    return 0;
}
