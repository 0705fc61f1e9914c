/* pgp.c - what gpg lists of keys: whatever is read of it holds together, and a key that is judged
 * good is whole, of the address, and has not ended. */
#include "fuzz/fuzz.h"
#include "net/mail_wrap.h"
#include "net/pgp_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 24);
    str listing = { (const char *)data, n }, headers, entity;
    pgp_key k[PGP_KEYS_MAX], good;
    instant now = { 1796000000LL * US_PER_S };
    size_t found = pgp_keys_read(a, listing, k);
    ASSERT(found <= PGP_KEYS_MAX);
    for (size_t i = 0; i < found; i++)
        ASSERT(k[i].fingerprint.n >= 40 && pgp_grouped(a, k[i].fingerprint).n > 40);
    err e = pgp_key_judge(a, listing, S("good@x.example"), now, &good);
    if (!failed(e)) ASSERT(found == 1 && !good.revoked && !good.expired && !good.invalid);
    if (!failed(e)) ASSERT(!good.expires.us || good.expires.us > now.us);
    if (mail_split(listing, &headers, &entity))
        ASSERT(headers.n + entity.n == n && mail_entity_is_sane(entity));
    return 0;
}
