/* checkpoint.c - see checkpoint.h. While commits go on, what the thread moves is always behind: the
 * log begins anew only when a commit finds all of it moved. So the thread moves each 4,000 pages
 * (16 MiB) as they come, and at 16,384 (64 MiB) the writer moves the few that are left. Without
 * that the log would grow with the writing, and every read in it with the log. */
#include "store/checkpoint.h"
#include "base/log.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

enum { PART_PAGES = 4000, FULL_PAGES = 16384, BUSY_MS = 5000 };

struct checkpoint {
    sqlite3 *db;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stir;
    bool wanted, ending;
    pthread_mutex_t moving; /* one moves at a time; before lock */
    int told;               /* the log's pages when the thread was last told; the writer's */
};

/* A disk that fails stops the process: what was acknowledged is in the log, and a second try may
 * report success for lost pages. */
static void move(checkpoint *c, sqlite3 *db)
{
    pthread_mutex_lock(&c->moving);
    int rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    pthread_mutex_unlock(&c->moving);
    if (rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED) return;
    log_line(LOG_ERROR, "store.checkpoint", "reason=\"%s\"", sqlite3_errstr(rc));
    abort();
}

static void *checkpoint_main(void *ctx)
{
    checkpoint *c = ctx;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (!c->wanted && !c->ending)
            pthread_cond_wait(&c->stir, &c->lock);
        if (c->ending) break;
        c->wanted = false;
        pthread_mutex_unlock(&c->lock);
        move(c, c->db);
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

err checkpoint_start(const char *path, checkpoint **ret)
{
    checkpoint *c = calloc(1, sizeof *c);
    ASSERT(c);
    int rc = sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) {
        sqlite3_close(c->db);
        free(c);
        return ERR2(E_IO, "error.store.open", str_of(path), str_of(sqlite3_errstr(rc)));
    }
    sqlite3_busy_timeout(c->db, BUSY_MS);
    pthread_mutex_init(&c->moving, NULL);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->stir, NULL);
    ASSERT(pthread_create(&c->thread, NULL, checkpoint_main, c) == 0);
    *ret = c;
    return OK;
}

void checkpoint_hint(checkpoint *c, struct sqlite3 *db, int pages)
{
    if (pages < c->told) c->told = 0; /* the log began anew */
    if (pages >= FULL_PAGES) {
        move(c, db);
        return;
    }
    if (pages - c->told < PART_PAGES) return;
    c->told = pages;
    pthread_mutex_lock(&c->lock);
    c->wanted = true;
    pthread_cond_signal(&c->stir);
    pthread_mutex_unlock(&c->lock);
}

void checkpoint_stop(checkpoint *c)
{
    if (!c) return;
    pthread_mutex_lock(&c->lock);
    c->ending = true;
    pthread_cond_signal(&c->stir);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    ASSERT(sqlite3_close(c->db) == SQLITE_OK);
    pthread_cond_destroy(&c->stir);
    pthread_mutex_destroy(&c->lock);
    pthread_mutex_destroy(&c->moving);
    free(c);
}
