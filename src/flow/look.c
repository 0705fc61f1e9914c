/* look.c - the order of the stages. Owner comes before aggregate, for the owner is part of what
 * makes two events the same; match comes last, for repeats need no second look. */
#include "flow/look.h"

#include <stdlib.h>

#include "engine/domain/domain.h"
#include "engine/url/url.h"
#include "flow/plan.h"

static void match_url_text(
        const match *m, arena *a, match_scratch *scratch, str text, match_hits *h)
{
    url u;
    if (text.n == 0 || !url_parse(a, text, &u)) return;
    match_url(m, url_normal(a, &u), h);
    if (u.host_is_ip)
        match_addr(m, u.ip, h);
    else
        match_domain(m, u.host, h);
    match_text(m, scratch, text, h);
}

static void match_account(const match *m, arena *a, str s, match_hits *h)
{
    if (str_find_byte(s, '@') > 0) match_email(m, str_lower(a, s), h);
}

static void match_row(
        const match *m, match_scratch *scratch, flow_batch *b, size_t r, match_hits *h)
{
    static const uint8_t names[] = { FT_SOURCE_FQDN, FT_SOURCE_REVERSE_DNS, FT_DESTINATION_FQDN };
    static const uint8_t hashes[] = { FT_MALWARE_MD5, FT_MALWARE_SHA1, FT_MALWARE_SHA256 };
    match_addr(m, flow_source_ip(b, r), h);
    match_addr(m, flow_destination_ip(b, r), h);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        str s = b->text[names[i]][r];
        if (s.n == 0) continue;
        match_domain(m, s, h);
        match_text(m, scratch, s, h);
    }
    match_url_text(m, b->a, scratch, b->text[FT_SOURCE_URL][r], h);
    match_url_text(m, b->a, scratch, b->text[FT_DESTINATION_URL][r], h);
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++)
        if (b->text[hashes[i]][r].n) match_hash(m, b->text[hashes[i]][r], h);
    match_account(m, b->a, b->text[FT_SOURCE_ACCOUNT][r], h);
    match_account(m, b->a, b->text[FT_DESTINATION_ACCOUNT][r], h);
}

static void hits_keep(const flow_snapshot *s, flow_batch *b, size_t r, const match_hits *h)
{
    buf text = buf_new(b->a, h->n * 12);
    if (b->n_hit + h->n > b->cap_hit) {
        b->cap_hit = b->cap_hit * 2 + 256;
        b->hit = reallocarray(b->hit, b->cap_hit, sizeof *b->hit);
        ASSERT(b->hit != NULL);
    }
    b->hits[r] = (flow_span){ (uint32_t)b->n_hit, h->n };
    for (uint32_t i = 0; i < h->n; i++) {
        b->hit[b->n_hit++] = h->hit[i];
        if (i > 0) buf_byte(&text, ' ');
        buf_i64(&text, flow_snapshot_indicator_row(s, h->hit[i].id));
    }
    b->matched[r] = buf_str(&text);
}

void flow_match_batch(const flow_snapshot *s, match_scratch *scratch, flow_batch *b)
{
    const match *m = flow_snapshot_match(s);
    for (size_t r = 0; r < b->n; r++) {
        match_hits h;
        h.n = 0;
        h.more = false;
        match_row(m, scratch, b, r, &h);
        if (h.n > 0) hits_keep(s, b, r, &h);
    }
}

void flow_mark_batch(flow_batch *b)
{
    for (size_t r = 0; r < b->n; r++) {
        bool owned = b->owner[r] != 0 && flow_classes[b->class_id[r]].finding;
        b->promote[r] =
                (uint8_t)((owned ? PROMOTE_OWNED : 0) | (b->hits[r].n ? PROMOTE_MATCHED : 0));
    }
}

void flow_look_batch(
        flow_snapshot *s, match_scratch *scratch, flow_aggregate *groups, flow_batch *b)
{
    const flow_feed *f = b->source ? b->source->feed : NULL;
    flow_geo_batch(flow_snapshot_geo(s), b);
    owners_batch(flow_snapshot_owners(s), b);
    if (groups && f) flow_aggregate_batch(groups, b, f->gap_us, f->span_us);
    flow_match_batch(s, scratch, b);
    flow_mark_batch(b);
    flow_batch_finish(b);
}
