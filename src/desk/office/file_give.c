/* file_give.c - routes by which a file leaves quarantine or the world: its bytes handed out, let
 * out of quarantine, erased. Bytes leave wrapped (common/files/wrapped.h) unless they were
 * released. */
#include "base/log.h"
#include "common/retention/hold.h"
#include "common/files/wrapped.h"
#include "desk/office/file.h"
#include "gen/routes_handlers.h"
#include "proc/open/open.h"
#include "store/store.h"
#include <sodium.h>

/* ---- handing out ---- */

static ssize_t plain_read(void *r, char *to, size_t max)
{
    return vault_read(r, to, max);
}
static void plain_end(void *r)
{
    vault_close(r);
}
static ssize_t zip_read(void *w, char *to, size_t max)
{
    return wrapped_read(w, to, max);
}
static void zip_end(void *w)
{
    wrapped_close(w);
}

static err give(call *c, const attachment_handle *h, vault_reader *r, str name, bool zip)
{
    call_saved *f = NEW(c->a, call_saved);
    wrapped *w;
    *f = (call_saved){ plain_read, plain_end, r, h->now.bytes, str_copy(c->a, name) };
    if (zip) {
        TRY(wrapped_open(r, name, h->now.bytes, &w));
        *f = (call_saved){ zip_read, zip_end, w, h->now.bytes + 1024,
            str_cat(c->a, name, S(".zip")) };
    }
    c->file = f;
    return OK;
}

static err open_original(call *c, const attachment_handle *h, vault_reader **ret)
{
    vault_place place;
    uint8_t key[VAULT_KEY];
    TRY(file_vault(c, &place));
    TRY(files_key(c->t, h, key));
    err e = vault_open(&place, h->now.object, key, ret);
    sodium_memzero(key, sizeof key);
    return e;
}

err h_file_original(call *c)
{
    const struct original_query *q = c->query;
    const attachment_handle *h;
    vault_reader *r;
    str name;
    bool plain = q->has_as && str_eq(q->as, S("plain"));
    TRY(file_find(c, &h));
    if (plain && !str_eq(h->now.state, S("released")))
        return ERR(E_CONFLICT, "error.files.quarantined");
    TRY(files_words_of(c->t, c->a, h, &name, NULL));
    TRY(open_original(c, h, &r));
    TRY(give(c, h, r, name, !plain));
    file_saw(c, h);
    return OK;
}

/* ---- the plain picture, which the sandbox has made ---- */

static err read_all(arena *a, vault_reader *r, str *ret)
{
    buf b = buf_new(a, 65536);
    ssize_t n;
    while ((n = vault_read(r, buf_room(&b, 65536), 65536)) > 0 && b.n < OPEN_PICTURE_BYTES)
        b.n += (size_t)n;
    *ret = buf_str(&b);
    return n == 0 ? OK : ERR(E_IO, "error.files.altered");
}

err h_file_picture(call *c)
{
    const attachment_handle *h;
    vault_place place;
    vault_reader *r;
    uint8_t key[VAULT_KEY];
    TRY(file_find(c, &h));
    if (id_is_zero(h->now.preview)) return ERR(E_ABSENT, "error.api.absent");
    TRY(file_vault(c, &place));
    TRY(files_key(c->t, h, key));
    err e = vault_open(&place, h->now.preview, key, &r);
    sodium_memzero(key, sizeof key);
    TRY(e);
    e = read_all(c->a, r, &c->raw);
    vault_close(r);
    TRY(e);
    file_saw(c, h);
    return OK;
}

/* ---- out of quarantine ---- */

err h_file_release(call *c)
{
    const attachment_handle *h;
    attachment_id id;
    TRY(call_id(c, &id.id));
    TRY(attachment_hold(c->t, &c->viewer, id, &h));
    TRY(call_match(c, h->version, false));
    if (str_eq(h->now.state, S("erased"))) return ERR(E_CONFLICT, "error.files.erased");
    if (str_eq(h->now.state, S("quarantined"))) {
        attachment_draft d = h->now;
        d.state = S("released");
        TRY(attachment_save(c->t, &c->viewer, h, &d, LEDGER_file_released));
    }
    call_created(c, h->id.id, h->version);
    return OK;
}

/* ---- out of the world ---- */

typedef struct {
    call *c;
    attachment_id id;
    int64_t version;
} erasing;

static err erase(txn *t, void *ctx)
{
    erasing *x = ctx;
    const attachment_handle *h;
    TRY(attachment_hold(t, &x->c->viewer, x->id, &h));
    TRY(call_match(x->c, h->version, false));
    if (!str_eq(h->now.state, S("erased"))) {
        TRY(hold_refuses(t, S("attachment"), h->row, h->owner));
        TRY(hold_refuses(t, h->now.about, h->parent, 0));
        attachment_draft d = h->now;
        d.state = S("erased");
        TRY(files_erase(t, h));
        TRY(attachment_save(t, &x->c->viewer, h, &d, LEDGER_file_erased));
    }
    x->version = h->version;
    return OK;
}

err h_file_erase(call *c)
{
    const attachment_handle *h;
    vault_place place;
    erasing x = { .c = c };
    TRY(file_find(c, &h));
    x.id = h->id;
    TRY(file_vault(c, &place));
    call_release(c);
    TRY(store_write(c->realm->store, erase, &x));
    err e = files_sweep(c->realm->store, &place);
    if (failed(e)) log_err("files.sweep", e); /* sealed under a key that is gone; tried again */
    call_created(c, x.id.id, x.version);
    return OK;
}
