/* publish_test.c - checkpoints on both engines: whole batches, every leaf proved before anything is
 * signed, one flipped bit halts it, a restored store is noticed; and the witness that refuses to go
 * back or along a fork. */
#include "unit/unit.h"

#include "ledger/entry.h"
#include "ledger/proof.h"
#include "ledger/publish.h"
#include "support/stores.h"

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    test_store *ts;
    ledger *l;
    keys *keys;
    signer *key, *cosign;
    char key_path[320], last_path[320];
    publish_options o;
} site;

static err append_some(txn *t, void *ctx)
{
    for (int i = 0; i < *(int *)ctx; i++)
        TRY(ledger_append(t, &(ledger_draft){ .type = LEDGER_feed_created,
                                     .kind = S("feed"),
                                     .subject = id_new(),
                                     .version = 1,
                                     .audience = 3,
                                     .owner = 1,
                                     .author = 2 }));
    return OK;
}

static void add_entries(site *x, int n)
{
    assert_ok(store_write(x->ts->s, append_some, &n));
}

static site open_site(bool pg)
{
    static int number;
    site x = { .ts = test_store_new(pg) };
    const char *tmp = getenv("MINAR_TMP");
    snprintf(x.key_path, sizeof x.key_path, "%s/ledger-%d-%d.keys", tmp ? tmp : "/tmp", getpid(),
            number);
    snprintf(x.last_path, sizeof x.last_path, "%s/ledger-%d-%d.last", tmp ? tmp : "/tmp", getpid(),
            number++);
    keyring *ring;
    assert_true(mkdir(x.key_path, 0700) == 0);
    char master[400];
    snprintf(master, sizeof master, "%s/master.key", x.key_path);
    assert_ok(keyring_open(master, x.key_path, &ring));
    x.keys = keys_alone(ring);
    assert_ok(signer_open(x.keys, SIGN_LEDGER_CHECKPOINT, &x.key));
    assert_ok(signer_open(x.keys, SIGN_LEDGER_WITNESS, &x.cosign));
    assert_ok(ledger_open(x.ts->s, &x.l));
    x.o = (publish_options){ .store = x.ts->s,
        .ledger = x.l,
        .clock = &x.ts->clock,
        .origin = S("cert.example/log"),
        .key = x.key,
        .every_s = 3600 };
    return x;
}

static void close_site(site *x)
{
    test_store_free(x->ts);
    ledger_close(x->l);
    signer_close(x->key);
    signer_close(x->cosign);
    keys_free(x->keys);
    static const char *const made[] = { "master.key", "ledger.key", "witness.key" };
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", x->key_path, made[i]);
        unlink(path);
    }
    rmdir(x->key_path);
    unlink(x->last_path);
}

static log_head last_head(site *x, arena *a, str *ret_note)
{
    txn *t;
    published p;
    assert_ok(txn_read(x->ts->s, 0, &t));
    assert_ok(published_last(t, &p));
    log_head h = p.head;
    h.origin = str_copy(a, h.origin);
    if (ret_note) *ret_note = str_copy(a, p.note);
    txn_end(t);
    return h;
}

static void whole_batches_are_signed(bool pg, arena *a)
{
    site x = open_site(pg);
    txn *t;
    published p;
    str text;
    note n;
    x.o.last_path = x.last_path;
    assert_ok(publish_now(&x.o)); /* nothing happened: nothing is said */
    assert_ok(txn_read(x.ts->s, 0, &t));
    assert_fails(published_last(t, &p), E_ABSENT, "error.store.absent");
    txn_end(t);
    add_entries(&x, 3);
    assert_ok(publish_now(&x.o));
    log_head first = last_head(&x, a, &text), second;
    assert_int_equal(first.size, 256);
    note_key k = note_key_make(x.o.origin, NOTE_ED25519, signer_public(x.key));
    assert_ok(note_parse(a, text, &n));
    assert_int_equal(note_check(&n, &k, NULL, NULL), NOTE_GOOD);
    assert_ok(publish_now(&x.o));
    second = last_head(&x, a, NULL);
    assert_int_equal(second.size, 256);
    add_entries(&x, 300);
    assert_ok(publish_now(&x.o));
    second = last_head(&x, a, NULL);
    assert_int_equal(second.size, 768);
    assert_ok(txn_read(x.ts->s, 0, &t));
    assert_ok(proof_growth(t, a, first.size, second.size, &text));
    assert_true(tree_grew(first.size, second.size, first.root, text, second.root));
    txn_end(t);
    close_site(&x);
}

/* ---- one flipped bit ---- */

/* Statements are cached by their address: each has its own for good. */
static err run_sql(txn *t, void *ctx)
{
    static struct {
        stmt_def def;
        const char *text[1];
    } made[64];
    static size_t n;
    static const cell_type none[1];
    assert_true(n < ARRAY_LEN(made));
    made[n].text[0] = ctx;
    made[n].def = (stmt_def){ .name = "crime",
        .sqlite = made[n].text,
        .pg = made[n].text,
        .in = none,
        .out = none,
        .index = UINT32_MAX,
        .writes = true };
    return stmt_run(t, &made[n++].def, 0, NULL, NULL, NULL, NULL);
}

static const char *halted(site *x)
{
    txn *t;
    publish_halt h;
    assert_ok(txn_read(x->ts->s, 0, &t));
    assert_ok(published_halt(t, &h));
    txn_end(t);
    return h.key;
}

static void damage_halts_and_mending_goes_on(bool pg, arena *a)
{
    static const struct {
        const char *damage, *mend, *key;
    } crimes[] = {
        { "UPDATE ledger_entry SET body = replace(body, 'feed.created', 'feed.creatfd') WHERE "
          "number = 2",
                "UPDATE ledger_entry SET body = replace(body, 'feed.creatfd', 'feed.created')",
                "error.ledger.leaf" },
        { "UPDATE ledger_entry SET body = replace(body, 'feed.created', 'feed.creatfd') WHERE "
          "number = 280",
                "UPDATE ledger_entry SET body = replace(body, 'feed.creatfd', 'feed.created')",
                "error.ledger.leaf" },
        { "UPDATE ledger_tile SET position = 7 WHERE level = 1 AND position = 0",
                "UPDATE ledger_tile SET position = 0 WHERE level = 1 AND position = 7",
                "error.ledger.tile" },
        { "UPDATE ledger_leaves SET position = 7 WHERE position = 0",
                "UPDATE ledger_leaves SET position = 0 WHERE position = 7", "error.ledger.tile" },
        { "UPDATE ledger_entry SET number = 100000 WHERE number = 256",
                "UPDATE ledger_entry SET number = 256 WHERE number = 100000", "error.ledger.gap" },
    };
    for (size_t i = 0; i < ARRAY_LEN(crimes); i++) {
        site x = open_site(pg);
        add_entries(&x, 3);
        assert_ok(publish_now(&x.o));
        add_entries(&x, 30);
        assert_ok(store_write(x.ts->s, run_sql, (void *)(uintptr_t)crimes[i].damage));
        for (int again = 0; again < 2; again++) {
            assert_fails(publish_now(&x.o), E_INVALID, crimes[i].key);
            assert_string_equal(halted(&x), crimes[i].key);
            assert_int_equal(last_head(&x, a, NULL).size, 256);
        }
        assert_ok(store_write(x.ts->s, run_sql, (void *)(uintptr_t)crimes[i].mend));
        assert_ok(publish_now(&x.o));
        assert_null(halted(&x));
        assert_int_equal(last_head(&x, a, NULL).size, 512);
        close_site(&x);
    }
}

/* What is published stands outside the store: another past under the same key is not signed. */
static void another_past_is_not_signed(bool pg, arena *a)
{
    site x = open_site(pg), y = open_site(pg);
    (void)a;
    x.o.last_path = y.o.last_path = x.last_path;
    add_entries(&x, 600);
    assert_ok(publish_now(&x.o));
    add_entries(&y, 10);
    assert_fails(publish_now(&y.o), E_INVALID, "error.ledger.rolled_back");
    add_entries(&y, 900);
    assert_fails(publish_now(&y.o), E_INVALID, "error.ledger.forked");
    assert_string_equal(halted(&y), "error.ledger.forked");
    assert_fails(publish_now(&y.o), E_INVALID, "error.ledger.forked");
    assert_ok(publish_now(&x.o));
    close_site(&y);
    close_site(&x);
}

/* ---- a witness ---- */

static str asked(site *log, arena *a, int64_t old)
{
    txn *t;
    submission s = { .old = old };
    log_head h = last_head(log, a, &s.note);
    assert_ok(txn_read(log->ts->s, 0, &t));
    assert_ok(proof_growth(t, a, old, h.size, &s.path));
    txn_end(t);
    return submission_text(a, &s);
}

static void witness_never_goes_back(bool pg, arena *a)
{
    site log = open_site(pg), fork = open_site(pg), w = open_site(pg);
    const instant now = { 1700000000 * US_PER_S };
    str line, text, first;
    int64_t known, at;
    note n;
    signer_close(fork.key);
    fork.key = NULL;
    fork.o.key = log.key; /* the same key tells another story: a split view */
    witness_peer logs[] = { { .key = note_key_make(
                                      log.o.origin, NOTE_ED25519, signer_public(log.key)) } };
    witness_site ws = { w.ts->s, S("w.example"), w.cosign, logs, 1 };
    add_entries(&log, 10);
    assert_ok(publish_now(&log.o));
    first = asked(&log, a, 0);
    assert_ok(witness_add(&ws, a, first, now, &line, &known));
    last_head(&log, a, &text);
    assert_ok(note_parse(a, str_cat(a, text, line), &n));
    note_key k = note_key_make(S("w.example"), NOTE_COSIGNATURE, signer_public(w.cosign));
    assert_int_equal(note_check(&n, &k, &at, NULL), NOTE_GOOD);
    assert_int_equal(at, 1700000000);
    /* the same again, from where it stands; from nothing it is told where */
    assert_fails(
            witness_add(&ws, a, first, now, &line, &known), E_CONFLICT, "error.ledger.witness_old");
    assert_int_equal(known, 256);
    assert_ok(witness_add(&ws, a, asked(&log, a, 256), now, &line, &known));
    add_entries(&log, 300);
    assert_ok(publish_now(&log.o));
    assert_ok(witness_add(&ws, a, asked(&log, a, 256), now, &line, &known));
    /* back to the first checkpoint */
    assert_fails(
            witness_add(&ws, a, first, now, &line, &known), E_CONFLICT, "error.ledger.witness_old");
    assert_int_equal(known, 768);
    /* another tree, larger, with a good signature and a proof of its own */
    add_entries(&fork, 900);
    assert_ok(publish_now(&fork.o));
    assert_fails(witness_add(&ws, a, asked(&fork, a, 768), now, &line, &known), E_INVALID,
            "error.ledger.growth");
    /* another tree of the same size */
    submission s;
    assert_ok(submission_parse(a, asked(&fork, a, 0), &s));
    site same = open_site(pg);
    signer_close(same.key);
    same.key = NULL;
    same.o.key = log.key;
    add_entries(&same, 600);
    assert_ok(publish_now(&same.o));
    assert_fails(witness_add(&ws, a, asked(&same, a, 768), now, &line, &known), E_CONFLICT,
            "error.ledger.witness_old");
    /* nobody's, and no form */
    site other = open_site(pg);
    add_entries(&other, 900);
    assert_ok(publish_now(&other.o));
    assert_fails(witness_add(&ws, a, asked(&other, a, 768), now, &line, &known), E_DENIED,
            "error.ledger.log_signature");
    other.o.origin = S("else.example");
    assert_fails(witness_add(&ws, a, S("old 1\n\nx"), now, &line, &known), E_USAGE,
            "error.ledger.submission");
    ws.n_logs = 0;
    assert_fails(
            witness_add(&ws, a, first, now, &line, &known), E_ABSENT, "error.ledger.log_unknown");
    close_site(&other);
    close_site(&same);
    close_site(&fork);
    close_site(&w);
    close_site(&log);
}

static void on_both(void (*test)(bool pg, arena *a), void *state)
{
    for (int pg = 0; pg <= (int)stores_have_pg(); pg++)
        test(pg != 0, state);
}

static void test_batches(void **state)
{
    on_both(whole_batches_are_signed, *state);
}
static void test_damage(void **state)
{
    on_both(damage_halts_and_mending_goes_on, *state);
}
static void test_past(void **state)
{
    on_both(another_past_is_not_signed, *state);
}
static void test_witness(void **state)
{
    on_both(witness_never_goes_back, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(test_batches), UNIT(test_damage), UNIT(test_past),
        UNIT(test_witness) };
    assert(sodium_init() >= 0);
    int bad = cmocka_run_group_tests_name("ledger publish", tests, NULL, NULL);
    stores_over();
    return bad;
}
