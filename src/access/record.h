/* record.h - records behind checked handles: made, read as the viewer may see them, held for
 * writing, saved with their earlier version kept and a ledger entry beside them. Included by
 * generated gen/records/NAME.h, through which everyone else comes. The thread is the transaction's.
 */
#pragma once
#include "access/model.h"
#include "base/seeded.h"
#include "ledger/ledger.h"
#include "store/query.h"

/* What every draft begins with. parent: row of the parent for records that have one, else 0.
 * not_before {0}: at once. retention empty: "standard". */
#define RECORD_DRAFT_COMMON                                                                        \
    int64_t owner, audience, parent;                                                               \
    instant not_before;                                                                            \
    str retention;
typedef struct {
    RECORD_DRAFT_COMMON
} record_draft;

/* What every handle begins with. A read handle cannot be saved. sealed_lost: a sealed column could
 * not be opened because its person's key is destroyed; it reads as empty. */
#define RECORD_HEAD(id_type)                                                                       \
    uint32_t magic;                                                                                \
    record_kind kind;                                                                              \
    bool held, sealed_lost;                                                                        \
    int64_t row;                                                                                   \
    id_type id;                                                                                    \
    id128 origin;                                                                                  \
    int64_t version;                                                                               \
    int64_t owner, audience, author;                                                               \
    int64_t parent;                                                                                \
    instant not_before, created, modified;                                                         \
    str retention;                                                                                 \
    uint8_t salt[16];                                                                              \
    str *ciphers; /* of sealed columns, by column; NULL when none are sealed */
typedef struct {
    id128 id;
} record_id;
typedef struct {
    RECORD_HEAD(record_id)
} record_head;

enum { SEALED_NOT = -2, SEALED_SELF = -1 }; /* else: the own column that names the person's row */

/* A column whose earlier values are shown: its number, and the kind of record that a row number in
 * it stands for. */
enum { TOLD_AS_IS = -1 };
typedef struct {
    uint8_t column;
    int8_t ref;
} record_told;

/* A column whose words are found by search (access/index.h). */
typedef struct {
    uint8_t column;
    bool is_value; /* one piece: an address, a hash */
} record_searched;

/* A column that came to the table after the record did: its value is in the digest of a version
 * only where it is another than what older versions got (NULL; 0, false, empty), so that their
 * digests hold. */
enum { ADDED_NOT, ADDED_NULL, ADDED_EMPTY };

typedef struct record_def {
    record_kind kind;
    const char *name;
    const field *columns; /* own ones; offsets in the draft */
    uint16_t n_columns;
    const int8_t *sealed_of; /* per column; NULL: nothing sealed */
    const uint8_t *added;    /* per column, ADDED_...; NULL: none came later */
    uint16_t draft_size, handle_size, now_at;
    bool has_parent, raises_epoch;
    enum { ABOUT_NOBODY, ABOUT_ROW, ABOUT_OWNER, ABOUT_COLUMN } about;
    uint16_t about_at;  /* ABOUT_COLUMN: in the draft */
    const char *parent; /* the one kind that it is a part of; NULL: a draft says, at whole_at */
    uint16_t whole_at;
    const stmt_def *insert, *id_seen, *row_seen, *by_id, *by_row, *earlier, *keep, *update;
    const stmt_def *next; /* only where something is sealed */
    const stmt_def *earlier_at;
    const record_told *told; /* version.c */
    uint8_t n_told;
    /* index.c; NULL and 0 where nothing is searched */
    const record_searched *searched;
    uint8_t n_searched;
    const stmt_def *after, *words_put, *words_change, *found, *counted;
    /* reach.c: [1] by an audience that is thought of */
    const stmt_def *reach_orgs[2], *reach_named[2], *reach_people, *reach_group;
} record_def;
extern const record_def *const record_defs[RECORD_KINDS];

/* The kind of this name, or NULL. */
const record_def *record_kind_named(str kind);

/* TRY: would a hold be let? The same questions in a snapshot; what it gives cannot be saved. */
typedef enum { RECORD_READ, RECORD_HOLD, RECORD_TRY } record_use;

/* The organisation whose people and keys a record belongs to, 0: of none. row 0: not yet made. */
int64_t record_about(const record_def *d, int64_t row, const void *draft);

/* Makes a record of the viewer's: permit_create is asked, id, salt, origin and times are set, the
 * ledger entry is appended unless it is LEDGER_NONE. draft is borrowed. Errors: E_DENIED,
 * E_CONFLICT. */
MUST_USE err record_insert(txn *t, const viewer *v, const record_def *d, const void *draft,
        ledger_type entry, const void **ret);
/* The record as v may see it. E_ABSENT when it is not there or not for v; RECORD_HOLD also asks
 * permit_write (E_DENIED). */
MUST_USE err record_get(
        txn *t, const viewer *v, const record_def *d, record_use use, id128 id, const void **ret);
MUST_USE err record_get_row(txn *t, const viewer *v, const record_def *d, record_use use,
        int64_t row, const void **ret);
/* Keeps the version in the handle, writes changed as the next one; the handle then stands for it.
 * E_CONFLICT when the record changed since it was held, or a unique column is taken. */
MUST_USE err record_save(txn *t, const viewer *v, const record_def *d, const void *handle,
        const void *changed, ledger_type entry);
void record_json(jsonw *w, const record_def *d, const void *handle);

/* The whole that a draft or a handle's draft (now) is about; NULL: a word that is no kind. */
const record_def *record_whole(const record_def *d, const void *draft);
/* Is an entry of this kind about a part of something, so that record_part_seen must be asked too?
 */
const record_def *record_part_kind(str kind);
/* A part is seen only where its whole is, which an entry's own audience cannot say. */
MUST_USE err record_part_seen(
        txn *t, const viewer *v, const record_def *d, id128 subject, bool *ret);

/* The digest that stands in the ledger for one version: SHA-256 over salt, kind, version and a
 * deterministic encoding of the columns, sealed ones as ciphertext. E_ABSENT: no such version. */
MUST_USE err record_digest(txn *t, const record_def *d, id128 id, int64_t version, uint8_t ret[32]);
/* Recomputes the digest of every version that the ledger has an entry for. E_INVALID names the
 * first entry that does not fit. progress may be NULL. */
MUST_USE err record_verify(
        txn *t, void (*progress)(void *ctx, int64_t done), void *ctx, int64_t *ret_checked);

#ifdef MINAR_FAULTS
enum { VIEWER_CELLS = 10 }; /* and which faults of the clause are on */
#else
enum { VIEWER_CELLS = 9 };
#endif
/* The parameters of the see clause, in its order; they borrow the viewer's lists. */
void viewer_bind(const viewer *v, cell in[VIEWER_CELLS]);
