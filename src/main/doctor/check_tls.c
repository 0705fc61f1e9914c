/* check_tls.c - who reads along: the certificate with its name and days, or the proxy in front. */
#include "main/doctor/doctor.h"
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <unistd.h>

enum { SOON_DAYS = 30, NOW_DAYS = 7 };

static X509 *read_certificate(const char *path)
{
    FILE *f = fopen(path, "re");
    X509 *x = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
    if (f) fclose(f);
    return x;
}

/* The host of public_url, without scheme, port and path. */
static str public_host(const conf *c)
{
    str s = conf_str(c, "public_url");
    ptrdiff_t at = str_find(s, S("://"));
    if (at >= 0) s = str_sub(s, (size_t)at + 3, s.n);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '/' || s.p[i] == ':') return str_sub(s, 0, i);
    return s;
}

static int days_left(const X509 *x)
{
    int days = -1, seconds = 0;
    if (!ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x))) return -1;
    return days < 0 || seconds < 0 ? -1 : days;
}

static void look_at_certificate(doctor *d, str path)
{
    X509 *x = read_certificate(str_z(d->a, path));
    str host = public_host(d->conf);
    if (!x) {
        doctor_say(d, "tls", DOCTOR_BAD, "doctor.tls.unread", "doctor.tls.unread_fix", path, host,
                (str){ 0 });
        return;
    }
    int days = days_left(x);
    str left = str_fmt(d->a, "%d", days);
    bool named = host.n && X509_check_host(x, host.p, host.n, 0, NULL) == 1;
    if (!named)
        doctor_say(d, "tls", host.n ? DOCTOR_BAD : DOCTOR_WARN, "doctor.tls.name",
                "doctor.tls.name_fix", path, host, left);
    else
        doctor_say(d, "tls",
                days < NOW_DAYS    ? DOCTOR_BAD
                : days < SOON_DAYS ? DOCTOR_WARN
                                   : DOCTOR_OK,
                "doctor.tls.days", days < SOON_DAYS ? "doctor.tls.days_fix" : NULL, path, host,
                left);
    X509_free(x);
}

static bool only_here(str listen)
{
    return str_starts(listen, S("127.")) || str_starts(listen, S("localhost:")) ||
           str_starts(listen, S("[::1]:"));
}

/* What the courier reads at its start. */
void check_trust(doctor *d)
{
    static const char file[] = "/etc/ssl/certs/ca-certificates.crt";
    bool there = access(file, R_OK) == 0;
    doctor_say(d, "trust", there ? DOCTOR_OK : DOCTOR_BAD,
            there ? "doctor.trust.ok" : "doctor.trust.none", there ? NULL : "doctor.trust.fix",
            S("/etc/ssl/certs/ca-certificates.crt"), (str){ 0 }, (str){ 0 });
}

void check_tls(doctor *d)
{
    const conf *c = d->conf;
    if (!c) return;
    str cert = conf_str(c, "tls.cert_file"), listen = conf_str(c, "listen");
    bool proxies = conf_str(c, "http.proxies").n > 0;
    bool outside = str_starts(conf_str(c, "public_url"), S("https://"));
    if (cert.n)
        look_at_certificate(d, cert);
    else if (!only_here(listen) && !proxies)
        doctor_say(d, "tls", DOCTOR_BAD, "doctor.tls.none", "doctor.tls.none_fix", listen,
                (str){ 0 }, (str){ 0 });
    else if (outside && !proxies)
        doctor_say(d, "tls", DOCTOR_WARN, "doctor.tls.proxy", "doctor.tls.proxy_fix", listen,
                (str){ 0 }, (str){ 0 });
    else
        doctor_say(d, "tls", DOCTOR_OK, proxies ? "doctor.tls.proxy" : "doctor.tls.here", NULL,
                listen, (str){ 0 }, (str){ 0 });
}
