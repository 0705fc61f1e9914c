/* forward.c - see forward.h. Owns the count of requests, from which their ids are made: a random
 * start for the process and a running number. HTTP threads. */
#include "api/forward.h"

#include <pthread.h>
#include <stdatomic.h>

enum { REQUEST_ID_BYTES = 64 };

err forward_rules_parse(str text, forward_rules *ret)
{
    str part;
    *ret = (forward_rules){ 0 };
    while (str_split(&text, ' ', &part)) {
        if (!part.n) continue;
        if (ret->n == FORWARD_NETS || !cidr_parse(part, true, &ret->nets[ret->n++]))
            return err_at_pointer(ERR1(E_CONFIG, "error.api.proxies", part), S("http.proxies"));
    }
    return OK;
}

static bool trusted(const forward_rules *f, addr a)
{
    for (size_t i = 0; i < f->n; i++)
        if (addr_cmp(f->nets[i].lo, a) <= 0 && addr_cmp(a, f->nets[i].hi) <= 0) return true;
    return false;
}

/* From the right: each proxy adds the address that it saw behind what it was told. The first that
 * is no proxy of ours is who asks; what stands before it anybody may have written. A word that is
 * no address ends the walk at the proxy that passed it on. */
static str asker(const forward_rules *f, arena *a, str list, str nearest)
{
    while (list.n) {
        size_t from = list.n;
        while (from > 0 && list.p[from - 1] != ',')
            from--;
        addr at;
        char text[ADDR_TEXT_MAX];
        if (!addr_parse(str_trim(str_sub(list, from, list.n)), &at)) return nearest;
        nearest = str_copy(a, (str){ text, addr_put(text, at) });
        if (!trusted(f, at)) return nearest;
        list = str_sub(list, 0, from ? from - 1 : 0);
    }
    return nearest;
}

static bool id_fits(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && c != '-' && c != '_' && c != '.') return false;
    }
    return s.n > 0 && s.n <= REQUEST_ID_BYTES;
}

static char started[36];
static pthread_once_t start_once = PTHREAD_ONCE_INIT;

static void start(void)
{
    id_put(started, id_new());
}

static str id_make(arena *a)
{
    static _Atomic uint64_t last;
    (void)pthread_once(&start_once, start);
    return str_fmt(a, "%.8s-%llx", started, (unsigned long long)++last);
}

void forward_take(const forward_rules *f, arena *a, const http_request *h, api_request *q)
{
    addr at;
    bool local = h->local_uid >= 0;
    bool by_proxy = !local && f->n && addr_parse(h->peer, &at) && trusted(f, at);
    q->peer = by_proxy ? asker(f, a, h->forwarded_for, h->peer) : h->peer;
    q->tls = h->tls || (by_proxy && str_eq_nocase(h->forwarded_proto, S("https")));
    q->request_told = (by_proxy || local) && id_fits(h->request_id);
    q->request_id = q->request_told ? h->request_id : id_make(a);
}
