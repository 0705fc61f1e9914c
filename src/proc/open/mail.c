/* mail.c - a mail taken apart: who, what, when; its parts with their hashes; the text that a person
 * would read; the addresses of pages in it, made so that nobody presses one. By GMime; nothing is
 * fetched and nothing is carried out. Owns nothing. One thread. */
#include "proc/open/open.h"

#include <gmime/gmime.h>
#include <iconv.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

enum { INPUT_MAX = 64 << 20, DEPTH_MAX = 20, HEADER_MAX = 1000, HEAD_BYTES = 64 << 10 };

/* Tables of the character sets that mails come in: they are files, which an opener does not have.
 */
void open_mail_begin(void)
{
    static const char *const sets[] = { "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252", "WINDOWS-1256",
        "ISO-8859-6", "WINDOWS-1251", "KOI8-R", "GB18030", "BIG5", "SHIFT_JIS", "ISO-2022-JP",
        "EUC-KR", "UTF-16" };
    /* open, and with them their tables */
    static iconv_t kept[ARRAY_LEN(sets)] __attribute__((used));
    g_mime_init();
    for (size_t i = 0; i < ARRAY_LEN(sets); i++)
        kept[i] = iconv_open("UTF-8", sets[i]);
}

typedef struct {
    arena *a;
    open_mail *to;
    buf html;
    bool is_report; /* RFC 3462: multipart/report; report-type=delivery-status */
} mail;

static bool within(mail *m)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    if (!m->to->stopped.n && used.tv_sec * 1000 + used.tv_nsec / 1000000 > OPEN_CPU_MS)
        m->to->stopped = S("time");
    if (!m->to->stopped.n && m->to->n >= OPEN_PARTS_MAX) m->to->stopped = S("parts");
    return !m->to->stopped.n;
}

/* ---- pages that it leads to ---- */

static bool ends_url(char c)
{
    return (unsigned char)c <= ' ' || strchr("\"'<>)]}|\\^`", c) != NULL;
}

/* "hxxps://example[.]org/path": nothing makes a link of it. */
static str defang(arena *a, str url)
{
    buf b = buf_new(a, url.n * 2 + 8);
    ptrdiff_t mark = str_find(url, S("://"));
    str rest = str_sub(url, (size_t)mark + 3, url.n);
    buf_put(&b, str_starts(url, S("https")) ? S("hxxps://") : S("hxxp://"));
    for (size_t i = 0, host = 1; i < rest.n; i++) {
        if (strchr("/?#", rest.p[i])) host = 0;
        if (host && rest.p[i] == '.')
            buf_put(&b, S("[.]"));
        else
            buf_byte(&b, rest.p[i]);
    }
    return text_safe(a, buf_str(&b), OPEN_URL_MAX, false, NULL);
}

static void url_take(mail *m, str url)
{
    open_mail *to = m->to;
    str safe = defang(m->a, str_sub(url, 0, OPEN_URL_MAX / 2));
    for (size_t i = 0; i < to->n_urls; i++)
        if (str_eq(to->urls[i], safe)) return;
    if (to->n_urls < OPEN_URLS_MAX) to->urls[to->n_urls++] = safe;
}

static void urls_take(mail *m, str text)
{
    for (size_t i = 0; i + 8 < text.n; i++) {
        str at = str_sub(text, i, 8);
        if (!str_eq_nocase(str_sub(at, 0, 7), S("http://")) && !str_eq_nocase(at, S("https://")))
            continue;
        size_t n = 0;
        while (i + n < text.n && !ends_url(text.p[i + n]))
            n++;
        str url = str_lower(m->a, str_sub(text, i, 5));
        url_take(m, str_cat(m->a, url, str_sub(text, i + 5, n - 5)));
        i += n;
    }
}

/* ---- the text ---- */

/* What stands between the marks of a page; scripts and styles are left out. */
static str page_text(arena *a, str page)
{
    buf b = buf_new(a, page.n + 1);
    bool skip = false;
    for (size_t i = 0; i < page.n; i++) {
        if (page.p[i] != '<') {
            if (!skip) buf_byte(&b, page.p[i]);
            continue;
        }
        str tag = str_sub(page, i + 1, 7);
        if (str_eq_nocase(str_sub(tag, 0, 6), S("script")) ||
                str_eq_nocase(str_sub(tag, 0, 5), S("style")))
            skip = true;
        if (tag.n && tag.p[0] == '/' &&
                (str_eq_nocase(tag, S("/script")) ||
                        str_eq_nocase(str_sub(tag, 0, 6), S("/style"))))
            skip = false;
        while (i < page.n && page.p[i] != '>')
            i++;
        if (!skip) buf_byte(&b, ' ');
    }
    return buf_str(&b);
}

static void text_take(mail *m, GMimeObject *part)
{
    char *text = g_mime_text_part_get_text((GMimeTextPart *)part);
    if (!text) return;
    str s = str_of(text);
    GMimeContentType *type = g_mime_object_get_content_type(part);
    urls_take(m, s);
    if (g_mime_content_type_is_type(type, "text", "plain")) {
        if (!m->to->text.n) m->to->text = text_safe(m->a, s, OPEN_MAIL_TEXT_MAX, true, NULL);
    } else if (g_mime_content_type_is_type(type, "text", "html") && !m->html.n) {
        buf_put(&m->html, str_sub(s, 0, 1 << 20));
    }
    g_free(text);
}

/* ---- parts ---- */

static void content_take(GMimePart *part, open_part *p, arena *a)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeStream *to = g_mime_stream_mem_new();
    crypto_hash_sha256_state hash;
    if (content) (void)g_mime_data_wrapper_write_to_stream(content, to);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)to);
    p->bytes = bytes->len;
    p->mime = str_copy(
            a, open_mime(bytes->data, bytes->len < HEAD_BYTES ? bytes->len : (size_t)HEAD_BYTES));
    crypto_hash_sha256_init(&hash);
    if (bytes->len) crypto_hash_sha256_update(&hash, bytes->data, bytes->len);
    crypto_hash_sha256_final(&hash, p->sha256);
    g_object_unref(to);
}

static str said_type(arena *a, GMimeObject *part)
{
    char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
    str s = text_safe(a, str_of(type), 100, false, NULL);
    g_free(type);
    return s;
}

/* Only within a report of delivery, and only its first such part. */
static void report_take(mail *m, GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeStream *to = g_mime_stream_mem_new();
    if (content) (void)g_mime_data_wrapper_write_to_stream(content, to);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)to);
    str text = { (const char *)bytes->data, bytes->len < HEAD_BYTES ? bytes->len : HEAD_BYTES };
    open_report_read(m->a, text, &m->to->report);
    g_object_unref(to);
}

static void part_take(mail *m, GMimeObject *part)
{
    open_part *p = &m->to->parts[m->to->n++];
    bool changed = false;
    const char *name = g_mime_part_get_filename((GMimePart *)part);
    p->said = said_type(m->a, part);
    if (name) p->name = path_safe(m->a, str_of(name), &changed);
    if (changed) p->marks |= PART_UNSAFE_NAME;
    if (m->is_report && !m->to->report.action.n &&
            str_eq_nocase(p->said, S("message/delivery-status")))
        report_take(m, (GMimePart *)part);
    if (g_mime_part_is_attachment((GMimePart *)part)) p->marks |= PART_ATTACHMENT;
    content_take((GMimePart *)part, p, m->a);
    if (GMIME_IS_TEXT_PART(part) && !(p->marks & PART_ATTACHMENT)) text_take(m, part);
}

static void walk(mail *m, GMimeObject *part, int depth)
{
    if (!part || !within(m)) return;
    if (depth > DEPTH_MAX) {
        m->to->stopped = S("depth");
    } else if (GMIME_IS_MULTIPART(part)) {
        int n = g_mime_multipart_get_count((GMimeMultipart *)part);
        for (int i = 0; i < n; i++)
            walk(m, g_mime_multipart_get_part((GMimeMultipart *)part, i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(part)) {
        GMimeMessage *inner = g_mime_message_part_get_message((GMimeMessagePart *)part);
        if (inner) walk(m, g_mime_message_get_mime_part(inner), depth + 1);
    } else if (GMIME_IS_PART(part)) {
        part_take(m, part);
    }
}

/* ---- headers ---- */

static str header(mail *m, GMimeMessage *x, const char *name)
{
    GMimeHeaderList *all = g_mime_object_get_header_list((GMimeObject *)x);
    GMimeHeader *h = g_mime_header_list_get_header(all, name);
    const char *value = h ? g_mime_header_get_value(h) : NULL;
    return text_safe(m->a, str_trim(str_of(value)), HEADER_MAX, false, NULL);
}

static void headers_take(mail *m, GMimeMessage *x)
{
    m->to->from = header(m, x, "From");
    m->to->to = header(m, x, "To");
    m->to->reply_to = header(m, x, "Reply-To");
    m->to->subject = header(m, x, "Subject");
    m->to->date = header(m, x, "Date");
    m->to->message_id = header(m, x, "Message-ID");
}

/* What a program answers by itself (RFC 3834) comes back to the same address: it is no report. */
static void report_begin(mail *m, GMimeMessage *x)
{
    static const char *const names[] = { "To", "Delivered-To", "X-Original-To", "Envelope-To" };
    GMimeObject *root = g_mime_message_get_mime_part(x);
    GMimeContentType *type = root ? g_mime_object_get_content_type(root) : NULL;
    const char *kind = type ? g_mime_content_type_get_parameter(type, "report-type") : NULL;
    buf b = buf_new(m->a, 256);
    m->is_report = type && g_mime_content_type_is_type(type, "multipart", "report") && kind &&
                   str_eq_nocase(str_of(kind), S("delivery-status"));
    for (size_t i = 0; m->is_report && i < ARRAY_LEN(names); i++) {
        buf_put(&b, header(m, x, names[i]));
        buf_byte(&b, ' ');
    }
    m->to->report.came_to = text_safe(m->a, buf_str(&b), HEADER_MAX, false, NULL);
}

static void mail_read(mail *m, const uint8_t *p, size_t n)
{
    GMimeStream *in = g_mime_stream_mem_new_with_buffer((const char *)p, n);
    GMimeParser *parser = g_mime_parser_new_with_stream(in);
    GMimeMessage *x = g_mime_parser_construct_message(parser, NULL);
    if (x) {
        headers_take(m, x);
        report_begin(m, x);
        walk(m, g_mime_message_get_mime_part(x), 0);
        if (!m->to->text.n && m->html.n)
            m->to->text = text_safe(m->a, str_trim(page_text(m->a, buf_str(&m->html))),
                    OPEN_MAIL_TEXT_MAX, true, NULL);
        g_object_unref(x);
    } else {
        m->to->stopped = S("broken");
    }
    g_object_unref(parser);
    g_object_unref(in);
}

void open_mail_of(const open_input *in, arena *a, open_mail *ret)
{
    *ret = (open_mail){ .stopped = S(""),
        .parts = NEW_ARRAY(a, open_part, OPEN_PARTS_MAX),
        .urls = NEW_ARRAY(a, str, OPEN_URLS_MAX) };
    mail m = { .a = a, .to = ret, .html = buf_new(a, 64) };
    if (in->bytes > INPUT_MAX) {
        ret->stopped = S("size");
        return;
    }
    uint8_t *bytes = malloc((size_t)in->bytes + 1);
    ASSERT(bytes);
    size_t n = 0, got;
    while ((got = open_get(in, (int64_t)n, bytes + n, (size_t)in->bytes - n)) > 0)
        n += got;
    mail_read(&m, bytes, n);
    free(bytes);
}
