/* master.c - the file of the master key: whatever stands there is taken or refused, and what was
 * taken is written as it was read. */
#include "fuzz/fuzz.h"
#include "proc/master_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 20);
    master_keys m, again;
    if (n > MASTER_FILE_MAX || !master_parse((str){ (const char *)data, n }, &m)) return 0;
    ASSERT(m.n_old <= MASTER_OLD_MAX && master_has(&m, m.key));
    ASSERT(master_parse(master_text(a, &m), &again));
    ASSERT(memcmp(&m, &again, sizeof m) == 0);
    return 0;
}
