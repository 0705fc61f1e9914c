/* backup.h - `minar backup`, `restore`, `keys`, `standby`, `takeover`: the commands, and what they
 * share. The server copies (common/backup/snapshot.h); these seal, open and check, as the owner of
 * the data folder, who alone may read its keys. Main thread. */
#pragma once
#include "common/backup/follow.h"
#include "common/backup/place.h"
#include "ledger/ledger.h"
#include "main/client.h"
#include "main/command.h"
#include "proc/master_sealed.h"

int backup_run(const command_line *l);
int restore_run(const command_line *l);
int keys_run(const command_line *l);
int copy_run(const command_line *l, const char *dir); /* minar backup DIR --every SECONDS */
int standby_run(const command_line *l);
int takeover_run(const command_line *l);

/* ---- options ---- */
/* The value behind the n-th --name (from 0), or NULL; takes "--name=value" too. */
const char *option_of(const command_line *l, const char *name, int n);
bool option_set(const command_line *l, const char *name);
/* The n-th word that is no option (from 0, after the command's own), or NULL. values: options that
 * take a value, apart by bars. */
const char *word_of(const command_line *l, const char *values, int n);
/* E_USAGE when an option is none of these. */
MUST_USE err options_known(const command_line *l, const char *values, const char *flags);
/* One line for people, on stderr; {1} to {3}. */
void tell(const command_line *l, const char *key, str a1, str a2, str a3);
str size_words(arena *a, int64_t bytes);
str time_words(arena *a, int64_t ms);

/* ---- the backup key ---- */
/* Of --key FILE, of two --card FILE, or of the data folder, where a token may seal it. make: made
 * there when it is absent. */
MUST_USE err backup_key_find(const command_line *l, bool make, uint8_t ret[BACKUP_KEY]);
/* Of the data folder: keys/backup.key, or sealed by a token beside the master key. */
MUST_USE err backup_key_of(const char *data_dir, uint8_t ret[BACKUP_KEY]);
/* A file of the data folder's keys, 0600, durable; an earlier one goes to NAME.old. Sealed where
 * the master key is. */
MUST_USE err backup_key_write(const char *data_dir, const uint8_t key[BACKUP_KEY]);
MUST_USE err backup_key_read(const char *path, uint8_t ret[BACKUP_KEY]);
/* A small file; "-": standard input. */
MUST_USE err file_read(arena *a, const char *path, size_t most, str *ret);

/* ---- custody: DATA/keys/custody.json ---- */
typedef struct {
    char key_id[17];
    int custodians;
    str names;              /* apart by commas */
    instant split, checked; /* {0}: never */
} custody;
/* E_ABSENT: nobody holds a card. In a. */
MUST_USE err custody_read(arena *a, const char *data_dir, custody *ret);
MUST_USE err custody_write(const char *data_dir, const custody *c);

/* ---- changes of the master key: while no server runs ---- */
struct program;
/* l's data folder, opened as its owner. backup: the backup key that two cards gave, instead of the
 * token; or NULL. Errors: E_BUSY (error.keys.renew_server), E_DENIED, program_open's. */
MUST_USE err keys_open_alone(const command_line *l, const uint8_t *backup, struct program **ret);
/* An entry of the live realm about the master key; durable when it returns. */
MUST_USE err keys_say(struct program *p, ledger_type type, str more);
/* A new master key for l's data folder, or the end of such a change; dry: only says how much there
 * is to do. Errors: E_BUSY (error.keys.renew_stopped), keys_open_alone's. */
MUST_USE err renew(const command_line *l, arena *a, bool dry);
/* `minar keys token`. Errors: keys_open_alone's, E_CONFIG (error.token.*). */
MUST_USE err keys_token_run(const command_line *l, arena *a);
/* Of DATA/keys/master.key. Errors: master_look's. */
MUST_USE err keys_state(const char *data_dir, master_state *ret);
/* Has the backup key a file of its own? */
bool keys_lie_open(const char *data_dir);
/* Where the settings say that a token is, in a. Errors: program_conf's. */
MUST_USE err keys_token(arena *a, const char *data_dir, token_setup *ret);
/* The backup key that is sealed with the master key; and another one in its place. Errors:
 * master_open's, sealed_make's. */
MUST_USE err keys_sealed_backup(const char *data_dir, uint8_t ret[BACKUP_KEY]);
MUST_USE err keys_seal_backup(const char *data_dir, const uint8_t key[BACKUP_KEY]);

/* ---- packing and unpacking ---- */
typedef struct {
    int64_t files, bytes, new_bytes, kept_files; /* kept: taken over without being read */
    str name, digest, facts;
    int64_t entries;
} packed;
/* The snapshot in folder stage and what belongs to it of the data folder, as a backup of p. key:
 * the backup key, which opens a master key that a token seals: a backup holds it as it is without.
 */
MUST_USE err pack(arena *a, const command_line *l, const uint8_t key[BACKUP_KEY], place *p,
        const char *stage, packed *ret);

typedef struct {
    const char *to; /* a folder that is there and empty */
    const char *settings,
            *schema; /* instead of the backup's settings, the settings' schema; NULL */
    const char
            *before; /* a folder unpacked from an earlier one: what never changes is linked; NULL */
} unpack_options;
/* A whole data folder of it. facts: the backup's. */
MUST_USE err unpack(arena *a, const command_line *l, place *p, str name, const unpack_options *o,
        const json **ret_facts, int64_t *ret_bytes);

/* What a fresh process found in a restored folder, against the backup's facts; one line a fault. */
typedef struct {
    int64_t entries, rows, events, people, faults;
    bool published, witnessed; /* held against the copy's own checkpoint; against the one outside */
    str root;
} checked;
MUST_USE err check_restored(arena *a, const command_line *l, const char *folder, const char *schema,
        const char *witnessed, const json *facts, checked *ret);
int check_run(const command_line *l); /* in the fresh process: minar restore --check FOLDER */

/* ---- what restore and take-over share ---- */
/* part gets the backup key and the name `to`, when all of it is durable. */
MUST_USE err restore_finish(const char *part, const char *to, const uint8_t key[BACKUP_KEY]);
/* how: "withhold" or "send". No server runs on l's data folder. */
MUST_USE err restore_let_go(const command_line *l, arena *a, const char *how);
/* PostgreSQL: what was filled for the data folder goes again. begins: instead of the settings'. */
void restore_schemas_drop(
        const command_line *l, arena *a, const char *folder, const char *begins, const json *facts);
bool restore_folder_empty(const char *path);

/* ---- a copy on a second machine ---- */
/* One copy of a stream, without a row and an entry of its own. */
MUST_USE err backup_streamed(const command_line *l, arena *a, client *c,
        const uint8_t key[BACKUP_KEY], place *p, packed *ret);
/* Where `standby` keeps what is taken over, and of which backup that is; E_ABSENT: none. */
void standby_folder(const command_line *l, char ret[], size_t n);
MUST_USE err standby_name(arena *a, const char *folder, str *ret);
/* Meets the folder's number. into: claims it where nobody has, or ours is higher; NULL: only looks.
 * E_CONFIG: error.backup.fenced (taken over from, and fenced from here on),
 * error.backup.copy_others. *ret is ours. */
MUST_USE err turn_meet(
        arena *a, place *p, const char *data_dir, const char *into, follow_epoch *ret);
/* The next number, ours; whoever has a lower one is shut out when it returns. */
MUST_USE err turn_next(arena *a, place *p, follow_epoch *ret);
MUST_USE err turn_set(arena *a, place *p, const follow_epoch *e);
str turn_machine(arena *a);
/* Before a server starts: was it taken over from? A folder that cannot be looked at is E_CONFIG
 * (error.backup.copy_away) unless alone. */
MUST_USE err turn_look(arena *a, const char *data_dir, bool alone);

/* Tells the server, or the folder, what was done; failing is only told. */
void note_act(const command_line *l, const char *kind, bool good, int64_t took_ms, int64_t bytes,
        const checked *k, str name, int64_t custodians);
/* SIGINT and SIGTERM ask to stop. */
extern volatile bool asked_to_stop;
void stop_on_signal(void);
/* Whoever writes and reads beside it comes first. */
void give_way(void);
