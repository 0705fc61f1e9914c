/* filter.c - a query's words into a filter over events. Times are those at which things happened;
 * since nothing is taken in before it happens, months from long before are left out. Any thread. */
#include "desk/watch/event/event.h"
#include "desk/watch/event/feed_find.h"
#include "gen/desk/watch/event/queries.h"

bool event_filter_by(const observable *o, event_filter *f)
{
    switch (o->kind) {
    case OBSERVABLE_IP:
    case OBSERVABLE_CIDR:
        f->any_net = (event_net){ o->range.lo.hi, o->range.lo.lo, o->range.len, true };
        return true;
    case OBSERVABLE_ASN:
        f->source_asn = (uint32_t)o->asn;
        return true;
    case OBSERVABLE_DOMAIN:
        f->fqdn = o->value;
        return true;
    case OBSERVABLE_URL:
        f->url = o->value;
        return true;
    case OBSERVABLE_MD5:
    case OBSERVABLE_SHA1:
    case OBSERVABLE_SHA256:
        f->malware_hash = o->value;
        return true;
    case OBSERVABLE_CVE:
        f->vulnerability = o->value;
        return true;
    default:
        return false;
    }
}

static err take_q(call *c, str q, event_filter *f)
{
    observable o;
    if (!str_trim(q).n) return OK;
    if (!failed(observable_recognise(c->a, q, &o)) && event_filter_by(&o, f)) return OK;
    return err_at_pointer(ERR1(E_INVALID, "error.event.query", str_sub(q, 0, 100)), S("/q"));
}

/* No event has this batch. */
static void nothing(event_filter *f)
{
    f->batch = INT64_MAX;
}

static err take_org(call *c, id128 id, event_filter *f)
{
    event_org_by_id_row *o;
    err e = event_org_by_id(c->t, &c->viewer, &(event_org_by_id_args){ .id = id }, c->a, &o);
    if (err_code_of(e) == E_ABSENT)
        nothing(f);
    else
        TRY(e);
    if (!failed(e)) f->owner = o->row;
    return OK;
}

static err take_feed(call *c, str key, event_filter *f)
{
    feed_found found;
    err e = feed_find(c, key, &found);
    if (err_code_of(e) == E_ABSENT)
        nothing(f);
    else
        TRY(e);
    if (!failed(e)) f->feed = (uint32_t)found.row;
    return OK;
}

err event_filter_of(call *c, const struct event_query *q, event_filter *ret)
{
    event_filter f = { .taxonomy = q->taxonomy,
        .type = q->type,
        .identifier = q->identifier,
        .unowned = q->unowned,
        .matched = q->matched };
    if (q->has_from && q->has_to && q->to.us <= q->from.us)
        return err_at_pointer(ERR(E_INVALID, "error.event.range"), S("/to"));
    if (q->has_from) {
        f.source_from = q->from;
        f.from = (instant){ q->from.us - US_PER_DAY };
    }
    if (q->has_to) f.source_to = q->to;
    TRY(take_q(c, q->q, &f));
    if (q->has_org) TRY(take_org(c, q->org, &f));
    if (q->feed.n) TRY(take_feed(c, q->feed, &f));
    *ret = f;
    return OK;
}
