/* minisig.h - keys and signatures in the form of minisign: Ed25519 over the BLAKE2b-512 of the text
 * (its "ED"), and a comment that is signed along. What is signed here minisign checks, and the
 * other way round. Pure; any thread. The bytes are hostile: limits are here. */
#pragma once
#include "base/base.h"

enum { MINISIG_ID = 8, MINISIG_KEY = 32, MINISIG_SECRET = 64, MINISIG_SIG = 64 };
#define MINISIG_BYTES_MAX ((size_t)1024)

typedef struct {
    uint8_t id[MINISIG_ID], key[MINISIG_KEY];
} minisig_public;
typedef struct {
    uint8_t id[MINISIG_ID], key[MINISIG_SECRET];
} minisig_secret;
typedef struct {
    uint8_t id[MINISIG_ID], sig[MINISIG_SIG], global[MINISIG_SIG];
    str comment; /* borrows */
} minisig;

/* The line of base64 alone, or a public key's file. E_INVALID error.bundle.public_key. */
MUST_USE err minisig_public_parse(str text, minisig_public *ret);
/* A secret key's file. E_INVALID error.bundle.secret_key; error.bundle.secret_locked for one with a
 * password. */
MUST_USE err minisig_secret_parse(str text, minisig_secret *ret);
/* A signature's file, its four lines. E_INVALID error.bundle.form. */
MUST_USE err minisig_parse(str text, minisig *ret);
/* The file of a signature of text; comment: one line, at most 200 bytes. In a. */
str minisig_sign(arena *a, const minisig_secret *by, str text, str comment);
/* Is it by that key, of this text, with this comment? */
MUST_USE bool minisig_good(const minisig *s, const minisig_public *by, str text);
/* As minisign shows it: sixteen digits. In a. */
str minisig_id_text(arena *a, const uint8_t id[MINISIG_ID]);
