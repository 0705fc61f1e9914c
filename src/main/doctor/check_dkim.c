/* check_dkim.c - do others find our keys for mail: each record of the selector that signs is looked
 * up and compared with the key in the folder. Only its owner reads that. */
#include "common/outbox/outbox.h"
#include "main/doctor/doctor.h"
#include "net/dns_txt.h"
#include "proc/dkim_key.h"

static bool published(doctor *d, str server, str name, str ours, err *ret)
{
    str records[DNS_RECORDS_MAX];
    size_t n = 0;
    *ret = dns_txt(d->a, server, name, records, &n);
    for (size_t i = 0; i < n; i++)
        if (dkim_record_same(d->a, records[i], ours)) return true;
    return false;
}

/* Says what is wrong with one record; false: nothing is. */
static bool wrong(doctor *d, dkim_identity by, dkim_algorithm g, const dkim_key *k)
{
    err e;
    str name = dkim_record_name(d->a, by, g);
    str ours = dkim_record(d->a, g, dkim_key_public(k, g, d->a));
    if (published(d, conf_str(d->conf, "doctor.name_server"), name, ours, &e)) return false;
    bool silent = failed(e) && err_code_of(e) != E_ABSENT;
    const char *words = silent      ? "doctor.dkim.silent"
                        : failed(e) ? "doctor.dkim.absent"
                                    : "doctor.dkim.other";
    doctor_say(d, "dkim", silent ? DOCTOR_WARN : DOCTOR_BAD, words, "doctor.dkim.fix", name, ours,
            (str){ 0 });
    return true;
}

void check_dkim(doctor *d)
{
    dkim_identity by;
    dkim_key *k = NULL;
    if (!d->conf || !d->owns || !conf_str(d->conf, "mail.smtp_url").n) return;
    err e = dkim_conf(d->conf, &by);
    if (!failed(e) && !by.selector.n) {
        doctor_say(d, "dkim", DOCTOR_WARN, "doctor.dkim.off", "doctor.dkim.off_fix", (str){ 0 },
                (str){ 0 }, (str){ 0 });
        return;
    }
    if (!failed(e))
        e = dkim_key_open(str_z(d->a, str_fmt(d->a, "%s/keys", d->data_dir)), by.selector, &k);
    if (failed(e)) {
        doctor_say(d, "dkim", DOCTOR_BAD, "doctor.dkim.key", "doctor.dkim.key_fix",
                fault_text(d->a, d->lang, e.f), (str){ 0 }, (str){ 0 });
        return;
    }
    if (!wrong(d, by, DKIM_RSA, k) && !wrong(d, by, DKIM_ED25519, k))
        doctor_say(
                d, "dkim", DOCTOR_OK, "doctor.dkim.ok", NULL, by.selector, by.domain, (str){ 0 });
    dkim_key_close(k);
}
