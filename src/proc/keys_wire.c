/* keys_wire.c - questions to the keys process, their form and their answers. Owns nothing; any
 * thread. Each put has its get below it, in the same order: the pair is the format. */
#include "proc/keys_wire.h"

void keys_put(buf *b, const keys_question *q)
{
    field_put_i64(b, q->purpose);
    field_put_str(b, q->label);
    field_put_str(b, q->bytes);
}

bool keys_get(str payload, keys_question *ret)
{
    fields f = { .rest = payload };
    *ret = (keys_question){ .purpose = field_i64(&f, 0, 255) };
    ret->label = field_str(&f, KEY_LABEL_MAX);
    ret->bytes = field_str(&f, SIGN_BYTES_MAX);
    return fields_end(&f);
}

static bool work_wrap(const keyring *k, const keys_question *q, keys_answer *ret)
{
    if (!q->label.n || q->bytes.n != KEY_BYTES) return false;
    keyring_wrap(k, q->label, (const uint8_t *)q->bytes.p, ret->p);
    ret->n = KEY_WRAPPED_BYTES;
    return true;
}

static bool work_letter(const keyring *k, str digest, keys_answer *ret)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    const letter_key *key = keyring_letter(k);
    str cms;
    if (digest.n != LETTER_DIGEST) return false;
    if (!key || !letter_key_sign(key, (const uint8_t *)digest.p, a, &cms)) return true;
    memcpy(ret->p, cms.p, cms.n);
    ret->n = cms.n;
    return true;
}

static bool work_dkim(const keyring *k, const keys_question *q, keys_answer *ret)
{
    const dkim_key *key = keyring_dkim(k);
    if (q->purpose >= DKIM_ALGORITHMS) return false;
    if (key && !dkim_key_sign(key, (dkim_algorithm)q->purpose, q->bytes, ret->p, &ret->n))
        ret->n = 0;
    return true;
}

bool keys_work(const keyring *k, uint16_t kind, str payload, keys_answer *ret)
{
    keys_question q;
    ret->n = 0;
    if (!keys_get(payload, &q)) return false;
    bool signs = kind == KEYS_SIGN || kind == KEYS_PUBLIC;
    if (q.purpose >= (signs ? (int64_t)SIGN_PURPOSES : (int64_t)DERIVE_PURPOSES)) return false;
    switch (kind) {
    case KEYS_WRAP:
        return work_wrap(k, &q, ret);
    case KEYS_UNWRAP:
        if (keyring_unwrap(k, q.label, q.bytes, ret->p)) ret->n = KEY_BYTES;
        return true;
    case KEYS_DERIVE:
        keyring_derive(k, (derive_purpose)q.purpose, ret->p);
        ret->n = KEY_BYTES;
        return true;
    case KEYS_SIGN:
        if (keyring_sign(k, (sign_purpose)q.purpose, q.bytes, ret->p)) ret->n = SIGNATURE_BYTES;
        return true;
    case KEYS_PUBLIC:
        keyring_public(k, (sign_purpose)q.purpose, ret->p);
        ret->n = KEY_BYTES;
        return true;
    case KEYS_LETTER:
        return work_letter(k, q.bytes, ret);
    case KEYS_DKIM:
        return work_dkim(k, &q, ret);
    default:
        return false;
    }
}
