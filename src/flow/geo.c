/* geo.c - MMDB by libmaxminddb (mapped, not loaded), CSV into the longest-prefix table. */
#include "flow/geo.h"

#include <dirent.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/csv/csv.h"
#include "engine/lpm/lpm.h"

typedef struct {
    MMDB_s db;
    bool open;
} mmdb;

typedef struct {
    lpm *ranges;
    flow_geo_part part;
} range_data;

typedef struct {
    uint32_t asn;
    str name;
} as_row;

struct flow_geo {
    atomic_int owners;
    arena *a;
    mmdb country_db, asn_db;
    range_data country, asn;
    lpm_entry *country_entry, *asn_entry;
    size_t n_country, cap_country, n_asn, cap_asn;
    as_row *as; /* by a range's value */
    size_t n_as, cap_as;
};

static void *grown(void *p, size_t n, size_t *cap, size_t size)
{
    if (n < *cap) return p;
    *cap = *cap ? *cap * 2 : 4096;
    p = reallocarray(p, *cap, size);
    ASSERT(p != NULL);
    return p;
}

static int mmdb_find(const mmdb *m, addr a, MMDB_entry_s *entry)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET,
        .sin_addr = { __builtin_bswap32((uint32_t)a.lo) } };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    int error = MMDB_SUCCESS;
    for (int i = 0; i < 8; i++) {
        v6.sin6_addr.s6_addr[i] = (uint8_t)(a.hi >> (56 - 8 * i));
        v6.sin6_addr.s6_addr[8 + i] = (uint8_t)(a.lo >> (56 - 8 * i));
    }
    bool is4 = addr_is_v4(a);
    if (!is4 && m->db.metadata.ip_version == 4) return 0;
    const struct sockaddr *sa = is4 ? (const struct sockaddr *)(const void *)&v4
                                    : (const struct sockaddr *)(const void *)&v6;
    MMDB_lookup_result_s r = MMDB_lookup_sockaddr(&m->db, sa, &error);
    if (error != MMDB_SUCCESS || !r.found_entry) return 0;
    *entry = r.entry;
    return 1;
}

static bool mmdb_text(MMDB_entry_s *e, const char *const *path, str *ret)
{
    MMDB_entry_data_s d;
    if (MMDB_aget_value(e, &d, path) != MMDB_SUCCESS || !d.has_data ||
            d.type != MMDB_DATA_TYPE_UTF8_STRING)
        return false;
    *ret = (str){ d.utf8_string, d.data_size };
    return true;
}

static bool mmdb_country(const mmdb *m, addr a, char cc[2])
{
    static const char *const flat[] = { "country_code", NULL }, *const nested[] = { "country",
        "iso_code", NULL };
    MMDB_entry_s e;
    str s;
    if (!m->open || !mmdb_find(m, a, &e)) return false;
    if (!mmdb_text(&e, flat, &s) && !mmdb_text(&e, nested, &s)) return false;
    if (s.n != 2) return false;
    memcpy(cc, s.p, 2);
    return true;
}

static bool mmdb_asn(const mmdb *m, addr a, uint32_t *asn, str *name)
{
    static const char *const number[] = { "autonomous_system_number", NULL };
    static const char *const org[] = { "autonomous_system_organization", NULL };
    MMDB_entry_s e;
    MMDB_entry_data_s d;
    if (!m->open || !mmdb_find(m, a, &e)) return false;
    if (MMDB_aget_value(&e, &d, number) != MMDB_SUCCESS || !d.has_data ||
            d.type != MMDB_DATA_TYPE_UINT32)
        return false;
    *asn = d.uint32;
    if (!mmdb_text(&e, org, name)) *name = (str){ 0 };
    return d.uint32 != 0;
}

static err mmdb_load(flow_geo *g, const char *path, str file)
{
    mmdb m = { .open = true };
    if (MMDB_open(path, MMDB_MODE_MMAP, &m.db) != MMDB_SUCCESS)
        return ERR1(E_INVALID, "error.flow.geo", file);
    str type = str_of(m.db.metadata.database_type);
    bool asn = str_find(type, S("ASN")) >= 0 || str_find(type, S("asn")) >= 0 ||
               str_find(file, S("asn")) >= 0;
    bool country = !asn || str_find(type, S("ountry")) >= 0 || str_find(file, S("ountry")) >= 0;
    flow_geo_part part = { str_copy(g->a, file), { (int64_t)m.db.metadata.build_epoch * US_PER_S },
        0 };
    mmdb *slot = country ? &g->country_db : &g->asn_db;
    if (slot->open) {
        MMDB_close(&m.db);
        return OK;
    }
    *slot = m;
    if (country)
        g->country.part = part;
    else
        g->asn.part = part;
    return OK;
}

static void asn_row(flow_geo *g, const csv_row *row, addr lo, addr hi)
{
    int64_t asn;
    if (row->n < 3 || !str_to_i64(row->cell[2], &asn) || asn < 1 || asn > UINT32_MAX) return;
    bool same = g->n_as > 0 && g->as[g->n_as - 1].asn == asn;
    if (!same) {
        g->as = grown(g->as, g->n_as, &g->cap_as, sizeof *g->as);
        g->as[g->n_as++] =
                (as_row){ (uint32_t)asn, row->n > 3 ? str_copy(g->a, row->cell[3]) : (str){ 0 } };
    }
    g->asn_entry = grown(g->asn_entry, g->n_asn, &g->cap_asn, sizeof(lpm_entry));
    g->asn_entry[g->n_asn++] = (lpm_entry){ lo, hi, (uint32_t)(g->n_as - 1), 0 };
}

static void country_row(flow_geo *g, const csv_row *row, addr lo, addr hi)
{
    if (row->n < 3 || row->cell[2].n != 2) return;
    uint32_t cc =
            (uint32_t)(unsigned char)row->cell[2].p[0] << 8 | (unsigned char)row->cell[2].p[1];
    g->country_entry = grown(g->country_entry, g->n_country, &g->cap_country, sizeof(lpm_entry));
    g->country_entry[g->n_country++] = (lpm_entry){ lo, hi, cc, 0 };
}

static void csv_rows(flow_geo *g, str text, bool asn)
{
    arena *tmp = arena_new((size_t)16 << 20), *life = arena_new((size_t)16 << 20);
    csv *c = csv_new(life, ',', '#');
    csv_row row;
    csv_result r;
    while ((r = csv_next(c, tmp, text, true, &row)) != CSV_END) {
        addr lo, hi;
        text = str_sub(text, row.used, text.n);
        arena_reset(tmp);
        if (r != CSV_ROW || row.n < 3 || !addr_parse(row.cell[0], &lo) ||
                !addr_parse(row.cell[1], &hi))
            continue;
        if (addr_cmp(lo, hi) > 0 || addr_is_v4(lo) != addr_is_v4(hi)) continue;
        if (asn)
            asn_row(g, &row, lo, hi);
        else
            country_row(g, &row, lo, hi);
    }
    arena_free(tmp);
    arena_free(life);
}

static err csv_load(flow_geo *g, const char *path, str file, bool asn)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0) close(fd);
        return ERR1(E_INVALID, "error.flow.geo", file);
    }
    void *p = st.st_size > 0 ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    close(fd);
    if (p == MAP_FAILED) return ERR1(E_INVALID, "error.flow.geo", file);
    if (p) csv_rows(g, (str){ p, (size_t)st.st_size }, asn);
    if (p) munmap(p, (size_t)st.st_size);
    flow_geo_part *part = asn ? &g->asn.part : &g->country.part;
    *part = (flow_geo_part){ str_copy(g->a, file), { (int64_t)st.st_mtime * US_PER_S }, 0 };
    return OK;
}

static err file_load(flow_geo *g, const char *path, str file)
{
    if (str_ends(file, S(".mmdb"))) return mmdb_load(g, path, file);
    if (!str_ends(file, S(".csv"))) return OK;
    if (str_find(file, S("country")) >= 0) return csv_load(g, path, file, false);
    if (str_find(file, S("asn")) >= 0) return csv_load(g, path, file, true);
    return OK;
}

static err folder_load(flow_geo *g, const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    err r = OK;
    if (!d) return OK; /* no folder: nothing is known, and the parts say so */
    while (!failed(r) && (e = readdir(d)))
        r = file_load(g, str_z(g->a, str_fmt(g->a, "%s/%s", dir, e->d_name)), str_of(e->d_name));
    closedir(d);
    return r;
}

static void ranges_build(range_data *r, lpm_entry **entries, size_t n)
{
    r->part.ranges = n;
    if (n > 0) r->ranges = lpm_build(*entries, n);
    free(*entries);
    *entries = NULL;
}

static flow_geo *geo_new(void)
{
    flow_geo *g = calloc(1, sizeof *g);
    ASSERT(g != NULL);
    atomic_init(&g->owners, 1);
    g->a = arena_new((size_t)256 << 20);
    return g;
}

err flow_geo_check(const char *path, str file, instant *ret_date)
{
    flow_geo *g = geo_new();
    err e = file_load(g, path, file);
    bool country = g->country.part.file.n > 0, asn = g->asn.part.file.n > 0;
    *ret_date = country ? g->country.part.date : g->asn.part.date;
    if (!failed(e) && !country && !asn) e = ERR1(E_INVALID, "error.flow.geo_name", file);
    if (!failed(e) && str_ends(file, S(".csv")) && !g->n_country && !g->n_asn)
        e = ERR1(E_INVALID, "error.flow.geo", file);
    free(g->country_entry);
    free(g->asn_entry);
    flow_geo_release(g);
    return e;
}

err flow_geo_load(const char *dir, flow_geo **ret)
{
    flow_geo *g = geo_new();
    err e = folder_load(g, dir);
    ranges_build(&g->country, &g->country_entry, g->n_country);
    ranges_build(&g->asn, &g->asn_entry, g->n_asn);
    if (failed(e))
        flow_geo_release(g);
    else
        *ret = g;
    return e;
}

void flow_geo_hold(flow_geo *g)
{
    if (g) atomic_fetch_add(&g->owners, 1);
}

void flow_geo_release(flow_geo *g)
{
    if (!g || atomic_fetch_sub(&g->owners, 1) != 1) return;
    if (g->country_db.open) MMDB_close(&g->country_db.db);
    if (g->asn_db.open) MMDB_close(&g->asn_db.db);
    lpm_free(g->country.ranges);
    lpm_free(g->asn.ranges);
    free(g->as);
    arena_free(g->a);
    free(g);
}

flow_geo_part flow_geo_country_part(const flow_geo *g)
{
    return g->country.part;
}
flow_geo_part flow_geo_asn_part(const flow_geo *g)
{
    return g->asn.part;
}

bool flow_geo_country(const flow_geo *g, addr a, char cc[2])
{
    uint32_t e = g->country.ranges ? lpm_find(g->country.ranges, a) : LPM_NONE;
    if (e == LPM_NONE) return mmdb_country(&g->country_db, a, cc);
    uint32_t v = lpm_at(g->country.ranges, e)->value;
    cc[0] = (char)(v >> 8);
    cc[1] = (char)v;
    return true;
}

bool flow_geo_asn(const flow_geo *g, addr a, uint32_t *asn, str *name)
{
    uint32_t e = g->asn.ranges ? lpm_find(g->asn.ranges, a) : LPM_NONE;
    if (e == LPM_NONE) return mmdb_asn(&g->asn_db, a, asn, name);
    const as_row *r = &g->as[lpm_at(g->asn.ranges, e)->value];
    *asn = r->asn;
    *name = r->name;
    return true;
}

static void fill(const flow_geo *g, flow_batch *b, addr ip, uint32_t *asn, str *cc)
{
    char two[2];
    str name;
    if (addr_is_zero(ip)) return;
    if (*asn == 0) (void)!flow_geo_asn(g, ip, asn, &name);
    if (cc->n == 0 && flow_geo_country(g, ip, two)) *cc = str_copy(b->a, (str){ two, 2 });
}

void flow_geo_batch(const flow_geo *g, flow_batch *b)
{
    if (!g) return;
    for (size_t r = 0; r < b->n; r++) {
        fill(g, b, flow_source_ip(b, r), &b->source_asn[r], &b->text[FT_SOURCE_CC][r]);
        fill(g, b, flow_destination_ip(b, r), &b->destination_asn[r],
                &b->text[FT_DESTINATION_CC][r]);
    }
}
