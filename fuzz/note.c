/* note.c - signed notes and verifier keys: what is read is written again byte by byte, and a key
 * that nobody gave never verifies. */
#include "fuzz/fuzz.h"
#include "ledger/note.h"

static void key(arena *a, str in)
{
    note_key k, again;
    if (failed(note_key_parse(in, &k))) return;
    ASSERT(!failed(note_key_parse(note_key_text(a, &k), &again)) && again.id == k.id);
    ASSERT(note_name_fits(k.name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 26);
    str in = { (const char *)data, n };
    note x;
    const uint8_t stranger[NOTE_KEY_BYTES] = { 9 };
    key(a, in);
    if (failed(note_parse(a, in, &x))) return 0;
    ASSERT(x.n > 0 && x.n <= NOTE_SIGS_MAX && str_ends(x.text, S("\n")));
    size_t bytes = x.text.n + 1;
    for (size_t i = 0; i < x.n; i++) {
        ASSERT(note_name_fits(x.sigs[i].name) && x.sigs[i].bytes.n > 0);
        bytes += x.sigs[i].line.n;
        note_key k = note_key_make(x.sigs[i].name, NOTE_ED25519, stranger);
        ASSERT(note_check(&x, &k, NULL, NULL) != NOTE_GOOD);
    }
    ASSERT(bytes == n);
    return 0;
}
