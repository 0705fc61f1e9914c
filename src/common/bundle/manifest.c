/* manifest.c - what a bundle's manifest says, written and read: kinds and their limits, names,
 * sizes and hashes. Only what this program knows is let in. */
#include "base/json.h"
#include "common/bundle/bundle.h"

#include <sodium.h>

enum { FORM = 1 };
#define MB ((int64_t)1 << 20)

static const struct {
    const char *name;
    int64_t bytes;
    size_t parts;
} kinds[BUNDLE_KINDS] = {
    [BUNDLE_KEV] = { "kev", 16 * MB, 1 },
    [BUNDLE_EPSS] = { "epss", 64 * MB, 1 },
    [BUNDLE_ADDRESS] = { "address", 1024 * MB, 4 },
    [BUNDLE_LIST] = { "list", 16 * MB, 1 },
    [BUNDLE_PROGRAM] = { "program", 1024 * MB, 1 },
};

const char *bundle_kind_name(bundle_kind k)
{
    ASSERT(k < BUNDLE_KINDS);
    return kinds[k].name;
}

bool bundle_kind_of(str name, bundle_kind *ret)
{
    for (bundle_kind k = 0; k < BUNDLE_KINDS; k++)
        if (str_eq(name, str_of(kinds[k].name))) {
            *ret = k;
            return true;
        }
    return false;
}

int64_t bundle_kind_bytes(bundle_kind k)
{
    return kinds[k].bytes;
}
size_t bundle_kind_parts(bundle_kind k)
{
    return kinds[k].parts;
}

str bundle_hex(arena *a, const uint8_t hash[BUNDLE_HASH])
{
    char hex[2 * BUNDLE_HASH + 1];
    sodium_bin2hex(hex, sizeof hex, hash, BUNDLE_HASH);
    return str_copy(a, (str){ hex, sizeof hex - 1 });
}

/* ---- writing ---- */

void bundle_part_members(arena *a, jsonw *w, const bundle_part *p)
{
    jw_kstr(w, "kind", str_of(bundle_kind_name(p->kind)));
    jw_kstr(w, "name", p->name);
    jw_kstr(w, "version", p->version);
    jw_ktime(w, "date", p->date);
    jw_ki64(w, "bytes", p->bytes);
    jw_kstr(w, "sha256", bundle_hex(a, p->sha256));
}

void bundle_parts_put(arena *a, jsonw *w, const bundle *b)
{
    jw_key(w, S("parts"));
    jw_arr(w);
    for (size_t i = 0; i < b->n; i++) {
        jw_obj(w);
        bundle_part_members(a, w, &b->part[i]);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

str bundle_manifest_text(arena *a, const bundle *b)
{
    jsonw w = jsonw_new(a, 4096);
    jw_obj(&w);
    jw_ki64(&w, "minar_bundle", FORM);
    jw_ktime(&w, "made", b->made);
    bundle_parts_put(a, &w, b);
    jw_end_obj(&w);
    return str_cat(a, jsonw_done(&w), S("\n"));
}

/* ---- reading ---- */

static err fault_at(arena *a, size_t i, const char *member)
{
    str at = str_fmt(a, "/parts/%zu/%s", i, member);
    return err_at_pointer(ERR1(E_INVALID, "error.bundle.manifest", at), at);
}

static bool hash_read(str hex, uint8_t ret[BUNDLE_HASH])
{
    size_t n = 0;
    for (size_t i = 0; i < hex.n; i++)
        if (hex.p[i] >= 'A' && hex.p[i] <= 'F') return false; /* one form alone */
    return hex.n == 2 * BUNDLE_HASH &&
           sodium_hex2bin(ret, BUNDLE_HASH, hex.p, hex.n, NULL, &n, NULL) == 0 && n == BUNDLE_HASH;
}

static bool version_fits(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < ' ' || s.p[i] == 127) return false;
    return s.n <= BUNDLE_VERSION;
}

static err part_read(arena *a, const json *j, size_t i, bundle_part *p)
{
    str kind = json_get_text(j, S("kind"));
    p->name = json_get_text(j, S("name"));
    p->version = json_get_text(j, S("version"));
    if (j->type != JSON_OBJECT || !kind.n) return fault_at(a, i, "kind");
    if (!bundle_kind_of(kind, &p->kind)) return ERR1(E_INVALID, "error.bundle.kind", kind);
    if (!bundle_name_fits(p->name)) return ERR1(E_INVALID, "error.bundle.name", p->name);
    if (!version_fits(p->version)) return fault_at(a, i, "version");
    if (!instant_parse(json_get_text(j, S("date")), &p->date)) return fault_at(a, i, "date");
    if (!json_i64(json_get(j, S("bytes")), &p->bytes) || p->bytes < 1)
        return fault_at(a, i, "bytes");
    if (p->bytes > kinds[p->kind].bytes)
        return ERR2(E_TOO_LARGE, "error.bundle.size", p->name,
                str_fmt(a, "%lld", (long long)(kinds[p->kind].bytes / MB)));
    return hash_read(json_get_text(j, S("sha256")), p->sha256) ? OK : fault_at(a, i, "sha256");
}

/* The last one against those before it. */
static err not_again(const bundle *b)
{
    const bundle_part *p = &b->part[b->n - 1];
    size_t same = 0;
    for (size_t i = 0; i < b->n; i++) {
        same += b->part[i].kind == p->kind;
        if (i + 1 < b->n && str_eq_nocase(b->part[i].name, p->name))
            return ERR1(E_INVALID, "error.bundle.twice", p->name);
    }
    return same <= kinds[p->kind].parts
                   ? OK
                   : ERR1(E_INVALID, "error.bundle.too_many", str_of(kinds[p->kind].name));
}

err bundle_manifest_parse(arena *a, str text, bundle *ret)
{
    bundle b = *ret;
    const json *j, *parts;
    json_limits most = { .max_bytes = BUNDLE_MANIFEST_BYTES, .max_depth = 8, .max_values = 2000 };
    int64_t form;
    b.n = 0;
    if (failed(json_parse(a, text, &most, &j)) || !json_i64(json_get(j, S("minar_bundle")), &form))
        return ERR1(E_INVALID, "error.bundle.form", S("manifest.json"));
    if (form != FORM) return ERR(E_INVALID, "error.bundle.later");
    parts = json_get(j, S("parts"));
    if (!instant_parse(json_get_text(j, S("made")), &b.made))
        return err_at_pointer(ERR1(E_INVALID, "error.bundle.manifest", S("/made")), S("/made"));
    if (!parts || parts->type != JSON_ARRAY || !parts->count || parts->count > BUNDLE_PARTS)
        return err_at_pointer(ERR1(E_INVALID, "error.bundle.manifest", S("/parts")), S("/parts"));
    for (const json *p = parts->first; p; p = p->next) {
        TRY(part_read(a, p, b.n, &b.part[b.n]));
        b.n++;
        TRY(not_again(&b));
    }
    *ret = b;
    return OK;
}
