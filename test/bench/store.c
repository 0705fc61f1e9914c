/* store.c - figures of the record store: point reads a second on one thread, jobs of three inserts
 * a second with many waiting submitters, and the cost of one fsync beside them. usage: store-bench
 * [sqlite|pg] [seconds] */
#include "gen/store/queries.h"
#include "store/job.h"
#include "support/stores.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SUBMITTERS = 64, ROWS = 100000, BATCH = 500 };

#define MUST(expr)                                                                                 \
    do {                                                                                           \
        err e_ = (expr);                                                                           \
        if (failed(e_)) {                                                                          \
            fprintf(stderr, "%s: %s %.*s\n", #expr, e_.f->key, STR_ARG(e_.f->args[0]));            \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static double seconds = 3;

static err add_job(txn *t)
{
    int64_t row;
    id128 id;
    return job_enqueue(t,
            &(job_draft){ .kind = S("bench"), .body = S("{\"what\":\"a row of usual size\"}") },
            &row, &id);
}

static err fill(txn *t, void *ctx)
{
    (void)ctx;
    for (int i = 0; i < BATCH; i++)
        TRY(add_job(t));
    return OK;
}

static err three(txn *t, void *ctx)
{
    (void)ctx;
    TRY(add_job(t));
    TRY(add_job(t));
    return add_job(t);
}

static void fsync_cost(const char *dir)
{
    char path[300];
    char page[4096] = { 1 };
    snprintf(path, sizeof path, "%s/fsync-%d", dir, (int)getpid());
    int fd = open(path, O_CREAT | O_RDWR, 0600);
    int64_t begin = monotonic_us();
    for (int i = 0; i < 200; i++)
        if (pwrite(fd, page, sizeof page, 0) < 0 || fdatasync(fd)) exit(1);
    printf("one 4 KB overwrite and fdatasync: %.0f us\n", (double)(monotonic_us() - begin) / 200);
    close(fd);
    unlink(path);
}

static void reads(store *s)
{
    int64_t begin = monotonic_us(), end = begin + (int64_t)(seconds * 1e6), n = 0;
    uint64_t random = 88172645463325252u;
    while (monotonic_us() < end) {
        for (int i = 0; i < 100; i++, n++) {
            txn *t;
            job_row_row *r;
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            MUST(txn_read(s, 100000, &t));
            MUST(job_row(
                    t, &(job_row_args){ .row = (int64_t)(random % ROWS) + 1 }, txn_arena(t), &r));
            txn_end(t);
        }
    }
    printf("point reads, one thread: %.0f/s\n", (double)n * 1e6 / (double)(monotonic_us() - begin));
}

typedef struct {
    store *s;
    int64_t end, n;
} submitter;

static void *submit_main(void *ctx)
{
    submitter *x = ctx;
    for (; monotonic_us() < x->end; x->n++)
        MUST(store_write(x->s, three, NULL));
    return NULL;
}

static void writes(store *s, int threads)
{
    static submitter x[SUBMITTERS];
    pthread_t id[SUBMITTERS];
    int64_t begin = monotonic_us(), n = 0;
    for (int i = 0; i < threads; i++) {
        x[i] = (submitter){ s, begin + (int64_t)(seconds * 1e6), 0 };
        if (pthread_create(&id[i], NULL, submit_main, &x[i])) exit(1);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(id[i], NULL);
        n += x[i].n;
    }
    printf("jobs of 3 inserts, %d waiting: %.0f/s\n", threads,
            (double)n * 1e6 / (double)(monotonic_us() - begin));
}

int main(int argc, char **argv)
{
    bool pg = argc > 1 && strcmp(argv[1], "pg") == 0;
    if (argc > 2) seconds = atof(argv[2]);
    const char *tmp = getenv("MINAR_TMP");
    if (pg && !stores_have_pg()) return 77;
    printf("%s\n", pg ? "PostgreSQL" : "SQLite");
    fsync_cost(tmp ? tmp : "/tmp");
    test_store *t = test_store_new(pg);
    for (int i = 0; i < ROWS / BATCH; i++)
        MUST(store_write(t->s, fill, NULL));
    reads(t->s);
    writes(t->s, 1);
    writes(t->s, SUBMITTERS);
    test_store_free(t);
    stores_over();
    return 0;
}
