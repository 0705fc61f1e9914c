/* mailkey.c - see mailkey.h. */
#include "common/mailkey/mailkey.h"
#include "access/seal.h"
#include "base/json.h"
#include "gen/common/mailkey/queries.h"
#include "store/store.h"
#include <sodium.h>

static seal_place place_of(id128 id)
{
    return (seal_place){ .table = "mail_key", .column = "words", .id = id };
}

static str words_json(arena *a, const mail_key *k)
{
    jsonw j = jsonw_new(a, k->key.n * 2 + 4096);
    jw_obj(&j);
    jw_kstr(&j, "fingerprint", k->fingerprint);
    jw_kstr(&j, "user", k->user);
    jw_kstr(&j, "key", k->key);
    if (k->way == MAIL_SMIME) {
        jw_kstr(&j, "kind", str_of(mail_way_name(k->way)));
        jw_kstr(&j, "issuer", k->issuer);
        jw_kstr(&j, "serial", k->serial);
    }
    jw_end_obj(&j);
    return jsonw_done(&j);
}

static err words_open(struct txn *t, str sealed, mail_key *k, bool *ret_lost)
{
    const json *j;
    str plain;
    arena *a = txn_arena(t);
    seal_place at = place_of(k->id);
    TRY(open_text(t, k->person, &at, sealed, &plain, ret_lost));
    if (*ret_lost) return OK;
    TRY(json_parse(a, plain, NULL, &j));
    k->fingerprint = str_copy(a, json_get_text(j, S("fingerprint")));
    k->user = str_copy(a, json_get_text(j, S("user")));
    k->key = str_copy(a, json_get_text(j, S("key")));
    k->issuer = str_copy(a, json_get_text(j, S("issuer")));
    k->serial = str_copy(a, json_get_text(j, S("serial")));
    k->way = mail_way_of(json_get_text(j, S("kind")));
    return OK;
}

/* ---- reading ---- */

err mail_key_list(struct txn *t, int64_t person, mail_key **ret, size_t *ret_n)
{
    mail_key_of_person_row *rows;
    size_t n, kept = 0;
    TRY(mail_key_of_person(
            t, &(mail_key_of_person_args){ .person = person }, txn_arena(t), &rows, &n));
    mail_key *all = NEW_ARRAY(txn_arena(t), mail_key, n + 1);
    for (size_t i = 0; i < n; i++) {
        bool lost;
        mail_key k = { .row = rows[i].row,
            .person = person,
            .told = rows[i].told,
            .id = rows[i].id,
            .created = rows[i].created,
            .expires = rows[i].expires,
            .confirmed = rows[i].confirmed };
        TRY(words_open(t, rows[i].words, &k, &lost));
        if (!lost) all[kept++] = k;
    }
    *ret = all;
    *ret_n = kept;
    return OK;
}

err mail_key_read(struct txn *t, int64_t row, mail_key *ret)
{
    mail_key_of_row_row *r;
    bool lost;
    TRY(mail_key_of_row(t, &(mail_key_of_row_args){ .row = row }, txn_arena(t), &r));
    mail_key k = { .row = row,
        .person = r->person,
        .told = r->told,
        .id = r->id,
        .created = r->created,
        .expires = r->expires,
        .confirmed = r->confirmed };
    TRY(words_open(t, r->words, &k, &lost));
    if (lost) return ERR(E_ABSENT, "error.outbox.erased");
    *ret = k;
    return OK;
}

static bool has_ended(const mail_key *k, instant now)
{
    return k->expires.us && k->expires.us <= now.us;
}

err mail_key_of(struct txn *t, int64_t person, mail_key_use *ret)
{
    mail_key *k;
    size_t n;
    mail_key_use use = { 0 };
    instant newest = { 0 };
    TRY(mail_key_list(t, person, &k, &n));
    for (size_t i = 0; i < n; i++) {
        if (!k[i].confirmed.us) continue;
        if (has_ended(&k[i], txn_now(t))) {
            if (k[i].expires.us > use.ended.us) use.ended = k[i].expires;
        } else if (!use.row || k[i].confirmed.us >= newest.us) {
            newest = k[i].confirmed;
            use.row = k[i].row;
            use.key = k[i].key;
            use.way = k[i].way;
        }
    }
    if (use.row) use.ended = (instant){ 0 };
    *ret = use;
    return OK;
}

/* ---- bringing and confirming ---- */

/* Letters and digits that are not taken for each other. */
static str code_make(arena *a)
{
    static const char letters[] = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    enum { HALF = 5 };
    char *p = arena_alloc(a, MAIL_KEY_CODE);
    size_t n = 0;
    for (int i = 0; i < 2 * HALF; i++) {
        if (i == HALF) p[n++] = '-';
        p[n++] = letters[randombytes_uniform(sizeof letters - 1)];
    }
    return (str){ p, n };
}

static void code_hash(id128 id, str typed, uint8_t ret[crypto_generichash_BYTES])
{
    crypto_generichash_state s;
    crypto_generichash_init(&s, id.b, sizeof id.b, crypto_generichash_BYTES);
    for (size_t i = 0; i < typed.n; i++) {
        uint8_t c = (uint8_t)typed.p[i];
        if (c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        if (c >= 'a' && c <= 'z') c = (uint8_t)(c - 'a' + 'A');
        crypto_generichash_update(&s, &c, 1);
    }
    crypto_generichash_final(&s, ret, crypto_generichash_BYTES);
}

static err not_known(struct txn *t, int64_t person, str fingerprint)
{
    mail_key *k;
    size_t n;
    TRY(mail_key_list(t, person, &k, &n));
    for (size_t i = 0; i < n; i++)
        if (k[i].confirmed.us && str_eq(k[i].fingerprint, fingerprint))
            return err_at_pointer(ERR(E_CONFLICT, "error.pgp.known"), S("/key"));
    return OK;
}

err mail_key_add(struct txn *t, int64_t person, const mail_key *k, mail_key *ret, str *ret_code)
{
    uint8_t hash[crypto_generichash_BYTES];
    id128 id = id_new();
    seal_place at = place_of(id);
    str sealed;
    TRY(not_known(t, person, k->fingerprint));
    TRY(mail_key_drop_waiting(t, &(mail_key_drop_waiting_args){ .person = person }, NULL));
    TRY(seal_text(t, person, &at, words_json(txn_arena(t), k), &sealed));
    str code = code_make(txn_arena(t));
    code_hash(id, code, hash);
    TRY(mail_key_insert(t,
            &(mail_key_insert_args){ .id = id,
                    .person = person,
                    .words = sealed,
                    .created = txn_now(t),
                    .expires = k->expires,
                    .code = { (const char *)hash, sizeof hash } },
            NULL));
    mail_key_code_row *c;
    TRY(mail_key_code(t, &(mail_key_code_args){ .person = person, .id = id }, txn_arena(t), &c));
    *ret = *k;
    ret->row = c->row;
    ret->id = id;
    *ret_code = code;
    return OK;
}

/* The new one and the one before it: mail that is under way can be read with either. */
static err drop_older(struct txn *t, int64_t person, id128 fresh)
{
    mail_key *k;
    size_t n, over = 0;
    TRY(mail_key_list(t, person, &k, &n));
    for (size_t i = 0; i < n; i++)
        over += k[i].confirmed.us && !id_eq(k[i].id, fresh);
    for (size_t i = 0; i < n && over >= MAIL_KEYS_KEPT; i++) {
        if (!k[i].confirmed.us || id_eq(k[i].id, fresh)) continue;
        TRY(mail_key_remove(t, person, k[i].id));
        over--;
    }
    return OK;
}

err mail_key_confirm(struct txn *t, int64_t person, id128 id, str code, mail_key_answer *ret)
{
    uint8_t hash[crypto_generichash_BYTES];
    mail_key_code_row *c;
    TRY(mail_key_code(t, &(mail_key_code_args){ .person = person, .id = id }, txn_arena(t), &c));
    code_hash(id, code, hash);
    bool right = c->code.n == sizeof hash && sodium_memcmp(c->code.p, hash, sizeof hash) == 0;
    *ret = right ? MAIL_KEY_CONFIRMED : MAIL_KEY_WRONG;
    if (!right && c->tries + 1 >= MAIL_KEY_TRIES) {
        *ret = MAIL_KEY_GIVEN_UP;
        return mail_key_remove(t, person, id);
    }
    TRY(mail_key_set(t,
            &(mail_key_set_args){ .row = c->row,
                    .code = right ? S("") : c->code,
                    .tries = c->tries + !right,
                    .confirmed = { right ? txn_now(t).us : 0 } },
            NULL));
    return right ? drop_older(t, person, id) : OK;
}

err mail_key_remove(struct txn *t, int64_t person, id128 id)
{
    int64_t n;
    TRY(mail_key_delete(t, &(mail_key_delete_args){ .person = person, .id = id }, &n));
    return n ? OK : ERR(E_ABSENT, "error.api.absent");
}
