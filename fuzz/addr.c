/* addr.c - addresses and prefixes: what is read is written so that it is read the same. */
#include "engine/net/addr.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    str s = { (const char *)data, n };
    char out[CIDR_TEXT_MAX];
    addr x, y;
    cidr c, d;
    if (addr_parse(s, &x)) {
        ASSERT(addr_parse((str){ out, addr_put(out, x) }, &y) && addr_eq(x, y));
        (void)addr_class_of(x);
    }
    if (!cidr_parse(s, false, &c)) return 0;
    ASSERT(addr_cmp(c.lo, c.hi) <= 0);
    ASSERT(cidr_parse((str){ out, cidr_put(out, c) }, true, &d) && addr_eq(c.lo, d.lo) &&
            c.len == d.len);
    return 0;
}
