/* bundle_test.c - the form of an update bundle: what was written is read, every changed bit and
 * every cut of it is refused, names lead nowhere; keys and signatures of minisign. */
#include "common/bundle/bundle.h"
#include "unit.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

static minisig_secret secret;
static minisig_public public;

static void key_make(void)
{
    crypto_sign_keypair(public.key, secret.key);
    memset(public.id, 7, sizeof public.id);
    memset(secret.id, 7, sizeof secret.id);
}

static const char *file_of(arena *a, const char *text)
{
    const char *tmp = getenv("MINAR_TMP");
    char *path = str_z(a, str_fmt(a, "%s/bundle-XXXXXX", tmp ? tmp : "/tmp"));
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

static bundle_part part_of(bundle_kind kind, const char *name, const char *path)
{
    bundle_part p = {
        .kind = kind, .name = str_of(name), .version = S("1"), .date = { US_PER_DAY }
    };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_ok(bundle_hash(fd, p.sha256, &p.bytes));
    close(fd);
    return p;
}

/* A bundle of two parts, in memory. */
static str made(arena *a)
{
    const char *paths[] = { file_of(a, "the catalogue"), file_of(a, "1.1.1.1,1.1.1.2,1,x\n") };
    bundle b = { .made = { 2 * US_PER_DAY },
        .part = { part_of(BUNDLE_KEV, "kev.json", paths[0]),
                part_of(BUNDLE_ADDRESS, "a-asn.csv", paths[1]) },
        .n = 2 };
    int fd = memfd_create("bundle", MFD_CLOEXEC);
    assert_ok(bundle_write(a, fd, &b, paths, &secret));
    off_t n = lseek(fd, 0, SEEK_END);
    char *p = arena_alloc(a, (size_t)n);
    assert_int_equal(pread(fd, p, (size_t)n, 0), n);
    close(fd);
    unlink(paths[0]);
    unlink(paths[1]);
    return (str){ p, (size_t)n };
}

static err read_it(arena *a, str bytes, bundle *b)
{
    static const int nowhere[BUNDLE_KINDS] = { [0 ... BUNDLE_KINDS - 1] = -1 };
    int fd = memfd_create("bundle", MFD_CLOEXEC);
    assert_int_equal(write(fd, bytes.p, bytes.n), bytes.n);
    lseek(fd, 0, SEEK_SET);
    err e = bundle_open(a, fd, &public, 1, b);
    if (!failed(e)) e = bundle_parts(fd, b, nowhere);
    close(fd);
    return e;
}

static void what_was_written_is_read(void **state)
{
    arena *a = *state;
    bundle b;
    key_make();
    assert_ok(read_it(a, made(a), &b));
    assert_int_equal(b.n, 2);
    assert_str(b.part[1].name, "a-asn.csv");
    assert_int_equal(b.part[0].bytes, 13);
    assert_int_equal(b.made.us, 2 * US_PER_DAY);
}

static void every_changed_bit_is_refused(void **state)
{
    arena *a = *state;
    bundle b;
    key_make();
    str all = made(a);
    char *p = (char *)(uintptr_t)all.p;
    for (size_t i = 0; i < all.n; i++) {
        CLEANUP(arena_free_p) arena *tmp = arena_new(1 << 20);
        char bit = (char)(1 << i % 8);
        p[i] ^= bit;
        bool refused = failed(read_it(tmp, all, &b));
        /* The first line of a signature is signed by nobody: minisign says so too. */
        if (!refused) assert_true(str_find(all, S("trusted comment: minar")) > (ptrdiff_t)i);
        p[i] ^= bit;
    }
}

static void every_cut_and_what_stands_behind_is_refused(void **state)
{
    arena *a = *state;
    bundle b;
    key_make();
    str all = made(a);
    for (size_t n = 0; n < all.n; n += n % 512 ? 511 : 1) {
        CLEANUP(arena_free_p) arena *tmp = arena_new(1 << 20);
        assert_true(failed(read_it(tmp, str_sub(all, 0, n), &b)));
    }
    assert_fails(read_it(a, str_cat(a, all, S("x")), &b), E_INVALID, "error.bundle.form");
}

static void names_lead_nowhere(void **state)
{
    static const char *const bad[] = { "", ".", "..", "../x", "/x", "a/b", ".x", "-x", "a b",
        "a\\b", "a\nb", "manifest.json", "manifest.json.minisig", "\xd9\x82" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(bundle_name_fits(str_of(bad[i])));
    char longest[BUNDLE_NAME + 2];
    memset(longest, 'x', sizeof longest);
    assert_true(bundle_name_fits((str){ longest, BUNDLE_NAME }));
    assert_false(bundle_name_fits((str){ longest, BUNDLE_NAME + 1 }));
    assert_true(bundle_name_fits(S("minar_0.9+b1~rc_amd64.deb")));
}

static void a_file_that_changes_while_it_is_taken_is_refused(void **state)
{
    arena *a = *state;
    key_make();
    const char *path = file_of(a, "first");
    bundle b = { .part = { part_of(BUNDLE_KEV, "kev.json", path) }, .n = 1 };
    int fd = open(path, O_WRONLY | O_CLOEXEC), out = memfd_create("bundle", MFD_CLOEXEC);
    assert_int_equal(write(fd, "other", 5), 5);
    assert_fails(bundle_write(a, out, &b, &path, &secret), E_INVALID, "error.bundle.changed");
    close(fd);
    close(out);
    unlink(path);
}

static void keys_and_signatures_in_their_forms(void **state)
{
    arena *a = *state;
    minisig_public p;
    minisig_secret s;
    minisig sig;
    key_make();
    /* The public key of minisign's own releases, as its page has it. */
    assert_ok(minisig_public_parse(
            S("untrusted comment: x\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n"),
            &p));
    assert_str(minisig_id_text(a, p.id), "E7620F1842B4E81F");
    assert_fails(minisig_public_parse(S("RWQf"), &p), E_INVALID, "error.bundle.public_key");
    assert_fails(minisig_secret_parse(S("x"), &s), E_INVALID, "error.bundle.secret_key");
    str text = minisig_sign(a, &secret, S("the text"), S("a comment"));
    assert_ok(minisig_parse(text, &sig));
    assert_str(sig.comment, "a comment");
    assert_true(minisig_good(&sig, &public, S("the text")));
    assert_false(minisig_good(&sig, &public, S("the text.")));
    sig.comment = S("another");
    assert_false(minisig_good(&sig, &public, S("the text")));
    assert_fails(minisig_parse(str_cat(a, text, S("x")), &sig), E_INVALID, "error.bundle.form");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(what_was_written_is_read),
        UNIT(every_changed_bit_is_refused), UNIT(every_cut_and_what_stands_behind_is_refused),
        UNIT(names_lead_nowhere), UNIT(a_file_that_changes_while_it_is_taken_is_refused),
        UNIT(keys_and_signatures_in_their_forms) };
    if (sodium_init() < 0) return 1;
    return cmocka_run_group_tests_name("common bundle", tests, NULL, NULL);
}
