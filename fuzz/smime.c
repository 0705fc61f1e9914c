/* smime.c - certificates that others bring, and their listings: one that is judged good has the
 * address and has not ended, and something can be encrypted to what is kept of it. */
#include "fuzz/fuzz.h"
#include "net/smime_cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 26);
    str in = { (const char *)data, n }, listing, pem, sealed;
    smime_cert c;
    instant now = { 1800000000LL * US_PER_S };
    (void)smime_is_certificate(in);
    smime_look(a, in, S(""), now, &listing, &pem);
    err e = smime_judge(a, listing, S("good@x.example"), SMIME_ENCRYPTS, now, &c);
    if (!failed(e)) ASSERT(pem.n && c.from.us <= now.us && c.until.us > now.us);
    if (!failed(e)) ASSERT(smime_encrypt(a, S("hello"), pem, MAIL_CBC, &sealed) && sealed.n);
    smime_look(a, in, in, now, &listing, &pem);
    e = smime_judge(a, in, S("good@x.example"), SMIME_ENCRYPTS, now, &c);
    if (!failed(e)) ASSERT(c.fingerprint.n == 64 && c.until.us > now.us);
    return 0;
}
