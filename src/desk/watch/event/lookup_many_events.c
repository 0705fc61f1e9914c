/* lookup_many_events.c - how often each observable happened in the days asked: six questions to
 * the history at most, however many observables there are, over the months of those days alone. */
#include "desk/watch/event/lookup_many.h"

#include "store/store.h"

static event_filter window_of(const many *m)
{
    /* nothing is taken in before it happens, but for clocks that are a day wrong */
    return (event_filter){ .source_from = m->from, .from = { m->from.us - US_PER_DAY } };
}

static void take(many_answer *r, int64_t n, int64_t days, int64_t last)
{
    if (!r) return;
    r->events = n;
    r->event_days = days;
    r->event_last = (instant){ last };
}

static err by_address(many *m, const event_filter *f)
{
    call *c = m->c;
    history_count_nets_row *rows;
    size_t n_ip, n_cidr, n;
    many_answer **ip = many_of_kind(m, OBSERVABLE_IP, &n_ip),
                **net = many_of_kind(m, OBSERVABLE_CIDR, &n_cidr);
    if (n_ip + n_cidr == 0) return OK;
    event_net *nets = NEW_ARRAY(c->a, event_net, n_ip + n_cidr);
    for (size_t i = 0; i < n_ip + n_cidr; i++) {
        const observable *o = (i < n_ip ? ip[i] : net[i - n_ip])->o;
        nets[i] = (event_net){ o->range.lo.hi, o->range.lo.lo, o->range.len, true };
    }
    TRY(history_count_nets(
            c->realm->history, c->a, &c->viewer.sight, f, nets, n_ip + n_cidr, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        size_t no = (size_t)rows[i].no;
        ASSERT(no < n_ip + n_cidr);
        take(no < n_ip ? ip[no] : net[no - n_ip], rows[i].n_rows, rows[i].n_days, rows[i].last);
    }
    return OK;
}

static str *values_of(arena *a, many_answer **of, size_t n)
{
    str *ret = NEW_ARRAY(a, str, n + 1);
    for (size_t i = 0; i < n; i++)
        ret[i] = of[i]->o->value;
    return ret;
}

static err by_name(many *m, const event_filter *f)
{
    call *c = m->c;
    history_count_names_row *rows;
    size_t n_of, n;
    many_answer **of = many_of_kind(m, OBSERVABLE_DOMAIN, &n_of);
    if (n_of == 0) return OK;
    TRY(history_count_names(c->realm->history, c->a, &c->viewer.sight, f, values_of(c->a, of, n_of),
            n_of, &rows, &n));
    for (size_t i = 0; i < n; i++)
        take(many_by_value(of, n_of, rows[i].value), rows[i].n_rows, rows[i].n_days, rows[i].last);
    return OK;
}

/* Kinds that are the whole value of one column. skip: so much before the value that the column does
 * not have. */
static err by_value(many *m, const event_filter *f, event_column column,
        const observable_kind *kinds, size_t n_kinds, size_t skip)
{
    call *c = m->c;
    history_count_values_row *rows;
    size_t n_of = 0, n;
    many_answer **of = NEW_ARRAY(c->a, many_answer *, m->x->n_found + 1);
    for (size_t k = 0; k < n_kinds; k++) {
        many_answer **more = many_of_kind(m, kinds[k], &n);
        for (size_t i = 0; i < n; i++)
            of[n_of++] = more[i];
    }
    if (n_of == 0) return OK;
    str *values = values_of(c->a, of, n_of);
    for (size_t i = 0; i < n_of; i++)
        values[i] = str_sub(values[i], skip, values[i].n);
    TRY(history_count_values(
            c->realm->history, c->a, &c->viewer.sight, f, column, values, n_of, &rows, &n));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n_of; k++)
            if (str_eq(values[k], rows[i].value))
                take(of[k], rows[i].n_rows, rows[i].n_days, rows[i].last);
    return OK;
}

static err by_vulnerability(many *m, const event_filter *f)
{
    call *c = m->c;
    history_count_listed_row *rows;
    size_t n_of, n;
    many_answer **of = many_of_kind(m, OBSERVABLE_CVE, &n_of);
    if (n_of == 0) return OK;
    TRY(history_count_listed(c->realm->history, c->a, &c->viewer.sight, f,
            EV_PRODUCT_VULNERABILITIES, values_of(c->a, of, n_of), n_of, &rows, &n));
    for (size_t i = 0; i < n; i++)
        take(many_by_value(of, n_of, rows[i].value), rows[i].n_rows, rows[i].n_days, rows[i].last);
    return OK;
}

err many_events(many *m)
{
    static const observable_kind asn[] = { OBSERVABLE_ASN }, url[] = { OBSERVABLE_URL },
                                 hash[] = { OBSERVABLE_MD5, OBSERVABLE_SHA1, OBSERVABLE_SHA256 };
    event_filter f = window_of(m);
    if (!m->events) return OK;
    TRY(by_address(m, &f));
    TRY(by_name(m, &f));
    TRY(by_value(m, &f, EV_SOURCE_ASN, asn, ARRAY_LEN(asn), strlen("AS")));
    TRY(by_value(m, &f, EV_SOURCE_URL, url, ARRAY_LEN(url), 0));
    TRY(by_value(m, &f, EV_MALWARE_HASH, hash, ARRAY_LEN(hash), 0));
    return by_vulnerability(m, &f);
}
