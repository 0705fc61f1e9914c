/* check_pgp.c - do the OpenPGP keys that sign mail still do so, and for whom do they speak? Only
 * the folder's owner asks gpg. */
#include "base/time.h"
#include "main/doctor/doctor.h"
#include "proc/pgp_make.h"

enum { SOON_DAYS = 30 };

/* The one that signs longest; false: none does. */
static bool best(const pgp_key *k, size_t n, instant now, const pgp_key **ret)
{
    *ret = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!pgp_key_signs(&k[i], now)) continue;
        bool longer = *ret && (*ret)->expires.us &&
                      (!k[i].expires.us || k[i].expires.us > (*ret)->expires.us);
        if (!*ret || longer) *ret = &k[i];
    }
    return *ret != NULL;
}

static void judge(doctor *d, const pgp_key *k, size_t n)
{
    const pgp_key *b;
    str none = { 0 };
    instant now = clock_now(&clock_system);
    str from = str_fmt(d->a, "<%.*s>", STR_ARG(conf_str(d->conf, "mail.from")));
    if (!n) {
        doctor_say(d, "openpgp", DOCTOR_SKIP, "doctor.pgp.none", "doctor.pgp.none_fix", none, none,
                none);
        return;
    }
    if (!best(k, n, now, &b)) {
        doctor_say(d, "openpgp", DOCTOR_BAD, "doctor.pgp.ended", "doctor.pgp.ended_fix", none, none,
                none);
        return;
    }
    str day = b->expires.us ? str_sub(instant_text(d->a, b->expires), 0, 10) : S("-");
    str print = pgp_grouped(d->a, b->fingerprint);
    bool soon = b->expires.us && b->expires.us - now.us < SOON_DAYS * US_PER_DAY;
    if (soon)
        doctor_say(d, "openpgp", DOCTOR_WARN, "doctor.pgp.soon", "doctor.pgp.soon_fix", print, day,
                none);
    else if (!str_ends(b->user, from))
        doctor_say(d, "openpgp", DOCTOR_WARN, "doctor.pgp.other", "doctor.pgp.other_fix", b->user,
                conf_str(d->conf, "mail.from"), none);
    else
        doctor_say(d, "openpgp", DOCTOR_OK, "doctor.pgp.ok", NULL, print, day, none);
}

void check_pgp(doctor *d)
{
    pgp_maker *m = NULL;
    pgp_key k[PGP_KEYS_MAX];
    size_t n = 0;
    if (!d->conf || !d->owns || !conf_str(d->conf, "mail.smtp_url").n) return;
    err e = pgp_maker_open(d->a, str_z(d->a, str_fmt(d->a, "%s/keys", d->data_dir)), &m);
    if (!failed(e)) e = pgp_maker_list(m, k, &n);
    pgp_maker_close(m);
    if (failed(e))
        doctor_say(d, "openpgp", DOCTOR_BAD, "doctor.pgp.fault", "doctor.pgp.fault_fix",
                fault_text(d->a, d->lang, e.f), (str){ 0 }, (str){ 0 });
    else
        judge(d, k, n);
}
