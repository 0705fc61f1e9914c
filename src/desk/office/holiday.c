/* holiday.c - routes of the calendar: on which days offices are closed, kept by the national desk,
 * and by when so many working days have passed. Everybody who is signed in may read it. */
#include "api/app.h"
#include "base/texts.h"
#include "common/calendar/calendar.h"
#include "desk/office/tell.h"
#include "gen/common/calendar/queries.h"
#include "gen/records/organisation.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { SHOWN = 1000, SPAN_DAYS = 60, YEARS = 60 };
static const char *const weekdays[] = { "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday" };

/* ---- reading ---- */

static void put_holiday(call *c, const holiday_between_row *h)
{
    jsonw *w = &c->out;
    jw_obj(w);
    jw_kid(w, "id", h->id);
    jw_kstr(w, "from", calendar_day_text(c->a, h->day));
    jw_kstr(w, "until", calendar_day_text(c->a, h->last));
    jw_kraw(w, "name", h->name);
    jw_key(w, S("sector"));
    h->sector.n ? jw_str(w, h->sector) : jw_null(w);
    jw_key(w, S("province"));
    h->province.n ? jw_str(w, h->province) : jw_null(w);
    jw_kbool(w, "expected", h->expected);
    jw_ki64(w, "version", h->version);
    jw_end_obj(w);
}

/* The days of one year, as the calendar counts them. */
static err year_days(int64_t year, arena *a, int64_t *first, int64_t *last)
{
    TRY(calendar_day_parse(str_fmt(a, "%04lld-01-01", (long long)year), first));
    return calendar_day_parse(str_fmt(a, "%04lld-12-31", (long long)year), last);
}

static void put_frame(call *c, const calendar *cal)
{
    jsonw *w = &c->out;
    jw_kstr(w, "time_zone", conf_str(c->app->conf, "site.time_zone"));
    jw_key(w, S("weekend"));
    jw_arr(w);
    for (int i = 0; i < 7; i++)
        if (cal->hours.weekend_bits >> i & 1) jw_str(w, str_of(weekdays[i]));
    jw_end_arr(w);
    jw_kstr(w, "opens", str_fmt(c->a, "%02d:%02d", OFFICE_FROM_MIN / 60, OFFICE_FROM_MIN % 60));
    jw_kstr(w, "closes", str_fmt(c->a, "%02d:%02d", OFFICE_TO_MIN / 60, OFFICE_TO_MIN % 60));
    jw_kstr(w, "today", calendar_day_text(c->a, calendar_day_of(cal, txn_now(c->t))));
    jw_kbool(w, "may_change", !failed(permit_use(&c->viewer, PERMISSION_calendar_write)));
}

err h_calendar_read(call *c)
{
    const struct calendar_query *q = c->query;
    holiday_between_row *rows;
    calendar cal;
    size_t n;
    holiday_between_args args = { .limit = SHOWN };
    TRY(calendar_load(c->app->conf, &cal));
    int64_t year = q->has_year ? q->year : civil_of(txn_now(c->t), cal.zone).year;
    TRY(year_days(year, c->a, &args.first, &args.last));
    TRY(holiday_between(c->t, &args, c->a, &rows, &n));
    jw_obj(&c->out);
    jw_ki64(&c->out, "year", year);
    put_frame(c, &cal);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        put_holiday(c, &rows[i]);
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* Which days were not counted, and why: the weekend, or the holiday's name. */
static err put_skipped(
        call *c, const calendar *cal, const calendar_whom *whom, int64_t first, int64_t last)
{
    holiday_between_row *rows;
    size_t n;
    jsonw *w = &c->out;
    TRY(holiday_between(c->t,
            &(holiday_between_args){ .first = first, .last = last, .limit = SHOWN }, c->a, &rows,
            &n));
    jw_key(w, S("skipped"));
    jw_arr(w);
    for (size_t i = 0; i < n; i++) {
        const holiday_between_row *h = &rows[i];
        if (h->sector.n && !str_eq(h->sector, whom->sector)) continue;
        if (h->province.n && !str_eq(h->province, whom->province)) continue;
        put_holiday(c, h);
    }
    jw_end_arr(w);
    int64_t weekend = 0;
    for (int64_t d = first; d <= last; d++)
        weekend += calendar_is_weekend(cal, d);
    jw_ki64(w, "weekend_days", weekend);
    return OK;
}

err h_calendar_due(call *c)
{
    const struct calendar_due_query *q = c->query;
    calendar_whom whom = { 0 };
    calendar base, cal;
    instant due;
    instant from = q->has_from ? q->from : txn_now(c->t);
    TRY(calendar_load(c->app->conf, &base));
    if (q->has_org) {
        const organisation_handle *o;
        TRY(permit_use(&c->viewer, PERMISSION_org_read));
        TRY(organisation_read(c->t, &c->viewer, (organisation_id){ q->org }, &o));
        whom = (calendar_whom){ o->now.sector, o->now.province };
    }
    TRY(calendar_of(c->t, &base, &whom, from, c->a, &cal));
    TRY(calendar_days_after(&cal, from, (int)q->working_days, &due));
    jw_obj(&c->out);
    jw_ktime(&c->out, "from", from);
    jw_ktime(&c->out, "due", due);
    TRY(put_skipped(c, &cal, &whom, calendar_day_of(&cal, from) + 1, calendar_day_of(&cal, due)));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- writing ---- */

static err find(call *c, holiday_between_row **ret)
{
    size_t n;
    id128 id;
    TRY(call_id(c, &id));
    if (id_is_zero(id)) return ERR(E_ABSENT, "error.api.absent"); /* would ask for any */
    holiday_between_args q = { .first = 0, .last = INT32_MAX, .id = id, .limit = 1 };
    TRY(holiday_between(c->t, &q, c->a, ret, &n));
    return n ? OK : ERR(E_ABSENT, "error.api.absent");
}

static err days_in(const struct holiday_draft *b, int64_t *day, int64_t *last)
{
    err e = calendar_day_parse(b->from, day);
    if (failed(e)) return err_at_pointer(e, S("/from"));
    *last = *day;
    if (b->has_until) e = calendar_day_parse(b->until, last);
    if (failed(e)) return err_at_pointer(e, S("/until"));
    if (*last >= *day && *last - *day < SPAN_DAYS) return OK;
    return err_at_pointer(ERR(E_INVALID, "error.calendar.span"), S("/until"));
}

static err entry(call *c, ledger_type type, id128 id)
{
    return tell_entry(c->t, c->realm,
            &(told_entry){ type, S("holiday"), id, c->realm->site_org, c->viewer.person, { 0 } });
}

static holiday_add_args row_of(call *c, const struct holiday_draft *b)
{
    return (holiday_add_args){ .name = texts_make(c->a, b->name_en, b->name_ur),
        .sector = b->has_sector ? b->sector : (str){ 0 },
        .province = b->has_province ? b->province : (str){ 0 },
        .expected = b->expected,
        .now = txn_now(c->t) };
}

err h_holiday_create(call *c)
{
    const struct holiday_draft *b = c->req;
    holiday_add_args add = row_of(c, b);
    add.id = id_new();
    TRY(days_in(b, &add.day, &add.last));
    TRY(holiday_add(c->t, &add, NULL));
    TRY(entry(c, LEDGER_holiday_kept, add.id));
    call_created(c, add.id, 1);
    return OK;
}

err h_holiday_change(call *c)
{
    const struct holiday_draft *b = c->req;
    holiday_between_row *h;
    TRY(find(c, &h));
    TRY(call_match(c, h->version, false));
    holiday_add_args add = row_of(c, b);
    TRY(days_in(b, &add.day, &add.last));
    holiday_set_args set = { .row = h->row,
        .day = add.day,
        .last = add.last,
        .name = add.name,
        .sector = add.sector,
        .province = add.province,
        .expected = add.expected,
        .now = add.now };
    TRY(holiday_set(c->t, &set, NULL));
    TRY(entry(c, LEDGER_holiday_kept, h->id));
    call_created(c, h->id, h->version + 1);
    return OK;
}

err h_holiday_remove(call *c)
{
    holiday_between_row *h;
    TRY(find(c, &h));
    TRY(holiday_drop(c->t, &(holiday_drop_args){ .row = h->row }, NULL));
    TRY(entry(c, LEDGER_holiday_removed, h->id));
    call_put_empty(c);
    return OK;
}

/* ---- as a file for people's own calendars (RFC 5545) ---- */

/* TEXT of RFC 5545, 3.3.11. */
static void put_ics_text(buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' || s.p[i] == ';' || s.p[i] == ',') buf_put(b, S("\\"));
        if ((unsigned char)s.p[i] >= 0x20) buf_put(b, (str){ s.p + i, 1 });
    }
}

/* A content line, folded to 75 octets between characters (3.1). */
static void put_ics_line(buf *b, str line)
{
    enum { OCTETS = 73 };
    while (line.n > OCTETS) {
        size_t n = OCTETS;
        while (n && ((unsigned char)line.p[n] & 0xc0) == 0x80)
            n--;
        buf_put(b, str_sub(line, 0, n));
        buf_put(b, S("\r\n "));
        line = str_sub(line, n, line.n);
    }
    buf_put(b, line);
    buf_put(b, S("\r\n"));
}

static str ics_day(arena *a, int64_t day)
{
    str t = calendar_day_text(a, day);
    return str_fmt(a, "%.4s%.2s%.2s", t.p, t.p + 5, t.p + 8);
}

static void put_ics_event(call *c, buf *b, const holiday_between_row *h, str stamp)
{
    buf line = buf_new(c->a, 200);
    buf_put(&line, S("SUMMARY:"));
    put_ics_text(&line, texts_pick(c->a, h->name, call_lang(c)));
    put_ics_line(b, S("BEGIN:VEVENT"));
    put_ics_line(b, str_fmt(c->a, "UID:%.*s", STR_ARG(id_text(c->a, h->id))));
    put_ics_line(b, str_fmt(c->a, "DTSTAMP:%.*s", STR_ARG(stamp)));
    put_ics_line(b, str_fmt(c->a, "SEQUENCE:%lld", (long long)h->version - 1));
    put_ics_line(b, str_fmt(c->a, "DTSTART;VALUE=DATE:%.*s", STR_ARG(ics_day(c->a, h->day))));
    put_ics_line(b, str_fmt(c->a, "DTEND;VALUE=DATE:%.*s", STR_ARG(ics_day(c->a, h->last + 1))));
    put_ics_line(b, (str){ line.p, line.n });
    put_ics_line(b, h->expected ? S("STATUS:TENTATIVE") : S("STATUS:CONFIRMED"));
    put_ics_line(b, S("TRANSP:TRANSPARENT"));
    put_ics_line(b, S("END:VEVENT"));
}

err h_calendar_file(call *c)
{
    holiday_between_row *rows;
    calendar cal;
    size_t n;
    TRY(calendar_load(c->app->conf, &cal));
    int64_t today = calendar_day_of(&cal, txn_now(c->t));
    holiday_between_args q = { .first = today - 366, .last = INT32_MAX, .limit = SHOWN };
    TRY(holiday_between(c->t, &q, c->a, &rows, &n));
    buf b = buf_new(c->a, 4096);
    const zone *utc;
    TRY(zone_find(S("UTC"), &utc));
    civil u = civil_of(txn_now(c->t), utc);
    str stamp = str_fmt(
            c->a, "%04d%02d%02dT%02d%02d%02dZ", u.year, u.month, u.day, u.hour, u.minute, u.second);
    put_ics_line(&b, S("BEGIN:VCALENDAR"));
    put_ics_line(&b, S("VERSION:2.0"));
    put_ics_line(&b, S("PRODID:-//Minar//calendar//EN"));
    for (size_t i = 0; i < n; i++)
        put_ics_event(c, &b, &rows[i], stamp);
    put_ics_line(&b, S("END:VCALENDAR"));
    c->raw = (str){ b.p, b.n };
    return OK;
}
