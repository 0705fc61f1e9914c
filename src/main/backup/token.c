/* token.c - `minar keys token`: the master key and the backup key sealed by a token, so that what
 * stands in the folder is nothing without it; `--off`: as before, by the token or by two
 * custodians' cards. While no server runs; cut off anywhere, the folder opens, and the same command
 * goes on. See backup.h. */
#include "access/realm.h"
#include "common/backup/stage.h"
#include "ledger/ledger.h"
#include "main/backup/backup.h"
#include "main/program.h"
#include "proc/keys.h"
#include "proc/master_sealed.h"

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum { PATH = 4400 };

typedef struct {
    const command_line *l;
    arena *a;
    program *p;
    keyring *ring;
    const char *folder; /* DATA/keys */
    uint8_t backup[BACKUP_KEY];
} sealing;

/* ---- what every command knows of it ---- */

err keys_state(const char *data_dir, master_state *ret)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/keys/" MASTER_FILE, data_dir);
    return master_look(path, ret);
}

bool keys_lie_open(const char *data_dir)
{
    char path[PATH], old[PATH];
    snprintf(path, sizeof path, "%s/keys/backup.key", data_dir);
    snprintf(old, sizeof old, "%s/keys/backup.key.old", data_dir);
    return access(path, F_OK) == 0 || access(old, F_OK) == 0;
}

err keys_token(arena *a, const char *data_dir, token_setup *ret)
{
    const conf *c;
    TRY(program_conf(a, data_dir, NULL, &c));
    *ret = token_setup_of(c, str_z(a, str_fmt(a, "%s/keys", data_dir)));
    return OK;
}

err keys_sealed_backup(const char *data_dir, uint8_t ret[BACKUP_KEY])
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    char path[PATH];
    token_setup t;
    token_lock lock;
    master_keys m = { 0 };
    TRY(keys_token(a, data_dir, &t));
    snprintf(path, sizeof path, "%s/" MASTER_FILE, t.folder);
    err e = master_open(path, &t, &m, &lock);
    if (!failed(e)) memcpy(ret, m.backup, BACKUP_KEY);
    sodium_memzero(&m, sizeof m);
    return e;
}

err keys_seal_backup(const char *data_dir, const uint8_t key[BACKUP_KEY])
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    char path[PATH];
    token_setup t;
    token_lock lock;
    master_keys m = { 0 };
    TRY(keys_token(a, data_dir, &t));
    snprintf(path, sizeof path, "%s/" MASTER_FILE, t.folder);
    err e = master_open(path, &t, &m, &lock);
    memcpy(m.backup, key, BACKUP_KEY);
    if (!failed(e)) e = sealed_make(t.folder, &t, &lock, &m);
    if (!failed(e)) e = sealed_take(t.folder);
    sodium_memzero(&m, sizeof m);
    return e;
}

/* ---- sealing ---- */

/* Cards that give this very key are out: else the token would be the only way in. */
static err held_by_custodians(sealing *k)
{
    custody c;
    char id[2 * BACKUP_KEY_ID + 1];
    err e = backup_key_of(k->l->data_dir, k->backup);
    if (!failed(e)) e = custody_read(k->a, k->l->data_dir, &c);
    if (err_code_of(e) == E_ABSENT) return ERR(E_CONFIG, "error.token.custody");
    TRY(e);
    backup_key_id(k->backup, id);
    return strcmp(c.key_id, id) == 0 ? OK : ERR(E_CONFIG, "error.token.custody");
}

static err said(sealing *k, ledger_type type, const master_state *s)
{
    jsonw w = jsonw_new(k->a, 128);
    jw_obj(&w);
    jw_kstr(&w, "token", str_of(s->token));
    jw_kstr(&w, "serial", str_of(s->serial));
    jw_end_obj(&w);
    return keys_say(k->p, type, jsonw_done(&w));
}

/* The file of before goes last, when the new one is proved and the entry is durable. */
static err seal_now(sealing *k)
{
    char path[PATH];
    master_state made;
    TRY(held_by_custodians(k));
    TRY(keyring_seal(k->ring, k->folder, k->backup));
    snprintf(path, sizeof path, "%s/" SEALED_FRESH, k->folder);
    TRY(master_look(path, &made));
    TRY(said(k, LEDGER_key_sealed, &made));
    return keyring_seal_take(k->ring, k->folder);
}

/* A file of the backup key that is another one may be the last of its kind. */
static err sweep(sealing *k)
{
    char path[PATH];
    uint8_t lies[BACKUP_KEY], mine[BACKUP_KEY];
    snprintf(path, sizeof path, "%s/backup.key", k->folder);
    bool sealed = keyring_backup(k->ring, mine);
    ASSERT(sealed);
    err e = backup_key_read(path, lies);
    bool other = !failed(e) && sodium_memcmp(lies, mine, BACKUP_KEY) != 0;
    sodium_memzero(lies, sizeof lies);
    sodium_memzero(mine, sizeof mine);
    if (other) return ERR1(E_CONFLICT, "error.token.backup_other", str_of(path));
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    TRY(master_replace(k->folder, NULL, "backup.key"));
    return master_replace(k->folder, NULL, "backup.key.old");
}

static err seal(sealing *k)
{
    master_state s;
    bool was = keyring_sealed(k->ring);
    if (!was) TRY(seal_now(k));
    TRY(sweep(k));
    TRY(keys_state(k->l->data_dir, &s));
    tell(k->l, was ? "keys.sealed" : "keys.sealed_now", str_of(s.token), str_of(s.serial), S(""));
    if (!was) tell(k->l, "keys.sealed_next", S(""), S(""), S(""));
    return OK;
}

/* ---- back ---- */

static err unseal(sealing *k)
{
    master_state s;
    if (!keyring_backup(k->ring, k->backup))
        return ERR1(E_ABSENT, "error.token.not_sealed", str_of(k->folder));
    TRY(keys_state(k->l->data_dir, &s));
    TRY(stage_write_durable(k->folder, "backup.key", (str){ (const char *)k->backup, BACKUP_KEY }));
    TRY(said(k, LEDGER_key_unsealed, &s));
    TRY(keyring_unseal(k->ring, k->folder));
    tell(k->l, "keys.unsealed", str_of(s.token), S(""), S(""));
    return OK;
}

/* ---- the whole ---- */

static err with_cards(sealing *k, const uint8_t **ret)
{
    *ret = NULL;
    if (!option_set(k->l, "card")) return OK;
    TRY(backup_key_find(k->l, false, k->backup));
    *ret = k->backup;
    return OK;
}

err keys_token_run(const command_line *l, arena *a)
{
    sealing k = { .l = l, .a = a, .folder = str_z(a, str_fmt(a, "%s/keys", l->data_dir)) };
    const uint8_t *cards;
    bool off = option_set(l, "off");
    TRY(options_known(l, "card", "off"));
    if (word_of(l, "card", 1) || (option_set(l, "card") && !off))
        return ERR1(E_USAGE, "error.main.missing", S("minar keys token --off --card A --card B"));
    err e = with_cards(&k, &cards);
    if (!failed(e)) e = keys_open_alone(l, cards, &k.p);
    if (!failed(e)) {
        k.ring = keys_ring(k.p->keys);
        e = off ? unseal(&k) : seal(&k);
        const fault *f = failed(e) ? fault_copy(a, e.f) : NULL;
        program_close(k.p);
        e = (err){ f };
    }
    sodium_memzero(k.backup, sizeof k.backup);
    return e;
}
