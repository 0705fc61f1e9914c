/* note_test.c - notes, checkpoints, cosignatures and submissions: the examples of the C2SP
 * documents, and everything that must be refused. */
#include "unit/unit.h"

#include "ledger/checkpoint.h"
#include "ledger/note.h"

#include <sodium.h>

/* The example of C2SP tlog-cosignature: a checkpoint with the log's line and a witness's. */
#define TEXT                                                                                       \
    "example.com/behind-the-sofa\n"                                                                \
    "20852163\n"                                                                                   \
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define LOG_LINE                                                                                   \
    "\xe2\x80\x94 example.com/behind-the-sofa "                                                    \
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+"            \
    "xeMcTOAYQ8=\n"
#define WITNESS_LINE                                                                               \
    "\xe2\x80\x94 witness.example.com/w1 "                                                         \
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+"     \
    "mbIUBkBIfZ+qnA==\n"

static void published_example(void **state)
{
    note n;
    log_head h;
    assert_ok(note_parse(*state, S(TEXT "\n" LOG_LINE WITNESS_LINE), &n));
    assert_true(str_eq(n.text, S(TEXT)));
    assert_int_equal(n.n, 2);
    assert_true(str_eq(n.sigs[0].name, S("example.com/behind-the-sofa")));
    assert_int_equal(n.sigs[0].id, 0x033de0ae);
    assert_true(str_eq(n.sigs[1].name, S("witness.example.com/w1")));
    assert_int_equal(n.sigs[1].id, 0x8d66cf3f);
    assert_int_equal(n.sigs[1].bytes.n, 72);
    assert_true(str_eq(n.sigs[1].line, S(WITNESS_LINE)));
    assert_ok(checkpoint_parse(n.text, &h));
    assert_int_equal(h.size, 20852163);
    assert_int_equal(h.root[0], 0x0a);
    assert_true(str_eq(checkpoint_text(*state, &h), S(TEXT)));
}

static void notes_refused(void **state)
{
    static const char *const bad[] = { "", "\n", "\n\n", TEXT, TEXT "\n", TEXT LOG_LINE,
        TEXT "\n" LOG_LINE "x", TEXT "\n- a AAAAAAA=\n", TEXT "\n\xe2\x80\x94 a+b AAAAAAAA\n",
        TEXT "\n\xe2\x80\x94 a\n", TEXT "\n\xe2\x80\x94 a AAAAAAA\n",
        TEXT "\n\xe2\x80\x94 a AAAAAA==\n", TEXT "\n\xe2\x80\x94  AAAAAAAA\n",
        TEXT "\n\xe2\x80\x94 a\xc2\xa0z AAAAAAAA\n", "a\tb\n\n" LOG_LINE, "\xff\n\n" LOG_LINE,
        TEXT "\n" LOG_LINE "\n" };
    note n;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_fails(note_parse(*state, str_of(bad[i]), &n), E_INVALID, "error.ledger.note");
    buf many = buf_new(*state, 1 << 16);
    buf_put(&many, S(TEXT "\n"));
    for (int i = 0; i <= NOTE_SIGS_MAX; i++)
        buf_put(&many, S(LOG_LINE));
    assert_fails(note_parse(*state, buf_str(&many), &n), E_TOO_LARGE, "error.ledger.note_large");
}

/* RFC 8032, 7.1, test 1: the seed, its public half. */
static const char seed_hex[] = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

static void sign_with(const uint8_t *sk, note_key k, arena *a, str text, int64_t at, str *line)
{
    uint8_t sig[NOTE_SIG_BYTES];
    str m = note_message(a, k.type, text, at);
    crypto_sign_detached(sig, NULL, (const uint8_t *)m.p, m.n, sk);
    *line = note_line(a, &k, at, sig);
}

static void signatures_hold(void **state)
{
    uint8_t seed[32], pk[32], sk[64];
    note_key k, again;
    note n;
    str line, co;
    int64_t at;
    arena *a = *state;
    assert_int_equal(sodium_hex2bin(seed, 32, seed_hex, 64, NULL, NULL, NULL), 0);
    crypto_sign_seed_keypair(pk, sk, seed);
    assert_int_equal(pk[0], 0xd7);
    k = note_key_make(S("minar.example/log"), NOTE_ED25519, pk);
    assert_ok(note_key_parse(note_key_text(a, &k), &again));
    assert_int_equal(again.id, k.id);
    note_key w = note_key_make(S("w.example/1"), NOTE_COSIGNATURE, pk);
    assert_int_not_equal(w.id, note_key_make(S("w.example/1"), NOTE_ED25519, pk).id);
    sign_with(sk, k, a, S(TEXT), 0, &line);
    sign_with(sk, w, a, S(TEXT), 1679315147, &co);
    str whole = str_fmt(a, TEXT "\n%.*s" LOG_LINE "%.*s", STR_ARG(line), STR_ARG(co));
    assert_ok(note_parse(a, whole, &n));
    assert_int_equal(note_check(&n, &k, &at, NULL), NOTE_GOOD);
    assert_int_equal(note_check(&n, &w, &at, NULL), NOTE_GOOD);
    assert_int_equal(at, 1679315147);
    note_key stranger = note_key_make(S("else.example"), NOTE_ED25519, pk);
    assert_int_equal(note_check(&n, &stranger, NULL, NULL), NOTE_UNKNOWN);
    /* every bit of the text counts */
    char *bytes = str_z(a, whole);
    for (size_t i = 0; i + 1 < sizeof TEXT - 1; i++) {
        bytes[i] ^= 1;
        if (!failed(note_parse(a, (str){ bytes, whole.n }, &n)))
            assert_int_not_equal(note_check(&n, &k, NULL, NULL), NOTE_GOOD);
        bytes[i] ^= 1;
    }
}

static void keys_refused(void **state)
{
    static const char *const bad[] = { "", "a", "a+b", "a+00000000+AAAA", "+00000000+AAAA",
        "a b+00000000+ATAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
        "a+00000000+ATAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
        "a+0000000g+ATAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=" };
    note_key k;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_fails(note_key_parse(str_of(bad[i]), &k), E_INVALID, "error.ledger.vkey");
}

static void checkpoints_refused(void **state)
{
    static const char *const bad[] = { "", "a\n", "a\n1\n", "\n1\nAAAA\n",
        "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n99999999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=" };
    log_head h;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_fails(checkpoint_parse(str_of(bad[i]), &h), E_INVALID, "error.ledger.checkpoint");
    assert_ok(
            checkpoint_parse(S("a\n0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore\n"), &h));
}

static void submissions(void **state)
{
    static const char *const bad[] = { "", "old 1", "old 01\n\nx", "new 1\n\nx", "old 1\nAAAA\n\nx",
        "old 1\n", "old -1\n\nx" };
    submission s, again;
    uint8_t path[3 * TREE_HASH] = { 1, 2, 3 };
    arena *a = *state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_fails(submission_parse(a, str_of(bad[i]), &s), E_USAGE, "error.ledger.submission");
    s = (submission){ .old = 7, .path = { (const char *)path, sizeof path }, .note = S(TEXT) };
    assert_ok(submission_parse(a, submission_text(a, &s), &again));
    assert_int_equal(again.old, 7);
    assert_true(str_eq(again.path, s.path) && str_eq(again.note, s.note));
    buf b = buf_new(a, 4096);
    buf_put(&b, S("old 1\n"));
    for (int i = 0; i <= SUBMISSION_PATH_MAX; i++)
        buf_put(&b, S("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"));
    buf_put(&b, S("\n" TEXT));
    assert_fails(submission_parse(a, buf_str(&b), &s), E_USAGE, "error.ledger.submission");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(published_example), UNIT(notes_refused),
        UNIT(signatures_hold), UNIT(keys_refused), UNIT(checkpoints_refused), UNIT(submissions) };
    assert(sodium_init() >= 0);
    return cmocka_run_group_tests_name("ledger note", tests, NULL, NULL);
}
