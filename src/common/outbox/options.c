/* options.c - what the outbox must know, from the configuration. At start, on one thread. */
#include "base/time.h"
#include "common/outbox/outbox.h"
#include "net/fetch.h"

#include <fcntl.h>
#include <unistd.h>

enum { PASSWORD_BYTES = 1024, PORT_SMTP = 25, PORT_SUBMISSION = 587, PORT_SMTPS = 465 };

static err read_password(arena *a, str path, str *ret)
{
    char *p = arena_alloc(a, PASSWORD_BYTES);
    int fd = open(str_z(a, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_at_pointer(err_errno("error.outbox.password", path), S("mail.password_file"));
    ssize_t n = read(fd, p, PASSWORD_BYTES);
    close(fd);
    if (n < 0)
        return err_at_pointer(err_errno("error.outbox.password", path), S("mail.password_file"));
    str line = { p, (size_t)n };
    ptrdiff_t end = str_find_byte(line, '\n');
    *ret = str_trim(end < 0 ? line : str_sub(line, 0, (size_t)end));
    return OK;
}

static err bad_url(str url)
{
    return err_at_pointer(
            ERR1(E_CONFIG, "error.outbox.smtp_url", web_url_shown(url)), S("mail.smtp_url"));
}

/* "host", "host:25", "[::1]:25" */
static err split_host(str at, str url, outbox_options *o)
{
    int64_t port;
    ptrdiff_t bracket = str_find_byte(at, ']');
    if (str_starts(at, S("[")) && bracket > 0) {
        o->host = str_sub(at, 1, (size_t)bracket - 1);
        at = str_sub(at, (size_t)bracket + 1, at.n);
    } else {
        ptrdiff_t colon = str_find_byte(at, ':');
        o->host = colon < 0 ? at : str_sub(at, 0, (size_t)colon);
        at = colon < 0 ? S("") : str_sub(at, (size_t)colon, at.n);
    }
    if (o->host.n == 0) return bad_url(url);
    if (at.n == 0) return OK;
    if (at.p[0] != ':' || !str_to_i64(str_sub(at, 1, at.n), &port) || port < 1 || port > 65535)
        return bad_url(url);
    o->port = (int32_t)port;
    return OK;
}

static err parse_url(str url, outbox_options *o)
{
    bool tls = str_starts(url, S("smtps://"));
    str at = str_sub(url, tls ? 8 : 7, url.n);
    if (str_ends(at, S("/"))) at = str_sub(at, 0, at.n - 1);
    o->port = tls ? PORT_SMTPS : PORT_SMTP;
    TRY(split_host(at, url, o));
    bool upgrade = o->user.n || o->port == PORT_SUBMISSION;
    o->security = tls ? MAIL_TLS : upgrade ? MAIL_STARTTLS : MAIL_PLAIN;
    return OK;
}

err outbox_options_load(arena *a, const conf *c, outbox_options *ret)
{
    outbox_options o = { .site_name_en = conf_str(c, "site.name_en"),
        .site_name_ur = conf_str(c, "site.name_ur"),
        .from = conf_str(c, "mail.from"),
        .user = conf_str(c, "mail.user"),
        .link_us = conf_int(c, "link.valid_h") * 3600 * US_PER_S };
    str url = conf_str(c, "mail.smtp_url"), file = conf_str(c, "mail.password_file");
    TRY(zone_find(conf_str(c, "site.time_zone"), &o.zone));
    TRY(paper_options_load(c, &o.paper));
    TRY(sms_options_load(a, c, &o.sms));
    o.channel_off_us = conf_int(c, "channel.off_after_h") * 3600 * US_PER_S;
    if (file.n) TRY(read_password(a, file, &o.password));
    if (url.n) TRY(parse_url(url, &o));
    *ret = o;
    return OK;
}
