/* act.c - routes of acts that wait for a second person: what waits, yes, no. */
#include "api/held.h"
#include "base/json.h"
#include "gen/access/queries.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* The name of a person that the viewer may see; empty otherwise. */
static str name_of(const call *c, err e, const person_handle *p)
{
    (void)c;
    return failed(e) ? S("") : p->now.name;
}

static void put_asker(call *c, const held_act *h)
{
    const person_handle *p = NULL;
    err e = person_read_row(c->t, &c->viewer, h->person, &p);
    jw_kstr(&c->out, "asker", name_of(c, e, p));
}

/* Whom it is about, when the address ends in a person that the viewer may see. */
static void put_subject(call *c, const held_act *h)
{
    id128 id;
    str rest = h->path, part;
    const person_handle *p = NULL;
    while (str_split(&rest, '/', &part)) {
        if (!id_parse(part, &id)) continue;
        err e = person_read(c->t, &c->viewer, (person_id){ id }, &p);
        if (!failed(e)) jw_kstr(&c->out, "subject", name_of(c, e, p));
    }
}

/* What an emergency is to open, as it was asked for: whoever decides must know. */
static void put_glass(call *c, const held_act *h)
{
    const json *j;
    if (!str_eq(h->route, S("glass_ask"))) return;
    if (failed(json_parse(c->a, h->body, NULL, &j))) return;
    jw_key(&c->out, S("glass"));
    jw_obj(&c->out);
    jw_kstr(&c->out, "kind", json_get_text(j, S("kind")));
    jw_kstr(&c->out, "record", json_get_text(j, S("record")));
    jw_kstr(&c->out, "reason", json_get_text(j, S("reason")));
    int64_t minutes = 0;
    if (json_i64(json_get(j, S("minutes")), &minutes)) jw_ki64(&c->out, "minutes", minutes);
    jw_end_obj(&c->out);
}

static void put_text(jsonw *w, const json *j, const char *name)
{
    str s = json_get_text(j, str_of(name));
    if (!s.n) return;
    jw_key(w, str_of(name));
    jw_str(w, s);
}

static void put_length(jsonw *w, const json *j, const char *name)
{
    const json *list = json_get(j, str_of(name));
    if (!list) return;
    int64_t n = 0;
    while (json_at(list, (size_t)n))
        n++;
    jw_key(w, str_of(name));
    jw_i64(w, n);
}

/* Who is to administer how many others, as it was asked for. */
static err put_delegation(call *c, const held_act *h)
{
    const json *j;
    id128 id;
    reach_org_name_row *o;
    const organisation_handle *k;
    if (!str_eq(h->route, S("delegation_give"))) return OK;
    if (failed(json_parse(c->a, h->body, NULL, &j))) return OK;
    jw_key(&c->out, S("delegation"));
    jw_obj(&c->out);
    if (id_parse(json_get_text(j, S("keeper")), &id) &&
            !failed(organisation_read(c->t, &c->viewer, (organisation_id){ id }, &k))) {
        TRY(reach_org_name(c->t, &c->viewer, &(reach_org_name_args){ .row = k->row }, c->a, &o));
        jw_key(&c->out, S("keeper"));
        reach_org_name_json(&c->out, o);
    }
    int64_t n = 0;
    const json *list = json_get(j, S("members"));
    while (list && json_at(list, (size_t)n))
        n++;
    jw_ki64(&c->out, "organisations", n);
    put_text(&c->out, j, "until");
    jw_end_obj(&c->out);
    return OK;
}

/* What is to be shown to others, as it was asked for. */
static void put_share(call *c, const held_act *h)
{
    static const struct {
        const char *route, *kind;
    } shares[] = { { "finding_audience", "finding" }, { "notice_audience", "notice" },
        { "indicator_audience", "indicator" }, { "file_audience", "attachment" },
        { "group_change", "sharing_group" } };
    const json *j;
    const char *kind = NULL;
    str rest = h->path, part;
    id128 id = { { 0 } };
    for (size_t i = 0; i < ARRAY_LEN(shares); i++)
        if (str_eq(h->route, str_of(shares[i].route))) kind = shares[i].kind;
    if (!kind || failed(json_parse(c->a, h->body, NULL, &j))) return;
    while (str_split(&rest, '/', &part))
        if (id_parse(part, &id)) break;
    jw_key(&c->out, S("share"));
    jw_obj(&c->out);
    jw_kstr(&c->out, "kind", str_of(kind));
    jw_kid(&c->out, "record", id);
    put_text(&c->out, j, "tlp");
    put_text(&c->out, j, "group");
    put_length(&c->out, j, "people");
    put_length(&c->out, j, "add");
    put_length(&c->out, j, "remove");
    jw_end_obj(&c->out);
}

static err put(call *c, const held_act *h)
{
    held_yes yes;
    jsonw *w = &c->out;
    TRY(held_given(c, h, &yes));
    jw_obj(w);
    jw_kid(w, "id", h->id);
    jw_kstr(w, "act", h->route);
    put_asker(c, h);
    put_subject(c, h);
    jw_ktime(w, "created", h->created);
    jw_ktime(w, "expires", h->expires);
    jw_kbool(w, "mine", h->person == c->viewer.person);
    jw_ki64(w, "given", (int64_t)yes.n);
    jw_ki64(w, "needed", held_needed(c, h));
    jw_kbool(w, "decided", yes.mine);
    put_glass(c, h);
    put_share(c, h);
    TRY(put_delegation(c, h));
    jw_end_obj(w);
    return OK;
}

err h_act_list(call *c)
{
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    TRY(held_each(c, put));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

static err find(call *c, held_act *h)
{
    id128 id;
    TRY(call_id(c, &id));
    return held_find(c, id, h);
}

err h_act_approve(call *c)
{
    held_act h;
    TRY(find(c, &h));
    return held_approve(c, &h);
}

err h_act_refuse(call *c)
{
    held_act h;
    TRY(find(c, &h));
    TRY(held_refuse(c, &h));
    call_put_empty(c);
    return OK;
}
