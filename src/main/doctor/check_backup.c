/* check_backup.c - is there a good backup, was one restored lately, do two people hold the key that
 * opens it, is a change of the master key unfinished, is the token there that seals it, and is this
 * a restored installation that still sends nothing? */
#include "base/time.h"
#include "main/backup/backup.h"
#include "main/doctor/doctor.h"
#include <math.h>

enum { OLD_H = 26, DRILL_DAYS = 8, CHECK_DAYS = 366, STANDBY_S = 60, HOUR_S = 3600, DAY_S = 86400 };

static str ago(doctor *d, double at, int unit_s)
{
    double now = (double)clock_now(&clock_system).us / (double)US_PER_S;
    return at > 0 ? str_fmt(d->a, "%.0f", floor((now - at) / unit_s)) : S("-");
}

static bool older(double at, int64_t s)
{
    return (double)clock_now(&clock_system).us / (double)US_PER_S - at > (double)s;
}

static void look_at_drill(doctor *d)
{
    double at = doctor_figure(d, S("minar_backup_last_drill_time_seconds"));
    bool good = doctor_figure(d, S("minar_backup_last_drill_good")) > 0;
    str days = ago(d, at, DAY_S);
    if (!(at > 0))
        doctor_say(d, "drill", DOCTOR_WARN, "doctor.drill.none", "doctor.drill.fix", days, S(""),
                S(""));
    else if (!good)
        doctor_say(d, "drill", DOCTOR_BAD, "doctor.drill.bad", "doctor.drill.bad_fix", days, S(""),
                S(""));
    else
        doctor_say(d, "drill", older(at, DRILL_DAYS * DAY_S) ? DOCTOR_WARN : DOCTOR_OK,
                "doctor.drill.good", older(at, DRILL_DAYS * DAY_S) ? "doctor.drill.fix" : NULL,
                days, S(""), S(""));
}

/* Read by who owns the folder alone: the server may not see its keys. */
static void look_at_custody(doctor *d)
{
    custody c;
    err e = custody_read(d->a, d->data_dir, &c);
    if (!d->owns) return;
    if (failed(e)) {
        doctor_say(d, "custody", DOCTOR_WARN, "doctor.custody.none", "doctor.custody.fix", S(""),
                S(""), S(""));
        return;
    }
    double seen = (double)(c.checked.us > c.split.us ? c.checked.us : c.split.us) / 1e6;
    bool old = older(seen, (int64_t)CHECK_DAYS * DAY_S);
    doctor_say(d, "custody", old ? DOCTOR_WARN : DOCTOR_OK, "doctor.custody.held",
            old ? "doctor.custody.old_fix" : NULL, str_fmt(d->a, "%d", c.custodians),
            ago(d, seen, DAY_S), S(""));
}

/* Without a PIN: no look costs a try. */
static void look_at_token(doctor *d, const master_state *s)
{
    token_setup t;
    if (!d->conf || failed(keys_token(d->a, d->data_dir, &t)) || (!s->sealed && !t.module.n))
        return;
    bool open = s->sealed && keys_lie_open(d->data_dir);
    err e = s->sealed ? token_look(&t, &s->lock) : OK;
    if (failed(e)) {
        str why = fault_text(d->a, d->lang, e.f);
        doctor_say(d, "token", DOCTOR_BAD, "doctor.token.bad", "doctor.token.bad_fix",
                str_of(s->token), why, S(""));
        return;
    }
    doctor_say(d, "token", s->sealed && !open ? DOCTOR_OK : DOCTOR_WARN,
            !s->sealed ? "doctor.token.unused"
            : open     ? "doctor.token.open"
                       : "doctor.token.sealed",
            s->sealed && !open ? NULL : "doctor.token.fix", s->sealed ? str_of(s->token) : t.label,
            str_of(s->serial), S(""));
}

/* Cut off, a change of the master key has left both keys: everything opens, and it is not done. */
static void look_at_master(doctor *d)
{
    master_state s;
    if (!d->owns || failed(keys_state(d->data_dir, &s)))
        return; /* `keys` says what is wrong with it */
    if (s.n_old)
        doctor_say(d, "renewal", DOCTOR_WARN, "doctor.renewal.unfinished", "doctor.renewal.fix",
                S(""), S(""), S(""));
    look_at_token(d, &s);
}

/* By the figures, so that who may not read the folder hears it too; silent when there is none. */
static void look_at_copy(doctor *d)
{
    double age = doctor_figure(d, S("minar_copy_age_seconds"));
    double heard = doctor_figure(d, S("minar_standby_heard_time_seconds"));
    if (isnan(age)) return;
    bool late = doctor_figure(d, S("minar_copy_late")) > 0, alone = older(heard, STANDBY_S);
    str s = str_fmt(d->a, "%.0f", age);
    doctor_say(d, "copy",
            late    ? DOCTOR_BAD
            : alone ? DOCTOR_WARN
                    : DOCTOR_OK,
            late    ? "doctor.copy.late"
            : alone ? "doctor.copy.alone"
                    : "doctor.copy.good",
            late ? "doctor.copy.fix" : NULL, s, ago(d, heard, 1), S(""));
}

void check_backup(doctor *d)
{
    double made = doctor_figure(d, S("minar_backup_last_good_time_seconds"));
    str hours = ago(d, made, HOUR_S);
    if (doctor_figure(d, S("minar_restored_held")) > 0)
        doctor_say(d, "restored", DOCTOR_WARN, "doctor.restored.held", "doctor.restored.fix", S(""),
                S(""), S(""));
    if (!d->figures.n)
        doctor_say(d, "backup", DOCTOR_SKIP, "doctor.site.unknown", NULL, S(""), S(""), S(""));
    else if (!(made > 0))
        doctor_say(d, "backup", DOCTOR_WARN, "doctor.backup.none", "doctor.backup.fix", S(""),
                S(""), S(""));
    else
        doctor_say(d, "backup", older(made, OLD_H * HOUR_S) ? DOCTOR_WARN : DOCTOR_OK,
                "doctor.backup.good", older(made, OLD_H * HOUR_S) ? "doctor.backup.fix" : NULL,
                hours, S(""), S(""));
    if (d->figures.n) look_at_drill(d);
    if (d->figures.n) look_at_copy(d);
    look_at_custody(d);
    look_at_master(d);
}
