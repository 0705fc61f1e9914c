/* history.c - opening and closing a history: the engine with its bounds, connections, counters.
 * Owns the history structure. history_open and history_close run alone; see history_in.h for
 * locks. */
#include "events/history_in.h"
#include "base/thread.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef struct {
    history *h;
    duckdb_config config;
    duckdb_state state;
    char *words;
} opening;

/* The engine's own threads are made here and inherit that this one gives way: a slow query does not
 * take the processor from quick answers. */
static void *open_engine(void *ctx)
{
    opening *x = ctx;
    thread_gives_way();
    x->state = duckdb_open_ext(NULL, &x->h->db, x->config, &x->words);
    return NULL;
}

static err engine_open(history *h, const history_options *o)
{
    char memory[32], threads[16];
    size_t bytes = o->memory_bytes ? o->memory_bytes : (size_t)1 << 30;
    snprintf(memory, sizeof memory, "%zuB", bytes);
    snprintf(threads, sizeof threads, "%d", o->threads > 0 ? o->threads : 2);
    const char *const settings[][2] = {
        { "memory_limit", memory },
        { "threads", threads },
        { "autoinstall_known_extensions", "false" },
        { "autoload_known_extensions", "false" },
        { "allow_community_extensions", "false" },
        { "allow_unsigned_extensions", "false" },
        { "checkpoint_threshold",
                "16MB" }, /* what a restart reads again: 256 MB took ten seconds */
        { "max_temp_directory_size", "8GB" },
    };
    duckdb_config config = NULL;
    ASSERT(duckdb_create_config(&config) == DuckDBSuccess);
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        ASSERT(duckdb_set_config(config, settings[i][0], settings[i][1]) == DuckDBSuccess);
    opening x = { .h = h, .config = config };
    pthread_t thread;
    ASSERT(pthread_create(&thread, NULL, open_engine, &x) == 0);
    pthread_join(thread, NULL);
    duckdb_destroy_config(&config);
    err e = x.state == DuckDBSuccess ? OK : duck_fault(x.words);
    duckdb_free(x.words);
    return e;
}

/* From here on the engine reaches its own folder and nothing else, and nobody can change that. */
static err engine_lock(history *h)
{
    return duck_runf(h->keeper,
            "SET temp_directory = '%s/tmp'; SET allowed_directories = ['%s'];"
            "SET enable_external_access = false; SET lock_configuration = true",
            h->dir, h->dir);
}

static err connect(history *h, duckdb_connection *c)
{
    if (duckdb_connect(h->db, c) == DuckDBSuccess) return OK;
    return ERR1(E_IO, "error.history.engine", S("no connection"));
}

static err readers_open(history *h, int n)
{
    h->n_readers = n > 0 && n <= READERS_MAX ? n : 4;
    for (int i = 0; i < h->n_readers; i++) {
        TRY(connect(h, &h->readers[i]));
        h->free[h->n_free++] = h->readers[i];
    }
    return OK;
}

static void locks_make(history *h)
{
    pthread_mutex_init(&h->upkeep, NULL);
    pthread_mutex_init(&h->writing, NULL);
    pthread_mutex_init(&h->pool, NULL);
    pthread_rwlockattr_t ra;
    pthread_rwlockattr_init(&ra);
    pthread_rwlockattr_setkind_np(&ra, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&h->shape, &ra);
    pthread_rwlockattr_destroy(&ra);
    pthread_condattr_t ca;
    pthread_condattr_init(&ca);
    pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
    pthread_cond_init(&h->freed, &ca);
    pthread_condattr_destroy(&ca);
}

static err open_parts(history *h, const history_options *o)
{
    TRY(event_key_load(h));
    TRY(engine_open(h, o));
    TRY(connect(h, &h->keeper));
    TRY(engine_lock(h));
    TRY(overlay_load(h));
    TRY(months_load(h));
    TRY(connect(h, &h->writer));
    TRY(connect(h, &h->sweeper));
    return readers_open(h, o->readers);
}

err history_open(const char *dir, const history_options *o, history **ret)
{
    static const history_options plain = { 0 };
    struct stat st;
    ASSERT(dir != NULL && ret != NULL);
    if (stat(dir, &st) != 0) return err_errno("error.history.disk", str_of(dir));
    if (!S_ISDIR(st.st_mode) || strpbrk(dir, "'\\\n") != NULL || strlen(dir) > 2000)
        return ERR1(E_CONFIG, "error.history.dir", str_of(dir));
    history *h = calloc(1, sizeof *h);
    ASSERT(h != NULL);
    h->dir = realpath(dir, NULL);
    ASSERT(h->dir != NULL);
    if (o == NULL) o = &plain;
    h->query_us = (o->query_ms > 0 ? o->query_ms : 10000) * US_PER_MS;
    locks_make(h);
    err e = open_parts(h, o);
    if (failed(e)) {
        history_close(h);
        return e;
    }
    *ret = h;
    return OK;
}

void history_close(history *h)
{
    if (h == NULL) return;
    for (int i = 0; i < h->n_readers; i++)
        duckdb_disconnect(&h->readers[i]);
    duckdb_disconnect(&h->writer);
    duckdb_disconnect(&h->sweeper);
    duckdb_disconnect(&h->keeper);
    duckdb_close(&h->db);
    pthread_cond_destroy(&h->freed);
    pthread_rwlock_destroy(&h->shape);
    pthread_mutex_destroy(&h->pool);
    pthread_mutex_destroy(&h->writing);
    pthread_mutex_destroy(&h->upkeep);
    free(h->dir);
    free(h);
}

void history_close_p(history **h)
{
    history_close(*h);
    *h = NULL;
}
