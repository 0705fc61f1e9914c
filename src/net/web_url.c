/* web_url.c - a URL of the web, read by curl's own parser, so that what is judged is what is asked.
 * Owns nothing; any thread. */
#include "net/fetch.h"

#include <curl/curl.h>
#include <idn2.h>

static void url_free(CURLU **u)
{
    curl_url_cleanup(*u);
}

str web_url_shown(str text)
{
    for (size_t i = text.n; i > 0; i--)
        if (text.p[i - 1] == '@') return str_sub(text, i, text.n);
    return text;
}

static err url_bad(str text)
{
    return ERR1(E_INVALID, "error.courier.url", web_url_shown(text));
}

/* A part in a, empty when it is absent. */
static str part(arena *a, CURLU *u, CURLUPart what, unsigned flags)
{
    char *z = NULL;
    if (curl_url_get(u, what, &z, flags) != CURLUE_OK || !z) return (str){ 0 };
    str s = str_copy(a, str_of(z));
    curl_free(z);
    return s;
}

/* A host in another script becomes its A-labels (IDNA 2008), whatever the process's locale is. */
static bool host_to_ascii(arena *a, CURLU *u)
{
    str host = part(a, u, CURLUPART_HOST, 0);
    bool plain = true;
    for (size_t i = 0; i < host.n; i++)
        plain = plain && (unsigned char)host.p[i] < 128;
    if (plain) return host_is_sane(host);
    char *z = NULL;
    bool ok = idn2_to_ascii_8z(str_z(a, host), &z, IDN2_NONTRANSITIONAL) == IDN2_OK &&
              host_is_sane(str_of(z)) && curl_url_set(u, CURLUPART_HOST, z, 0) == CURLUE_OK;
    idn2_free(z);
    return ok;
}

static bool text_is_sane(str text)
{
    if (!text.n || text.n > FETCH_URL_MAX || !str_is_utf8(text)) return false;
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] <= 32 || text.p[i] == 127 || text.p[i] == '\\') return false;
    return true;
}

static bool set_text(arena *a, CURLU *u, str text, const web_url *base)
{
    if (base && curl_url_set(u, CURLUPART_URL, str_z(a, base->url), 0) != CURLUE_OK) return false;
    if (curl_url_set(u, CURLUPART_URL, str_z(a, text), CURLU_URLENCODE) != CURLUE_OK) return false;
    return !part(a, u, CURLUPART_USER, 0).n && !part(a, u, CURLUPART_PASSWORD, 0).n;
}

err web_url_parse(arena *a, str text, const web_url *base, web_url *ret)
{
    CLEANUP(url_free) CURLU *u = curl_url();
    if (!u) return ERR(E_FULL, "error.courier.memory");
    if (!text_is_sane(text) || !set_text(a, u, text, base)) return url_bad(text);
    str scheme = part(a, u, CURLUPART_SCHEME, 0);
    bool https = str_eq(scheme, S("https"));
    if (!https && !str_eq(scheme, S("http"))) return url_bad(text);
    if (!host_to_ascii(a, u)) return url_bad(text);
    int64_t port;
    if (!str_to_i64(part(a, u, CURLUPART_PORT, CURLU_DEFAULT_PORT), &port) || port < 1)
        return url_bad(text);
    curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
    web_url w = { .url = part(a, u, CURLUPART_URL, 0), .port = (int32_t)port, .https = https };
    w.host = str_lower(a, part(a, u, CURLUPART_HOST, 0));
    w.origin = str_fmt(a, "%.*s://%.*s:%d", STR_ARG(scheme), STR_ARG(w.host), (int)port);
    if (!w.url.n || w.url.n > FETCH_URL_MAX) return url_bad(text);
    *ret = w;
    return OK;
}

void web_url_escape(buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                     (ch >= '0' && ch <= '9') || strchr(".-_~", ch);
        if (plain && ch)
            buf_byte(b, (char)ch);
        else
            buf_fmt(b, "%%%02X", ch);
    }
}
