/* keys.c - `minar keys`: which keys there are and who holds the backup key's cards; the ceremony
 * that splits it; a new one; whether two cards give it; a new master key (renew.c); a token that
 * seals it (token.c). The server is asked for nothing but to note it: it may not see keys. Prints
 * no secret but into the cards' files. */
#include "base/json.h"
#include "base/time.h"
#include "main/backup/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4400, NAME_MAX_BYTES = 60, DAY_S = 86400, EXIT_STOPPED = 130 };

/* ---- ls ---- */

static const struct {
    const char *file, *words;
} known[] = {
    { "master.key", "keys.master" },
    { "ledger.key", "keys.ledger" },
    { "witness.key", "keys.witness" },
    { "gpg", "keys.gpg" },
    { "smime.pem", "keys.smime" },
    { "backup.key", "keys.backup" },
};

static void put_key(const command_line *l, arena *a, size_t i)
{
    struct stat st;
    char path[PATH];
    snprintf(path, sizeof path, "%s/keys/%s", l->data_dir, known[i].file);
    bool there = stat(path, &st) == 0;
    int64_t age = there ? (clock_now(&clock_system).us / US_PER_S - st.st_mtim.tv_sec) / DAY_S : 0;
    str days = there ? str_fmt(a, "%lld d", (long long)age) : S("-");
    str words = T(l->lang, known[i].words);
    printf("%-12s %8.*s  %.*s\n", known[i].file, STR_ARG(days), STR_ARG(words));
}

/* A file that cannot be read says nothing: its row says why. */
static master_state state_of(const command_line *l)
{
    master_state s;
    return failed(keys_state(l->data_dir, &s)) ? (master_state){ 0 } : s;
}

/* Of which backup key cards are out; not by the token, which would want its PIN for that. */
static void id_of_backup(const command_line *l, const custody *c, char id[2 * BACKUP_KEY_ID + 1])
{
    uint8_t key[BACKUP_KEY];
    bool sealed = state_of(l).sealed;
    if (sealed)
        snprintf(id, 2 * BACKUP_KEY_ID + 1, "%s", c->key_id);
    else if (!failed(backup_key_find(l, false, key)))
        backup_key_id(key, id);
    sodium_memzero(key, sizeof key);
}

static void put_custody(const command_line *l, arena *a)
{
    custody c = { 0 };
    char id[2 * BACKUP_KEY_ID + 1] = "";
    err e = custody_read(a, l->data_dir, &c);
    id_of_backup(l, &c, id);
    if (failed(e) || strcmp(c.key_id, id) != 0) {
        tell(l, id[0] ? "backup.no_custodians" : "keys.no_backup_key", S(""), S(""), S(""));
        return;
    }
    tell(l, "keys.held", str_fmt(a, "%d", c.custodians), c.names, instant_text(a, c.split));
    tell(l, c.checked.us ? "keys.checked" : "keys.unchecked", instant_text(a, c.checked), S(""),
            S(""));
}

static void put_json(const command_line *l, arena *a)
{
    struct stat st;
    custody c = { 0 };
    char path[PATH];
    jsonw w = jsonw_new(a, 1024);
    jw_obj(&w);
    jw_key(&w, S("keys"));
    jw_arr(&w);
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        snprintf(path, sizeof path, "%s/keys/%s", l->data_dir, known[i].file);
        jw_obj(&w);
        jw_kstr(&w, "name", str_of(known[i].file));
        bool there = stat(path, &st) == 0;
        jw_kbool(&w, "there", there);
        jw_ktime(&w, "since", (instant){ there ? st.st_mtim.tv_sec * US_PER_S : 0 });
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    bool held = !failed(custody_read(a, l->data_dir, &c));
    master_state s = state_of(l);
    jw_kbool(&w, "renewing", s.n_old > 0);
    jw_kbool(&w, "sealed", s.sealed);
    jw_kstr(&w, "token", str_of(s.token));
    jw_kstr(&w, "serial", str_of(s.serial));
    jw_ki64(&w, "custodians", held ? c.custodians : 0);
    jw_kstr(&w, "names", held ? c.names : S(""));
    jw_ktime(&w, "split", c.split);
    jw_ktime(&w, "checked", c.checked);
    jw_end_obj(&w);
    str text = jsonw_done(&w);
    printf("%.*s\n", STR_ARG(text));
}

static err ls(const command_line *l, arena *a)
{
    if (l->json) {
        put_json(l, a);
        return OK;
    }
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        put_key(l, a, i);
    master_state s = state_of(l);
    if (s.n_old) tell(l, "keys.renewing", S(""), S(""), S(""));
    if (s.sealed) tell(l, "keys.sealed", str_of(s.token), str_of(s.serial), S(""));
    put_custody(l, a);
    return OK;
}

/* ---- the ceremony ---- */

typedef struct {
    int n;
    str name[CUSTODIANS_MAX];
    const char *file[CUSTODIANS_MAX];
} people;

static bool name_fits(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < ' ' || s.p[i] == ',') return false;
    return s.n > 0 && s.n <= NAME_MAX_BYTES && str_is_utf8(s);
}

/* Words of the form NAME=FILE, after the verb. */
static err people_of(const command_line *l, arena *a, people *ret)
{
    *ret = (people){ 0 };
    for (int i = 2; i < l->argc; i++) {
        str word = str_of(l->argv[i]);
        ptrdiff_t eq = str_find_byte(word, '=');
        if (eq < 0 || ret->n == CUSTODIANS_MAX || !name_fits(str_sub(word, 0, (size_t)eq)))
            return ERR1(E_USAGE, "error.backup.custodian", word);
        ret->name[ret->n] = str_sub(word, 0, (size_t)eq);
        ret->file[ret->n] = str_z(a, str_sub(word, (size_t)eq + 1, word.n));
        ret->n++;
    }
    return ret->n >= 2 ? OK : ERR1(E_USAGE, "error.backup.custodian", S("-"));
}

/* Never over something that is there: a card of an earlier ceremony may be the last one. */
static err card_write(const char *path, str text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return err_errno("error.backup.io", str_of(path));
    bool good = write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    close(fd);
    return good ? OK : err_errno("error.backup.io", str_of(path));
}

/* Every two of them give the key, as read back from where they were written. */
static err cards_prove(arena *a, const people *p, const uint8_t key[BACKUP_KEY])
{
    share s[CUSTODIANS_MAX];
    uint8_t again[BACKUP_KEY];
    str text;
    err e = OK;
    for (int i = 0; !failed(e) && i < p->n; i++) {
        e = file_read(a, p->file[i], CARD_BYTES_MAX, &text);
        if (!failed(e)) e = share_read(text, &s[i]);
    }
    for (int i = 0; !failed(e) && i < p->n; i++)
        for (int k = 0; k < p->n && !failed(e); k++)
            if (k != i && (!shares_join(&s[i], &s[k], again) ||
                                  sodium_memcmp(again, key, BACKUP_KEY) != 0))
                e = ERR(E_IO, "error.backup.cards");
    sodium_memzero(s, sizeof s);
    sodium_memzero(again, sizeof again);
    return e;
}

static err split(const command_line *l, arena *a, const people *p, const uint8_t key[BACKUP_KEY])
{
    share s[CUSTODIANS_MAX];
    custody c = { .custodians = p->n, .split = clock_now(&clock_system) };
    err e = OK;
    shares_make(key, p->n, s);
    for (int i = 0; !failed(e) && i < p->n; i++)
        e = card_write(p->file[i], share_card(a, &s[i], p->name[i]));
    sodium_memzero(s, sizeof s);
    TRY(e);
    TRY(cards_prove(a, p, key));
    backup_key_id(key, c.key_id);
    for (int i = 0; i < p->n; i++)
        c.names = c.names.n ? str_fmt(a, "%.*s, %.*s", STR_ARG(c.names), STR_ARG(p->name[i]))
                            : p->name[i];
    return custody_write(l->data_dir, &c);
}

static void say_split(const command_line *l, arena *a, const people *p)
{
    for (int i = 0; i < p->n; i++)
        tell(l, "keys.card", p->name[i], str_of(p->file[i]), S(""));
    tell(l, "keys.split", str_fmt(a, "%d", p->n), S(""), S(""));
}

static err ceremony(const command_line *l, arena *a)
{
    people p;
    uint8_t key[BACKUP_KEY];
    TRY(people_of(l, a, &p));
    TRY(backup_key_find(l, true, key));
    err e = split(l, a, &p, key);
    sodium_memzero(key, sizeof key);
    TRY(e);
    say_split(l, a, &p);
    note_act(l, "ceremony", true, 0, 0, NULL, S(""), p.n);
    return OK;
}

/* The cards first: a new key that nobody holds a card of never stands alone. DIR: backups that the
 * old key opens are opened by the new one from here on. */
static err rotate(const command_line *l, arena *a)
{
    people p;
    uint8_t old[BACKUP_KEY], key[BACKUP_KEY];
    const char *dir = option_of(l, "backups", 0);
    place *at = NULL;
    command_line rest = *l;
    char **argv = NEW_ARRAY(a, char *, (size_t)l->argc + 1);
    rest.argv = argv;
    rest.argc = 0;
    for (int i = 0; i < l->argc; i++) {
        bool opt = strncmp(l->argv[i], "--backups", 9) == 0;
        if (opt && !strchr(l->argv[i], '=')) i++;
        if (!opt) argv[rest.argc++] = l->argv[i];
    }
    TRY(people_of(&rest, a, &p));
    TRY(backup_key_find(&rest, false, old));
    if (dir) TRY(place_open(dir, true, old, &at));
    randombytes_buf(key, sizeof key);
    err e = split(l, a, &p, key);
    if (!failed(e)) e = backup_key_write(l->data_dir, key);
    if (!failed(e) && at) e = place_rewrap(at, key);
    place_close(at);
    sodium_memzero(old, sizeof old);
    sodium_memzero(key, sizeof key);
    TRY(e);
    say_split(l, a, &p);
    tell(l,
            dir                  ? "keys.rotated"
            : state_of(l).sealed ? "keys.rotated_sealed"
                                 : "keys.rotated_alone",
            str_of(dir), S(""), S(""));
    note_act(l, "rotation", true, 0, 0, NULL, S(""), p.n);
    return OK;
}

/* ---- two custodians show their cards ---- */

static err check(const command_line *l, arena *a)
{
    custody c;
    uint8_t key[BACKUP_KEY], now[BACKUP_KEY];
    char word[] = "keys", option[] = "--card", *argv[] = { word, option, NULL, option, NULL };
    command_line as = *l;
    if (l->argc != 4) return ERR(E_USAGE, "error.backup.one_card");
    argv[2] = l->argv[2];
    argv[4] = l->argv[3];
    as.argv = argv;
    as.argc = 5;
    TRY(backup_key_find(&as, false, key));
    as.argc = 1;
    err e = backup_key_find(&as, false, now);
    bool same = !failed(e) && sodium_memcmp(key, now, BACKUP_KEY) == 0;
    sodium_memzero(key, sizeof key);
    sodium_memzero(now, sizeof now);
    TRY(e);
    if (!same) return ERR(E_AUTH, "error.backup.cards_other");
    TRY(custody_read(a, l->data_dir, &c));
    c.checked = clock_now(&clock_system);
    TRY(custody_write(l->data_dir, &c));
    tell(l, "keys.cards_good", S(""), S(""), S(""));
    note_act(l, "check", true, 0, 0, NULL, S(""), 2);
    return OK;
}

/* ---- a new master key ---- */

static err renew_verb(const command_line *l, arena *a)
{
    TRY(options_known(l, "", "dry-run"));
    if (word_of(l, "", 1)) return ERR1(E_USAGE, "error.main.missing", S("minar keys renew"));
    return renew(l, a, option_set(l, "dry-run"));
}

int keys_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new(64 << 20);
    const char *verb = l->argc > 1 ? l->argv[1] : "ls";
    err e = sodium_init() >= 0 ? OK : ERR(E_BUG, "error.backup.no_key");
    if (failed(e))
        ;
    else if (strcmp(verb, "ls") == 0)
        e = ls(l, a);
    else if (strcmp(verb, "ceremony") == 0)
        e = ceremony(l, a);
    else if (strcmp(verb, "rotate") == 0)
        e = rotate(l, a);
    else if (strcmp(verb, "check") == 0)
        e = check(l, a);
    else if (strcmp(verb, "renew") == 0)
        e = renew_verb(l, a);
    else if (strcmp(verb, "token") == 0)
        e = keys_token_run(l, a);
    else
        e = ERR1(E_USAGE, "error.main.missing", S("minar keys ls"));
    if (!failed(e)) return 0;
    int code = command_fail(l->lang, e);
    return asked_to_stop ? EXIT_STOPPED : code;
}
