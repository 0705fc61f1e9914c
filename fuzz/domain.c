/* domain.c - domain names: what is a name stays itself when it is normalised again. */
#include "engine/domain/domain.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 24);
    str name, again;
    if (!domain_normalise(a, (str){ (const char *)data, n }, &name)) return 0;
    ASSERT(name.n > 0 && name.n <= DOMAIN_MAX && str_is_utf8(name));
    ASSERT(domain_normalise(a, name, &again) && str_eq(name, again));
    str reg = domain_registrable(name);
    ASSERT(str_ends(name, reg) && domain_labels(reg) <= domain_labels(name));
    while (domain_parent(&name)) {
    }
    return 0;
}
