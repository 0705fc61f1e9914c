/* value.c - one function a type; the switch in flow_set is the only place that knows which column a
 * key has. No look-up by name happens here. */
#include "flow/value.h"

#include "engine/domain/domain.h"
#include "engine/url/url.h"
#include "flow/when.h"

bool value_ip(str s, addr *ret)
{
    s = str_trim(s);
    addr a;
    if (!addr_parse(s, &a)) {
        cidr c;
        ptrdiff_t zone = str_find_byte(s, '%');
        if (zone > 0) s = str_sub(s, 0, (size_t)zone);
        if (!cidr_parse(s, true, &c) || c.len != 128) return false;
        a = c.lo;
    }
    if (addr_eq(a, addr_v4(0)) || addr_is_zero(a)) return false;
    *ret = a;
    return true;
}

static bool printable(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < ' ' || s.p[i] > '~') return false;
    return true;
}

static bool has_upper(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z') return true;
    return false;
}

static str lower(arena *a, str s)
{
    return has_upper(s) ? str_lower(a, s) : s;
}

static bool one_of(str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(s, str_of(list[i]))) return true;
    return false;
}

/* IANA protocol names that the Data Format allows; the usual three first. */
/* clang-format off */
static const char *const transports[] = {
    "tcp", "udp", "icmp", "ip", "igmp", "ggp", "ipencap", "st2", "cbt", "egp", "igp", "bbn-rcc",
    "nvp", "pup", "argus", "emcon", "xnet", "chaos", "mux", "dcn", "hmp", "prm", "xns-idp",
    "trunk-1", "trunk-2", "leaf-1", "leaf-2", "rdp", "irtp", "iso-tp4", "netblt", "mfe-nsp",
    "merit-inp", "sep", "3pc", "idpr", "xtp", "ddp", "idpr-cmtp", "tp++", "il", "ipv6", "sdrp",
    "ipv6-route", "ipv6-frag", "idrp", "rsvp", "gre", "mhrp", "bna", "esp", "ah", "i-nlsp",
    "swipe", "narp", "mobile", "tlsp", "skip", "ipv6-icmp", "ipv6-nonxt", "ipv6-opts", "cftp",
    "sat-expak", "kryptolan", "rvd", "ippc", "sat-mon", "visa", "ipcv", "cpnx", "cphb", "wsn",
    "pvp", "br-sat-mon", "sun-nd", "wb-mon", "wb-expak", "iso-ip", "vmtp", "secure-vmtp",
    "vines", "ttp", "nsfnet-igp", "dgp", "tcf", "eigrp", "ospf", "sprite-rpc", "larp", "mtp",
    "ax.25", "ipip", "micp", "scc-sp", "etherip", "encap", "gmtp", "ifmp", "pnni", "pim",
    "aris", "scps", "qnx", "a/n", "ipcomp", "snp", "compaq-peer", "ipx-in-ip", "vrrp", "pgm",
    "l2tp", "ddx", "iatp", "st", "srp", "uti", "smp", "sm", "ptp", "isis", "fire", "crtp",
    "crdup", "sscopmce", "iplt", "sps", "pipe", "sctp", "fc", "divert",
};
/* clang-format on */

static bool transport_ok(str s)
{
    return one_of(s, transports, ARRAY_LEN(transports));
}

static bool tlp_set(flow_batch *b, size_t row, str s)
{
    static const char *const labels[] = { "CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED" };
    char up[16];
    if (str_starts(s, S("TLP:")) || str_starts(s, S("tlp:"))) s = str_sub(s, 4, s.n);
    if (s.n > sizeof up) return false;
    for (size_t i = 0; i < s.n; i++)
        up[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] & ~0x20) : s.p[i];
    str u = { up, s.n };
    if (str_eq(u, S("WHITE"))) u = S("CLEAR");
    for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
        if (!str_eq(u, str_of(labels[i]))) continue;
        b->text[FT_TLP][row] = str_of(labels[i]);
        return true;
    }
    return false;
}

static bool severity_set(flow_batch *b, size_t row, str s)
{
    static const char *const words[] = { "info", "low", "medium", "high", "critical" };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (!str_eq_nocase(s, str_of(words[i]))) continue;
        b->severity[row] = (uint8_t)(i + 1);
        return true;
    }
    return false;
}

static bool class_set(flow_batch *b, size_t row, str s)
{
    uint8_t id = flow_class_find(s);
    if (!id) id = flow_class_find(lower(b->a, s));
    if (!id) return false;
    b->class_id[row] = id;
    b->text[FT_TYPE][row] = flow_classes[id].name;
    b->text[FT_TAXONOMY][row] = flow_classes[id].taxonomy;
    return true;
}

/* The taxonomy follows from the type; said alone it is kept when it is one of the twelve. */
static bool taxonomy_set(flow_batch *b, size_t row, str s)
{
    if (b->class_id[row]) return true;
    s = lower(b->a, s);
    if (str_eq(s, S("abusive content"))) s = S("abusive-content");
    for (size_t i = 1; i < FLOW_CLASSES; i++) {
        if (!str_eq(s, flow_classes[i].taxonomy)) continue;
        b->text[FT_TAXONOMY][row] = flow_classes[i].taxonomy;
        return true;
    }
    return false;
}

static bool int_of(flow_batch *b, const flow_value *v, int64_t *ret)
{
    bool big;
    str text;
    if (v->kind == VALUE_INT) {
        *ret = v->i;
        return v->text.n <= 19;
    }
    return (v->kind == VALUE_TEXT || v->kind == VALUE_NUMBER) &&
           value_int(b->a, v->text, ret, &text, &big) && !big;
}

static str int_text(arena *a, int64_t v)
{
    char z[24];
    size_t n = sizeof z;
    uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do
        z[--n] = (char)('0' + u % 10);
    while ((u /= 10) > 0);
    if (v < 0) z[--n] = '-';
    return str_copy(a, (str){ z + n, sizeof z - n });
}

static str value_text(arena *a, const flow_value *v)
{
    if (v->kind == VALUE_BOOL) return v->i ? S("true") : S("false");
    if (v->kind == VALUE_INT && v->text.n == 0) return int_text(a, v->i);
    return v->text;
}

void flow_set_extra(flow_batch *b, const flow_name *name, const flow_value *v)
{
    flow_value_kind kind = v->kind == VALUE_TEXT   ? FLOW_TEXT
                           : v->kind == VALUE_BOOL ? FLOW_BOOL
                                                   : FLOW_NUMBER;
    flow_extra_add(b, name, value_text(b->a, v), kind);
}

static set_result done(bool ok)
{
    return ok ? SET_OK : SET_INVALID;
}

static bool port_ok(flow_batch *b, const flow_value *v, uint16_t *ret)
{
    int64_t i;
    if (!int_of(b, v, &i) || i < 0 || i > 65535) return false;
    *ret = (uint16_t)i;
    return true;
}

static bool asn_ok(flow_batch *b, const flow_value *v, uint32_t *ret)
{
    int64_t i;
    flow_value t = *v;
    if (v->kind == VALUE_TEXT && v->text.n > 2 && str_eq_nocase(str_sub(v->text, 0, 2), S("AS")))
        t.text = str_sub(v->text, 2, v->text.n);
    if (!int_of(b, &t, &i) || i < 1 || i > UINT32_MAX) return false;
    *ret = (uint32_t)i;
    return true;
}

static bool ip_ok(str s, uint64_t *hi, uint64_t *lo)
{
    addr a;
    if (!value_ip(s, &a)) return false;
    *hi = a.hi;
    *lo = a.lo;
    return true;
}

static bool time_ok(str s, int64_t *ret)
{
    instant t;
    if (!when_parse(s, &t)) return false;
    *ret = t.us;
    return true;
}

static bool fqdn_ok(flow_batch *b, str *s)
{
    return domain_normalise(b->a, *s, s);
}

static bool url_ok(flow_batch *b, str *s)
{
    url u;
    if (!url_parse(b->a, *s, &u)) return false;
    if (str_starts(*s, S("hxxp"))) *s = str_cat(b->a, S("http"), str_sub(*s, 4, s->n));
    return true;
}

static bool cc_ok(flow_batch *b, str *s)
{
    if (s->n != 2) return false;
    for (size_t i = 0; i < 2; i++) {
        char c = (char)(s->p[i] | 0x20);
        if (!((c >= 'a' && c <= 'z') || (unsigned)(s->p[i] - '0') <= 9)) return false;
    }
    if (s->p[0] >= 'a' || s->p[1] >= 'a') {
        char *up = arena_alloc(b->a, 2);
        for (size_t i = 0; i < 2; i++)
            up[i] = s->p[i] >= 'a' ? (char)(s->p[i] - 32) : s->p[i];
        s->p = up;
    }
    return true;
}

static bool network_ok(flow_batch *b, str *s)
{
    cidr c;
    if (!cidr_parse(*s, false, &c)) return false;
    char *out = arena_alloc(b->a, CIDR_TEXT_MAX);
    *s = (str){ out, cidr_put(out, c) };
    return true;
}

static bool registry_ok(flow_batch *b, str *s)
{
    static const char *const names[] = { "afrinic", "apnic", "arin", "lacnic", "ripe" };
    *s = lower(b->a, *s);
    if (str_eq(*s, S("ripencc")) || str_eq(*s, S("ripe-ncc"))) *s = S("ripe");
    return one_of(*s, names, ARRAY_LEN(names));
}

static bool uuid_ok(flow_batch *b, str *s)
{
    id128 id;
    *s = lower(b->a, *s);
    return id_parse(*s, &id);
}

static bool local_ip_ok(flow_batch *b, str *s)
{
    addr a;
    if (!value_ip(*s, &a)) return false;
    char *out = arena_alloc(b->a, ADDR_TEXT_MAX);
    *s = (str){ out, addr_put(out, a) };
    return true;
}

/* Brings a text to its type's normal form; false: not of the type. */
static bool text_ok(flow_batch *b, const flow_key_info *k, str *s)
{
    if (k->max && s->n > k->max) return false;
    switch (k->type) {
    case FLOW_TYPE_FQDN:
        return fqdn_ok(b, s);
    case FLOW_TYPE_URL:
        return url_ok(b, s);
    case FLOW_TYPE_CC:
        return cc_ok(b, s);
    case FLOW_TYPE_NETWORK:
        return network_ok(b, s);
    case FLOW_TYPE_LOCAL_IP:
        return local_ip_ok(b, s);
    case FLOW_TYPE_REGISTRY:
        return registry_ok(b, s);
    case FLOW_TYPE_UUID:
        return uuid_ok(b, s);
    case FLOW_TYPE_ASCII:
        return printable(*s);
    case FLOW_TYPE_HASH:
    case FLOW_TYPE_ASCII_LOWER:
        *s = lower(b->a, *s);
        return printable(*s);
    case FLOW_TYPE_LOWER:
        *s = lower(b->a, *s);
        return true;
    case FLOW_TYPE_TRANSPORT:
        *s = lower(b->a, *s);
        return transport_ok(*s);
    default:
        return true;
    }
}

static set_result set_text(
        flow_batch *b, size_t row, const flow_key_info *k, const flow_name *name, str s)
{
    if (!text_ok(b, k, &s)) return SET_INVALID;
    if (k->text >= 0) b->text[k->text][row] = s;
    if (k->text < 0 || k->extra) flow_extra_add(b, name, s, FLOW_TEXT);
    return SET_OK;
}

static set_result set_number(
        flow_batch *b, const flow_key_info *k, const flow_name *name, const flow_value *v)
{
    flow_value out = { .kind = VALUE_NUMBER };
    int64_t i;
    double d;
    if (k->type == FLOW_TYPE_INT || k->type == FLOW_TYPE_PORT || k->type == FLOW_TYPE_ASN) {
        if (!int_of(b, v, &i)) return SET_INVALID;
        out = (flow_value){ .kind = VALUE_INT, .i = i };
    } else {
        str s = value_text(b->a, v);
        if (!value_float(b->a, s, &out.text)) return SET_INVALID;
        if (k->type == FLOW_TYPE_ACCURACY && (!str_to_f64(out.text, &d) || d < 0 || d > 100))
            return SET_INVALID;
    }
    flow_set_extra(b, name, &out);
    return SET_OK;
}

static set_result set_bool(flow_batch *b, const flow_name *name, const flow_value *v)
{
    flow_value out = { .kind = VALUE_BOOL, .i = v->i };
    if (v->kind == VALUE_TEXT) {
        bool yes = str_eq_nocase(v->text, S("true"));
        if (!yes && !str_eq_nocase(v->text, S("false"))) return SET_INVALID;
        out.i = yes;
    } else if (v->i != 0 && v->i != 1) {
        return SET_INVALID;
    }
    flow_set_extra(b, name, &out);
    return SET_OK;
}

static set_result set_other_time(flow_batch *b, const flow_name *name, str s)
{
    instant t;
    if (!when_parse(s, &t)) return SET_INVALID;
    flow_extra_add(b, name, when_idf(b->a, t), FLOW_TEXT);
    return SET_OK;
}

/* Keys whose type is no plain text and which have no number column of their own. */
static set_result set_typed(flow_batch *b, size_t row, const flow_key_info *k,
        const flow_name *name, const flow_value *v, str s)
{
    switch (k->type) {
    case FLOW_TYPE_INT:
    case FLOW_TYPE_FLOAT:
    case FLOW_TYPE_ACCURACY:
        return set_number(b, k, name, v);
    case FLOW_TYPE_BOOL:
        return set_bool(b, name, v);
    case FLOW_TYPE_TIME:
        return set_other_time(b, name, s);
    case FLOW_TYPE_TYPE:
        return done(class_set(b, row, s));
    case FLOW_TYPE_TAXONOMY:
        return done(taxonomy_set(b, row, s));
    case FLOW_TYPE_SEVERITY:
        return done(severity_set(b, row, s));
    case FLOW_TYPE_TLP:
        return done(tlp_set(b, row, s));
    default:
        return set_text(b, row, k, name, s);
    }
}

set_result flow_set(
        flow_batch *b, size_t row, flow_key key, const flow_name *name, const flow_value *v)
{
    ASSERT(key > FLOW_NO_KEY && key < FLOW_KEYS);
    const flow_key_info *k = &flow_keys[key];
    if (v->kind == VALUE_NONE) return SET_IGNORED;
    str s = { 0 };
    if (v->kind == VALUE_TEXT || v->kind == VALUE_NUMBER) {
        s = str_trim(v->text);
        if (s.n == 0 || (s.n == 1 && s.p[0] == '-') || str_eq(s, S("N/A"))) return SET_IGNORED;
    }
    switch (key) {
    case FLOW_SOURCE_IP:
        return done(ip_ok(s, &b->source_ip_hi[row], &b->source_ip_lo[row]));
    case FLOW_DESTINATION_IP:
        return done(ip_ok(s, &b->destination_ip_hi[row], &b->destination_ip_lo[row]));
    case FLOW_SOURCE_PORT:
        return done(port_ok(b, v, &b->source_port[row]));
    case FLOW_DESTINATION_PORT:
        return done(port_ok(b, v, &b->destination_port[row]));
    case FLOW_SOURCE_ASN:
        return done(asn_ok(b, v, &b->source_asn[row]));
    case FLOW_DESTINATION_ASN:
        return done(asn_ok(b, v, &b->destination_asn[row]));
    case FLOW_TIME_SOURCE:
        return done(time_ok(s, &b->time_source[row]));
    case FLOW_TIME_OBSERVATION:
        return done(time_ok(s, &b->time_observation[row]));
    default:
        break;
    }
    if (s.n == 0) s = value_text(b->a, v);
    return set_typed(b, row, k, name, v, s);
}
