/* check_smime.c - does the certificate that signs mail still count, and for whom does it speak? */
#include "base/time.h"
#include "main/doctor/doctor.h"
#include "net/mail_wrap.h"
#include "proc/smime_key.h"

enum { SOON_DAYS = 30 };

static void judge(doctor *d, const smime_state *s, instant now)
{
    const smime_cert *c = &s->certificate;
    smime_cert seen;
    str none = { 0 }, day = str_sub(instant_text(d->a, c->until), 0, 10);
    err e = smime_judge(d->a, s->listing, conf_str(d->conf, "mail.from"), SMIME_SIGNS, now, &seen);
    if (failed(e))
        doctor_say(d, "smime", DOCTOR_BAD, "doctor.smime.fault", "doctor.smime.fault_fix",
                fault_text(d->a, d->lang, e.f), none, none);
    else if (c->until.us - now.us < SOON_DAYS * US_PER_DAY)
        doctor_say(d, "smime", DOCTOR_WARN, "doctor.smime.soon", "doctor.smime.soon_fix",
                c->subject, day, none);
    else
        doctor_say(d, "smime", DOCTOR_OK, "doctor.smime.ok", NULL, c->subject, day, none);
}

void check_smime(doctor *d)
{
    smime_state s;
    str none = { 0 };
    instant now = clock_now(&clock_system);
    if (!d->conf || !d->owns || !conf_str(d->conf, "mail.smtp_url").n) return;
    bool signs = mail_way_of(conf_str(d->conf, "mail.sign")) == MAIL_SMIME;
    err e = smime_key_look(str_z(d->a, str_fmt(d->a, "%s/keys", d->data_dir)), d->a, now, &s);
    if (failed(e))
        doctor_say(d, "smime", DOCTOR_BAD, "doctor.smime.fault", "doctor.smime.fault_fix",
                fault_text(d->a, d->lang, e.f), none, none);
    else if (s.used)
        judge(d, &s, now);
    else
        doctor_say(d, "smime", signs ? DOCTOR_BAD : DOCTOR_SKIP, "doctor.smime.none",
                "doctor.smime.none_fix", none, none, none);
}
