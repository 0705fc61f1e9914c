/* realm.c - opens, makes and removes realms. One lock for the list; a realm's own parts are opened
 * before it is listed. Files of a realm: DATA/realm/NAME/ with records.db, history/ and realm.json.
 */
#include "access/realm.h"
#include "access/auth/cache.h"
#include "access/index.h"
#include "base/json.h"
#include "base/log.h"
#include "events/history.h"
#include "ledger/ledger.h"
#include "store/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REALMS_MAX = 16 };

struct realms {
    arena *a;
    realms_options o;
    pthread_mutex_t lock;
    realm *at[REALMS_MAX];
    _Atomic size_t n;
};

static const char *const kinds[] = { "live", "demo", "exercise" };

/* ---- files ---- */

static str folder(const realms *r, str name)
{
    return str_fmt(r->a, "%s/realm/%.*s", r->o.data_dir, STR_ARG(name));
}

static err make_folder(str path)
{
    char z[4096];
    snprintf(z, sizeof z, "%.*s", STR_ARG(path));
    if (mkdir(z, 0700) && errno != EEXIST) return err_errno("error.realm.folder", path);
    return OK;
}

static err keep_facts(const realms *r, const realm *x)
{
    jsonw w = jsonw_new(r->a, 256);
    jw_obj(&w);
    jw_kstr(&w, "kind", str_of(kinds[x->kind]));
    jw_ki64(&w, "offset_us", x->clock.offset_us);
    jw_ki64(&w, "frozen_us", x->clock.frozen_us);
    jw_end_obj(&w);
    str text = jsonw_done(&w), dir = folder(r, str_of(x->name));
    char *path = str_z(r->a, str_fmt(r->a, "%.*s/realm.json", STR_ARG(dir)));
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return err_errno("error.realm.folder", dir);
    ssize_t n = write(fd, text.p, text.n);
    bool bad = n != (ssize_t)text.n || fsync(fd);
    close(fd);
    return bad ? err_errno("error.realm.folder", dir) : OK;
}

static err read_facts(const realms *r, realm *x)
{
    char text[512];
    const json *j;
    str dir = folder(r, str_of(x->name));
    char *path = str_z(r->a, str_fmt(r->a, "%.*s/realm.json", STR_ARG(dir)));
    FILE *f = fopen(path, "re");
    if (!f) return err_errno("error.realm.folder", dir);
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    TRY(json_parse(r->a, (str){ text, n }, NULL, &j));
    int64_t offset = 0, frozen = 0;
    if (!json_i64(json_get(j, S("offset_us")), &offset) ||
            !json_i64(json_get(j, S("frozen_us")), &frozen))
        return ERR1(E_INVALID, "error.realm.facts", dir);
    x->kind = str_eq(json_get_text(j, S("kind")), S("exercise")) ? REALM_EXERCISE : REALM_DEMO;
    x->clock.offset_us = offset;
    x->clock.frozen_us = frozen;
    return OK;
}

/* ---- one realm ---- */

static void realm_close(realm *x)
{
    if (!x) return;
    if (x->store) store_close(x->store);
    ledger_close(x->ledger);
    history_close(x->history);
    free(x);
}

static err open_parts(realms *r, realm *x)
{
    str dir = folder(r, str_of(x->name)), past = str_fmt(r->a, "%.*s/history", STR_ARG(dir));
    bool pg = r->o.store_url && r->o.store_url[0];
    store_options o = { .clock = &x->clock };
    if (pg) {
        o.url = r->o.store_url;
        o.schema = str_z(r->a, str_fmt(r->a, "minar_%s", x->name));
    } else {
        o.path = str_z(r->a, str_fmt(r->a, "%.*s/records.db", STR_ARG(dir)));
    }
    TRY(make_folder(dir));
    TRY(make_folder(past));
    TRY(store_open(&o, &x->store));
    TRY(ledger_open(x->store, &x->ledger));
    TRY(index_fill(x->store));
    return history_open(str_z(r->a, past),
            &(history_options){
                    .memory_bytes = r->o.history_memory_bytes, .threads = r->o.history_threads },
            &x->history);
}

static err add(realms *r, str name, realm_kind kind, bool made_before, instant now, realm **ret)
{
    realm *x = calloc(1, sizeof *x);
    ASSERT(x && name.n < sizeof x->name);
    memcpy(x->name, name.p, name.n);
    x->kind = kind;
    if (kind != REALM_LIVE && now.us) x->clock.offset_us = now.us - clock_now(&clock_system).us;
    err e = make_folder(folder(r, name));
    if (!failed(e) && made_before) e = read_facts(r, x);
    if (!failed(e)) e = open_parts(r, x);
    if (!failed(e) && kind != REALM_LIVE) e = keep_facts(r, x);
    if (failed(e)) {
        realm_close(x);
        return e;
    }
    r->at[r->n] = x;
    r->n++;
    if (ret) *ret = x;
    return OK;
}

/* ---- all of them ---- */

static bool name_fits(str name)
{
    if (name.n < 1 || name.n > 32) return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i))) return false;
    }
    return true;
}

static err open_made_before(realms *r)
{
    struct dirent *d;
    char path[4096];
    snprintf(path, sizeof path, "%s/realm", r->o.data_dir);
    DIR *dir = opendir(path);
    err e = OK;
    if (!dir) return err_errno("error.realm.folder", str_of(path));
    while (!failed(e) && (d = readdir(dir)) && r->n < REALMS_MAX)
        if (name_fits(str_of(d->d_name)) && !str_eq(str_of(d->d_name), S("live")))
            e = add(r, str_of(d->d_name), REALM_DEMO, true, (instant){ 0 }, NULL);
    closedir(dir);
    return e;
}

err realms_open(const realms_options *o, realms **ret)
{
    realms *r = calloc(1, sizeof *r);
    ASSERT(r);
    r->a = arena_new(16 << 20);
    r->o = *o;
    pthread_mutex_init(&r->lock, NULL);
    err e = make_folder(str_of(o->data_dir));
    if (!failed(e)) e = make_folder(str_fmt(r->a, "%s/realm", o->data_dir));
    if (!failed(e)) e = add(r, S("live"), REALM_LIVE, false, (instant){ 0 }, NULL);
    if (!failed(e)) e = open_made_before(r);
    if (failed(e)) {
        realms_close(r);
        return e;
    }
    *ret = r;
    return OK;
}

void realms_close(realms *r)
{
    if (!r) return;
    for (size_t i = r->n; i-- > 0;)
        realm_close(r->at[i]);
    pthread_mutex_destroy(&r->lock);
    arena_free(r->a);
    free(r);
}

err realms_look(const realms_options *o, bool *ret_there, int64_t *ret_done, int64_t *ret_known)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    bool pg = o->store_url && o->store_url[0];
    store_options s = { .clock = &clock_system };
    char *dir = str_z(a, str_fmt(a, "%s/realm/live", o->data_dir));
    char *path = str_z(a, str_fmt(a, "%s/records.db", dir));
    if (pg) {
        s.url = o->store_url;
        s.schema = "minar_live";
    } else {
        s.path = path;
    }
    *ret_there = access(pg ? dir : path, F_OK) == 0;
    return *ret_there ? store_look(&s, ret_done, ret_known) : OK;
}

realm *realms_live(realms *r)
{
    return r->at[0];
}
size_t realms_count(const realms *r)
{
    return r->n;
}

realm *realms_at(realms *r, size_t i)
{
    return i < r->n && !r->at[i]->removed ? r->at[i] : NULL;
}

realm *realms_find(realms *r, str name)
{
    for (size_t i = 0; i < r->n; i++)
        if (!r->at[i]->removed && str_eq(str_of(r->at[i]->name), name)) return r->at[i];
    return NULL;
}

err realms_make(realms *r, str name, realm_kind kind, instant now, realm **ret)
{
    ASSERT(kind != REALM_LIVE);
    if (!name_fits(name) || str_eq(name, S("live")))
        return ERR(E_INVALID, "error.office.realm_name");
    pthread_mutex_lock(&r->lock);
    err e = OK;
    if (realms_find(r, name))
        e = ERR1(E_CONFLICT, "error.realm.exists", name);
    else if (r->n == REALMS_MAX)
        e = ERR(E_FULL, "error.realm.full");
    else
        e = add(r, name, kind, false, now, ret);
    pthread_mutex_unlock(&r->lock);
    return e;
}

static int unlink_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st, (void)flag, (void)at;
    return remove(path);
}

err realms_remove(realms *r, str name)
{
    realm *x = realms_find(r, name);
    if (!x) return ERR1(E_ABSENT, "error.access.realm", name);
    if (x->kind == REALM_LIVE) return ERR(E_DENIED, "error.realm.live");
    pthread_mutex_lock(&r->lock);
    x->removed = true;
    cache_forget(x);
    int bad = nftw(str_z(r->a, folder(r, name)), unlink_one, 16, FTW_DEPTH | FTW_PHYS);
    pthread_mutex_unlock(&r->lock);
    if (bad) return err_errno("error.realm.folder", name);
    if (r->o.store_url && r->o.store_url[0])
        return store_drop_schema(
                r->o.store_url, str_z(r->a, str_fmt(r->a, "minar_%.*s", STR_ARG(name))));
    return OK;
}

err realm_set_clock(realms *all, realm *r, instant now, bool frozen)
{
    if (r->kind == REALM_LIVE) return ERR(E_DENIED, "error.office.clock_live");
    clock_set_offset(&r->clock, now.us - clock_now(&clock_system).us);
    clock_freeze(&r->clock, frozen ? now : (instant){ 0 });
    pthread_mutex_lock(&all->lock);
    err e = keep_facts(all, r);
    pthread_mutex_unlock(&all->lock);
    return e;
}
