/* notification.c - routes of what a person was told: the list, reading, and how the person wants to
 * be told. All of it is the asker's own; common/notify owns the tables. */
#include "api/app.h"
#include "api/page.h"
#include "common/notify/notify.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* A link that does something by itself is for the mail alone: who has a key of mine reads this list
 * too. */
static bool is_screen(str path)
{
    return path.n > 0 && !(path.n > 3 && str_eq(str_sub(path, 0, 3), S("/l/")));
}

static void put_line(jsonw *w, const notify_line *l)
{
    jw_obj(w);
    jw_kid(w, "id", l->id);
    jw_kstr(w, "kind", str_of(notify_kind_names[l->kind]));
    jw_kbool(w, "urgent", l->urgent);
    jw_kstr(w, "subject", l->subject);
    jw_kstr(w, "text", l->text);
    if (is_screen(l->path)) jw_kstr(w, "path", l->path);
    jw_ktime(w, "created", l->created);
    jw_ktime(w, "read", l->read);
    jw_ktime(w, "mail_at", l->mail_at);
    jw_ktime(w, "mailed", l->mailed);
    jw_end_obj(w);
}

err h_notification_list(call *c)
{
    const struct page_query *q = c->query;
    cursor k;
    bool found;
    notify_line *lines;
    size_t n;
    int64_t last, limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &k, &found));
    TRY(notify_list(c->t, c->viewer.person, found ? k.n[0] : INT64_MAX, limit, &lines, &n, &last));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        put_line(&c->out, &lines[i]);
    page_close(c, last != 0, &(cursor){ .n = { last } });
    return OK;
}

err h_notification_count(call *c)
{
    int64_t n;
    TRY(notify_unread(c->t, c->viewer.person, &n));
    jw_obj(&c->out);
    jw_ki64(&c->out, "unread", n);
    jw_end_obj(&c->out);
    return OK;
}

err h_notification_read(call *c)
{
    id128 id;
    TRY(call_id(c, &id));
    TRY(notify_read_one(c->t, c->viewer.person, id));
    call_put_empty(c);
    return OK;
}

err h_notification_read_all(call *c)
{
    TRY(notify_read_all(c->t, c->viewer.person));
    call_put_empty(c);
    return OK;
}

/* ---- how ---- */

static int way_of(str name)
{
    for (int w = 0; w < NOTIFY_WAYS; w++)
        if (str_eq(name, str_of(notify_way_names[w]))) return w;
    return NOTIFY_AT_ONCE;
}

err h_notify_prefs_read(call *c)
{
    notify_prefs p;
    jsonw *w = &c->out;
    TRY(notify_prefs_read(c->t, c->viewer.person, &p));
    jw_obj(w);
    for (int k = 0; k < NOTIFY_EMERGENCY; k++) {
        jw_key(w, str_of(notify_kind_names[k]));
        jw_str(w, str_of(notify_way_names[p.ways[k]]));
    }
    jw_ki64(w, "quiet_from", p.quiet_from);
    jw_ki64(w, "quiet_until", p.quiet_until);
    jw_ki64(w, "daily_at", p.daily_at);
    jw_kstr(w, "zone", p.zone.n ? p.zone : conf_str(c->app->conf, "site.time_zone"));
    jw_end_obj(w);
    return OK;
}

err h_notify_prefs_change(call *c)
{
    const struct notify_draft *b = c->req;
    notify_prefs p = { .quiet_from = (int)b->quiet_from,
        .quiet_until = (int)b->quiet_until,
        .daily_at = (int)b->daily_at,
        .zone = b->zone };
    p.ways[NOTIFY_NOTICE] = (notify_way)way_of(b->notice);
    p.ways[NOTIFY_TASK] = (notify_way)way_of(b->task);
    p.ways[NOTIFY_SECOND] = (notify_way)way_of(b->second);
    p.ways[NOTIFY_ACCOUNT] = (notify_way)way_of(b->account);
    TRY(notify_prefs_write(c->t, c->viewer.person, &p));
    call_put_empty(c);
    return OK;
}
