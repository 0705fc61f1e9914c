/* promote_work.c - rows into slices of findings. Equal findings within a slice are one item; a
 * slice ends after so many items, so that a transaction stays short, and names the last row that it
 * stands for. */
#include "flow/promote_work.h"

#include <stdlib.h>

#include "base/json.h"
#include "engine/fingerprint/fingerprint.h"

enum { SEVERITY_OF_INVENTORY = SEVERITY_INFO };

bool promote_wanted(bool matched, bool owned_class, uint8_t severity)
{
    return matched || (owned_class && severity != SEVERITY_OF_INVENTORY);
}

promote_work *promote_work_new(void)
{
    promote_work *w = calloc(1, sizeof *w);
    ASSERT(w != NULL);
    w->a = arena_new((size_t)1 << 30);
    return w;
}

void promote_work_free(promote_work *w)
{
    if (!w) return;
    arena_free(w->a);
    free(w);
}

size_t promote_work_items(const promote_work *w)
{
    return w->n_items;
}

/* The same rule as aggregate.c's: what makes two events one finding. */
static fp128 key_of(const promote_row *r)
{
    finding_key k = { .owner = (uint64_t)r->owner,
        .type = r->type,
        .identifier = r->identifier,
        .ip = r->ip,
        .port = r->port };
    if (k.identifier.n == 0) k.identifier = r->malware;
    if (addr_is_zero(k.ip)) k.name = r->fqdn.n ? r->fqdn : r->url.n ? r->url : r->network;
    return fp_finding(&k);
}

static str ip_text(arena *a, addr ip)
{
    char out[ADDR_TEXT_MAX];
    if (addr_is_zero(ip)) return (str){ 0 };
    return str_copy(a, (str){ out, addr_put(out, ip) });
}

static void put_text(jsonw *w, const char *key, str s)
{
    if (!s.n) return;
    jw_key(w, str_of(key));
    jw_str(w, str_sub(s, 0, 300));
}

/* The few keys that an agency needs to find the machine. */
static str detail_of(arena *a, const promote_row *r)
{
    jsonw w = jsonw_new(a, 256);
    jw_obj(&w);
    put_text(&w, "reverse_dns", r->reverse_dns);
    put_text(&w, "url", r->url);
    put_text(&w, "network", r->network);
    put_text(&w, "malware", r->malware);
    put_text(&w, "application", r->application);
    put_text(&w, "vulnerabilities", r->vulnerabilities);
    put_text(&w, "destination_ip", ip_text(a, r->destination_ip));
    if (r->destination_port) jw_ki64(&w, "destination_port", r->destination_port);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

static str why_kind(uint8_t why)
{
    static const char *const words[] = { "none", "network", "asn", "domain", "country" };
    why &= (uint8_t)~OWNER_CONFLICT;
    return str_of(words[why < ARRAY_LEN(words) ? why : 0]);
}

static void item_fill(arena *a, promote_item *x, const promote_row *r, fp128 key)
{
    *x = (promote_item){ .owner = r->owner,
        .feed = r->feed,
        .taxonomy = str_copy(a, r->taxonomy),
        .type = str_copy(a, r->type),
        .identifier = str_copy(a, r->identifier.n ? r->identifier : r->malware),
        .severity = r->severity,
        .ip = ip_text(a, r->ip),
        .fqdn = str_copy(a, r->fqdn),
        .port = r->port ? r->port : -1,
        .asn = r->asn,
        .detail = detail_of(a, r),
        .first_seen = { r->time_us },
        .last_seen = { r->time_us },
        .count = r->count ? r->count : 1,
        .why_kind = why_kind(r->owner_why),
        .why_value = str_copy(a, r->owner_text),
        .indicator = r->indicator,
        .event = r->event };
    memcpy(x->dedup, &key.hi, 8);
    memcpy(x->dedup + 8, &key.lo, 8);
}

static void item_again(promote_item *x, const promote_row *r)
{
    x->count += r->count ? r->count : 1;
    if (r->time_us < x->first_seen.us) x->first_seen.us = r->time_us;
    if (r->time_us > x->last_seen.us) x->last_seen.us = r->time_us;
    if (r->severity > x->severity) x->severity = r->severity;
    if (!x->indicator) x->indicator = r->indicator;
}

static promote_slice *slice_open(promote_work *w)
{
    promote_slice *s = NEW(w->a, promote_slice);
    if (w->last)
        w->last->next = s;
    else
        w->first = s;
    return w->last = s;
}

/* The item with this key, or the place for it in the slice's table. */
static uint16_t *slot_of(promote_slice *s, fp128 key)
{
    for (size_t i = key.lo;; i++) {
        uint16_t *at = &s->table[i % PROMOTE_TABLE];
        if (*at == 0) return at;
        uint64_t have[2];
        memcpy(have, s->item[*at - 1].dedup, sizeof have);
        if (have[0] == key.hi && have[1] == key.lo) return at;
    }
}

void promote_work_add(promote_work *w, const promote_row *r)
{
    fp128 key = key_of(r);
    promote_slice *s = w->last ? w->last : slice_open(w);
    uint16_t *at = slot_of(s, key);
    if (*at == 0 && s->n == PROMOTE_SLICE) {
        s = slice_open(w);
        at = slot_of(s, key);
    }
    if (*at == 0) {
        item_fill(w->a, &s->item[s->n], r, key);
        *at = (uint16_t)++s->n;
        w->n_items++;
    } else {
        item_again(&s->item[*at - 1], r);
    }
    s->place = promote_place_of(r->batch, r->row_no);
}
