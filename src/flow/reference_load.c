/* reference_load.c - what bundles brought is taken into use, kind by kind, by the loader's thread:
 * when the pipeline opens, and after each entry bundle.applied. What cannot be read is logged and
 * what was in use stays. */
#include "base/log.h"
#include "flow/disk.h"
#include "flow/flow_in.h"
#include "flow/reference.h"
#include "store/store.h"

#include <stdio.h>

/* ---- address data: events pass without it ---- */

static flow_geo *geo_of(const char *path)
{
    flow_geo *g = NULL;
    err e = flow_geo_load(path, &g);
    if (failed(e)) log_err("flow.geo", e);
    return failed(e) ? NULL : g;
}

/* Only the loader's thread reads or sets f->geo. */
static void geo_swap(flow *f, flow_geo *next)
{
    flow_geo_release(f->geo);
    f->geo = next;
}

/* Beside the program, when no bundle brought any. */
static void load_shipped(flow *f)
{
    char path[4096];
    if (!f->o.share_dir || f->geo) return;
    snprintf(path, sizeof path, "%s/data", f->o.share_dir);
    geo_swap(f, geo_of(path));
    if (f->geo && !flow_geo_country_part(f->geo).file.n && !flow_geo_asn_part(f->geo).file.n)
        log_warn("flow.geo", "absent=\"%s\" effect=\"no country or AS number is filled in\"", path);
}

static bool load_address(flow *f, const char *folder)
{
    flow_geo *g = geo_of(folder);
    if (g) geo_swap(f, g);
    return g != NULL;
}

/* ---- vulnerabilities: both kinds are read anew when one is new ---- */

static err add_part(vuln *v, const flow *f, const reference_row *r)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)300 << 20);
    const bundle_part *p = &r->part;
    vuln_facts facts;
    str text;
    const char *path =
            str_z(a, str_fmt(a, "%s/reference/%.*s/%s/%.*s", f->dir, STR_ARG(id_text(a, r->folder)),
                             bundle_kind_name(p->kind), STR_ARG(p->name)));
    TRY(disk_read(a, path, (size_t)bundle_kind_bytes(p->kind), &text));
    return p->kind == BUNDLE_KEV ? vuln_add_kev(v, text, p->name, NULL, NULL, &facts)
                                 : vuln_add_epss(v, text, p->name, NULL, NULL, &facts);
}

static void in_use_set(flow *f, const reference_row *r)
{
    pthread_mutex_lock(&f->lock);
    f->in_use[r->part.kind] = r->folder;
    pthread_mutex_unlock(&f->lock);
}

bool reference_in_use(const realm *r, const reference_row *row)
{
    flow *f = flow_of(r);
    if (!f) return false;
    pthread_mutex_lock(&f->lock);
    bool same = id_eq(f->in_use[row->part.kind], row->folder);
    pthread_mutex_unlock(&f->lock);
    return same;
}

bool reference_await(const realm *r, const bundle *b, id128 folder, int64_t timeout_ms)
{
    flow *f = flow_of(r);
    if (!f || failed(loader_settle(f, timeout_ms))) return false;
    for (size_t i = 0; i < b->n; i++) {
        reference_row row = { .part = b->part[i], .folder = folder };
        if (REFERENCE_KINDS & 1u << row.part.kind && !reference_in_use(r, &row)) return false;
    }
    return true;
}

static void vuln_swap(flow *f, vuln *next)
{
    pthread_mutex_lock(&f->lock);
    vuln *old = f->vuln;
    f->vuln = next;
    pthread_mutex_unlock(&f->lock);
    vuln_release(old);
}

vuln *reference_vuln(const realm *r)
{
    flow *f = flow_of(r);
    if (!f) return NULL;
    pthread_mutex_lock(&f->lock);
    vuln *v = f->vuln;
    vuln_hold(v);
    pthread_mutex_unlock(&f->lock);
    return v;
}

static bool is_vuln(const reference_row *r)
{
    return r->part.kind == BUNDLE_KEV || r->part.kind == BUNDLE_EPSS;
}

static void load_vuln(flow *f, const reference_state *s)
{
    bool stale = false;
    for (size_t i = 0; i < s->n; i++)
        stale = stale || (is_vuln(&s->row[i]) && !reference_in_use(f->r, &s->row[i]));
    if (!stale) return;
    vuln *v = vuln_new();
    for (size_t i = 0; i < s->n; i++) {
        err e = is_vuln(&s->row[i]) ? add_part(v, f, &s->row[i]) : OK;
        if (failed(e)) {
            log_err("reference.vuln", e);
            vuln_release(v);
            return;
        }
    }
    vuln_swap(f, v);
    for (size_t i = 0; i < s->n; i++)
        if (is_vuln(&s->row[i])) in_use_set(f, &s->row[i]);
}

/* ---- the whole ---- */

static bool load_one(flow *f, const reference_row *r)
{
    char path[4600];
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    int n = snprintf(path, sizeof path, "%s/reference/%.*s/%s", f->dir,
            STR_ARG(id_text(a, r->folder)), bundle_kind_name(r->part.kind));
    if (n >= (int)sizeof path - BUNDLE_NAME - 2) return false;
    if (r->part.kind == BUNDLE_ADDRESS) return load_address(f, path);
    snprintf(path + n, sizeof path - (size_t)n, "/%.*s", STR_ARG(r->part.name));
    return mapping_from(f, path);
}

static err read_rows(flow *f, arena *a, reference_state *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(f->r->store, 0, &t));
    return reference_read(t, a, ret);
}

void reference_load(flow *f)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    reference_state s;
    err e = read_rows(f, a, &s);
    if (failed(e)) {
        log_err("reference.rows", e);
        s.n = 0;
    }
    load_vuln(f, &s);
    for (size_t i = 0; i < s.n; i++)
        if (!is_vuln(&s.row[i]) && !reference_in_use(f->r, &s.row[i]) && load_one(f, &s.row[i]))
            in_use_set(f, &s.row[i]);
    load_shipped(f);
}

void reference_open(flow *f)
{
    if (!failed(reference_turn())) {
        reference_sweep(f->r, f->o.data_dir);
        reference_turn_end();
    }
    reference_load(f);
}
