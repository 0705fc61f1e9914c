/* open_test.c - what openers say of inputs: types, hashes, lists; bombs, slips, links, depth. */
#include "proc/open/open.h"
#include "proc/sandbox_wire.h"
#include "unit.h"
#include <archive.h>
#include <archive_entry.h>
#include <sodium.h>
#include <stdlib.h>

static arena *m;
enum { OUT_MAX = 8 << 20 };

static str hex(const uint8_t *p, size_t n)
{
    char *to = arena_alloc(m, 2 * n + 1);
    sodium_bin2hex(to, 2 * n + 1, p, n);
    return str_of(to);
}

static open_input input(str s)
{
    return (open_input){ .p = (const uint8_t *)s.p, .bytes = (int64_t)s.n };
}

/* ---- archives made here ---- */
typedef struct {
    struct archive *x;
    char *p;
    size_t used;
} maker;

static maker make(int (*format)(struct archive *), int (*filter)(struct archive *))
{
    maker k = { .x = archive_write_new(), .p = malloc(OUT_MAX) };
    assert_int_equal(format(k.x), ARCHIVE_OK);
    if (filter) assert_int_equal(filter(k.x), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(k.x, 1);
    return k;
}

static void begin(maker *k)
{
    assert_int_equal(archive_write_open_memory(k->x, k->p, OUT_MAX, &k->used), ARCHIVE_OK);
}

static void add(maker *k, const char *name, const char *link, str body, int64_t times)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, link ? AE_IFLNK : AE_IFREG);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, link ? 0 : (int64_t)body.n * times);
    if (link) archive_entry_set_symlink(e, link);
    assert_int_equal(archive_write_header(k->x, e), ARCHIVE_OK);
    for (int64_t i = 0; i < times && !link; i++)
        assert_int_equal(archive_write_data(k->x, body.p, body.n), body.n);
    archive_entry_free(e);
}

static str end(maker *k)
{
    assert_int_equal(archive_write_close(k->x), ARCHIVE_OK);
    str s = str_copy(m, (str){ k->p, k->used });
    archive_write_free(k->x);
    free(k->p);
    return s;
}

static str one_in_zip(const char *name, str body)
{
    maker k = make(archive_write_set_format_zip, NULL);
    begin(&k);
    add(&k, name, NULL, body, 1);
    return end(&k);
}

/* As the server gets it: through the wire, which checks what an opener says. */
static open_listing list(str s)
{
    open_listing l;
    open_input in = input(s);
    buf b = buf_new(m, 4096);
    sandbox_work(SANDBOX_LIST, &in, m, &b);
    assert_true(sandbox_get_listing(m, buf_str(&b), &l));
    return l;
}

static open_identity identify(str s)
{
    open_identity i;
    open_input in = input(s);
    buf b = buf_new(m, 4096);
    sandbox_work(SANDBOX_IDENTIFY, &in, m, &b);
    assert_true(sandbox_get_identity(m, buf_str(&b), &i));
    return i;
}

/* ---- tests ---- */

static void a_text_is_named_hashed_and_shown(void **state)
{
    open_identity i = identify(S("abc"));
    assert_str(i.mime, "text/plain");
    assert_str(hex(i.md5, 16), "900150983cd24fb0d6963f7d28e17f72");
    assert_str(hex(i.sha1, 20), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_str(
            hex(i.sha256, 32), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(i.bytes, 3);
    assert_str(i.text, "abc");
    assert_str(identify(S("")).mime, "inode/x-empty");
}

static void the_content_decides_and_not_the_name(void **state)
{
    assert_str(identify(S("%PDF-1.4\n1 0 obj\n")).mime, "application/pdf");
    assert_int_equal(open_kind_of(identify(one_in_zip("a.txt", S("hello"))).mime), OPEN_ARCHIVE);
    assert_int_equal(open_kind_of(S("image/svg+xml")), OPEN_DOCUMENT);
    assert_int_equal(open_kind_of(S("image/png")), OPEN_PICTURE);
    assert_int_equal(open_kind_of(S("application/x-dosexec")), OPEN_PROGRAM);
}

static void a_text_shows_no_control_and_no_direction(void **state)
{
    bool changed = false;
    assert_str(text_safe(m,
                       S("a\x1b[2J\xe2\x80\xae"
                         "b\r\nc\xff"),
                       100, true, &changed),
            "a\xef\xbf\xbd[2J\xef\xbf\xbd"
            "b\nc\xef\xbf\xbd");
    assert_true(changed);
    changed = false;
    assert_str(text_safe(m, S("اردو متن"), 100, false, &changed), "اردو متن");
    assert_false(changed);
}

static void a_path_leads_nowhere(void **state)
{
    static const struct {
        const char *raw, *safe;
    } rows[] = {
        { "../../etc/passwd", "etc/passwd" },
        { "/etc/passwd", "etc/passwd" },
        { "C:\\Windows\\x.exe", "Windows/x.exe" },
        { "a/../../b", "a/b" },
        { "..", "?" },
        { "..\\..\\x", "x" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool changed = false;
        assert_str(path_safe(m, str_of(rows[i].raw), &changed), rows[i].safe);
        assert_true(changed);
    }
    bool changed = false;
    assert_str(path_safe(m, S("folder/file.txt"), &changed), "folder/file.txt");
    assert_false(changed);
}

static void a_zip_is_listed(void **state)
{
    maker k = make(archive_write_set_format_zip, NULL);
    begin(&k);
    add(&k, "invoice.txt", NULL, S("abc"), 1);
    add(&k, "../../slip.sh", NULL, S("#!/bin/sh\n"), 1);
    add(&k, "link", "/etc/passwd", S(""), 0);
    open_listing l = list(end(&k));
    assert_int_equal(l.n, 3);
    assert_str(l.stopped, "");
    assert_false(l.encrypted);
    assert_str(l.entries[0].name, "invoice.txt");
    assert_int_equal(l.entries[0].marks, 0);
    assert_int_equal(l.entries[0].bytes, 3);
    assert_str(hex(l.entries[0].sha256, 32),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_str(l.entries[1].name, "slip.sh");
    assert_int_equal(l.entries[1].marks, ENTRY_UNSAFE_NAME);
    assert_str(l.entries[1].mime, "text/x-shellscript");
    assert_int_equal(l.entries[2].marks, ENTRY_LINK);
}

static void other_formats_are_listed(void **state)
{
    maker k = make(archive_write_set_format_pax, archive_write_add_filter_gzip);
    begin(&k);
    add(&k, "a", NULL, S("1"), 1);
    assert_int_equal(list(end(&k)).n, 1);
    k = make(archive_write_set_format_7zip, NULL);
    begin(&k);
    add(&k, "b", NULL, S("2"), 1);
    open_listing l = list(end(&k));
    assert_int_equal(l.n, 1);
    assert_str(l.entries[0].name, "b");
    k = make(archive_write_set_format_raw, archive_write_add_filter_xz);
    begin(&k);
    add(&k, "c", NULL, S("3"), 1);
    l = list(end(&k));
    assert_int_equal(l.n, 1);
    assert_int_equal(l.entries[0].bytes, 1);
}

static void an_encrypted_one_says_so(void **state)
{
    maker k = make(archive_write_set_format_zip, NULL);
    archive_write_set_options(k.x, "zip:encryption=traditional");
    archive_write_set_passphrase(k.x, "infected");
    begin(&k);
    add(&k, "bad.exe", NULL, S("MZ"), 1);
    open_listing l = list(end(&k));
    assert_true(l.encrypted);
    assert_int_equal(l.n, 1);
    assert_int_equal(l.entries[0].marks & ENTRY_ENCRYPTED, ENTRY_ENCRYPTED);
    assert_int_equal(l.entries[0].mime.n, 0);
}

static void archives_within_are_opened_to_a_depth(void **state)
{
    str s = one_in_zip("core.txt", S("abc"));
    for (int i = 0; i < 4; i++)
        s = one_in_zip("next.zip", s);
    open_listing l = list(s);
    assert_int_equal(l.n, OPEN_DEPTH_MAX);
    assert_int_equal(l.entries[0].marks, ENTRY_INNER);
    assert_str(l.entries[1].name, "next.zip/next.zip");
    assert_int_equal(l.entries[OPEN_DEPTH_MAX - 1].marks, ENTRY_UNOPENED);
}

static void a_bomb_is_stopped(void **state)
{
    static char zeros[1 << 20];
    maker k = make(archive_write_set_format_zip, NULL);
    begin(&k);
    add(&k, "zeros", NULL, (str){ zeros, sizeof zeros }, 300);
    str s = end(&k);
    assert_true(s.n < 2 << 20);
    open_listing l = list(s);
    assert_str(l.stopped, "ratio");
    assert_true(l.bytes < 128 << 20);
}

static void many_entries_are_counted_not_told(void **state)
{
    maker k = make(archive_write_set_format_pax_restricted, archive_write_add_filter_gzip);
    begin(&k);
    for (int i = 0; i < OPEN_ENTRIES_MAX + 500; i++) {
        char name[20];
        snprintf(name, sizeof name, "%d", i);
        add(&k, name, NULL, S(""), 0);
    }
    open_listing l = list(end(&k));
    assert_int_equal(l.n, OPEN_ENTRIES_MAX);
    assert_int_equal(l.count, OPEN_ENTRIES_MAX + 500);
}

static void a_broken_one_is_no_harm(void **state)
{
    str s = one_in_zip("a.txt", S("hello hello hello hello"));
    for (size_t n = 0; n < s.n; n++) {
        open_listing l = list(str_sub(s, 0, n));
        assert_true(l.n <= 1);
    }
    assert_str(list(S("no archive at all")).stopped, "broken");
}

static void what_an_opener_says_is_checked(void **state)
{
    open_input in = input(one_in_zip("a.txt", S("abc")));
    buf b = buf_new(m, 4096);
    open_listing l;
    open_identity i;
    sandbox_work(SANDBOX_LIST, &in, m, &b);
    for (size_t n = 0; n < b.n; n++)
        assert_false(sandbox_get_listing(m, (str){ b.p, n }, &l));
    ptrdiff_t at = str_find(buf_str(&b), S("a.txt"));
    b.p[at] = '\x1b';
    assert_false(sandbox_get_listing(m, buf_str(&b), &l));
    b.n = 0;
    sandbox_work(SANDBOX_IDENTIFY, &in, m, &b);
    assert_true(sandbox_get_identity(m, buf_str(&b), &i));
    assert_false(sandbox_get_identity(m, str_sub(buf_str(&b), 0, b.n - 1), &i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_named_hashed_and_shown),
        cmocka_unit_test(the_content_decides_and_not_the_name),
        cmocka_unit_test(a_text_shows_no_control_and_no_direction),
        cmocka_unit_test(a_path_leads_nowhere),
        cmocka_unit_test(a_zip_is_listed),
        cmocka_unit_test(other_formats_are_listed),
        cmocka_unit_test(an_encrypted_one_says_so),
        cmocka_unit_test(archives_within_are_opened_to_a_depth),
        cmocka_unit_test(a_bomb_is_stopped),
        cmocka_unit_test(many_entries_are_counted_not_told),
        cmocka_unit_test(a_broken_one_is_no_harm),
        cmocka_unit_test(what_an_opener_says_is_checked),
    };
    assert_true(open_begin());
    m = arena_new((size_t)1 << 30);
    int rc = cmocka_run_group_tests_name("open", tests, NULL, NULL);
    arena_free(m);
    return rc;
}
