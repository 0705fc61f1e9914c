/* master.c - the file of the master key: whatever stands there is taken or refused, and what was
 * taken is written as it was read; so is the form that a token seals. */
#include "fuzz/fuzz.h"
#include "proc/master_sealed.h"

static void sealed(arena *a, str bytes)
{
    master_sealed s, again;
    if (!sealed_parse(bytes, &s)) return;
    ASSERT(s.n_old <= MASTER_OLD_MAX && s.lock.n_id && s.lock.n_wrapped);
    ASSERT(sealed_parse(sealed_text(a, &s), &again));
    ASSERT(memcmp(&s, &again, sizeof s) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 20);
    master_keys m, again;
    sealed(a, (str){ (const char *)data, n });
    if (n > MASTER_FILE_MAX || !master_parse((str){ (const char *)data, n }, &m)) return 0;
    ASSERT(m.n_old <= MASTER_OLD_MAX && master_has(&m, m.key));
    ASSERT(master_parse(master_text(a, &m), &again));
    ASSERT(memcmp(&m, &again, sizeof m) == 0);
    return 0;
}
