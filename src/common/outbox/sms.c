/* sms.c - see sms.h. */
#include "common/outbox/sms.h"
#include <fcntl.h>
#include <regex.h>
#include <unistd.h>

enum {
    TOKEN_BYTES = 1024,
    GSM_ONE = 160,
    GSM_PART = 153,
    UCS_ONE = 70,
    UCS_PART = 67,
    NUMBER_MIN = 6,
    NUMBER_MAX = 15,
    ANSWER_MAX = 4096
};

/* ---- options ---- */

static err bad(str setting, err e)
{
    return err_at_pointer(e, setting);
}

static err read_token(arena *a, str path, str *ret)
{
    char *p = arena_alloc(a, TOKEN_BYTES);
    int fd = open(str_z(a, path), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, p, TOKEN_BYTES);
    err e = n < 0 ? err_errno("error.outbox.password", path) : OK;
    if (fd >= 0) close(fd);
    if (failed(e)) return bad(S("sms.token_file"), e);
    *ret = str_trim((str){ p, (size_t)n });
    return OK;
}

static err good_check(arena *a, str good)
{
    regex_t r;
    if (!good.n) return OK;
    if (regcomp(&r, str_z(a, good), REG_EXTENDED | REG_NOSUB))
        return bad(S("sms.good"), ERR1(E_CONFIG, "error.sms.good", good));
    regfree(&r);
    return OK;
}

err sms_options_load(arena *a, const conf *c, sms_options *ret)
{
    sms_options o = { .url = conf_str(c, "sms.url"),
        .type = conf_str(c, "sms.type"),
        .body = conf_str(c, "sms.body"),
        .good = conf_str(c, "sms.good"),
        .get = str_eq(conf_str(c, "sms.method"), S("GET")) };
    str file = conf_str(c, "sms.token_file"), where = o.get ? o.url : o.body;
    if (o.url.n && (str_find(where, S("{number}")) < 0 || str_find(where, S("{text}")) < 0))
        return bad(o.get ? S("sms.url") : S("sms.body"), ERR(E_CONFIG, "error.sms.places"));
    TRY(good_check(a, o.good));
    if (file.n) TRY(read_token(a, file, &o.token));
    *ret = o;
    return OK;
}

err sms_origin(arena *a, const conf *c, str *ret)
{
    web_url w;
    str url = conf_str(c, "sms.url");
    ptrdiff_t place = str_find_byte(url, '{');
    *ret = S("");
    if (!url.n) return OK;
    err e = web_url_parse(a, place < 0 ? url : str_sub(url, 0, (size_t)place), NULL, &w);
    if (failed(e)) return bad(S("sms.url"), ERR1(E_CONFIG, "error.sms.url", web_url_shown(url)));
    *ret = w.origin;
    return OK;
}

/* ---- numbers ---- */

bool sms_number(arena *a, str typed, str *ret)
{
    char *p = arena_alloc(a, typed.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < typed.n; i++) {
        char c = typed.p[i];
        bool gap = c == ' ' || c == '-' || c == '(' || c == ')' || c == '.';
        bool plus = c == '+' && n == 0;
        if (gap) continue;
        if (!plus && (c < '0' || c > '9')) return false;
        p[n++] = c;
    }
    size_t digits = n && p[0] == '+' ? n - 1 : n;
    *ret = (str){ p, n };
    return digits >= NUMBER_MIN && digits <= NUMBER_MAX;
}

/* ---- parts ---- */

/* The next character of UTF-8, which is sane here. */
static uint32_t next(str *s)
{
    const unsigned char *p = (const unsigned char *)s->p;
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
    if (n > s->n) n = s->n;
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3f);
    *s = str_sub(*s, n, s->n);
    return c;
}

static bool among(const uint16_t *set, size_t n, uint32_t c)
{
    for (size_t i = 0; i < n; i++)
        if (set[i] == c) return true;
    return false;
}

/* Septets that a character takes in the default alphabet of 3GPP TS 23.038, section 6.2.1: 1, or 2
 * by the escape; 0: it is not in it. */
static int septets(uint32_t c)
{
    static const uint16_t more[] = { 0xa3, 0xa5, 0xe8, 0xe9, 0xf9, 0xec, 0xf2, 0xc7, 0xd8, 0xf8,
        0xc5, 0xe5, 0x394, 0x3a6, 0x393, 0x39b, 0x3a9, 0x3a0, 0x3a8, 0x3a3, 0x398, 0x39e, 0xc6,
        0xe6, 0xdf, 0xc9, 0xa4, 0xa1, 0xc4, 0xd6, 0xd1, 0xdc, 0xa7, 0xbf, 0xe4, 0xf6, 0xf1, 0xfc,
        0xe0 };
    static const uint16_t escaped[] = { '^', '{', '}', '\\', '[', '~', ']', '|', 0x20ac, 0x0c };
    if (among(escaped, ARRAY_LEN(escaped), c)) return 2;
    if (c == '\n' || c == '\r' || (c >= ' ' && c < 0x7f && c != '`')) return 1;
    return among(more, ARRAY_LEN(more), c) ? 1 : 0;
}

int sms_parts(str text, bool *ret_gsm)
{
    int seven = 0, wide = 0;
    bool gsm = true;
    while (text.n) {
        uint32_t c = next(&text);
        int s = septets(c);
        gsm = gsm && s > 0;
        seven += s;
        wide += c > 0xffff ? 2 : 1;
    }
    int n = gsm ? seven : wide, one = gsm ? GSM_ONE : UCS_ONE, part = gsm ? GSM_PART : UCS_PART;
    *ret_gsm = gsm;
    return n <= one ? 1 : (n + part - 1) / part;
}

/* ---- the question ---- */

typedef enum { AS_IS, AS_JSON, AS_FORM } writing;

static void put(buf *b, str value, writing how, arena *a)
{
    if (how == AS_FORM) {
        web_url_escape(b, value);
    } else if (how == AS_JSON) {
        jsonw w = jsonw_new(a, value.n + 64);
        jw_str(&w, value);
        str quoted = jsonw_done(&w);
        buf_put(b, str_sub(quoted, 1, quoted.n - 2));
    } else {
        buf_put(b, value);
    }
}

static str fill(arena *a, str pattern, str number, str text, writing how)
{
    buf b = buf_new(a, pattern.n + number.n + 6 * text.n + 64);
    while (pattern.n) {
        bool is_number = str_starts(pattern, S("{number}"));
        bool is_text = !is_number && str_starts(pattern, S("{text}"));
        if (is_number) put(&b, number, how, a);
        if (is_text) put(&b, text, how, a);
        if (!is_number && !is_text) buf_byte(&b, pattern.p[0]);
        pattern = str_sub(pattern, is_number ? 8 : is_text ? 6 : 1, pattern.n);
    }
    return buf_str(&b);
}

static writing writing_of(str type)
{
    if (str_find(type, S("json")) >= 0) return AS_JSON;
    return str_find(type, S("urlencoded")) >= 0 ? AS_FORM : AS_IS;
}

fetch_job sms_job(arena *a, const sms_options *o, str number, str text)
{
    str *header = NEW_ARRAY(a, str, 1);
    fetch_job j = { .endpoint = ENDPOINT_CONFIGURED,
        .url = fill(a, o->url, number, text, AS_FORM),
        .method = o->get ? FETCH_GET : FETCH_POST,
        .headers = header,
        .max_bytes = ANSWER_MAX };
    if (o->token.n) header[j.n_headers++] = str_cat(a, S("Authorization: Bearer "), o->token);
    if (o->get) return j;
    j.body = fill(a, o->body, number, text, writing_of(o->type));
    j.content_type = o->type;
    return j;
}

bool sms_is_good(const sms_options *o, str answer)
{
    regex_t r;
    char text[ANSWER_MAX + 1], pattern[256];
    if (!o->good.n) return true;
    if (o->good.n >= sizeof pattern || answer.n > ANSWER_MAX) return false;
    memcpy(pattern, o->good.p, o->good.n);
    pattern[o->good.n] = '\0';
    memcpy(text, answer.p, answer.n);
    text[answer.n] = '\0';
    if (regcomp(&r, pattern, REG_EXTENDED | REG_NOSUB)) return false;
    bool good = regexec(&r, text, 0, NULL, 0) == 0;
    regfree(&r);
    return good;
}
