/* keys_test.c - the keyring and the door to it: alone, over a channel, and over one that breaks. */
#include "unit/unit.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/seal_cache.h"
#include "proc/keys.h"
#include "proc/keys_wire.h"
#include "proc/key_file.h"
#include "proc/master_sealed.h"

static char folder[300], master[400];

static keyring *ring_open(void)
{
    keyring *k;
    assert_ok(keyring_open(master, folder, &k));
    return k;
}

static void a_wrapped_key_opens_under_its_label_alone(void **state)
{
    (void)state;
    keyring *k = ring_open();
    uint8_t key[KEY_BYTES] = { 1, 2, 3 }, got[KEY_BYTES], wrapped[KEY_WRAPPED_BYTES];
    str form = { (char *)wrapped, sizeof wrapped };
    keyring_wrap(k, S("person_key 1"), key, wrapped);
    assert_true(keyring_unwrap(k, S("person_key 1"), form, got));
    assert_memory_equal(key, got, sizeof key);
    assert_false(keyring_unwrap(k, S("person_key 2"), form, got));
    assert_false(keyring_unwrap(k, S("person_key 1"), str_sub(form, 1, form.n), got));
    wrapped[40] ^= 1;
    assert_false(keyring_unwrap(k, S("person_key 1"), form, got));
    keyring_close(k);
}

static void the_same_files_are_the_same_keys(void **state)
{
    (void)state;
    keyring *a = ring_open(), *b = ring_open();
    uint8_t x[KEY_BYTES], y[KEY_BYTES], sig[SIGNATURE_BYTES], other[KEY_BYTES];
    struct stat st;
    keyring_derive(a, DERIVE_CURSOR, x);
    keyring_derive(b, DERIVE_CURSOR, y);
    assert_memory_equal(x, y, sizeof x);
    keyring_derive(b, DERIVE_MAIL_HASH, y);
    assert_memory_not_equal(x, y, sizeof x);
    keyring_public(a, SIGN_LEDGER_CHECKPOINT, x);
    keyring_public(b, SIGN_LEDGER_CHECKPOINT, y);
    keyring_public(b, SIGN_LEDGER_WITNESS, other);
    assert_memory_equal(x, y, sizeof x);
    assert_memory_not_equal(x, other, sizeof x);
    assert_true(keyring_sign(a, SIGN_LEDGER_CHECKPOINT, S("log\n1\nroot\n"), sig));
    assert_int_equal(crypto_sign_verify_detached(sig, (const uint8_t *)"log\n1\nroot\n", 11, x), 0);
    assert_int_not_equal(
            crypto_sign_verify_detached(sig, (const uint8_t *)"log\n1\nroot\n", 11, other), 0);
    assert_int_equal(stat(master, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    keyring_close(a);
    keyring_close(b);
}

static void only_statements_are_signed(void **state)
{
    (void)state;
    keyring *k = ring_open();
    uint8_t sig[SIGNATURE_BYTES];
    assert_false(keyring_sign(k, SIGN_LEDGER_CHECKPOINT, S(""), sig));
    assert_false(keyring_sign(k, SIGN_LEDGER_CHECKPOINT, S("no end of line"), sig));
    assert_false(keyring_sign(k, SIGN_LEDGER_CHECKPOINT, S("\xff\n"), sig));
    assert_false(keyring_sign(k, SIGN_LEDGER_WITNESS, S("log\n1\nroot\n"), sig));
    assert_true(keyring_sign(k, SIGN_LEDGER_WITNESS, S("cosignature/v1\ntime 1\nlog\n"), sig));
    keyring_close(k);
}

static void keys_in_wrong_files_are_refused(void **state)
{
    (void)state;
    char path[500];
    keyring *k;
    snprintf(path, sizeof path, "%s/witness.key", folder);
    chmod(path, 0640);
    assert_fails(keyring_open(master, folder, &k), E_CONFIG, "error.access.master_key_form");
    chmod(path, 0600);
    assert_int_equal(truncate(path, 31), 0);
    assert_fails(keyring_open(master, folder, &k), E_CONFIG, "error.access.master_key_form");
    unlink(path);
    assert_int_equal(symlink(master, path), 0);
    assert_fails(keyring_open(master, folder, &k), E_IO, "error.access.master_key");
    unlink(path);
    keyring_close(ring_open());
}

/* ---- a new master key ---- */

static void a_new_master_key_opens_what_the_old_one_wrapped(void **state)
{
    (void)state;
    keyring *k = ring_open();
    uint8_t key[KEY_BYTES] = { 4, 5, 6 }, got[KEY_BYTES], hash[KEY_BYTES], first[KEY_WRAPPED_BYTES],
            anew[KEY_WRAPPED_BYTES];
    str was = { (char *)first, sizeof first }, is = { (char *)anew, sizeof anew };
    id128 before = keyring_id(k);
    keyring_wrap(k, S("channel"), key, first);
    keyring_derive(k, DERIVE_MAIL_HASH, hash);
    assert_int_equal(keyring_rewrap(k, S("channel"), was, anew), WRAPPED_NOW);
    assert_ok(keyring_renew(k, folder));
    assert_int_equal(keyring_old(k), 1);
    id128 after = keyring_id(k);
    assert_memory_not_equal(&before, &after, sizeof before);
    assert_int_equal(keyring_rewrap(k, S("file"), was, anew), WRAPPED_ELSEWHERE);
    assert_int_equal(keyring_rewrap(k, S("channel"), was, anew), WRAPPED_BEFORE);
    keyring_close(k);

    k = ring_open(); /* as after a crash: both keys */
    assert_int_equal(keyring_old(k), 1);
    assert_true(keyring_unwrap(k, S("channel"), was, got) && memcmp(key, got, KEY_BYTES) == 0);
    assert_true(keyring_unwrap(k, S("channel"), is, got) && memcmp(key, got, KEY_BYTES) == 0);
    assert_int_equal(keyring_rewrap(k, S("channel"), is, first), WRAPPED_NOW);
    assert_ok(keyring_forget_old(k, folder));
    keyring_close(k);

    k = ring_open();
    assert_int_equal(keyring_old(k), 0);
    assert_false(keyring_unwrap(k, S("channel"), was, got));
    assert_true(keyring_unwrap(k, S("channel"), is, got));
    keyring_derive(k, DERIVE_MAIL_HASH, got);
    assert_memory_equal(hash, got, sizeof hash); /* people are found by mail as before */
    assert_ok(keyring_renew(k, folder));
    keyring_derive(k, DERIVE_MAIL_HASH, got);
    assert_memory_equal(hash, got, sizeof hash);
    assert_ok(keyring_forget_old(k, folder));
    keyring_close(k);
}

static void the_form_of_its_file_is_checked(void **state)
{
    master_keys m = { .key = { 1 } }, got;
    str text;
    master_renew(&m);
    text = master_text(*state, &m);
    assert_true(master_parse(text, &got) && memcmp(&m, &got, sizeof m) == 0);
    for (size_t cut = 0; cut < text.n; cut++) /* cut within a line */
        if (!cut || text.p[cut - 1] != '\n')
            assert_false(master_parse(str_sub(text, 0, cut), &got));
    static const char *const bad[] = { "", "minar master key, form 2\n",
        "minar master key, form 3\n", "minar master key, form 2\nold 00\n",
        "minar master key, form 2\nmaster xx\n" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(master_parse(str_of(bad[i]), &got));
    str twice = str_fmt(*state, "%.*s%.*s", STR_ARG(text), STR_ARG(str_sub(text, 25, text.n)));
    assert_false(master_parse(twice, &got)); /* a line that stands twice */
    for (uint8_t i = 2; m.n_old < MASTER_OLD_MAX; i++)
        assert_true(master_add_old(&m, (uint8_t[KEY_BYTES]){ i }));
    assert_false(master_add_old(&m, (uint8_t[KEY_BYTES]){ 200 }));
    assert_true(master_add_old(&m, m.key) && master_parse(master_text(*state, &m), &got));
}

/* ---- sealed by a token ---- */

static void the_form_of_a_sealed_file_is_checked(void **state)
{
    master_sealed s = { .lock = { .label = "site \xd9\x85", .serial = "0a1b", .id = { 7 } } }, got;
    s.lock.n_id = 16;
    s.lock.n_wrapped = 384;
    s.lock.sha256 = true;
    s.n_old = MASTER_OLD_MAX;
    s.n_token_box = SEALED_BOX_MAX;
    s.n_cards_box = 41;
    str text = sealed_text(*state, &s);
    assert_true(sealed_parse(text, &got) && memcmp(&s, &got, sizeof s) == 0);
    for (size_t cut = 0; cut < text.n; cut += cut < 1000 ? 1 : 97)
        assert_false(sealed_parse(str_sub(text, 0, cut), &got));
    assert_false(sealed_parse(str_fmt(*state, "%.*s\n", STR_ARG(text)), &got));
    s.lock.id[0] = 8;
    assert_true(sealed_parse(sealed_text(*state, &s), &got) && got.lock.id[0] == 8);
    s.lock.n_wrapped = 0;
    assert_false(sealed_parse(sealed_text(*state, &s), &got));
}

/* What is known of it without a token, and that nothing opens it without one. */
static void a_sealed_file_wants_its_token(void **state)
{
    master_sealed s = { .lock = { .label = "site", .serial = "0a1b", .n_id = 1, .n_wrapped = 8 } };
    master_state looked;
    keyring *k;
    char path[500];
    s.n_old = 2;
    s.n_token_box = s.n_cards_box = 100;
    assert_ok(key_file_write(folder, "sealed", sealed_text(*state, &s)));
    snprintf(path, sizeof path, "%s/sealed", folder);
    assert_ok(master_look(path, &looked));
    assert_true(looked.sealed && looked.n_old == 2);
    assert_string_equal(looked.token, "site");
    assert_string_equal(looked.serial, "0a1b");
    assert_fails(keyring_open(path, folder, &k), E_CONFIG, "error.token.unset");
    token_setup t = { .folder = folder };
    assert_fails(keyring_open_by(path, folder, &t, &k), E_CONFIG, "error.token.unset");
    t.module = S("/nowhere/module.so");
    t.label = S("site");
    assert_fails(keyring_open_by(path, folder, &t, &k), E_CONFIG, "error.token.module");
    t.backup = (uint8_t[KEY_BYTES]){ 1 };
    assert_fails(keyring_open_by(path, folder, &t, &k), E_AUTH, "error.token.cards");
    unlink(path);
}

/* ---- over a channel ---- */

typedef struct {
    keyring *ring;
    int fd, answers; /* after so many it hangs up */
} served;

static void *serve(void *ctx)
{
    served *s = ctx;
    frame_in in = { 0 };
    frame_head head;
    str payload;
    keys_answer a;
    arena *m = arena_new(1 << 20);
    while (s->answers > 0) {
        char peek;
        if (recv(s->fd, &peek, 1, MSG_PEEK) <= 0 || !frame_in_read(&in, s->fd)) break;
        while (s->answers > 0 && frame_in_next(&in, &head, &payload) == FRAME_READY) {
            buf b = buf_new(m, 128);
            assert_true(keys_work(s->ring, head.kind, payload, &a));
            field_put_str(&b, (str){ (char *)a.p, a.n });
            assert_true(frame_send(s->fd, KEYS_DONE, head.sequence, buf_str(&b)));
            s->answers--;
        }
    }
    frame_in_free(&in);
    arena_free(m);
    close(s->fd);
    return NULL;
}

static pthread_t channel_make(keys *door, served *s)
{
    int pair[2];
    pthread_t t;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    s->fd = pair[1];
    assert_int_equal(pthread_create(&t, NULL, serve, s), 0);
    keys_link(door, pair[0]);
    return t;
}

static void a_broken_channel_is_replaced(void **state)
{
    (void)state;
    keyring *k = ring_open();
    keys *door = keys_new();
    uint8_t one[KEY_BYTES], two[KEY_BYTES];
    served first = { .ring = k, .answers = 1 }, second = { .ring = k, .answers = 100 };
    pthread_t t = channel_make(door, &first);
    assert_ok(keys_derive(door, DERIVE_MAIL_HASH, one));
    pthread_join(t, NULL);
    t = channel_make(door, &second);
    assert_ok(keys_derive(door, DERIVE_MAIL_HASH, two));
    assert_memory_equal(one, two, sizeof one);
    uint8_t wrapped[KEY_WRAPPED_BYTES], sig[SIGNATURE_BYTES];
    assert_ok(keys_wrap(door, S("person_key 9"), one, wrapped));
    assert_ok(keys_unwrap(door, S("person_key 9"), (str){ (char *)wrapped, sizeof wrapped }, two));
    assert_memory_equal(one, two, sizeof one);
    assert_fails(
            keys_unwrap(door, S("person_key 8"), (str){ (char *)wrapped, sizeof wrapped }, two),
            E_CONFIG, "error.access.master_key_other");
    assert_fails(
            keys_sign(door, SIGN_LEDGER_WITNESS, S("x\n"), sig), E_INVALID, "error.keys.statement");
    keys_stop(door);
    assert_fails(keys_derive(door, DERIVE_CURSOR, one), E_BUSY, "error.keys.absent");
    keys_free(door);
    pthread_join(t, NULL);
    keyring_close(k);
}

static void nobody_there_is_said_in_time(void **state)
{
    (void)state;
    keys *door = keys_new();
    uint8_t key[KEY_BYTES];
    assert_fails(keys_derive(door, DERIVE_CURSOR, key), E_BUSY, "error.keys.absent");
    keys_free(door);
}

static void senseless_questions_end_the_channel(void **state)
{
    arena *a = *state;
    keyring *k = ring_open();
    keys_answer answer;
    buf b = buf_new(a, 100);
    keys_put(&b, &(keys_question){ .label = S("x"), .bytes = S("short") });
    assert_false(keys_work(k, KEYS_WRAP, buf_str(&b), &answer));
    assert_false(keys_work(k, 99, buf_str(&b), &answer));
    assert_false(keys_work(k, KEYS_SIGN, S("junk"), &answer));
    assert_true(keys_work(k, KEYS_UNWRAP, buf_str(&b), &answer));
    assert_int_equal(answer.n, 0);
    b.n = 0;
    keys_put(&b, &(keys_question){ .purpose = SIGN_PURPOSES, .bytes = S("x\n") });
    assert_false(keys_work(k, KEYS_SIGN, buf_str(&b), &answer));
    keyring_close(k);
}

/* ---- the cache in the server ---- */

static void the_cache_keeps_and_drops(void **state)
{
    (void)state;
    static uint8_t wrapped[3 * SEAL_CACHE_KEYS][KEY_WRAPPED_BYTES];
    uint8_t key[KEY_BYTES], got[KEY_BYTES];
    size_t kept = 0;
    seal_cache_clear();
    for (size_t i = 0; i < ARRAY_LEN(wrapped); i++) {
        randombytes_buf(wrapped[i], KEY_WRAPPED_BYTES);
        memset(key, (int)i, sizeof key);
        seal_cache_put((str){ (char *)wrapped[i], KEY_WRAPPED_BYTES }, key);
        assert_true(seal_cache_find((str){ (char *)wrapped[i], KEY_WRAPPED_BYTES }, got));
        assert_memory_equal(key, got, sizeof key);
    }
    for (size_t i = 0; i < ARRAY_LEN(wrapped); i++)
        kept += seal_cache_find((str){ (char *)wrapped[i], KEY_WRAPPED_BYTES }, got);
    assert_true(kept > SEAL_CACHE_KEYS * 9 / 10 && kept <= SEAL_CACHE_KEYS);
    str last = { (char *)wrapped[ARRAY_LEN(wrapped) - 1], KEY_WRAPPED_BYTES };
    seal_cache_drop(last);
    assert_false(seal_cache_find(last, got));
    seal_cache_clear();
}

static int setup(void **state)
{
    const char *tmp = getenv("MINAR_TMP");
    *state = arena_new(1 << 20);
    snprintf(folder, sizeof folder, "%s/keys-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) return 1;
    snprintf(master, sizeof master, "%s/master.key", folder);
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = { "master", "ledger", "witness" };
    char path[500];
    arena_free(*state);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(path, sizeof path, "%s/%s.key", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrapped_key_opens_under_its_label_alone),
        cmocka_unit_test(the_same_files_are_the_same_keys),
        cmocka_unit_test(only_statements_are_signed),
        cmocka_unit_test(keys_in_wrong_files_are_refused),
        cmocka_unit_test(a_new_master_key_opens_what_the_old_one_wrapped),
        cmocka_unit_test(the_form_of_a_sealed_file_is_checked),
        cmocka_unit_test(a_sealed_file_wants_its_token),
        cmocka_unit_test(the_form_of_its_file_is_checked),
        cmocka_unit_test(a_broken_channel_is_replaced),
        cmocka_unit_test(nobody_there_is_said_in_time),
        cmocka_unit_test(senseless_questions_end_the_channel),
        cmocka_unit_test(the_cache_keeps_and_drops),
    };
    return cmocka_run_group_tests_name("proc keys", tests, setup, teardown);
}
