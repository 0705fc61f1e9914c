/* binding.c - see binding.h. */
#include "access/auth/binding.h"
#include "gen/access/auth/queries.h"
#include "store/store.h"
#include <sodium.h>

static const char *const names[] = { "", "certificate", "public_key" };

str binding_name(binding_kind k)
{
    ASSERT(k < ARRAY_LEN(names));
    return str_of(names[k]);
}

err binding_parse(str fingerprint, str binds, key_binding *ret)
{
    enum { BASE64URL = 43 };
    key_binding b = { .kind = str_eq(binds, S("public_key")) ? BOUND_TO_PUBLIC_KEY
                                                             : BOUND_TO_CERTIFICATE };
    size_t n = 0;
    str s = str_trim(fingerprint);
    int bad = s.n == BASE64URL ? sodium_base642bin(b.hash, sizeof b.hash, s.p, s.n, NULL, &n, NULL,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING)
                               : sodium_hex2bin(b.hash, sizeof b.hash, s.p, s.n, ":", &n, NULL);
    if (bad || n != sizeof b.hash) return ERR(E_INVALID, "error.access.fingerprint");
    *ret = b;
    return OK;
}

err binding_keep(struct txn *t, int64_t key, const key_binding *b)
{
    return key_certificate_add(t,
            &(key_certificate_add_args){ .key = key,
                    .binds = binding_name(b->kind),
                    .hash = { (const char *)b->hash, sizeof b->hash } },
            NULL);
}

key_binding binding_from(str binds, str hash)
{
    key_binding b = { 0 };
    if (!binds.n) return b;
    ASSERT(hash.n == sizeof b.hash);
    b.kind = str_eq(binds, binding_name(BOUND_TO_PUBLIC_KEY)) ? BOUND_TO_PUBLIC_KEY
                                                              : BOUND_TO_CERTIFICATE;
    memcpy(b.hash, hash.p, sizeof b.hash);
    return b;
}

err binding_of(struct txn *t, int64_t key, key_binding *ret)
{
    key_certificate_find_row *row;
    *ret = (key_binding){ 0 };
    err e = key_certificate_find(t, &(key_certificate_find_args){ .key = key }, txn_arena(t), &row);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret = binding_from(row->binds, row->hash);
    return OK;
}

bool binding_fits(const key_binding *b, str cert_hash, str cert_key_hash)
{
    str shown = b->kind == BOUND_TO_PUBLIC_KEY ? cert_key_hash : cert_hash;
    if (b->kind == BOUND_TO_NOTHING) return true;
    return shown.n == sizeof b->hash && sodium_memcmp(shown.p, b->hash, sizeof b->hash) == 0;
}
