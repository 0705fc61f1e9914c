/* dns_txt.c - see dns_txt.h. By the C library's resolver, whose state is our own. */
#include "net/dns_txt.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

enum { ANSWER_BYTES = 8192, WAIT_S = 3 };

static bool use_server(struct __res_state *r, str server)
{
    char host[64];
    int64_t port;
    ptrdiff_t at = -1;
    for (size_t i = 0; i < server.n; i++)
        if (server.p[i] == ':') at = (ptrdiff_t)i;
    if (at < 1 || at >= (ptrdiff_t)sizeof host) return false;
    memcpy(host, server.p, (size_t)at);
    host[at] = 0;
    struct sockaddr_in to = { .sin_family = AF_INET };
    if (!str_to_i64(str_sub(server, (size_t)at + 1, server.n), &port) || port < 1 || port > 65535 ||
            inet_pton(AF_INET, host, &to.sin_addr) != 1)
        return false;
    to.sin_port = htons((uint16_t)port);
    r->nscount = 1;
    r->nsaddr_list[0] = to;
    return true;
}

static str strings_of(arena *a, const ns_rr *rr)
{
    const uint8_t *p = ns_rr_rdata(*rr), *end = p + ns_rr_rdlen(*rr);
    buf b = buf_new(a, ns_rr_rdlen(*rr) + 1);
    while (p < end && p + 1 + *p <= end) {
        buf_put(&b, (str){ (const char *)p + 1, *p });
        p += 1 + *p;
    }
    return buf_str(&b);
}

static bool read_answer(arena *a, const uint8_t *p, int n, str ret[DNS_RECORDS_MAX], size_t *ret_n)
{
    ns_msg m;
    ns_rr rr;
    if (ns_initparse(p, n, &m) != 0) return false;
    for (int i = 0; i < ns_msg_count(m, ns_s_an) && *ret_n < DNS_RECORDS_MAX; i++)
        if (ns_parserr(&m, ns_s_an, i, &rr) == 0 && ns_rr_type(rr) == ns_t_txt)
            ret[(*ret_n)++] = strings_of(a, &rr);
    return true;
}

err dns_txt(arena *a, str server, str name, str ret[DNS_RECORDS_MAX], size_t *ret_n)
{
    struct __res_state r = { 0 };
    uint8_t *answer = arena_alloc(a, ANSWER_BYTES);
    *ret_n = 0;
    if (res_ninit(&r) != 0) return ERR1(E_PEER, "error.dns.silent", name);
    r.retrans = WAIT_S;
    r.retry = 1;
    r.options &= ~(unsigned long)(RES_DEFNAMES | RES_DNSRCH);
    if (server.n && !use_server(&r, server)) {
        res_nclose(&r);
        return ERR1(E_INVALID, "error.dns.server", server);
    }
    int n = res_nquery(&r, str_z(a, name), ns_c_in, ns_t_txt, answer, ANSWER_BYTES);
    int why = r.res_h_errno;
    res_nclose(&r);
    bool none = n < 0 && (why == HOST_NOT_FOUND || why == NO_DATA);
    if (none) return ERR1(E_ABSENT, "error.dns.none", name);
    if (n < 0 || n > ANSWER_BYTES || !read_answer(a, answer, n, ret, ret_n))
        return ERR1(E_PEER, "error.dns.silent", name);
    return *ret_n ? OK : ERR1(E_ABSENT, "error.dns.none", name);
}
