/* checkpoint.c - see checkpoint.h. While commits go on, what the thread moves is always behind, and
 * the log begins anew only when a commit finds all of it moved. So the thread moves each 4,000
 * pages (16 MiB) as they come, and once the log is long (64 MiB) and the thread has left little,
 * the writer moves that. Without it the log would grow with the writing, and every read in it with
 * the log. A reader that stays long holds all this back; then the log grows until the reader ends.
 */
#include "store/checkpoint.h"
#include "base/log.h"
#include "store/conn.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

enum {
    PART_PAGES = 4000,
    FULL_PAGES = 16384,
    LEFT_PAGES = 1500,
    FAR_PAGES = 65536,
    BUSY_MS = 5000
};

struct checkpoint {
    sqlite3 *db;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stir;
    bool wanted, ending;
    pthread_mutex_t moving; /* one moves at a time; before lock */
    int told;               /* the log's pages when the thread was last told; the writer's */
    _Atomic int moved;      /* pages of the log that were moved when one last looked */
};

/* A disk that fails stops the process: what was acknowledged is in the log, and a second try may
 * report success for lost pages. */
static void check(int rc)
{
    if (rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED) return;
    log_line(LOG_ERROR, "store.checkpoint", "reason=\"%s\"", sqlite3_errstr(rc));
    store_stop();
}

/* With `moving` held. */
static void move(checkpoint *c, sqlite3 *db)
{
    int log, moved;
    int rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &moved);
    if (rc == SQLITE_OK) c->moved = moved;
    check(rc);
}

/* SQLite syncs the file only when nothing of the log is left, and that is the writer's turn: what
 * was moved before must be on the disk by then, or the writer would wait for all of it. */
static void sync_file(checkpoint *c)
{
    sqlite3_file *f = NULL;
    check(sqlite3_file_control(c->db, "main", SQLITE_FCNTL_FILE_POINTER, &f));
    if (f && f->pMethods) check(f->pMethods->xSync(f, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY));
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
        pthread_mutex_lock(&c->moving);
        move(c, c->db);
        sync_file(c);
        pthread_mutex_unlock(&c->moving);
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
    /* A connection that has read nothing does not know of the log and would move nothing. */
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(c->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
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

static void wake(checkpoint *c, int pages)
{
    c->told = pages;
    pthread_mutex_lock(&c->lock);
    c->wanted = true;
    pthread_cond_signal(&c->stir);
    pthread_mutex_unlock(&c->lock);
}

void checkpoint_hint(checkpoint *c, struct sqlite3 *db, int pages)
{
    if (pages < c->told) { /* the log began anew */
        c->told = 0;
        c->moved = 0;
    }
    bool little = pages >= FULL_PAGES && pages - c->moved <= LEFT_PAGES;
    if ((little || pages >= FAR_PAGES) && pthread_mutex_trylock(&c->moving) == 0) {
        move(c, db);
        pthread_mutex_unlock(&c->moving);
    } else if (pages - c->told >= (pages < FULL_PAGES ? PART_PAGES : LEFT_PAGES / 2)) {
        wake(c, pages);
    }
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
