/* shared.c - what the commands of backup share: options, words, the backup key. See backup.h. */
#include "base/json.h"
#include "base/texts.h"
#include "base/thread.h"
#include "common/backup/stage.h"
#include "main/backup/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATH = 4400, FILE_MAX = 65536 };

volatile bool asked_to_stop;

static void on_signal(int number)
{
    (void)number;
    asked_to_stop = true;
}

/* The least of the disk's turns: linux/ioprio.h, class idle. */
enum { IOPRIO_PROCESS = 1, IOPRIO_IDLE = 3 << 13 };

void give_way(void)
{
    thread_gives_way();
    (void)!syscall(SYS_ioprio_set, IOPRIO_PROCESS, 0, IOPRIO_IDLE);
}

void stop_on_signal(void)
{
    struct sigaction s = { .sa_handler = on_signal };
    sigaction(SIGINT, &s, NULL);
    sigaction(SIGTERM, &s, NULL);
}

/* ---- options ---- */

static bool named(const char *arg, str name)
{
    str a = str_of(arg);
    if (!str_starts(a, S("--"))) return false;
    a = str_sub(a, 2, a.n);
    ptrdiff_t eq = str_find_byte(a, '=');
    return str_eq(eq >= 0 ? str_sub(a, 0, (size_t)eq) : a, name);
}

static bool among_bars(str all, const char *arg)
{
    str one;
    while (str_split(&all, '|', &one))
        if (one.n && named(arg, one)) return true;
    return false;
}

const char *option_of(const command_line *l, const char *name, int n)
{
    for (int i = 1; i < l->argc; i++) {
        if (!named(l->argv[i], str_of(name)) || n-- > 0) continue;
        const char *eq = strchr(l->argv[i], '=');
        if (eq) return eq + 1;
        return i + 1 < l->argc ? l->argv[i + 1] : "";
    }
    return NULL;
}

bool option_set(const command_line *l, const char *name)
{
    return option_of(l, name, 0) != NULL;
}

const char *word_of(const command_line *l, const char *values, int n)
{
    for (int i = 1; i < l->argc; i++) {
        const char *arg = l->argv[i];
        if (strncmp(arg, "--", 2) == 0) {
            if (!strchr(arg, '=') && among_bars(str_of(values), arg)) i++;
        } else if (n-- == 0) {
            return arg;
        }
    }
    return NULL;
}

err options_known(const command_line *l, const char *values, const char *flags)
{
    for (int i = 1; i < l->argc; i++) {
        const char *arg = l->argv[i];
        if (strncmp(arg, "--", 2) != 0) continue;
        bool takes = among_bars(str_of(values), arg);
        if (!takes && !among_bars(str_of(flags), arg))
            return ERR1(E_USAGE, "error.main.option", str_of(arg));
        if (takes && !strchr(arg, '=')) i++;
    }
    return OK;
}

void tell(const command_line *l, const char *key, str a1, str a2, str a3)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    str s = text_fill(a, T(l->lang, key), a1, a2, a3);
    fprintf(stderr, "%.*s\n", STR_ARG(s));
}

str size_words(arena *a, int64_t bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
    double v = (double)bytes;
    size_t u = 0;
    for (; v >= 1000 && u + 1 < ARRAY_LEN(units); u++)
        v /= 1000;
    return str_fmt(a, u ? "%.1f %s" : "%.0f %s", v, units[u]);
}

str time_words(arena *a, int64_t ms)
{
    if (ms < 60000) return str_fmt(a, "%.1f s", (double)ms / 1000);
    return str_fmt(a, "%lld:%02lld min", (long long)(ms / 60000), (long long)(ms / 1000 % 60));
}

/* ---- small files ---- */

err file_read(arena *a, const char *path, size_t most, str *ret)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!f) return err_errno("error.backup.io", str_of(path));
    buf b = buf_new(a, 4096);
    size_t n = 1;
    while (n && b.n <= most) {
        n = fread(buf_room(&b, 4096), 1, 4096, f);
        b.n += n;
    }
    bool bad = ferror(f);
    if (f != stdin) fclose(f);
    if (bad) return err_errno("error.backup.io", str_of(path));
    if (b.n > most) return ERR1(E_TOO_LARGE, "error.backup.damaged", str_of(path));
    *ret = buf_str(&b);
    return OK;
}

/* ---- the backup key ---- */

err backup_key_read(const char *path, uint8_t ret[BACKUP_KEY])
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) return ERR1(E_ABSENT, "error.backup.no_key", str_of(path));
    if (fd < 0) return err_errno("error.backup.io", str_of(path));
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == BACKUP_KEY &&
                !(st.st_mode & 077) && read(fd, ret, BACKUP_KEY) == BACKUP_KEY;
    close(fd);
    return good ? OK : ERR1(E_CONFIG, "error.access.master_key_form", str_of(path));
}

err backup_key_write(const char *data_dir, const uint8_t key[BACKUP_KEY])
{
    char dir[PATH], path[PATH + 16], old[PATH + 16];
    master_state s;
    if (!failed(keys_state(data_dir, &s)) && s.sealed) return keys_seal_backup(data_dir, key);
    snprintf(dir, sizeof dir, "%s/keys", data_dir);
    snprintf(path, sizeof path, "%s/backup.key", dir);
    snprintf(old, sizeof old, "%s/backup.key.old", dir);
    if (access(path, F_OK) == 0 && (unlink(old), link(path, old)) != 0)
        return err_errno("error.backup.io", str_of(old));
    return stage_write_durable(dir, "backup.key", (str){ (const char *)key, BACKUP_KEY });
}

err backup_key_of(const char *data_dir, uint8_t ret[BACKUP_KEY])
{
    char path[PATH];
    master_state s;
    if (!failed(keys_state(data_dir, &s)) && s.sealed) return keys_sealed_backup(data_dir, ret);
    snprintf(path, sizeof path, "%s/keys/backup.key", data_dir);
    return backup_key_read(path, ret);
}

static err of_folder(const command_line *l, bool make, uint8_t ret[BACKUP_KEY])
{
    err e = backup_key_of(l->data_dir, ret);
    if (err_code_of(e) != E_ABSENT || !make) return e;
    randombytes_buf(ret, BACKUP_KEY);
    return backup_key_write(l->data_dir, ret);
}

static err of_cards(const char *one, const char *two, uint8_t ret[BACKUP_KEY])
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    str x, y;
    share sx, sy;
    TRY(file_read(a, one, FILE_MAX, &x));
    TRY(file_read(a, two, FILE_MAX, &y));
    err e = share_read(x, &sx);
    if (!failed(e)) e = share_read(y, &sy);
    if (!failed(e) && !shares_join(&sx, &sy, ret)) e = ERR(E_AUTH, "error.backup.cards");
    sodium_memzero(&sx, sizeof sx);
    sodium_memzero(&sy, sizeof sy);
    return e;
}

err backup_key_find(const command_line *l, bool make, uint8_t ret[BACKUP_KEY])
{
    const char *key = option_of(l, "key", 0), *card = option_of(l, "card", 0);
    if (sodium_init() < 0) return ERR(E_BUG, "error.backup.no_key");
    if (key) return backup_key_read(key, ret);
    if (!card) return of_folder(l, make, ret);
    const char *other = option_of(l, "card", 1);
    if (!other) return ERR(E_USAGE, "error.backup.one_card");
    return of_cards(card, other, ret);
}

/* ---- custody ---- */

err custody_read(arena *a, const char *data_dir, custody *ret)
{
    char path[PATH];
    const json *j;
    str text;
    custody c = { 0 };
    int64_t n = 0;
    snprintf(path, sizeof path, "%s/keys/custody.json", data_dir);
    if (access(path, F_OK) != 0) return ERR1(E_ABSENT, "error.backup.no_custody", str_of(path));
    TRY(file_read(a, path, FILE_MAX, &text));
    TRY(json_parse(a, text, NULL, &j));
    str id = json_get_text(j, S("key"));
    if (id.n != 16 || !json_i64(json_get(j, S("custodians")), &n))
        return ERR1(E_CONFIG, "error.backup.damaged", str_of(path));
    memcpy(c.key_id, id.p, 16);
    c.custodians = (int)n;
    c.names = json_get_text(j, S("names"));
    if (!instant_parse(json_get_text(j, S("split")), &c.split) ||
            (json_get(j, S("checked")) && !json_is_null(json_get(j, S("checked"))) &&
                    !instant_parse(json_get_text(j, S("checked")), &c.checked)))
        return ERR1(E_CONFIG, "error.backup.damaged", str_of(path));
    *ret = c;
    return OK;
}

err custody_write(const char *data_dir, const custody *c)
{
    char dir[PATH];
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    jsonw w = jsonw_new(a, 256);
    jw_obj(&w);
    jw_kstr(&w, "key", str_of(c->key_id));
    jw_ki64(&w, "custodians", c->custodians);
    jw_kstr(&w, "names", c->names);
    jw_ktime(&w, "split", c->split);
    jw_ktime(&w, "checked", c->checked);
    jw_end_obj(&w);
    str text = jsonw_done(&w);
    snprintf(dir, sizeof dir, "%s/keys", data_dir);
    return stage_write_durable(dir, "custody.json", text);
}

/* ---- the book ---- */

void note_act(const command_line *l, const char *kind, bool good, int64_t took_ms, int64_t bytes,
        const checked *k, str name, int64_t custodians)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    client *c;
    api_answer r = { 0 };
    jsonw w = jsonw_new(a, 256);
    jw_obj(&w);
    jw_kstr(&w, "kind", str_of(kind));
    jw_kbool(&w, "good", good);
    jw_ki64(&w, "took_ms", took_ms);
    jw_ki64(&w, "bytes", bytes);
    jw_ki64(&w, "entries", k ? k->entries : 0);
    jw_ki64(&w, "custodians", custodians);
    jw_kstr(&w, "name", name);
    jw_end_obj(&w);
    err e = client_open(l->data_dir, &c);
    if (!failed(e)) {
        client_request q = { .method = "POST",
            .path = S("/api/backups/notes"),
            .body = jsonw_done(&w),
            .lang = lang_code(l->lang) };
        e = client_call(c, a, &q, &r);
        client_close(c);
    }
    if (!failed(e) && r.status < 300) return;
    str why = failed(e) ? fault_text(a, l->lang, e.f) : str_fmt(a, "%d", r.status);
    tell(l, "backup.not_noted", why, S(""), S(""));
}
