/* checkpoint.c - see checkpoint.h. The thread begins at 4,000 pages (16 MiB) and works while
 * commits go on; when they come faster than it moves pages, the writer helps at 65,536 (256 MiB).
 */
#include "store/checkpoint.h"
#include "base/log.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

enum { BEGIN_PAGES = 4000, HELP_PAGES = 65536, BUSY_MS = 5000 };

struct checkpoint {
    sqlite3 *db;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stir;
    bool wanted, ending;
};

void checkpoint_now(struct sqlite3 *db)
{
    int rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
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
        checkpoint_now(c->db);
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
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->stir, NULL);
    ASSERT(pthread_create(&c->thread, NULL, checkpoint_main, c) == 0);
    *ret = c;
    return OK;
}

bool checkpoint_hint(checkpoint *c, int pages)
{
    if (pages < BEGIN_PAGES) return false;
    pthread_mutex_lock(&c->lock);
    c->wanted = true;
    pthread_cond_signal(&c->stir);
    pthread_mutex_unlock(&c->lock);
    return pages >= HELP_PAGES;
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
    free(c);
}
