/* keys_wire.h - the messages between the server and the keys process. One question is under way at
 * a time; its answer carries its number.
 * Owns nothing. Any thread. Included by keys.c (the asking side) and keys_main.c. */
#pragma once
#include "base/base.h"
#include "proc/dkim_key.h"
#include "proc/frame.h"
#include "proc/keyring.h"
#include "proc/letter_key.h"

typedef enum {
    KEYS_WRAP = 48, /* label, key -> wrapped */
    KEYS_UNWRAP,    /* label, wrapped -> key; refused when it is another master key's */
    KEYS_DERIVE,    /* purpose -> key */
    KEYS_SIGN,      /* purpose, bytes -> signature; refused when the bytes do not fit the purpose */
    KEYS_PUBLIC,    /* purpose -> public key */
    KEYS_LETTER,    /* SHA-256 of a letter -> CMS; refused when there is no key for letters */
    KEYS_DKIM,      /* algorithm, statement -> signature; refused when it is none, or no key */
    /* OpenPGP and S/MIME (pgp_slot.h): one job at a time, asked after until it is over */
    KEYS_PGP_GIVE,  /* purpose: pgp_part, | PGP_ANEW; bytes -> "+"; refused while one runs */
    KEYS_PGP_DO,    /* purpose: pgp_work -> "+" */
    KEYS_PGP_ASK,   /* -> a pgp_state as a letter; refused when there is no job */
    KEYS_PGP_TAKE,  /* -> the next bytes of the result; refused at its end */
    KEYS_DONE = 64, /* the answer: bytes, empty when refused */
} keys_message;

typedef enum { PGP_INPUT, PGP_KEY, PGP_PARTS, PGP_ANEW = 2 } pgp_part;
typedef enum {
    PGP_SITE,    /* -> two fields: gpg's listing of the site's keys, and the keys, armored */
    PGP_SIGN,    /* an entity -> an armored signature of all keys that sign, or nothing: no key */
    PGP_LOOK,    /* a key -> two fields: gpg's listing, and the key, what others signed left out */
    PGP_ENCRYPT, /* an entity and a key -> armored */
    /* S/MIME (smime.h) */
    SMIME_SITE,    /* -> the listing of the site's certificate, or nothing */
    SMIME_SIGN,    /* an entity -> CMS, or nothing: none signs */
    SMIME_LOOK,    /* what was brought, and authorities -> two fields: listing, PEM */
    SMIME_ENCRYPT, /* an entity and a certificate -> CMS, by MAIL_CBC */
    SMIME_ENCRYPT_GCM,
    PGP_WORKS
} pgp_work;
typedef enum { PGP_RUNS = '-', PGP_GOOD = '+', PGP_BAD = '!' } pgp_state;

typedef struct {
    int64_t purpose;
    str label, bytes;
} keys_question;
void keys_put(buf *b, const keys_question *q);
/* Slices of the payload. False: the peer sent what it must not. */
MUST_USE bool keys_get(str payload, keys_question *ret);

enum { KEYS_ANSWER_MAX = LETTER_CMS_MAX };
typedef struct {
    size_t n; /* 0: refused */
    uint8_t p[KEYS_ANSWER_MAX];
} keys_answer;
/* What the keys process answers; pure but for the nonce of a wrapped key. False: the question makes
 * no sense: the channel is of no use any more. */
MUST_USE bool keys_work(const keyring *k, uint16_t kind, str payload, keys_answer *ret);
