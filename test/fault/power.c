/* power.c - power cuts, simulated: takes a log of what the program did to its files (power_log.c)
 * under load, and again and again makes what a disk may hold had the power gone at that moment;
 * opens it and looks whether all that was answered is there, whole, once, and proved. Some of these
 * disks are opened with the writes of that written down too (the recovery), and the power goes
 * again while they are.
 *   power BASE LOG CUTS HISTORIES SEED TMP    HISTORIES: at how many of the cuts the history opens
 *   power --recover FOLDER                    opens and closes what is there
 * Says one line; ends with 1 when a cut lost, split or doubled something, and keeps its files.
 * POWER_PRELOAD: libpower_log.so, for the second cuts. POWER_KILLED: the process was killed
 * instead, between two of its calls on the history: all that it wrote is there. */
#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "base/time.h"
#include "events/history.h"
#include "ledger/ledger.h"
#include "power_disk.h"
#include "power_engine.h"
#include "store/store.h"

#define LIVE "realm/live/"
enum { SLOTS = 1 << 15, WHOLE_EVERY = 100, AGAIN = 4 };

/* What somebody was answered of a record: it was there, in this version at least. */
typedef struct {
    uint8_t id[16];
    int64_t told, found, entries;
} thing;

/* A log and the disk that it is played on. */
typedef struct {
    const uint8_t *log;
    size_t log_n, records;
    power_disk disk;
    const char *live, *past; /* where the realm lies on it, and its history */
    const char *tmp;         /* where a cut is laid out */
    bool killed;             /* all that was written is left */
    bool past_only;          /* cut between calls on the history alone */
} scene;

typedef struct {
    scene s;
    thing *things; /* by id, open addressing */
    size_t n_things;
    uint64_t seed, cut_seed;
    size_t cut, cuts, wanted; /* done, to do; histories to open */
    size_t by_left[LEFT_KINDS], histories, wholes, batches, again, again_steps;
    sqlite3 *db;
    power_view *db_view, *wal_view; /* of this cut */
} power;

static void bad(const power *x, const char *what, long long a, long long b)
{
    fprintf(stderr, "cut %zu (seed %llu): %s: %lld, %lld; kept in %s\n", x->cut,
            (unsigned long long)x->seed, what, a, b, x->s.tmp);
    exit(1);
}

static thing *thing_of(power *x, const uint8_t *id)
{
    uint64_t h;
    memcpy(&h, id, 8);
    for (size_t i = h % SLOTS;; i = (i + 1) % SLOTS) {
        thing *t = &x->things[i];
        if (memcmp(t->id, id, 16) == 0) return t;
        static const uint8_t none[16];
        if (memcmp(t->id, none, 16) != 0) continue;
        if (++x->n_things > SLOTS / 2) abort();
        memcpy(t->id, id, 16);
        return t;
    }
}

/* ---- records ---- */

static void sql(power *x, const char *text, void (*row)(power *x, sqlite3_stmt *s))
{
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(x->db, text, -1, &s, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", text, sqlite3_errmsg(x->db));
        bad(x, "not read", 0, 0);
    }
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        row(x, s);
    if (rc != SQLITE_DONE) bad(x, sqlite3_errmsg(x->db), rc, 0);
    sqlite3_finalize(s);
}

static void found(power *x, sqlite3_stmt *s)
{
    thing_of(x, sqlite3_column_blob(s, 0))->found = sqlite3_column_int64(s, 1);
}

static void entry(power *x, sqlite3_stmt *s)
{
    thing_of(x, sqlite3_column_blob(s, 0))->entries++;
}

static void same(power *x, sqlite3_stmt *s)
{
    int64_t a = sqlite3_column_int64(s, 0), b = sqlite3_column_int64(s, 1);
    if (a != b) bad(x, sqlite3_sql(s), a, b);
}

static void ignore(power *x, sqlite3_stmt *s) {}

static void quick(power *x, sqlite3_stmt *s)
{
    if (strcmp((const char *)sqlite3_column_text(s, 0), "ok") != 0)
        bad(x, (const char *)sqlite3_column_text(s, 0), 0, 0);
}

static void look_records(power *x)
{
    if (sqlite3_open_v2("records.db", &x->db, SQLITE_OPEN_READWRITE, "cut") != SQLITE_OK)
        bad(x, "not opened", 0, 0);
    sqlite3_db_config(x->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sql(x, "PRAGMA locking_mode = EXCLUSIVE", ignore);
    for (size_t i = 0; i < SLOTS; i++)
        x->things[i].found = x->things[i].entries = 0;
    sql(x, "SELECT id, version FROM organisation", found);
    sql(x, "SELECT subject FROM ledger_entry WHERE kind = 'organisation'", entry);
    for (size_t i = 0; i < SLOTS; i++) {
        const thing *t = &x->things[i];
        if (t->found < t->told) bad(x, "an answered write is lost", t->told, t->found);
        if (t->found != t->entries) bad(x, "record and ledger differ", t->found, t->entries);
    }
    sql(x, "SELECT (SELECT size FROM ledger_head), (SELECT count(number) FROM ledger_entry)", same);
    sql(x, "SELECT count(*), count(number) FROM ledger_entry", same);
    sql(x,
            "SELECT (SELECT count(*) FROM notice), (SELECT count(DISTINCT parent) FROM delivery"
            " JOIN notice ON notice.row = delivery.parent)",
            same);
    if (x->cut % WHOLE_EVERY == 0) sql(x, "PRAGMA quick_check", quick);
    sqlite3_close(x->db);
}

static void made(const power *x, err e, const char *what)
{
    if (!failed(e)) return;
    fprintf(stderr, "%s: %s %.*s\n", what, e.f->key, STR_ARG(e.f->args[0]));
    bad(x, what, 0, 0);
}

/* As the program itself opens it: its ledger is proved. */
static void look_whole(power *x)
{
    char path[4200];

    store *s;
    ledger_proof proof;
    snprintf(path, sizeof path, "%s/records.db", x->s.tmp);
    made(x, store_open(&(store_options){ .path = path, .clock = &clock_system }, &s), "opened");
    made(x, ledger_verify(s, NULL, NULL, &proof), "verified");
    store_close(s);
    x->wholes++;
}

/* ---- history ---- */

static int64_t total(const power *x, history *h, arena *a, const event_filter *f)
{
    static int64_t audiences[1024]; /* a young store has no more */
    for (int64_t i = 0; i < 1024; i++)
        audiences[i] = i;
    const sight all = { .audiences = audiences, .n_audiences = 1024, .community = true };
    history_total_row r;
    made(x, history_count(h, a, &all, f, &r), "counted");
    return r.n_rows;
}

static int by_place(const void *p, const void *q)
{
    const history_batches_row *a = p, *b = q;
    size_t n = a->input.n < b->input.n ? a->input.n : b->input.n;
    int c = memcmp(a->input.p, b->input.p, n);
    if (c || a->input.n != b->input.n) return c ? c : a->input.n < b->input.n ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* Rows are what batches say, batches follow each other in their input up to where it stands: none
 * by half, none twice. */
static void look_batches(power *x, history *h, arena *a, history_batches_row *b, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += b[i].n_rows;
    int64_t rows = total(x, h, a, NULL);
    if (rows != sum) bad(x, "history: rows and what batches say", rows, sum);
    qsort(b, n, sizeof *b, by_place);
    for (size_t i = 0; i < n; i++) {
        input_position p;
        if (i && by_place(&b[i - 1], &b[i]) == 0)
            bad(x, "history: a place was read twice", b[i - 1].batch, b[i].batch);
        made(x, history_position_read(h, a, b[i].input, &p), "where an input stands");
        if (p.place <= b[i].place) bad(x, "history: ahead of its place", p.place, b[i].place);
    }
}

static void look_history(power *x)
{
    enum { PAGE = 1000, MOST = 20000 };
    char path[4200];
    history *h;
    arena *a = arena_new((size_t)512 << 20);
    history_batches_row *all = NEW_ARRAY(a, history_batches_row, MOST), *b;
    size_t n = 0, got = PAGE;
    snprintf(path, sizeof path, "%s/history", x->s.tmp);
    made(x, history_open(path, &(history_options){ .threads = 1, .memory_bytes = 256u << 20 }, &h),
            "history opened");
    while (got == PAGE && n + PAGE <= MOST) {
        made(x, history_batches(h, a, 1, n ? all[n - 1].batch : 0, PAGE, &b, &got), "batches");
        if (got) memcpy(all + n, b, got * sizeof *b);
        n += got;
    }
    look_batches(x, h, a, all, n);
    x->batches = n;
    history_close(h);
    arena_free(a);
    x->histories++;
}

/* ---- cutting ---- */

static bool starts(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

/* What an earlier cut left there goes. */
static void clear(const char *dir)
{
    char path[4200];
    DIR *d = opendir(dir);
    for (struct dirent *f; d && (f = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", dir, f->d_name);
        if (f->d_name[0] != '.') (void)unlink(path);
    }
    if (d) closedir(d);
}

static void folders(const char *tmp)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/history", tmp);
    mkdir(tmp, 0700);
    mkdir(path, 0700);
    clear(tmp);
    clear(path);
}

/* Leaves the records in memory; on the disk too, and the history, when they are to be opened there.
 */
static void leave(power *x, bool whole, bool with_history)
{
    char path[4200];
    power_left how = x->s.killed ? LEFT_ALL : (power_left)(power_random(&x->cut_seed) % LEFT_KINDS);
    x->by_left[how]++;
    x->db_view = x->wal_view = NULL;
    folders(x->s.tmp);
    for (size_t i = 0; i < x->s.disk.n; i++) {
        const power_file *f = &x->s.disk.files[i];
        const char *name = f->path + strlen(x->s.live);
        bool db = strcmp(name, "records.db") == 0, wal = strcmp(name, "records.db-wal") == 0;
        bool past = starts(f->path, x->s.past) && !strchr(f->path + strlen(x->s.past), '/');
        if (!db && !wal && !(past && with_history)) continue;
        power_view *v = disk_view(f, how, &x->cut_seed);
        snprintf(path, sizeof path, "%s/%s", x->s.tmp, name);
        if (v && (past || whole)) view_save(v, path);
        if (db) x->db_view = v;
        if (wal) x->wal_view = v;
        if (past) view_free(v);
    }
}

static void look(power *x, bool whole, bool with_history)
{
    engine_reads(x->db_view, x->wal_view);
    look_records(x);
    view_free(x->db_view);
    view_free(x->wal_view);
    if (whole) look_whole(x);
    if (with_history) look_history(x);
}

/* ---- the log ---- */

static int hex(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* "ID\tVERSION" of an organisation that somebody was answered of. */
static void told(power *x, const char *path, size_t path_n, const char *data, size_t n)
{
    uint8_t id[16];
    size_t at = 0;
    if (path_n != 12 || memcmp(path, "organisation", 12) != 0) return;
    for (size_t i = 0; i < 16; i++, at += 2) {
        while (at < n && data[at] == '-')
            at++;
        if (at + 2 > n) abort();
        id[i] = (uint8_t)(hex(data[at]) << 4 | hex(data[at + 1]));
    }
    thing *t = thing_of(x, id);
    int64_t version = data[at + 1] - '0';
    if (version > t->told) t->told = version;
}

static const power_record *record_at(const scene *s, size_t at)
{
    const power_record *r = (const power_record *)(const void *)(s->log + at);
    if (s->log_n - at < sizeof *r || r->magic != POWER_MAGIC) {
        fprintf(stderr, "the log is torn at %zu\n", at);
        exit(2);
    }
    return r;
}

static size_t record_n(const power_record *r)
{
    return sizeof *r + r->path_n +
           (r->kind == POWER_WROTE || r->kind == POWER_NAMED || r->kind == POWER_TOLD ? r->n : 0);
}

static void take(power *x, size_t at)
{
    const power_record *r = record_at(&x->s, at);
    const char *path = (const char *)(x->s.log + at + sizeof *r);
    const uint8_t *data = (const uint8_t *)path + r->path_n;
    if (r->kind == POWER_TOLD)
        told(x, path, r->path_n, (const char *)data, r->n);
    else
        disk_take(&x->s.disk, r, path, data);
}

/* May the power go before it? */
static bool counts(const scene *s, size_t at)
{
    const power_record *r = record_at(s, at);
    size_t n = strlen(s->past);
    return !s->past_only || (r->path_n > n && memcmp(s->log + at + sizeof *r, s->past, n) == 0);
}

static void log_open(scene *s, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) exit(2);
    s->log_n = (size_t)st.st_size;
    s->records = 0;
    s->log = s->log_n ? mmap(NULL, s->log_n, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (s->log == MAP_FAILED) exit(2);
    close(fd);
    for (size_t at = 0; at < s->log_n; at += record_n(record_at(s, at)))
        s->records += counts(s, at);
}

/* Cuts before a record: the chance is what is left to do in what is left. */
static size_t cuts_before(power *x, size_t want, size_t left, void (*cut)(power *x))
{
    while (want && power_random(&x->cut_seed) % left < want) {
        cut(x);
        if (--want <= left) break;
    }
    return want;
}

/* Cuts are spread over the log. */
static void play(power *x, size_t cuts, void (*cut)(power *x))
{
    size_t left = x->s.records, want = cuts;
    for (size_t at = 0; at < x->s.log_n; at += record_n(record_at(&x->s, at))) {
        if (counts(&x->s, at)) want = cuts_before(x, want, left--, cut);
        take(x, at);
    }
    for (; want; want--)
        cut(x);
}

static void open_scene(scene *s, const char *base, const char *log)
{
    s->disk.only[1] = s->past;
    disk_begin(&s->disk, base);
    if (log) log_open(s, log);
}

/* ---- the power goes again while a disk is recovered ---- */

static int recover(const char *dir)
{
    char path[4200];
    store *s;
    history *h;
    const history_options o = { .threads = 1, .memory_bytes = 256u << 20 };
    snprintf(path, sizeof path, "%s/records.db", dir);
    if (failed(store_open(&(store_options){ .path = path, .clock = &clock_system }, &s))) return 1;
    store_close(s);
    snprintf(path, sizeof path, "%s/history", dir);
    if (failed(history_open(path, &o, &h))) return 1;
    history_close(h);
    return 0;
}

static bool recovered(const char *dir, const char *log)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        setenv("LD_PRELOAD", getenv("POWER_PRELOAD"), 1);
        setenv("MINAR_POWER_LOG", log, 1);
        setenv("MINAR_POWER_ROOT", dir, 1);
        setenv("MINAR_SYNCED", "1", 1);
        execl("/proc/self/exe", "power", "--recover", dir, NULL);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void cut_again(power *x)
{
    leave(x, true, true);
    look(x, true, true);
    x->again++;
}

/* The cut that lies in tmp is opened, its writes written down, and cut again within them. */
static void again(power *x)
{
    char log[4200], tmp[4200];
    scene first = x->s;
    snprintf(log, sizeof log, "%s.log", first.tmp);
    snprintf(tmp, sizeof tmp, "%s.again", first.tmp);
    (void)unlink(log);
    x->s = (scene){ .disk.only[0] = "records.db",
        .live = "",
        .past = "history/",
        .tmp = tmp,
        .killed = first.killed,
        .past_only = first.killed || x->cut / WHOLE_EVERY % 2 };
    open_scene(&x->s, first.tmp, NULL);
    if (!recovered(first.tmp, log)) bad(x, "not opened while its writes were written down", 0, 0);
    log_open(&x->s, log);
    x->again_steps += x->s.records;
    play(x, AGAIN, cut_again);
    disk_free(&x->s.disk);
    if (x->s.log) munmap((void *)(uintptr_t)x->s.log, x->s.log_n);
    x->s = first;
}

static void cut(power *x)
{
    bool whole = x->cut % WHOLE_EVERY == 0;
    bool with_history = whole || (x->cut + 1) * x->wanted / x->cuts > x->cut * x->wanted / x->cuts;
    leave(x, whole, with_history);
    if (whole && getenv("POWER_PRELOAD")) {
        power_view *db = x->db_view, *wal = x->wal_view;
        again(x);
        x->db_view = db;
        x->wal_view = wal;
    }
    look(x, whole, with_history);
    x->cut++;
}

int main(int argc, char **argv)
{
    static power one;
    power *x = &one;
    struct timespec a, b;
    if (argc == 3 && strcmp(argv[1], "--recover") == 0) return recover(argv[2]);
    if (argc != 7) return 2;
    x->s = (scene){ .disk.only[0] = LIVE "records.db",
        .live = LIVE,
        .past = LIVE "history/",
        .tmp = argv[6],
        .killed = getenv("POWER_KILLED") != NULL,
        .past_only = getenv("POWER_KILLED") != NULL };
    x->cuts = strtoull(argv[3], NULL, 10);
    x->wanted = strtoull(argv[4], NULL, 10);
    x->seed = x->cut_seed = strtoull(argv[5], NULL, 10);
    x->things = calloc(SLOTS, sizeof *x->things);
    engine_reads_here();
    open_scene(&x->s, argv[1], argv[2]);
    clock_gettime(CLOCK_MONOTONIC, &a);
    play(x, x->cuts, cut);
    clock_gettime(CLOCK_MONOTONIC, &b);
    double s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
    printf("%zu %s in %zu steps of %zu files: none of %zu records lost, split or doubled; "
           "left: nothing %zu, all %zu, a beginning %zu, sectors %zu; ledger proved %zu times, "
           "history of up to %zu batches looked at %zu times; %zu second cuts in %zu steps of "
           "recovery; %.0f cuts a second\n",
            x->cut, x->s.killed ? "kills" : "power cuts", x->s.records, x->s.disk.n, x->n_things,
            x->by_left[LEFT_NONE], x->by_left[LEFT_ALL], x->by_left[LEFT_FIRST],
            x->by_left[LEFT_SECTORS], x->wholes, x->batches, x->histories, x->again, x->again_steps,
            (double)(x->cut + x->again) / s);
    disk_free(&x->s.disk);
    return 0;
}
