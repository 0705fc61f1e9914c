/* put.c - the oracle's door: records and events of any owner, audience and author. Compiled only
 * with the option `faults`. */
#include "base/json.h"
#include "door.h"
#include "events/history.h"
#include "gen/records/delivery.h"
#include "gen/records/finding.h"
#include "gen/records/indicator.h"
#include "gen/records/notice.h"
#include "gen/routes_handlers.h"

typedef struct {
    call *c;
    const struct door_put *b;
    viewer v; /* the machine, in the name of the author */
    int64_t owner, audience, org, parent;
} making;

#define COMMON(x)                                                                                  \
    .owner = (x)->owner, .audience = (x)->audience,                                                \
    .not_before = (x)->b->has_not_before ? (x)->b->not_before : (instant)                          \
    {                                                                                              \
        0                                                                                          \
    }

static str hex_name(call *c)
{
    return id_text(c->a, id_new());
}

static err make_indicator(making *x, const void **ret)
{
    indicator_draft d = { COMMON(x), .kind = S("domain"), .value = x->b->value, .source = S("door"),
        .confidence = 50, .valid_from = txn_now(x->c->t), .valid_until = INSTANT_MAX,
        .tags = S("[]"), .why = S("oracle"), .state = S("active") };
    return record_insert(x->c->t, &x->v, &indicator_def, &d, LEDGER_indicator_created, ret);
}

static err make_finding(making *x, const void **ret)
{
    id128 key = id_new();
    instant now = txn_now(x->c->t);
    finding_draft d = { COMMON(x), .taxonomy = S("vulnerable"), .type = S("vulnerable-system"),
        .identifier = x->b->value, .severity = 3, .ip = S("192.0.2.1"), .detail = S("{}"),
        .dedup = { (const char *)key.b, sizeof key.b }, .first_seen = now, .last_seen = now,
        .seen = 1, .why_kind = S("network"), .why_value = S("192.0.2.0/24"), .event = id_new(),
        .notice = x->parent, .has_notice = x->parent != 0, .state = S("open") };
    return record_insert(x->c->t, &x->v, &finding_def, &d, LEDGER_finding_answered, ret);
}

static err make_notice(making *x, const void **ret)
{
    instant now = txn_now(x->c->t);
    str text = S("{\"first\":\"en\",\"en\":\"A notice\"}");
    notice_draft d = { COMMON(x), .number = hex_name(x->c), .org = x->org, .subject = text,
        .body = text, .kind = x->b->value, .severity = 3, .findings = 1, .held_until = INSTANT_MAX,
        .due = { now.us + US_PER_DAY }, .state = x->b->state };
    return record_insert(x->c->t, &x->v, &notice_def, &d, LEDGER_notice_written, ret);
}

static err make_delivery(making *x, const void **ret)
{
    delivery_draft d = { COMMON(x), .parent = x->parent, .channel = S("portal"), .org = x->org,
        .lang = S("en"), .state = x->b->state, .next_at = INSTANT_MAX };
    return record_insert(x->c->t, &x->v, &delivery_def, &d, LEDGER_delivery_created, ret);
}

err h_door_put(call *c)
{
    making x = { .c = c, .b = c->req };
    const void *h;
    err e;
    TRY(viewer_system(c->t, &x.v));
    TRY(door_person(c->t, x.b->author, &x.v.person));
    TRY(door_org(c->t, x.b->owner, &x.owner));
    TRY(door_org(c->t, x.b->org, &x.org));
    TRY(door_record(c->t, S("notice"), x.b->parent, &x.parent));
    TRY(door_audience(c->t, x.b->label, x.b->grp, &x.b->named, &x.audience));
    if (str_eq(x.b->kind, S("indicator")))
        e = make_indicator(&x, &h);
    else if (str_eq(x.b->kind, S("finding")))
        e = make_finding(&x, &h);
    else
        e = str_eq(x.b->kind, S("notice")) ? make_notice(&x, &h) : make_delivery(&x, &h);
    TRY(e);
    call_created(c, ((const record_head *)h)->id.id, 1);
    return OK;
}

static ledger_type change_of(record_kind k)
{
    if (k == RECORD_indicator) return LEDGER_indicator_changed;
    if (k == RECORD_finding) return LEDGER_finding_answered;
    if (k == RECORD_notice) return LEDGER_notice_sent;
    return k == RECORD_delivery ? LEDGER_delivery_changed : LEDGER_organisation_changed;
}

err h_door_label(call *c)
{
    const struct door_label *b = c->req;
    const record_def *d = door_def(b->kind);
    const void *h;
    int64_t audience;
    TRY(record_get(c->t, &c->viewer, d, RECORD_HOLD, b->id, &h));
    TRY(door_audience(c->t, b->label, b->grp, &b->named, &audience));
    record_draft *next = arena_alloc(c->a, d->draft_size);
    memcpy(next, (const char *)h + d->now_at, d->draft_size);
    next->audience = audience;
    if (b->has_not_before) next->not_before = b->not_before;
    TRY(record_save(c->t, &c->viewer, d, h, next, change_of(d->kind)));
    call_created(c, b->id, ((const record_head *)h)->version);
    return OK;
}

/* ---- events ---- */

typedef struct {
    size_t n;
    int64_t *owner, *audience, *author, *time;
    str *identifier, *type, *taxonomy, *cc;
} columns;

static id128 id_at(const json *j, str key)
{
    id128 id = { 0 };
    str s = json_get_text(j, key);
    return s.n && id_parse(s, &id) ? id : (id128){ 0 };
}

typedef struct {
    call *c;
    const json *list;
    columns k;
} events;

static err event_row(txn *t, events *x, const json *j, size_t i)
{
    int64_t label = 0;
    str_list none = { 0 };
    if (!json_i64(json_get(j, S("label")), &label)) return ERR(E_INVALID, "error.api.want_whole");
    TRY(door_org(t, id_at(j, S("owner")), &x->k.owner[i]));
    TRY(door_person(t, id_at(j, S("author")), &x->k.author[i]));
    TRY(door_audience(t, label, id_at(j, S("grp")), &none, &x->k.audience[i]));
    x->k.identifier[i] = str_copy(x->c->a, json_get_text(j, S("identifier")));
    x->k.cc[i] = str_copy(x->c->a, json_get_text(j, S("cc")));
    x->k.type[i] = S("vulnerable-system");
    x->k.taxonomy[i] = S("vulnerable");
    x->k.time[i] = txn_now(t).us;
    return OK;
}

static err events_rows(txn *t, void *ctx)
{
    events *x = ctx;
    size_t i = 0;
    for (const json *j = x->list->first; j; j = j->next)
        TRY(event_row(t, x, j, i++));
    return OK;
}

static err events_write(events *x, int64_t *batch)
{
    history_txn *t;
    const columns *k = &x->k;
    event_batch b = { .n = k->n,
        .owner = k->owner,
        .audience = k->audience,
        .author = k->author,
        .time_source = k->time,
        .identifier = k->identifier,
        .type = k->type,
        .taxonomy = k->taxonomy,
        .source_cc = k->cc };
    batch_head head = { .file = S("door"), .file_hash = S("0"), .input = S("door") };
    TRY(history_begin(x->c->realm->history, clock_now(&x->c->realm->clock), &t));
    err e = history_append(t, &head, &b, NULL, 0, batch);
    if (failed(e)) {
        history_drop(t);
        return e;
    }
    return history_commit(t, NULL, 0);
}

err h_door_events(call *c)
{
    const struct door_events *b = c->req;
    size_t n = b->events->count;
    int64_t batch;
    events x = { .c = c,
        .list = b->events,
        .k = { n, NEW_ARRAY(c->a, int64_t, n + 1), NEW_ARRAY(c->a, int64_t, n + 1),
                NEW_ARRAY(c->a, int64_t, n + 1), NEW_ARRAY(c->a, int64_t, n + 1),
                NEW_ARRAY(c->a, str, n + 1), NEW_ARRAY(c->a, str, n + 1),
                NEW_ARRAY(c->a, str, n + 1), NEW_ARRAY(c->a, str, n + 1) } };
    call_release(c);
    TRY(store_write(c->realm->store, events_rows, &x));
    TRY(events_write(&x, &batch));
    jw_obj(&c->out);
    jw_key(&c->out, S("ids"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        jw_id(&c->out, history_id(c->realm->history, batch, (int64_t)i + 1));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

typedef struct {
    const struct door_assign *b;
    int64_t owner, audience;
} assigning;

static err assign_rows(txn *t, void *ctx)
{
    assigning *x = ctx;
    str_list none = { 0 };
    TRY(door_org(t, x->b->owner, &x->owner));
    return door_audience(t, x->b->label, x->b->grp, &none, &x->audience);
}

err h_door_assign(call *c)
{
    assigning x = { .b = c->req };
    size_t changed;
    call_release(c);
    TRY(store_write(c->realm->store, assign_rows, &x));
    event_change one = { .id = x.b->id, .owner = x.owner, .audience = x.audience };
    TRY(history_assign(c->realm->history, &one, 1, clock_now(&c->realm->clock), &changed));
    jw_obj(&c->out);
    jw_end_obj(&c->out);
    return OK;
}
