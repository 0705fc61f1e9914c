/* event_net.c - addresses as two numbers that sort and make ranges. Owns nothing; any thread. */
#include "events/history.h"

#include <arpa/inet.h>
#include <stdio.h>

static uint64_t half(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

event_net event_net_of(const uint8_t ip[16], int bits)
{
    ASSERT(bits >= 0 && bits <= 128);
    event_net n = { half(ip), half(ip + 8), (uint8_t)bits, true };
    if (bits <= 64) n.lo = 0;
    if (bits < 64) n.hi &= bits == 0 ? 0 : UINT64_MAX << (64 - bits);
    if (bits > 64 && bits < 128) n.lo &= UINT64_MAX << (128 - bits);
    return n;
}

static bool address_parse(str s, uint8_t ip[16], bool *is_v4)
{
    char z[INET6_ADDRSTRLEN];
    static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
    if (s.n == 0 || s.n >= sizeof z || memchr(s.p, 0, s.n) != NULL) return false;
    memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    memcpy(ip, mapped, sizeof mapped);
    *is_v4 = inet_pton(AF_INET, z, ip + 12) == 1;
    return *is_v4 || inet_pton(AF_INET6, z, ip) == 1;
}

bool event_net_parse(str s, event_net *ret)
{
    uint8_t ip[16];
    bool v4 = false;
    str address = { 0 };
    int64_t bits = -1;
    if (!str_split(&s, '/', &address) || !address_parse(address, ip, &v4)) return false;
    int whole = v4 ? 32 : 128;
    if (s.n == 0)
        bits = whole;
    else if (!str_to_i64(s, &bits))
        return false;
    if (bits < 0 || bits > whole) return false;
    *ret = event_net_of(ip, (int)bits + 128 - whole);
    return true;
}

str event_ip_text(arena *a, uint64_t hi, uint64_t lo)
{
    uint8_t ip[16];
    char z[INET6_ADDRSTRLEN];
    if (hi == 0 && lo == 0) return (str){ 0 };
    for (int i = 7; i >= 0; i--, hi >>= 8, lo >>= 8) {
        ip[i] = (uint8_t)hi;
        ip[i + 8] = (uint8_t)lo;
    }
    bool v4 = event_net_of(ip, 96).hi == 0 && event_net_of(ip, 96).lo == UINT64_C(0xFFFF00000000);
    ASSERT(inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip + 12 : ip, z, sizeof z) != NULL);
    return str_copy(a, str_of(z));
}
