/* transfer.c - the settings that every transfer has, and curl's failures in our words.
 * Owns nothing beyond the handle in the transfer. The courier's thread only. */
#include "net/transfer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/time.h"

enum { CONNECT_MS = 15000 };

static void address_put(char out[ADDRESS_TEXT_BYTES], const struct sockaddr *sa)
{
    const void *bytes = sa->sa_family == AF_INET6
                                ? (const void *)&((const struct sockaddr_in6 *)sa)->sin6_addr
                                : (const void *)&((const struct sockaddr_in *)sa)->sin_addr;
    bool internet = sa->sa_family == AF_INET || sa->sa_family == AF_INET6;
    if (!internet || !inet_ntop(sa->sa_family, bytes, out, ADDRESS_TEXT_BYTES)) memcpy(out, "?", 2);
}

/* curl's question for each address that it is about to connect to. The very address is judged, not
 * a name or its spelling, so neither a second answer of the resolver nor 0x7f.1 gets round it. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    transfer *t = ctx;
    if (purpose == CURLSOCKTYPE_IPCXN && t->gate.allow(t->gate.ctx, &to->addr))
        return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    t->refused = true;
    address_put(t->refused_address, &to->addr);
    return CURL_SOCKET_BAD;
}

static CURLcode set_trust(CURL *curl, void *ctx, void *own)
{
    (void)curl;
    trust_install(own, ctx);
    return CURLE_OK;
}

#define SET(option, value) ok = ok && curl_easy_setopt(c, (option), (value)) == CURLE_OK

static bool set_network(CURL *c, transfer *t)
{
    bool ok = true;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, t);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(CURLOPT_ERRORBUFFER, t->error);
    /* A resolver's thread that hangs must not hold up the loop when its transfer goes. */
    SET(CURLOPT_QUICK_EXIT, 1L);
    /* A connection that was judged by one policy is never lent to a transfer under another one:
     * only configured endpoints leave connections behind or take one up. Nor would curl keep a mail
     * that demands STARTTLS off a connection that an unencrypted one left: those are not kept. */
    long alone = t->endpoint == ENDPOINT_NAMED || !t->encrypted;
    SET(CURLOPT_FRESH_CONNECT, alone);
    SET(CURLOPT_FORBID_REUSE, alone);
    SET(CURLOPT_MAXAGE_CONN, 30L);
    return ok;
}

static bool set_tls(CURL *c, const transfer *t)
{
    bool ok = true;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_SSL_CTX_FUNCTION, set_trust);
    SET(CURLOPT_SSL_CTX_DATA, (void *)(uintptr_t)t->trusted);
    return ok;
}

err transfer_open(transfer *t)
{
    ASSERT(t && t->trusted && t->gate.allow && !t->curl);
    t->curl = curl_easy_init();
    if (!t->curl) return ERR(E_FULL, "error.courier.memory");
    if (set_network(t->curl, t) && set_tls(t->curl, t)) return OK;
    transfer_close(t);
    return ERR(E_FULL, "error.courier.memory");
}

void transfer_close(transfer *t)
{
    curl_easy_cleanup(t->curl);
    t->curl = NULL;
}

err transfer_arm(transfer *t)
{
    int64_t left_ms = (t->deadline_us - monotonic_us()) / US_PER_MS;
    if (left_ms <= 0) return ERR1(E_TIMEOUT, "error.courier.timeout", t->host);
    t->refused = false;
    t->error[0] = '\0';
    if (curl_easy_setopt(t->curl, CURLOPT_TIMEOUT_MS, (long)left_ms) == CURLE_OK) return OK;
    return ERR(E_FULL, "error.courier.memory");
}

static str curl_words(const transfer *t, int code)
{
    return t->error[0] ? str_of(t->error) : str_of(curl_easy_strerror((CURLcode)code));
}

err transfer_fault(const transfer *t, int code)
{
    switch (code) {
    case CURLE_OK:
        return OK;
    case CURLE_COULDNT_RESOLVE_HOST:
        return ERR1(E_PEER, "error.courier.resolve", t->host);
    case CURLE_COULDNT_CONNECT:
        if (t->refused)
            return ERR2(E_DENIED, "error.courier.address", t->host, str_of(t->refused_address));
        return ERR1(E_PEER, "error.courier.connect", t->host);
    case CURLE_OPERATION_TIMEDOUT:
        return ERR1(E_TIMEOUT, "error.courier.timeout", t->host);
    case CURLE_FILESIZE_EXCEEDED:
        return ERR1(E_TOO_LARGE, "error.courier.too_large", t->host);
    case CURLE_LOGIN_DENIED:
        return ERR1(E_PEER, "error.courier.login", t->host);
    case CURLE_USE_SSL_FAILED:
        return ERR1(E_PEER, "error.courier.starttls", t->host);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return ERR1(E_INVALID, "error.courier.url", t->host);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
        return ERR2(E_PEER, "error.courier.tls", t->host, curl_words(t, code));
    case CURLE_OUT_OF_MEMORY:
        return ERR(E_FULL, "error.courier.memory");
    default:
        return ERR2(E_PEER, "error.courier.failed", t->host, curl_words(t, code));
    }
}

bool host_is_sane(str host)
{
    if (!host.n || host.n > HOST_MAX) return false;
    for (size_t i = 0; i < host.n; i++) {
        unsigned char c = (unsigned char)host.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '-' && c != '_' && c != ':' && c != '[' && c != ']')
            return false;
    }
    return true;
}

str peer_text(arena *a, str s, size_t max)
{
    buf b = buf_new(a, s.n < max ? s.n : max);
    for (size_t i = 0; i < s.n;) {
        size_t n = utf8_len(s.p + i, s.n - i);
        bool plain = n > 1 || (n == 1 && (unsigned char)s.p[i] >= 32 && s.p[i] != 127);
        size_t step = n ? n : 1;
        if (b.n + step > max) break;
        buf_put(&b, plain ? str_sub(s, i, step) : S("?"));
        i += step;
    }
    return str_trim(buf_str(&b));
}
