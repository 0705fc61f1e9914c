/* files.c - the life of a file: key, vault, record. */
#include "common/files/files.h"

#include <sodium.h>

#include "access/seal.h"
#include "base/log.h"
#include "gen/common/files/queries.h"
#include "store/store.h"

static_assert((int)SEAL_KEY == (int)VAULT_KEY &&
                      (size_t)SEAL_WRAPPED == sizeof((files_taken *)0)->wrapped,
        "one");

static str label_of(arena *a, id128 object)
{
    return str_fmt(a, "file %.*s", STR_ARG(id_text(a, object)));
}

/* Where a sealed piece of a file's record stands. */
static str place_of(arena *a, id128 object, const char *column)
{
    return str_fmt(a, "file %s %.*s", column, STR_ARG(id_text(a, object)));
}

/* ---- taking in ---- */

err files_picture_put(
        const vault_place *p, const uint8_t key[VAULT_KEY], const file_look *l, id128 *ret)
{
    *ret = (id128){ { 0 } };
    if (!l->picture.n) return OK;
    id128 object = id_new();
    TRY(vault_put_bytes(p, object, key, l->picture));
    *ret = object;
    return OK;
}

static err take(const vault_place *p, struct sandbox *s, int fd, str name, arena *a,
        const uint8_t *key, files_taken *f)
{
    TRY(vault_put(p, f->object, key, fd, &f->sum));
    TRY(file_look_at(s, fd, f->sum.bytes, f->sum.hash, a, &f->look));
    f->name = seal_bytes(a, key, place_of(a, f->object, "name"), name);
    if (f->look.report.n)
        f->report = seal_bytes(a, key, place_of(a, f->object, "report"), f->look.report);
    return files_picture_put(p, key, &f->look, &f->preview);
}

err files_take(
        const vault_place *p, struct sandbox *s, int fd, str name, arena *a, files_taken *ret)
{
    uint8_t key[VAULT_KEY];
    *ret = (files_taken){ .object = id_new() };
    TRY(seal_key_make(label_of(a, ret->object), key, ret->wrapped));
    err e = take(p, s, fd, name, a, key, ret);
    sodium_memzero(key, sizeof key);
    if (failed(e)) files_untake(p, ret);
    return e;
}

void files_object_remove(const vault_place *p, id128 object)
{
    if (id_is_zero(object)) return;
    err e = p->remove(p->ctx, object);
    if (failed(e)) log_err("files.remove", e); /* sealed, and its key is gone */
}

void files_untake(const vault_place *p, const files_taken *f)
{
    files_object_remove(p, f->object);
    files_object_remove(p, f->preview);
}

/* ---- the record ---- */

err files_insert(txn *t, const viewer *v, const files_whole *w, const files_taken *f,
        const attachment_handle **ret)
{
    file_count_row *count;
    int64_t n;
    TRY(file_count(t, &(file_count_args){ w->about, w->parent }, txn_arena(t), &count));
    if (count->n >= FILES_PER_THING) return ERR(E_FULL, "error.files.many");
    attachment_draft d = { .owner = w->owner,
        .audience = w->audience,
        .parent = w->parent,
        .about = w->about,
        .object = f->object,
        .bytes = f->sum.bytes,
        .hash = { (const char *)f->sum.hash, sizeof f->sum.hash },
        .name = f->name,
        .look = f->look.look,
        .mime = f->look.mime,
        .kind = f->look.kind,
        .report = f->report,
        .preview = f->preview,
        .state = S("quarantined") };
    TRY(attachment_insert(t, v, &d, LEDGER_file_kept, ret));
    str wrapped = { (const char *)f->wrapped, sizeof f->wrapped };
    return file_key_add(t, &(file_key_add_args){ (*ret)->row, wrapped }, &n);
}

/* *ret {0}: destroyed. */
static err wrapped_of(txn *t, const attachment_handle *h, str *ret)
{
    file_key_find_row *k;
    TRY(file_key_find(t, &(file_key_find_args){ h->row }, txn_arena(t), &k));
    *ret = k->wrapped;
    return OK;
}

err files_key(txn *t, const attachment_handle *h, uint8_t key[VAULT_KEY])
{
    str wrapped;
    TRY(wrapped_of(t, h, &wrapped));
    if (!wrapped.n) return ERR(E_ABSENT, "error.files.erased");
    return seal_key_open(label_of(txn_arena(t), h->now.object), wrapped, key);
}

static err words(
        arena *a, id128 object, const uint8_t *key, const char *column, str sealed, str *to)
{
    if (!sealed.n || seal_open_bytes(a, key, place_of(a, object, column), sealed, to)) return OK;
    return ERR(E_IO, "error.files.altered");
}

err files_words(
        arena *a, id128 object, str wrapped, str name, str report, str *ret_name, str *ret_report)
{
    uint8_t key[VAULT_KEY];
    if (ret_name) *ret_name = (str){ 0 };
    if (ret_report) *ret_report = (str){ 0 };
    if (!wrapped.n) return OK;
    TRY(seal_key_open(label_of(a, object), wrapped, key));
    err e = ret_name ? words(a, object, key, "name", name, ret_name) : OK;
    if (!failed(e) && ret_report) e = words(a, object, key, "report", report, ret_report);
    sodium_memzero(key, sizeof key);
    return e;
}

err files_words_of(txn *t, arena *a, const attachment_handle *h, str *ret_name, str *ret_report)
{
    str wrapped;
    TRY(wrapped_of(t, h, &wrapped));
    return files_words(a, h->now.object, wrapped, h->now.name, h->now.report, ret_name, ret_report);
}

err files_look_again(
        txn *t, const attachment_handle *h, const file_look *l, id128 preview, attachment_draft *d)
{
    uint8_t key[VAULT_KEY];
    arena *a = txn_arena(t);
    *d = h->now;
    d->look = l->look;
    d->mime = l->mime;
    d->kind = l->kind;
    d->report = (str){ 0 };
    if (!id_is_zero(preview)) d->preview = preview;
    if (!l->report.n) return OK;
    TRY(files_key(t, h, key));
    d->report = seal_bytes(a, key, place_of(a, h->now.object, "report"), l->report);
    sodium_memzero(key, sizeof key);
    return OK;
}

static err list_objects(txn *t, id128 object, id128 preview)
{
    TRY(object_gone_add(t, &(object_gone_add_args){ object }, NULL));
    if (id_is_zero(preview)) return OK;
    return object_gone_add(t, &(object_gone_add_args){ preview }, NULL);
}

err files_erase(txn *t, const attachment_handle *h)
{
    str wrapped;
    int64_t n;
    TRY(wrapped_of(t, h, &wrapped));
    if (wrapped.n) {
        TRY(file_key_destroy(t, &(file_key_destroy_args){ h->row, txn_now(t) }, &n));
        seal_key_drop(wrapped);
    }
    return list_objects(t, h->now.object, h->now.preview);
}

err files_go(txn *t, int64_t row)
{
    file_objects_row *f;
    TRY(file_objects(t, &(file_objects_args){ row }, txn_arena(t), &f));
    seal_key_drop(f->wrapped);
    TRY(list_objects(t, f->object, f->preview));
    TRY(file_gone_key(t, &(file_gone_key_args){ row }, NULL));
    TRY(file_gone_versions(t, &(file_gone_versions_args){ row }, NULL));
    return file_gone(t, &(file_gone_args){ row }, NULL);
}

/* ---- their bytes ---- */

enum { SWEEP = 200 };
typedef struct {
    id128 objects[SWEEP];
    int64_t rows[SWEEP];
    size_t n;
} swept;

static err sweep_look(struct store *s, swept *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    object_gone_some_row *g;
    TRY(txn_read(s, 0, &t));
    TRY(object_gone_some(t, &(object_gone_some_args){ SWEEP }, txn_arena(t), &g, &ret->n));
    for (size_t i = 0; i < ret->n; i++) {
        ret->objects[i] = g[i].object;
        ret->rows[i] = g[i].row;
    }
    return OK;
}

static err sweep_over(txn *t, void *ctx)
{
    const swept *x = ctx;
    for (size_t i = 0; i < x->n; i++)
        TRY(object_gone_over(t, &(object_gone_over_args){ x->rows[i] }, NULL));
    return OK;
}

err files_sweep(struct store *s, const vault_place *p)
{
    swept x;
    size_t gone = 0;
    err e = OK;
    TRY(sweep_look(s, &x));
    for (size_t i = 0; i < x.n; i++) {
        err one = p->remove(p->ctx, x.objects[i]);
        if (failed(one)) /* the others go all the same */
            e = one;
        else
            x.rows[gone++] = x.rows[i];
    }
    x.n = gone;
    if (gone) TRY(store_write(s, sweep_over, &x));
    return e;
}
