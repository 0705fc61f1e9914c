/* bundle.c - an update bundle whose signature is passed over: its manifest, and a signature's form.
 * What is let in is within its limits, leads nowhere, and is written again as it was. */
#include "common/bundle/bundle.h"
#include "fuzz/fuzz.h"

static void signature(str in)
{
    minisig s;
    minisig_public p;
    minisig_secret k;
    (void)failed(minisig_public_parse(in, &p));
    (void)failed(minisig_secret_parse(in, &k));
    if (!failed(minisig_parse(in, &s))) ASSERT(s.comment.n <= 200);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    str in = { (const char *)data, n };
    bundle b = { 0 }, again = { 0 };
    signature(in);
    if (failed(bundle_manifest_parse(a, in, &b))) return 0;
    ASSERT(b.n >= 1 && b.n <= BUNDLE_PARTS);
    for (size_t i = 0; i < b.n; i++) {
        ASSERT(bundle_name_fits(b.part[i].name) && str_find_byte(b.part[i].name, '/') < 0);
        ASSERT(b.part[i].bytes <= bundle_kind_bytes(b.part[i].kind));
    }
    ASSERT(!failed(bundle_manifest_parse(a, bundle_manifest_text(a, &b), &again)));
    ASSERT(again.n == b.n && again.made.us == b.made.us);
    return 0;
}
