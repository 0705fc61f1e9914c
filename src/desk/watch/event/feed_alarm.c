/* feed_alarm.c - see feed_alarm.h. A turn reads the feeds, sixteen days of each and what is told
 * already; it writes only when something began or ended. */
#include "desk/watch/event/feed_alarm.h"
#include "access/leave.h"
#include "base/text.h"
#include "base/texts.h"
#include "base/time.h"
#include "common/notify/notify.h"
#include "desk/watch/event/feed_judge.h"
#include "gen/desk/watch/event/queries.h"
#include "gen/permissions.h"
#include "ledger/ledger.h"
#include "render/words.h"
#include "store/store.h"

typedef struct {
    feed_watched_row *feeds;
    feed_days_row *days;
    feed_alarms_row *alarms;
    size_t n, n_days, n_alarms, at; /* at: the day that is read next */
    feed_limits limits;
    int64_t today;
} looking;

static err look(struct txn *t, const feed_watch *w, looking *x)
{
    arena *a = txn_arena(t);
    *x = (looking){ .limits = feed_limits_load(w->conf), .today = txn_now(t).us / US_PER_DAY };
    TRY(feed_watched(t, a, &x->feeds, &x->n));
    TRY(feed_alarms(t, a, &x->alarms, &x->n_alarms));
    return feed_days(
            t, &(feed_days_args){ .first = x->today - FEED_DAYS + 1 }, a, &x->days, &x->n_days);
}

/* Feeds are asked in the order of their rows, as the days stand. */
static feed_facts facts_of(looking *x, const feed_watched_row *f, instant now)
{
    feed_facts r = { .now = now,
        .since = f->last.us > f->modified.us ? f->last : f->modified,
        .every_s = f->every_s,
        .expect_every_s = f->expect_every_s };
    for (; x->at < x->n_days && x->days[x->at].feed <= f->row; x->at++) {
        const feed_days_row *d = &x->days[x->at];
        int64_t back = x->today - d->day;
        if (d->feed == f->row && back >= 0 && back < FEED_DAYS)
            r.days[back] = (feed_day){ d->n_rows, d->n_bad };
    }
    return r;
}

static const feed_alarms_row *alarm_of(const looking *x, int64_t feed, feed_trouble k)
{
    for (size_t i = 0; i < x->n_alarms; i++)
        if (x->alarms[i].feed == feed && str_eq(x->alarms[i].what, str_of(feed_trouble_names[k])))
            return &x->alarms[i];
    return NULL;
}

static uint32_t had_of(const looking *x, int64_t feed)
{
    uint32_t bits = 0;
    for (int k = 0; k < FEED_TROUBLES; k++)
        if (alarm_of(x, feed, (feed_trouble)k)) bits |= 1U << k;
    return bits;
}

static const feed_watched_row *watched(const looking *x, int64_t feed)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->feeds[i].row == feed) return &x->feeds[i];
    return NULL;
}

err feed_turn_wanted(struct txn *t, const feed_watch *w, bool *ret)
{
    looking x;
    *ret = false;
    TRY(look(t, w, &x));
    for (size_t i = 0; i < x.n && !*ret; i++) {
        uint32_t had = had_of(&x, x.feeds[i].row);
        feed_facts f = facts_of(&x, &x.feeds[i], txn_now(t));
        *ret = feed_judge(&f, &x.limits, had) != had;
    }
    for (size_t i = 0; i < x.n_alarms && !*ret; i++)
        *ret = !watched(&x, x.alarms[i].feed);
    return OK;
}

/* ---- telling ---- */

typedef struct {
    const char *subject, *text;
    str name; /* of the feed, both languages */
    instant since;
    int64_t a, b; /* counts, where the words have any */
    str path;
} feed_words;

static err tell_one(
        struct txn *t, const feed_watch *w, int64_t person, str code, const feed_words *x)
{
    lang l;
    const zone *z;
    arena *a = txn_arena(t);
    if (!lang_parse(code, &l)) l = LANG_EN;
    TRY(zone_find(conf_str(w->conf, "site.time_zone"), &z));
    str name = str_fmt(a, "\u2068%.*s\u2069", STR_ARG(texts_pick(a, x->name, l)));
    str first = x->b ? count_text(a, x->a) : moment_text(a, l, x->since, z);
    mail_words m = { .subject = text_fill(a, T(l, x->subject), name, first, count_text(a, x->b)),
        .text = text_fill(a, T(l, x->text), name, first, count_text(a, x->b)),
        .url = str_cat(a, w->public_url, x->path),
        .url_words = T(l, "mail.feed.link") };
    return notify_person(
            t, w->r, person, &(notify_item){ .kind = NOTIFY_TASK, .words = m, .path = x->path });
}

/* Who is away is told by who stands in, unless that person hears of it anyway. */
static err tell(struct txn *t, const feed_watch *w, const feed_words *x)
{
    feed_keepers_row *rows;
    size_t n;
    TRY(feed_keepers(t,
            &(feed_keepers_args){
                    .org = w->r->site_org, .roles = permission_rules[PERMISSION_feed_write].roles },
            txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n; i++) {
        leave_now now;
        bool hears = false;
        TRY(leave_of(t, rows[i].row, &now));
        for (size_t j = 0; j < n; j++)
            hears = hears || rows[j].row == now.deputy;
        if (now.deputy && hears) continue;
        if (now.deputy)
            TRY(tell_one(t, w, now.deputy, now.deputy_lang, x));
        else
            TRY(tell_one(t, w, rows[i].row, rows[i].lang, x));
    }
    return OK;
}

static err entry(struct txn *t, const feed_watch *w, ledger_type type, id128 feed, feed_trouble k)
{
    jsonw j = jsonw_new(txn_arena(t), 64);
    jw_obj(&j);
    jw_kstr(&j, "what", str_of(feed_trouble_names[k]));
    jw_end_obj(&j);
    return ledger_append(t, &(ledger_draft){ .type = type,
                                    .kind = S("feed"),
                                    .subject = feed,
                                    .audience = LABEL_STRICT,
                                    .owner = w->r->site_org,
                                    .more = jsonw_done(&j) });
}

/* ---- beginning and ending ---- */

static feed_words words_of(arena *a, const feed_watched_row *f, const feed_facts *x, feed_trouble k)
{
    static const struct {
        const char *subject, *text;
    } words[FEED_TROUBLES] = {
        [TROUBLE_LATE] = { TK("mail.feed.late_subject"), TK("mail.feed.late") },
        [TROUBLE_SILENT] = { TK("mail.feed.silent_subject"), TK("mail.feed.silent") },
        [TROUBLE_MORE] = { TK("mail.feed.more_subject"), TK("mail.feed.more") },
        [TROUBLE_REJECTS] = { TK("mail.feed.rejects_subject"), TK("mail.feed.rejects") },
    };
    feed_words r = { .subject = words[k].subject,
        .text = words[k].text,
        .name = f->name,
        .since = x->since,
        .path = str_fmt(a, "/feeds/%.*s", STR_ARG(id_text(a, f->id))) };
    const feed_day *d = x->days;
    if (k == TROUBLE_MORE) {
        r.a = feed_usual(x);
        r.b = d[0].rows > d[1].rows ? d[0].rows : d[1].rows;
    }
    if (k == TROUBLE_REJECTS) {
        r.a = d[0].bad + d[1].bad;
        r.b = r.a + d[0].rows + d[1].rows;
    }
    return r;
}

/* What fell silent at once was not late for anybody to hear of. */
static bool is_told(feed_trouble k, uint32_t fresh)
{
    return k != TROUBLE_LATE || !(fresh >> TROUBLE_SILENT & 1);
}

static err begin(struct txn *t, const feed_watch *w, const feed_watched_row *f, const feed_facts *x,
        feed_trouble k, bool told)
{
    TRY(feed_alarm_put(t,
            &(feed_alarm_put_args){
                    .feed = f->row, .what = str_of(feed_trouble_names[k]), .since = txn_now(t) },
            NULL));
    TRY(entry(t, w, LEDGER_feed_alarmed, f->id, k));
    feed_words words = words_of(txn_arena(t), f, x, k);
    return told ? tell(t, w, &words) : OK;
}

/* One that was silent is late no more when it is well: said once. */
static err end(struct txn *t, const feed_watch *w, const feed_watched_row *f, feed_trouble k,
        instant since)
{
    arena *a = txn_arena(t);
    TRY(feed_alarm_drop(t,
            &(feed_alarm_drop_args){ .feed = f->row, .what = str_of(feed_trouble_names[k]) },
            NULL));
    TRY(entry(t, w, LEDGER_feed_well, f->id, k));
    if (k == TROUBLE_SILENT) return OK;
    return tell(t, w,
            &(feed_words){ .subject = TK("mail.feed.well_subject"),
                    .text = TK("mail.feed.well"),
                    .name = f->name,
                    .since = since,
                    .path = str_fmt(a, "/feeds/%.*s", STR_ARG(id_text(a, f->id))) });
}

static err judge_one(struct txn *t, const feed_watch *w, looking *x, const feed_watched_row *f)
{
    uint32_t had = had_of(x, f->row);
    feed_facts facts = facts_of(x, f, txn_now(t));
    uint32_t is = feed_judge(&facts, &x->limits, had), fresh = is & ~had;
    for (int i = 0; i < FEED_TROUBLES; i++) {
        feed_trouble k = (feed_trouble)i;
        if (fresh >> i & 1) TRY(begin(t, w, f, &facts, k, is_told(k, fresh)));
        if ((had & ~is) >> i & 1) TRY(end(t, w, f, k, alarm_of(x, f->row, k)->since));
    }
    return OK;
}

err feed_turn(struct txn *t, const feed_watch *w)
{
    looking x;
    TRY(look(t, w, &x));
    for (size_t i = 0; i < x.n; i++)
        TRY(judge_one(t, w, &x, &x.feeds[i]));
    for (size_t i = 0; i < x.n_alarms; i++)
        if (!watched(&x, x.alarms[i].feed)) /* it was paused: nobody waits for it */
            TRY(feed_alarm_drop(t,
                    &(feed_alarm_drop_args){ .feed = x.alarms[i].feed, .what = x.alarms[i].what },
                    NULL));
    return OK;
}
