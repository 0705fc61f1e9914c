/* follow.c - see follow.h. A file appears whole or not; what the fence hangs on is durable too. */
#include "common/backup/follow.h"
#include "base/json.h"
#include "base/time.h"
#include "common/backup/stage.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 4300, TEXT_MAX = 16384, LATE_TIMES = 3, QUIET_S = 30 };

static void path_of(char ret[PATH], const char *data_dir, const char *name)
{
    snprintf(ret, PATH, "%s/realm/%s", data_dir, name);
}

static err text_read(arena *a, const char *data_dir, const char *name, str *ret)
{
    char path[PATH];
    path_of(path, data_dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && access(path, F_OK) != 0)
        return ERR1(E_ABSENT, "error.backup.gone", str_copy(a, str_of(path)));
    if (fd < 0) return err_errno("error.backup.io", str_copy(a, str_of(path)));
    char *text = arena_alloc(a, TEXT_MAX);
    ssize_t n = read(fd, text, TEXT_MAX);
    close(fd);
    if (n < 0) return err_errno("error.backup.io", str_copy(a, str_of(path)));
    *ret = (str){ text, (size_t)n };
    return OK;
}

static err text_write(const char *data_dir, const char *name, str text)
{
    char dir[PATH];
    snprintf(dir, sizeof dir, "%s/realm", data_dir);
    return stage_write_durable(dir, name, text);
}

static int64_t number(const json *j, const char *name)
{
    int64_t n = 0;
    return json_i64(json_get(j, str_of(name)), &n) ? n : 0;
}

static instant moment(const json *j, const char *name)
{
    instant t = { 0 };
    return instant_parse(json_get_text(j, str_of(name)), &t) ? t : (instant){ 0 };
}

/* ---- how it goes ---- */

err follow_read(arena *a, const char *data_dir, follow_state *ret)
{
    str text;
    const json *j;
    TRY(text_read(a, data_dir, "copy.json", &text));
    TRY(json_parse(a, text, NULL, &j));
    *ret = (follow_state){ .state = json_get_text(j, S("state")),
        .every_s = number(j, "every_s"),
        .took_ms = number(j, "took_ms"),
        .entries = number(j, "entries"),
        .new_bytes = number(j, "new_bytes"),
        .epoch = number(j, "epoch"),
        .at = moment(j, "at"),
        .made = moment(j, "made"),
        .standby_at = moment(j, "standby_at"),
        .standby_made = moment(j, "standby_made") };
    return OK;
}

static void put_moment(jsonw *w, const char *name, instant t)
{
    if (!t.us) return;
    jw_key(w, str_of(name));
    jw_time(w, t);
}

err follow_write(const char *data_dir, const follow_state *s)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    jsonw w = jsonw_new(a, 512);
    jw_obj(&w);
    jw_kstr(&w, "state", s->state);
    jw_ki64(&w, "every_s", s->every_s);
    jw_ki64(&w, "took_ms", s->took_ms);
    jw_ki64(&w, "entries", s->entries);
    jw_ki64(&w, "new_bytes", s->new_bytes);
    jw_ki64(&w, "epoch", s->epoch);
    put_moment(&w, "at", s->at);
    put_moment(&w, "made", s->made);
    put_moment(&w, "standby_at", s->standby_at);
    put_moment(&w, "standby_made", s->standby_made);
    jw_end_obj(&w);
    char path[PATH], part[PATH];
    path_of(path, data_dir, "copy.json");
    path_of(part, data_dir, "copy.json.part");
    TRY(stage_write(part, jsonw_done(&w))); /* said anew in two seconds: it need not be durable */
    return rename(part, path) == 0 ? OK : err_errno("error.backup.io", S("copy.json"));
}

int64_t follow_age_s(const follow_state *s, instant now)
{
    if (!s->made.us) return -1;
    return now.us > s->made.us ? (now.us - s->made.us) / US_PER_S : 0;
}

bool follow_late(const follow_state *s, instant now)
{
    int64_t bound = LATE_TIMES * s->every_s + s->took_ms / 1000 + QUIET_S;
    return !s->made.us || follow_age_s(s, now) > bound || now.us - s->at.us > QUIET_S * US_PER_S;
}

/* ---- whose turn it is ---- */

str follow_epoch_text(arena *a, const follow_epoch *e)
{
    jsonw w = jsonw_new(a, 256);
    jw_obj(&w);
    jw_ki64(&w, "epoch", e->epoch);
    jw_kstr(&w, "machine", e->machine);
    jw_kstr(&w, "into", str_of(e->into ? e->into : ""));
    jw_end_obj(&w);
    return jsonw_done(&w);
}

err follow_epoch_parse(arena *a, str text, follow_epoch *ret)
{
    const json *j;
    TRY(json_parse(a, text, NULL, &j));
    follow_epoch e = { .epoch = number(j, "epoch"),
        .machine = json_get_text(j, S("machine")),
        .into = str_z(a, json_get_text(j, S("into"))) };
    if (e.epoch < 1 || e.machine.n != 16)
        return ERR1(E_INVALID, "error.backup.damaged", S("epoch"));
    *ret = e;
    return OK;
}

err follow_epoch_read(arena *a, const char *data_dir, follow_epoch *ret)
{
    str text;
    err e = text_read(a, data_dir, "epoch.json", &text);
    *ret = (follow_epoch){ .into = "" };
    if (err_code_of(e) == E_ABSENT) return OK;
    return failed(e) ? e : follow_epoch_parse(a, text, ret);
}

err follow_epoch_write(const char *data_dir, const follow_epoch *e)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    return text_write(data_dir, "epoch.json", follow_epoch_text(a, e));
}

/* ---- the fence ---- */

err follow_fence(const char *data_dir, int64_t epoch)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    jsonw w = jsonw_new(a, 128);
    jw_obj(&w);
    jw_ki64(&w, "epoch", epoch);
    jw_ktime(&w, "at", clock_now(&clock_system));
    jw_end_obj(&w);
    return text_write(data_dir, "fenced.json", jsonw_done(&w));
}

bool follow_fenced(const char *data_dir)
{
    char path[PATH];
    path_of(path, data_dir, "fenced.json");
    return access(path, F_OK) == 0;
}
