/* note.h - signed notes and their Ed25519 signatures (C2SP signed-note, tlog-cosignature): a text,
 * an empty line, one line a signature. Pure; any thread. The bytes are hostile: limits are here. */
#pragma once
#include "base/base.h"

enum {
    NOTE_BYTES_MAX = 65536,
    NOTE_SIGS_MAX = 64,
    NOTE_NAME_MAX = 255,
    NOTE_KEY_BYTES = 32,
    NOTE_SIG_BYTES = 64,
};
typedef enum { NOTE_ED25519 = 1, NOTE_COSIGNATURE = 4 } note_type;

/* Who signs: a verifier key, written NAME+ID+KEY. name borrows. */
typedef struct {
    str name;
    uint32_t id;
    note_type type;
    uint8_t key[NOTE_KEY_BYTES];
} note_key;
note_key note_key_make(str name, note_type type, const uint8_t key[NOTE_KEY_BYTES]);
/* E_INVALID (error.ledger.vkey): form, an unknown type, an id that is not the key's. */
MUST_USE err note_key_parse(str text, note_key *ret);
str note_key_text(arena *a, const note_key *k);
bool note_name_fits(str name); /* not empty, no space, no plus, within the limit */

typedef struct {
    str name, line; /* line: the whole one, with its end */
    uint32_t id;
    str bytes;
} note_sig;
typedef struct {
    str text; /* with its last newline */
    note_sig sigs[NOTE_SIGS_MAX];
    size_t n;
} note;
/* Slices borrow `bytes` or live in a. E_INVALID (error.ledger.note) with row, E_TOO_LARGE. */
MUST_USE err note_parse(arena *a, str bytes, note *ret);
/* Only signature lines, as a witness answers. */
MUST_USE err note_lines_parse(arena *a, str lines, note *ret);

typedef enum { NOTE_UNKNOWN, NOTE_GOOD, NOTE_BAD } note_verdict;
/* Whether k signed n's text. *ret_at (may be NULL): seconds since 1970 of a cosignature, else 0;
 * *ret_line (may be NULL): the line that holds. */
note_verdict note_check(const note *n, const note_key *k, int64_t *ret_at, str *ret_line);

/* The bytes to sign: the text, or for a cosignature what stands for it at that time. */
str note_message(arena *a, note_type type, str text, int64_t at_s);
/* The line that holds a signature made over note_message. */
str note_line(arena *a, const note_key *k, int64_t at_s, const uint8_t sig[NOTE_SIG_BYTES]);

str base64_text(arena *a, str bytes);
/* Exactly n bytes; strict: padding there, no stray bits. */
MUST_USE bool base64_bytes(str text, uint8_t *ret, size_t n);
