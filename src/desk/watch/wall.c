/* wall.c - what stands on the wall of the room: five sums, provinces, the gravest three kinds. No
 * name of an organisation or person, no address; of single kinds none above the label of the room.
 * Looks at the last seen twenty thousand open findings. Runs in the pool. */
#include "access/audience.h"
#include "api/app.h"
#include "base/texts.h"
#include "common/findings/findings.h"
#include "desk/watch/feed.h"
#include "gen/desk/watch/queries.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { LOOKED_AT = 20000, KINDS = 3 };

static err put_sums(call *c)
{
    int64_t alive = 0, total = 0, events = 0;
    instant last = { 0 };
    findings_open_row *f;
    notices_waiting_row *n;
    TRY(feed_summary(c, &alive, &total, &last, &events));
    TRY(findings_open(c->t, &c->viewer, c->a, &f));
    TRY(notices_waiting(
            c->t, &c->viewer, &(notices_waiting_args){ .now = txn_now(c->t) }, c->a, &n));
    jw_ki64(&c->out, "findings_open", f->n);
    jw_ki64(&c->out, "notices_waiting", n->waiting);
    jw_ki64(&c->out, "notices_late", n->late);
    jw_ki64(&c->out, "feeds_alive", alive);
    jw_ki64(&c->out, "feeds_total", total);
    jw_ki64(&c->out, "events_24h", events);
    jw_ktime(&c->out, "last_event", last);
    return OK;
}

static err put_provinces(call *c)
{
    wall_provinces_row *rows;
    size_t n;
    TRY(wall_provinces(
            c->t, &c->viewer, &(wall_provinces_args){ .limit = LOOKED_AT }, c->a, &rows, &n));
    jw_key(&c->out, S("provinces"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        wall_provinces_json(&c->out, &rows[i]);
    jw_end_arr(&c->out);
    return OK;
}

static void put_kind(jsonw *w, const wall_kinds_row *r)
{
    jw_obj(w);
    jw_kstr(w, "kind", r->kind);
    jw_kstr(w, "severity", severity_name(r->severity));
    jw_ki64(w, "findings", r->findings);
    jw_ki64(w, "organisations", r->organisations);
    jw_end_obj(w);
}

static err put_kinds(call *c, int label)
{
    wall_kinds_row *rows;
    wall_above_row *above;
    size_t n;
    TRY(wall_kinds(c->t, &c->viewer,
            &(wall_kinds_args){ .limit = LOOKED_AT, .label = label, .top = KINDS }, c->a, &rows,
            &n));
    TRY(wall_above(c->t, &c->viewer, &(wall_above_args){ .limit = LOOKED_AT, .label = label }, c->a,
            &above));
    jw_key(&c->out, S("kinds"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        put_kind(&c->out, &rows[i]);
    jw_end_arr(&c->out);
    jw_ki64(&c->out, "kinds_above", above->kinds);
    jw_kbool(&c->out, "whole", above->findings < LOOKED_AT);
    return OK;
}

err h_wall(call *c)
{
    const conf *k = c->app->conf;
    str tlp = conf_str(k, "wall.tlp");
    int label;
    TRY(tlp_parse(tlp, &label));
    jw_obj(&c->out);
    jw_ktime(&c->out, "now", txn_now(c->t));
    jw_kstr(&c->out, "time_zone", conf_str(k, "site.time_zone"));
    jw_kstr(&c->out, "tlp", tlp);
    jw_key(&c->out, S("site"));
    jw_raw(&c->out, texts_make(c->a, conf_str(k, "site.name_en"), conf_str(k, "site.name_ur")));
    TRY(put_sums(c));
    TRY(put_provinces(c));
    TRY(put_kinds(c, label));
    jw_end_obj(&c->out);
    return OK;
}
