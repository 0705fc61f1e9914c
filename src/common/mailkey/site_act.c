/* site_act.c - see site_act.h. */
#include "common/mailkey/site_act.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/realm.h"
#include "access/site.h"
#include "access/viewer.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "gen/access/auth/queries.h"
#include "gen/common/mailkey/queries.h"
#include "gen/records/organisation.h"
#include "ledger/ledger.h"
#include "store/store.h"

enum { NOTE_BYTES = 1024, ID_TEXT = 36, NAME_MAX_BYTES = 128 };

static const struct {
    const char *word;
    ledger_type type;
} acts[SITE_ACTS] = { [SITE_ACT_MADE] = { "made", LEDGER_site_mail_key_made },
    [SITE_ACT_CHANGED] = { "changed", LEDGER_site_mail_key_changed },
    [SITE_ACT_ENDED] = { "ended", LEDGER_site_mail_key_ended } };

static char *path_of(arena *a, const char *data_dir, str name)
{
    return str_z(
            a, str_fmt(a, "%s/realm/live/acts%s%.*s", data_dir, name.n ? "/" : "", STR_ARG(name)));
}

/* ---- leaving one ---- */

static str note_text(arena *a, site_act_kind act, const char *key, str name)
{
    jsonw w = jsonw_new(a, 512);
    jw_obj(&w);
    jw_kstr(&w, "act", str_of(acts[act].word));
    jw_kstr(&w, "key", str_of(key));
    jw_kstr(&w, "name", str_sub(name, 0, NAME_MAX_BYTES));
    jw_ki64(&w, "uid", (int64_t)getuid());
    jw_ki64(&w, "at", clock_now(&clock_system).us);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

/* Under a name that is no note's first. */
static err note_write(arena *a, const char *data_dir, str name, str text)
{
    char *path = path_of(a, data_dir, name), *fresh = str_z(a, str_fmt(a, "%s.new", path));
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return err_errno("error.mail_act.note", str_of(fresh));
    bool good = write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    close(fd);
    if (good && rename(fresh, path) == 0) return OK;
    err e = err_errno("error.mail_act.note", str_of(path));
    unlink(fresh);
    return e;
}

err site_act_note(arena *a, const char *data_dir, site_act_kind act, const char *key, str name)
{
    char *folder = path_of(a, data_dir, S(""));
    if (mkdir(folder, 0700) != 0 && errno == ENOENT) return OK; /* nor a ledger */
    return note_write(a, data_dir, id_text(a, id_new()), note_text(a, act, key, name));
}

/* ---- entering them ---- */

size_t site_act_list(arena *a, const char *data_dir, str ret[SITE_ACTS_AT_ONCE])
{
    id128 id;
    size_t n = 0;
    DIR *d = opendir(path_of(a, data_dir, S("")));
    for (struct dirent *x; d && n < SITE_ACTS_AT_ONCE && (x = readdir(d)) != NULL;)
        if (strlen(x->d_name) == ID_TEXT && id_parse(str_of(x->d_name), &id))
            ret[n++] = str_copy(a, str_of(x->d_name));
    if (d) closedir(d);
    return n;
}

typedef struct {
    id128 id;
    site_act_kind act;
    str key, name;
    int64_t uid;
    instant at;
} note;

static bool note_parse_json(const json *j, note *ret)
{
    str act = json_get_text(j, S("act"));
    for (ret->act = 0; ret->act < SITE_ACTS; ret->act++)
        if (str_eq(act, str_of(acts[ret->act].word))) break;
    ret->key = json_get_text(j, S("key"));
    ret->name = json_get_text(j, S("name"));
    return ret->act < SITE_ACTS && ret->key.n <= 16 && ret->name.n <= NAME_MAX_BYTES &&
           json_i64(json_get(j, S("uid")), &ret->uid) &&
           json_i64(json_get(j, S("at")), &ret->at.us) && ret->at.us > 0;
}

static bool note_read(arena *a, const char *data_dir, str name, note *ret)
{
    char bytes[NOTE_BYTES];
    const json *j;
    int fd = open(path_of(a, data_dir, name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? read(fd, bytes, sizeof bytes) : -1;
    if (fd >= 0) close(fd);
    str text = str_copy(a, (str){ bytes, n > 0 ? (size_t)n : 0 });
    return id_parse(name, &ret->id) && !failed(json_parse(a, text, NULL, &j)) &&
           note_parse_json(j, ret);
}

/* Whoever that user of the machine is; 0 when nobody knows. */
static err person_of(struct txn *t, int64_t uid, int64_t *ret)
{
    local_user_find_row *u;
    err e = local_user_find(t, &(local_user_find_args){ .uid = uid }, txn_arena(t), &u);
    *ret = failed(e) ? 0 : u->person;
    return err_code_of(e) == E_ABSENT ? OK : e;
}

static str more_of(arena *a, const note *x)
{
    jsonw w = jsonw_new(a, 512);
    jw_obj(&w);
    jw_kstr(&w, "key", x->key);
    jw_kstr(&w, "name", x->name);
    jw_ki64(&w, "uid", x->uid);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

static err append(struct txn *t, const struct realm *r, const note *x)
{
    viewer sys;
    const organisation_handle *o;
    int64_t audience, person;
    TRY(viewer_system(t, &sys));
    TRY(organisation_read_row(t, &sys, r->site_org, &o));
    TRY(site_audience_strict(t, o->now.grp, &audience));
    TRY(person_of(t, x->uid, &person));
    return ledger_append(t, &(ledger_draft){ .type = acts[x->act].type,
                                    .at = x->at,
                                    .kind = S("mail_key"),
                                    .subject = x->id,
                                    .audience = audience,
                                    .owner = r->site_org,
                                    .author = person,
                                    .more = more_of(txn_arena(t), x) });
}

err site_act_enter(struct txn *t, const struct realm *r, const char *data_dir, str name)
{
    note x;
    site_act_known_row *rows;
    size_t n;
    if (!note_read(txn_arena(t), data_dir, name, &x)) {
        log_warn("mailkey.act", "note=%.*s", STR_ARG(name));
        return OK;
    }
    TRY(site_act_known(
            t, &(site_act_known_args){ .at = x.at, .subject = x.id }, txn_arena(t), &rows, &n));
    return n ? OK : append(t, r, &x);
}

void site_act_forget(const char *data_dir, str name)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    (void)unlink(path_of(a, data_dir, name));
}
