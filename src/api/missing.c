/* missing.c - see missing.h. Stable words from the permission table, no free text. Pure. */
#include "api/missing.h"
#include "gen/permissions.h"

static const struct {
    const char *key, *what;
} whats[] = {
    { "error.access.role", "role" },
    { "error.access.create", "role" },
    { "error.access.key_scope", "scope" },
    { "error.access.key_reads_only", "write_key" },
    { "error.access.national_only", "national" },
    { "error.access.not_owner", "owner" },
    { "error.access.glass_reads", "owner" },
    { "error.access.other_organisation", "organisation" },
    { "error.access.more_than_own", "rights" },
    { "error.access.longer_than_own", "rights" },
    { "error.access.second_self", "second" },
    { "error.access.step_up_totp", "step_up" },
    { "error.access.step_up_password", "step_up" },
    { "error.access.step_up_link", "step_up" },
    { "error.access.step_up_key", "session" },
};

static const char *what_of(const fault *f)
{
    for (size_t i = 0; i < ARRAY_LEN(whats); i++)
        if (str_eq(str_of(f->key), str_of(whats[i].key))) return whats[i].what;
    return NULL;
}

static void put_roles(jsonw *w, uint32_t roles)
{
    jw_key(w, S("roles"));
    jw_arr(w);
    for (int b = 0; b < ROLES; b++)
        if (roles >> b & 1) jw_str(w, str_of(role_names[b]));
    jw_end_arr(w);
}

/* The name is a permission's where a route refused, a record's where a thing did. */
static void put_named(jsonw *w, str name, bool creates)
{
    for (int p = 0; p < PERMISSIONS; p++) {
        if (!str_eq(name, str_of(permission_rules[p].name))) continue;
        jw_kstr(w, "permission", name);
        put_roles(w, permission_rules[p].roles);
        return;
    }
    for (int k = 0; k < RECORD_KINDS; k++) {
        if (!str_eq(name, str_of(record_rules[k].name))) continue;
        jw_kstr(w, "record", name);
        put_roles(w, creates ? record_rules[k].create : record_rules[k].write);
        return;
    }
}

void missing_put(jsonw *w, const fault *f)
{
    const char *what = f->code == E_DENIED ? what_of(f) : NULL;
    if (!what) return;
    jw_key(w, S("missing"));
    jw_obj(w);
    jw_kstr(w, "what", str_of(what));
    put_named(w, f->args[0], str_eq(str_of(f->key), S("error.access.create")));
    jw_end_obj(w);
}
