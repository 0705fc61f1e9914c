/* manifest.c - a backup's list of files, and a custodian's card: what is read leads nowhere but
 * below its folder, and is written again as it was. */
#include "common/backup/key.h"
#include "common/backup/manifest.h"
#include "fuzz/fuzz.h"

static void card(arena *a, str in)
{
    share s, again;
    if (failed(share_read(in, &s))) return;
    ASSERT(!failed(share_read(share_card(a, &s, S("x")), &again)));
    ASSERT(again.n == s.n && again.mine == s.mine);
    for (int k = 0; k < s.n; k++)
        ASSERT(k + 1 == s.mine || memcmp(again.half[k], s.half[k], BACKUP_KEY) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    str in = { (const char *)data, n };
    manifest m, again;
    card(a, in);
    if (failed(manifest_parse(a, in, &m))) return 0;
    for (size_t i = 0; i < m.n_files; i++) {
        ASSERT(manifest_path_fits(m.files[i].path) && m.files[i].path.p[0] != '/');
        ASSERT(m.files[i].first + m.files[i].n <= m.n_chunks);
    }
    ASSERT(!failed(manifest_parse(a, manifest_text(a, &m), &again)));
    ASSERT(again.n_files == m.n_files && again.n_chunks == m.n_chunks);
    return 0;
}
