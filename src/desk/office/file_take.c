/* file_take.c - routes that bring a file or have it looked at again. The bytes are sealed and the
 * sandbox asked in the pool, without a transaction; then the record is written. */
#include "api/app.h"
#include "base/log.h"
#include "desk/office/file.h"
#include "gen/routes_handlers.h"
#include "proc/open/open.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

static void fd_close(int *fd)
{
    if (*fd >= 0) close(*fd);
}

/* ---- bringing one ---- */

typedef struct {
    call *c;
    files_whole whole;
    files_taken taken;
    id128 id;
    int64_t version;
} bringing;

static err bring(txn *t, void *ctx)
{
    bringing *b = ctx;
    const attachment_handle *h;
    TRY(files_insert(t, &b->c->viewer, &b->whole, &b->taken, &h));
    b->id = h->id.id;
    b->version = h->version;
    return OK;
}

/* Before the work: a file that would be refused in the end is not taken in at all. */
static err may_bring(call *c, const struct file_create_query *q, files_whole *ret)
{
    thing x;
    const record_def *d = record_kind_named(q->kind);
    ASSERT(d);
    int64_t most = conf_int(c->app->conf, "files.max_mb") << 20;
    TRY(thing_find_id(c, d, q->id, &x));
    TRY(permit_create_part(&c->viewer, RECORD_attachment, x.h->owner, x.h->owner));
    if (c->spool_bytes > most)
        return ERR1(E_TOO_LARGE, "error.files.large", str_fmt(c->a, "%lld", (long long)most >> 20));
    *ret = (files_whole){ str_of(d->name), x.h->row, x.h->owner, x.h->audience };
    return OK;
}

/* The last part of a path, without what misleads; at most FILES_NAME_MAX bytes. */
static str safe_name(arena *a, str name)
{
    bool changed = false;
    str s = path_safe(a, name, &changed);
    for (size_t i = s.n; i-- > 0;)
        if (s.p[i] == '/') {
            s = str_sub(s, i + 1, s.n);
            break;
        }
    s = text_safe(a, str_sub(s, 0, FILES_NAME_MAX), FILES_NAME_MAX, false, NULL);
    return s.n ? s : S("file");
}

err h_file_create(call *c)
{
    const struct file_create_query *q = c->query;
    bringing b = { .c = c };
    vault_place place;
    TRY(may_bring(c, q, &b.whole));
    call_release(c);
    CLEANUP(fd_close) int fd = open(c->spool, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno("error.files.read", S("spool"));
    TRY(file_vault(c, &place));
    TRY(files_take(&place, c->app->sandbox, fd, safe_name(c->a, q->name), c->a, &b.taken));
    err e = store_write(c->realm->store, bring, &b);
    if (failed(e)) {
        files_untake(&place, &b.taken);
        return e;
    }
    call_created(c, b.id, b.version);
    c->location = str_fmt(c->a, "/api/files/%.*s", STR_ARG(id_text(c->a, b.id)));
    return OK;
}

/* ---- looking again ---- */

typedef struct {
    call *c;
    attachment_id id;
    file_look look;
    id128 picture, old_picture;
    int64_t version;
} looking;

static err keep_look(txn *t, void *ctx)
{
    looking *l = ctx;
    const attachment_handle *h;
    attachment_draft d;
    TRY(attachment_hold(t, &l->c->viewer, l->id, &h));
    l->old_picture = h->now.preview;
    TRY(files_look_again(t, h, &l->look, l->picture, &d));
    TRY(attachment_save(t, &l->c->viewer, h, &d, LEDGER_file_looked));
    l->version = h->version;
    return OK;
}

/* The plain bytes in a file without a name: gone with its descriptor, a crash included. */
static err unseal(const attachment_handle *h, const vault_place *p, const uint8_t *key, int fd)
{
    vault_reader *r;
    char part[16384];
    ssize_t n;
    TRY(vault_open(p, h->now.object, key, &r));
    while ((n = vault_read(r, part, sizeof part)) > 0)
        if (write(fd, part, (size_t)n) != n) break;
    vault_close(r);
    sodium_memzero(part, sizeof part);
    if (n < 0) return ERR(E_IO, "error.files.altered");
    return n == 0 ? OK : err_errno("error.files.write", S("spool"));
}

static err ask_sandbox(looking *l, const uint8_t *hash, int64_t bytes, int fd)
{
    call *c = l->c;
    CLEANUP(fd_close)
    int in = open(str_z(c->a, str_fmt(c->a, "/proc/self/fd/%d", fd)), O_RDONLY | O_CLOEXEC);
    if (in < 0) return err_errno("error.files.read", S("spool"));
    return file_look_at(c->app->sandbox, in, bytes, hash, c->a, &l->look);
}

/* Without a transaction but for the first lines: h goes with it. */
static err look(looking *l, const attachment_handle *h, const vault_place *p, const uint8_t *key)
{
    call *c = l->c;
    uint8_t hash[VAULT_HASH];
    const char *spool = str_z(c->a, str_fmt(c->a, "%s/spool", c->app->data_dir));
    int64_t bytes = h->now.bytes;
    ASSERT(h->now.hash.n == sizeof hash);
    memcpy(hash, h->now.hash.p, sizeof hash);
    CLEANUP(fd_close) int fd = open(spool, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) return err_errno("error.files.write", str_of(spool));
    TRY(unseal(h, p, key, fd));
    call_release(c);
    TRY(ask_sandbox(l, hash, bytes, fd));
    return files_picture_put(p, key, &l->look, &l->picture);
}

err h_file_look(call *c)
{
    const attachment_handle *h;
    vault_place place;
    uint8_t key[VAULT_KEY];
    looking l = { .c = c };
    TRY(file_find(c, &h));
    TRY(permit_write(&c->viewer, RECORD_attachment, h->owner, 0));
    TRY(file_vault(c, &place));
    TRY(files_key(c->t, h, key));
    l.id = h->id;
    err e = look(&l, h, &place, key);
    sodium_memzero(key, sizeof key);
    if (!failed(e)) e = store_write(c->realm->store, keep_look, &l);
    bool replaced = !failed(e) && !id_is_zero(l.picture);
    if (failed(e)) files_object_remove(&place, l.picture);
    if (replaced) files_object_remove(&place, l.old_picture);
    TRY(e);
    call_created(c, l.id.id, l.version);
    return OK;
}
