/* idempotency.c - a write sent again with the same Idempotency-Key gets the first one's answer; the
 * same key with another request is refused. Kept for 24 h, in the transaction of the write itself.
 * Owns table idempotency. Writer thread; idempotency_check on any. */
#include "api/walk.h"
#include "gen/api_queries.h"
#include <sodium.h>

enum { KEY_BYTES_MAX = 128 };
#define KEPT_US US_PER_DAY

static void hash_part(crypto_generichash_state *h, str part)
{
    uint64_t n = part.n;
    crypto_generichash_update(h, (const uint8_t *)&n, sizeof n);
    crypto_generichash_update(h, (const uint8_t *)part.p, part.n);
}

static str bytes_of(const uint8_t hash[32])
{
    return (str){ (const char *)hash, 32 };
}

/* The key is the viewer's own, and for one route. */
err idempotency_check(walk *w)
{
    str key = w->c.idempotency_key;
    crypto_generichash_state h;
    if (!w->c.route->idempotent || key.n == 0) return OK;
    if (key.n > KEY_BYTES_MAX) return ERR(E_USAGE, "error.api.idempotency_long");
    crypto_generichash_init(&h, NULL, 0, 32);
    if (!SEEDED(retry_of_anybody)) {
        crypto_generichash_update(&h, w->c.viewer.person_id.b, 16);
        crypto_generichash_update(&h, w->c.viewer.org_id.b, 16);
    }
    hash_part(&h, str_of(w->c.route->id));
    hash_part(&h, key);
    crypto_generichash_final(&h, w->key_hash, sizeof w->key_hash);
    crypto_generichash_init(&h, NULL, 0, 32);
    hash_part(&h, w->q.path);
    hash_part(&h, w->q.query);
    hash_part(&h, w->q.body);
    crypto_generichash_final(&h, w->request_hash, sizeof w->request_hash);
    return OK;
}

static bool keyed(const walk *w)
{
    return w->c.route->idempotent && w->c.idempotency_key.n > 0;
}

err idempotency_find(walk *w, bool *ret_found)
{
    idempotency_answer_row *row;
    *ret_found = false;
    if (!keyed(w)) return OK;
    idempotency_answer_args args = { bytes_of(w->key_hash), { txn_now(w->c.t).us - KEPT_US } };
    err e = idempotency_answer(w->c.t, &args, w->c.a, &row);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    if (!str_eq(row->request_hash, bytes_of(w->request_hash)))
        return ERR(E_INVALID, "error.api.idempotency_other");
    w->answer = (api_answer){
        .status = (int)row->status, .content_type = S("application/json"), .body = row->body
    };
    *ret_found = true;
    return OK;
}

err idempotency_keep(walk *w)
{
    int64_t n;
    if (!keyed(w)) return OK;
    instant now = txn_now(w->c.t);
    idempotency_purge_args old = { { now.us - KEPT_US } };
    TRY(idempotency_purge(w->c.t, &old, &n));
    walk_encode(w);
    idempotency_add_args args = { bytes_of(w->key_hash), bytes_of(w->request_hash),
        w->answer.status, w->answer.body, now };
    return idempotency_add(w->c.t, &args, &n);
}
