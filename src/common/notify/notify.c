/* notify.c - see notify.h. Writer thread where it writes; the list on any. */
#include "common/notify/notify.h"
#include "access/seal.h"
#include "base/json.h"
#include "base/text.h"
#include "base/texts.h"
#include "gen/common/notify/queries.h"
#include "render/words.h"
#include "store/store.h"

const char *const notify_kind_names[NOTIFY_KINDS] = { "task", "notice", "second", "account",
    "emergency" };
const char *const notify_way_names[NOTIFY_WAYS] = { "at_once", "hourly", "daily", "console" };
enum { DAILY_AT = 8 * 60, PEOPLE_AT_ONCE = 100 };

static int named(const char *const *names, int n, str name)
{
    for (int i = 0; i < n; i++)
        if (str_eq(name, str_of(names[i]))) return i;
    return -1;
}

/* ---- choices ---- */

err notify_prefs_read(struct txn *t, int64_t person, notify_prefs *ret)
{
    notify_choices_row *c;
    notify_hours_of_row *h;
    size_t n;
    *ret = (notify_prefs){ .daily_at = DAILY_AT };
    TRY(notify_choices(t, &(notify_choices_args){ .person = person }, txn_arena(t), &c, &n));
    for (size_t i = 0; i < n; i++) {
        int kind = named(notify_kind_names, NOTIFY_KINDS, c[i].kind);
        int way = named(notify_way_names, NOTIFY_WAYS, c[i].way);
        if (kind >= 0 && way >= 0) ret->ways[kind] = (notify_way)way;
    }
    TRY(notify_hours_of(t, &(notify_hours_of_args){ .person = person }, txn_arena(t), &h, &n));
    if (!n) return OK;
    ret->quiet_from = (int)h->quiet_from;
    ret->quiet_until = (int)h->quiet_until;
    ret->daily_at = (int)h->daily_at;
    ret->zone = h->zone;
    return OK;
}

static err zone_of(const notify_prefs *p, const zone **ret)
{
    return zone_find(p->zone.n ? p->zone : S("UTC"), ret);
}

static err check_minute(int minute, const char *place)
{
    if (minute >= 0 && minute < DAY_MIN) return OK;
    return err_at_pointer(ERR(E_INVALID, "error.notify.minute"), str_of(place));
}

err notify_prefs_write(struct txn *t, int64_t person, const notify_prefs *p)
{
    const zone *z;
    if (failed(zone_of(p, &z)))
        return err_at_pointer(ERR1(E_INVALID, "error.notify.zone", p->zone), S("/zone"));
    TRY(check_minute(p->quiet_from, "/quiet_from"));
    TRY(check_minute(p->quiet_until, "/quiet_until"));
    TRY(check_minute(p->daily_at, "/daily_at"));
    for (int k = 0; k < NOTIFY_KINDS; k++)
        TRY(notify_choice_set(t,
                &(notify_choice_set_args){ .person = person,
                        .kind = str_of(notify_kind_names[k]),
                        .way = str_of(notify_way_names[p->ways[k]]) },
                NULL));
    return notify_hours_set(t,
            &(notify_hours_set_args){ .person = person,
                    .quiet_from = p->quiet_from,
                    .quiet_until = p->quiet_until,
                    .daily_at = p->daily_at,
                    .zone = p->zone },
            NULL);
}

/* ---- words ---- */

static seal_place place_of(id128 id)
{
    return (seal_place){ .table = "notification", .column = "words", .id = id };
}

static str words_json(arena *a, const notify_item *x)
{
    jsonw j = jsonw_new(a, x->words.text.n + x->words.subject.n + 256);
    jw_obj(&j);
    jw_kstr(&j, "subject", x->words.subject);
    jw_kstr(&j, "text", x->words.text);
    jw_kstr(&j, "path", x->path);
    jw_end_obj(&j);
    return jsonw_done(&j);
}

/* *ret_lost: the person's key is gone. */
static err words_open(
        struct txn *t, int64_t person, id128 id, str sealed, notify_line *ret, bool *ret_lost)
{
    const json *j;
    str plain;
    seal_place at = place_of(id);
    TRY(open_text(t, person, &at, sealed, &plain, ret_lost));
    if (*ret_lost) return OK;
    TRY(json_parse(txn_arena(t), plain, NULL, &j));
    ret->subject = str_copy(txn_arena(t), json_get_text(j, S("subject")));
    ret->text = str_copy(txn_arena(t), json_get_text(j, S("text")));
    ret->path = str_copy(txn_arena(t), json_get_text(j, S("path")));
    return OK;
}

/* ---- telling ---- */

static err lang_of(struct txn *t, int64_t person, lang *ret)
{
    const person_handle *p;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(person_read_row(t, &sys, person, &p));
    if (!lang_parse(p->now.lang, ret)) *ret = LANG_EN;
    return OK;
}

/* What passes says so, in the mail alone. */
static err mail_now(
        struct txn *t, const realm *r, int64_t person, const notify_item *x, bool passed)
{
    lang l;
    mail_words w = x->words;
    if (passed) {
        TRY(lang_of(t, person, &l));
        str why = T(l, "mail.notify.passed");
        w.text = str_fmt(txn_arena(t), "%.*s\n\n%.*s", STR_ARG(w.text), STR_ARG(why));
    }
    return outbox_enqueue_mail(t, r, person, &w);
}

err notify_person(struct txn *t, const realm *r, int64_t person, const notify_item *x)
{
    notify_prefs p;
    const zone *z;
    id128 id = id_new();
    seal_place place = place_of(id);
    str sealed;
    bool passed;
    instant now = txn_now(t);
    TRY(notify_prefs_read(t, person, &p));
    TRY(zone_of(&p, &z));
    instant at = notify_mail_at(&p, z, x->kind, x->urgent, now, &passed);
    bool delivered = x->by_delivery && (x->urgent || p.ways[x->kind] == NOTIFY_AT_ONCE);
    if (delivered || x->no_mail) at = (instant){ 0 };
    bool at_once = at.us == now.us;
    if (at_once) TRY(mail_now(t, r, person, x, passed));
    TRY(seal_text(t, person, &place, words_json(txn_arena(t), x), &sealed));
    TRY(notification_add(t,
            &(notification_add_args){ .id = id,
                    .person = person,
                    .kind = str_of(notify_kind_names[x->kind]),
                    .urgent = x->urgent || x->kind == NOTIFY_EMERGENCY,
                    .words = sealed,
                    .created = now,
                    .mail_at = at_once ? (instant){ 0 } : at,
                    .mailed = at_once ? now : (instant){ 0 } },
            NULL));
    return notification_trim(
            t, &(notification_trim_args){ .person = person, .keep = NOTIFY_KEPT }, NULL);
}

err notify_contact_at(struct txn *t, int64_t person, bool urgent, instant at, instant *ret)
{
    notify_prefs p;
    const zone *z;
    TRY(notify_prefs_read(t, person, &p));
    TRY(zone_of(&p, &z));
    instant when = notify_mail_at(&p, z, NOTIFY_NOTICE, urgent, at, NULL);
    *ret = p.ways[NOTIFY_NOTICE] == NOTIFY_AT_ONCE || urgent ? when : (instant){ 0 };
    return OK;
}

/* ---- the list ---- */

static err line_of(struct txn *t, int64_t person, const notification_page_row *r, notify_line *ret,
        bool *ret_lost)
{
    int kind = named(notify_kind_names, NOTIFY_KINDS, r->kind);
    *ret = (notify_line){ .row = r->row,
        .id = r->id,
        .kind = kind < 0 ? NOTIFY_TASK : (notify_kind)kind,
        .urgent = r->urgent,
        .created = r->created,
        .read = r->read_at,
        .mail_at = r->mail_at,
        .mailed = r->mailed };
    return words_open(t, person, r->id, r->words, ret, ret_lost);
}

err notify_list(struct txn *t, int64_t person, int64_t before, int64_t limit, notify_line **ret,
        size_t *ret_n, int64_t *ret_last)
{
    notification_page_row *rows;
    size_t n, kept = 0;
    TRY(notification_page(t,
            &(notification_page_args){ .person = person, .before = before, .limit = limit },
            txn_arena(t), &rows, &n));
    notify_line *lines = NEW_ARRAY(txn_arena(t), notify_line, n + 1);
    for (size_t i = 0; i < n; i++) {
        bool lost;
        TRY(line_of(t, person, &rows[i], &lines[kept], &lost));
        if (!lost) kept++;
    }
    *ret = lines;
    *ret_n = kept;
    *ret_last = (int64_t)n == limit ? rows[n - 1].row : 0;
    return OK;
}

err notify_unread(struct txn *t, int64_t person, int64_t *ret)
{
    notification_unread_row *r;
    TRY(notification_unread(t,
            &(notification_unread_args){ .person = person, .limit = NOTIFY_COUNTED }, txn_arena(t),
            &r));
    *ret = r->n;
    return OK;
}

err notify_read_one(struct txn *t, int64_t person, id128 id)
{
    notification_there_row *r;
    size_t n;
    TRY(notification_there(
            t, &(notification_there_args){ .person = person, .id = id }, txn_arena(t), &r, &n));
    if (!n || id_is_zero(id)) return ERR(E_ABSENT, "error.api.absent");
    return notification_read(
            t, &(notification_read_args){ .person = person, .id = id, .now = txn_now(t) }, NULL);
}

err notify_read_all(struct txn *t, int64_t person)
{
    return notification_read(
            t, &(notification_read_args){ .person = person, .now = txn_now(t) }, NULL);
}

/* ---- one mail of all that is due ---- */

/* The lines that go into the mail; what is more is counted, and stands in the console. */
static err digest_text(
        struct txn *t, int64_t person, lang l, str public_url, mail_words *ret, size_t *ret_n)
{
    notify_due_of_row *rows;
    size_t n;
    arena *a = txn_arena(t);
    buf b = buf_new(a, 4096);
    *ret_n = 0;
    TRY(notify_due_of(
            t, &(notify_due_of_args){ .person = person, .now = txn_now(t) }, a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        notify_line line;
        bool lost;
        TRY(words_open(t, person, rows[i].id, rows[i].words, &line, &lost));
        if (lost || ++*ret_n > DIGEST_LINES) continue;
        buf_fmt(&b, "%s%.*s\n%.*s%.*s", *ret_n > 1 ? "\n\n" : "", STR_ARG(line.subject),
                STR_ARG(public_url), STR_ARG(line.path));
    }
    if (*ret_n > DIGEST_LINES) {
        str more = count_text(a, (int64_t)(*ret_n - DIGEST_LINES));
        str words = text_fill(a, T(l, "mail.notify.more"), more, S(""), S(""));
        buf_fmt(&b, "\n\n%.*s", STR_ARG(words));
    }
    ret->text = buf_str(&b);
    return OK;
}

static err digest(struct txn *t, const realm *r, int64_t person, str public_url)
{
    mail_words w = { 0 };
    arena *a = txn_arena(t);
    size_t n;
    lang l;
    TRY(lang_of(t, person, &l));
    TRY(digest_text(t, person, l, public_url, &w, &n));
    w.subject = text_fill(a, T(l, "mail.notify.subject"), count_text(a, (int64_t)n), S(""), S(""));
    w.url = str_cat(a, public_url, S("/notifications"));
    w.url_words = T(l, "mail.notify.link");
    if (n) TRY(outbox_enqueue_mail(t, r, person, &w));
    return notify_mailed(t, &(notify_mailed_args){ .person = person, .now = txn_now(t) }, NULL);
}

err notify_turn_wanted(struct txn *t, bool *ret)
{
    notify_due_row *rows;
    size_t n;
    TRY(notify_due(t, &(notify_due_args){ .now = txn_now(t) }, txn_arena(t), &rows, &n));
    *ret = n > 0;
    return OK;
}

err notify_turn(struct txn *t, const realm *r, str public_url)
{
    for (int i = 0; i < PEOPLE_AT_ONCE; i++) {
        notify_due_row *rows;
        size_t n;
        TRY(notify_due(t, &(notify_due_args){ .now = txn_now(t) }, txn_arena(t), &rows, &n));
        if (!n) return OK;
        TRY(digest(t, r, rows->person, public_url));
    }
    return OK;
}

err notify_forget(struct txn *t, int64_t person)
{
    TRY(notification_forget(t, &(notification_forget_args){ .person = person }, NULL));
    TRY(notify_choice_forget(t, &(notify_choice_forget_args){ .person = person }, NULL));
    return notify_hours_forget(t, &(notify_hours_forget_args){ .person = person }, NULL);
}
