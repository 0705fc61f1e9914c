/* message.c - a mail's bytes: what is refused, and the order of headers and parts.
 * Owns nothing; pure; any thread. */
#include "net/message.h"

#include "base/time.h"
#include "net/smtp.h"

static err field_bad(const char *pointer)
{
    return err_at_pointer(ERR1(E_INVALID, "error.message.field", str_of(pointer)), str_of(pointer));
}

/* UTF-8 without a character that ends a header, moves a cursor or hides text. */
static bool text_is_sane(str s, size_t max)
{
    if (s.n > max || (s.n && !str_is_utf8(s))) return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 32 || c == 127 || (c == 0xC2 && (unsigned char)s.p[i + 1] < 0xA0)) return false;
    }
    return true;
}

static bool mailbox_is_sane(const mailbox *m)
{
    return mail_address_is_sane(m->address) && text_is_sane(m->name, MESSAGE_NAME_MAX);
}

static bool body_is_sane(str s)
{
    return !s.n || (str_is_utf8(s) && !memchr(s.p, 0, s.n));
}

static err check(const message *m)
{
    if (!mailbox_is_sane(&m->from)) return field_bad("/from");
    if (m->reply_to.address.n && !mailbox_is_sane(&m->reply_to)) return field_bad("/reply_to");
    if (!m->n_to || m->n_to > MESSAGE_TO_MAX) return field_bad("/to");
    for (size_t i = 0; i < m->n_to; i++)
        if (!mailbox_is_sane(&m->to[i])) return field_bad("/to");
    if (!text_is_sane(m->subject, MESSAGE_SUBJECT_MAX)) return field_bad("/subject");
    if (!mail_address_is_sane(m->message_id)) return field_bad("/message_id");
    if (m->in_reply_to.n && !mail_address_is_sane(m->in_reply_to)) return field_bad("/in_reply_to");
    if (!host_is_sane(m->lang) || m->lang.n > 35) return field_bad("/lang");
    if (m->text.n > MESSAGE_BODY_MAX || m->html.n > MESSAGE_BODY_MAX)
        return err_at_pointer(ERR(E_TOO_LARGE, "error.message.size"), S("/text"));
    return body_is_sane(m->text) && body_is_sane(m->html) ? OK : field_bad("/text");
}

/* RFC 5322 section 3.3, always UTC. */
static err put_date(buf *b, instant t)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
        "Sep", "Oct", "Nov", "Dec" };
    const zone *utc = NULL;
    TRY(zone_find(S("UTC"), &utc));
    civil c = civil_of(t, utc);
    ASSERT(c.weekday < 7 && c.month >= 1 && c.month <= 12);
    buf_fmt(b, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[c.weekday], c.day,
            months[c.month - 1], c.year, c.hour, c.minute, c.second);
    return OK;
}

static err put_headers(buf *b, const message *m)
{
    TRY(put_date(b, m->date));
    header_put_mailboxes(b, S("From"), &m->from, 1);
    if (m->reply_to.address.n) header_put_mailboxes(b, S("Reply-To"), &m->reply_to, 1);
    header_put_mailboxes(b, S("To"), m->to, m->n_to);
    header_put_text(b, S("Subject"), m->subject);
    buf_fmt(b, "Message-ID: <%.*s>\r\n", STR_ARG(m->message_id));
    if (m->in_reply_to.n)
        buf_fmt(b, "In-Reply-To: <%.*s>\r\nReferences: <%.*s>\r\n", STR_ARG(m->in_reply_to),
                STR_ARG(m->in_reply_to));
    buf_put(b, S("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Language: "));
    buf_put(b, m->lang);
    buf_put(b, S("\r\n"));
    return OK;
}

/* No line of an encoded part begins with two dashes (message_body.c), so any boundary is safe. */
static const char boundary[] = "=_minar_alternative";

static void put_alternatives(buf *b, const message *m)
{
    buf_fmt(b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary,
            boundary);
    part_put(b, S("text/plain"), m->text);
    buf_fmt(b, "\r\n--%s\r\n", boundary);
    part_put(b, S("text/html"), m->html);
    buf_fmt(b, "\r\n--%s--\r\n", boundary);
}

err message_build(arena *a, const message *m, str *ret)
{
    ASSERT(m && (m->to || !m->n_to) && ret);
    TRY(check(m));
    buf b = buf_new(a, 1024 + (m->text.n + m->html.n) * 3 / 2);
    TRY(put_headers(&b, m));
    if (m->html.n)
        put_alternatives(&b, m);
    else
        part_put(&b, S("text/plain"), m->text);
    *ret = buf_str(&b);
    return OK;
}
