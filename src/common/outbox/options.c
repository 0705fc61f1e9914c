/* options.c - what the outbox must know, from the configuration. At start, on one thread. */
#include "base/time.h"
#include "common/outbox/bounce_box.h"
#include "common/outbox/outbox.h"
#include "net/fetch.h"

#include <fcntl.h>
#include <unistd.h>

enum { PASSWORD_BYTES = 1024, PORT_SMTP = 25, PORT_SUBMISSION = 587, PORT_SMTPS = 465 };
enum { PORT_IMAP = 143, PORT_IMAPS = 993 };

static err read_password(arena *a, str path, str setting, str *ret)
{
    char *p = arena_alloc(a, PASSWORD_BYTES);
    int fd = open(str_z(a, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_at_pointer(err_errno("error.outbox.password", path), setting);
    ssize_t n = read(fd, p, PASSWORD_BYTES);
    close(fd);
    if (n < 0) return err_at_pointer(err_errno("error.outbox.password", path), setting);
    str line = { p, (size_t)n };
    ptrdiff_t end = str_find_byte(line, '\n');
    *ret = str_trim(end < 0 ? line : str_sub(line, 0, (size_t)end));
    return OK;
}

/* A server as the settings write one. */
typedef struct {
    str host;
    int32_t port;
} place;

/* "host", "host:25", "[::1]:25"; a slash may follow. False: it is none of these. */
static bool split_host(str at, place *ret)
{
    int64_t port;
    ptrdiff_t bracket = str_find_byte(at, ']');
    if (str_ends(at, S("/"))) at = str_sub(at, 0, at.n - 1);
    if (str_starts(at, S("[")) && bracket > 0) {
        ret->host = str_sub(at, 1, (size_t)bracket - 1);
        at = str_sub(at, (size_t)bracket + 1, at.n);
    } else {
        ptrdiff_t colon = str_find_byte(at, ':');
        ret->host = colon < 0 ? at : str_sub(at, 0, (size_t)colon);
        at = colon < 0 ? S("") : str_sub(at, (size_t)colon, at.n);
    }
    if (ret->host.n == 0) return false;
    if (at.n == 0) return true;
    if (at.p[0] != ':' || !str_to_i64(str_sub(at, 1, at.n), &port) || port < 1 || port > 65535)
        return false;
    ret->port = (int32_t)port;
    return true;
}

static err parse_url(str url, outbox_options *o)
{
    bool tls = str_starts(url, S("smtps://"));
    place at = { .port = tls ? PORT_SMTPS : PORT_SMTP };
    if (!split_host(str_sub(url, tls ? 8 : 7, url.n), &at))
        return err_at_pointer(
                ERR1(E_CONFIG, "error.outbox.smtp_url", web_url_shown(url)), S("mail.smtp_url"));
    o->host = at.host;
    o->port = at.port;
    bool upgrade = o->user.n || o->port == PORT_SUBMISSION;
    o->security = tls ? MAIL_TLS : upgrade ? MAIL_STARTTLS : MAIL_PLAIN;
    return OK;
}

/* ---- what comes back ---- */

static err load_box(arena *a, const conf *c, str url, box_job *ret)
{
    bool tls = str_starts(url, S("imaps://"));
    place at = { .port = tls ? PORT_IMAPS : PORT_IMAP };
    bool good = split_host(str_sub(url, tls ? 8 : 7, url.n), &at);
    str file = conf_str(c, "bounce.password_file");
    box_job job = { .endpoint = ENDPOINT_CONFIGURED,
        .host = at.host,
        .port = at.port,
        .security = tls ? MAIL_TLS : MAIL_PLAIN,
        .user = conf_str(c, "bounce.user"),
        .mailbox = conf_str(c, "bounce.mailbox"),
        .list = true };
    if (good && !tls && failed(box_job_check(&job))) job.security = MAIL_STARTTLS;
    if (file.n) TRY(read_password(a, file, S("bounce.password_file"), &job.password));
    if (!good || failed(box_job_check(&job)))
        return err_at_pointer(
                ERR1(E_CONFIG, "error.bounce.imap_url", web_url_shown(url)), S("bounce.imap_url"));
    *ret = job;
    return OK;
}

err bounce_options_load(arena *a, const conf *c, bounce_options *ret)
{
    str address = conf_str(c, "bounce.address"), url = conf_str(c, "bounce.imap_url");
    ptrdiff_t at = str_find_byte(address, '@');
    bounce_options o = { .address = address, .every_us = conf_int(c, "bounce.every_s") * US_PER_S };
    if (address.n && (!mail_address_is_sane(address) || at > VERP_NAME_MAX))
        return err_at_pointer(ERR(E_CONFIG, "error.bounce.address"), S("bounce.address"));
    if (address.n && url.n) TRY(load_box(a, c, url, &o.box));
    *ret = o;
    return OK;
}

/* ---- who signs ---- */

err dkim_conf(const conf *c, dkim_identity *ret)
{
    str from = conf_str(c, "mail.from"), domain = conf_str(c, "mail.dkim_domain");
    str selector = conf_str(c, "mail.dkim_selector");
    *ret = (dkim_identity){ 0 };
    if (!selector.n) return OK;
    if (!dkim_selector_is_sane(selector))
        return err_at_pointer(ERR(E_CONFIG, "error.dkim.selector"), S("mail.dkim_selector"));
    ptrdiff_t at = str_find_byte(from, '@');
    if (!domain.n && at >= 0) domain = str_sub(from, (size_t)at + 1, from.n);
    if (!host_is_sane(domain))
        return err_at_pointer(ERR(E_CONFIG, "error.dkim.domain"), S("mail.dkim_domain"));
    *ret = (dkim_identity){ .domain = domain, .selector = selector };
    return OK;
}

err outbox_options_load(arena *a, const conf *c, outbox_options *ret)
{
    outbox_options o = { .site_name_en = conf_str(c, "site.name_en"),
        .site_name_ur = conf_str(c, "site.name_ur"),
        .from = conf_str(c, "mail.from"),
        .user = conf_str(c, "mail.user"),
        .sign = mail_way_of(conf_str(c, "mail.sign")),
        .cipher = mail_cipher_of(conf_str(c, "mail.smime_cipher")),
        .hold_without_key = str_eq(conf_str(c, "mail.key_ended"), S("hold")),
        .link_us = conf_int(c, "link.valid_h") * 3600 * US_PER_S };
    str url = conf_str(c, "mail.smtp_url"), file = conf_str(c, "mail.password_file");
    TRY(zone_find(conf_str(c, "site.time_zone"), &o.zone));
    TRY(paper_options_load(c, &o.paper));
    bounce_options back;
    TRY(dkim_conf(c, &o.dkim));
    TRY(bounce_options_load(a, c, &back));
    o.bounce_address = back.address;
    TRY(sms_options_load(a, c, &o.sms));
    o.channel_off_us = conf_int(c, "channel.off_after_h") * 3600 * US_PER_S;
    if (file.n) TRY(read_password(a, file, S("mail.password_file"), &o.password));
    if (url.n) TRY(parse_url(url, &o));
    *ret = o;
    return OK;
}
