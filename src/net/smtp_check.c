/* smtp_check.c - what a mail job must be before a relay sees any of it.
 * Owns nothing; both the server and the courier call it, on any thread. */
#include "net/smtp.h"

static bool local_char_is_sane(unsigned char c)
{
    return c > 32 && c < 127 && !strchr("<>()[]\\,;:\"@", c);
}

bool mail_address_is_sane(str address)
{
    if (address.n > MAIL_ADDRESS_MAX) return false;
    ptrdiff_t at = str_find_byte(address, '@');
    if (at < 1 || at > 64) return false;
    for (ptrdiff_t i = 0; i < at; i++)
        if (!local_char_is_sane((unsigned char)address.p[i])) return false;
    str domain = str_sub(address, (size_t)at + 1, address.n);
    bool literal = domain.n && domain.p[0] == '[';
    if (!literal && (str_find_byte(domain, ':') >= 0 || str_find_byte(domain, ']') >= 0))
        return false;
    return host_is_sane(domain) && domain.p[0] != '.';
}

/* Only whole CRLF: a bare CR or LF is how one message is made to look like two to another server.
 */
static bool lines_are_whole(str m)
{
    for (size_t i = 0; i < m.n; i++) {
        const char *cr = memchr(m.p + i, '\r', m.n - i), *lf = memchr(m.p + i, '\n', m.n - i);
        if (!cr && !lf) return true;
        if (!cr || lf != cr + 1) return false;
        i = (size_t)(lf - m.p);
    }
    return true;
}

static bool word_is_sane(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 32 || s.p[i] == 127) return false;
    return s.n <= 512;
}

static err addresses_check(const mail_job *job)
{
    if (job->from.n && !mail_address_is_sane(job->from))
        return err_at_pointer(ERR1(E_INVALID, "error.courier.mail_address", job->from), S("/from"));
    if (!job->n_to || job->n_to > MAIL_RCPT_MAX)
        return err_at_pointer(ERR(E_INVALID, "error.courier.mail_recipients"), S("/to"));
    for (size_t i = 0; i < job->n_to; i++)
        if (!mail_address_is_sane(job->to[i]))
            return err_at_pointer(
                    ERR1(E_INVALID, "error.courier.mail_address", job->to[i]), S("/to"));
    return OK;
}

err mail_job_check(const mail_job *job)
{
    ASSERT(job && (job->to || !job->n_to));
    bool relay = host_is_sane(job->host) && job->port > 0 && job->port < 65536;
    if (!relay || (job->helo.n && !host_is_sane(job->helo)))
        return err_at_pointer(ERR1(E_INVALID, "error.courier.relay", job->host), S("/host"));
    if (!word_is_sane(job->user) || !word_is_sane(job->password))
        return err_at_pointer(ERR1(E_INVALID, "error.courier.login", job->host), S("/user"));
    if (job->user.n && job->security == MAIL_PLAIN)
        return err_at_pointer(
                ERR1(E_INVALID, "error.courier.plain_login", job->host), S("/security"));
    if (job->deadline_ms < 0 || job->deadline_ms > MAIL_DEADLINE_MAX_MS)
        return err_at_pointer(ERR(E_INVALID, "error.courier.deadline"), S("/deadline_ms"));
    TRY(addresses_check(job));
    if (job->message.n > MAIL_BYTES_MAX)
        return err_at_pointer(
                ERR1(E_TOO_LARGE, "error.courier.mail_size", job->host), S("/message"));
    if (!job->message.n || !lines_are_whole(job->message))
        return err_at_pointer(ERR(E_INVALID, "error.courier.mail_lines"), S("/message"));
    return OK;
}
