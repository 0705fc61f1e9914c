/* check_data.c - what update bundles brought: is it in use, and new enough? By the figures. */
#include <math.h>

#include "base/time.h"
#include "flow/reference.h"
#include "main/doctor/doctor.h"

typedef struct {
    str all, old, unused; /* kinds with their days, parted by commas */
} told;

static void add(arena *a, str *list, str more)
{
    *list = list->n ? str_fmt(a, "%.*s, %.*s", STR_ARG(*list), STR_ARG(more)) : more;
}

static void look_at(doctor *d, bundle_kind k, told *t)
{
    double now = (double)clock_now(&clock_system).us / (double)US_PER_S;
    const char *kind = bundle_kind_name(k);
    double at = doctor_figure(d, str_fmt(d->a, "minar_data_time_seconds{kind=\"%s\"}", kind));
    if (isnan(at)) return;
    double days = floor((now - at) / 86400);
    str s = str_fmt(d->a, "%s %.0f", kind, days > 0 ? days : 0);
    add(d->a, &t->all, s);
    if (days > reference_old_days(k)) add(d->a, &t->old, s);
    if (!(doctor_figure(d, str_fmt(d->a, "minar_data_in_use{kind=\"%s\"}", kind)) > 0))
        add(d->a, &t->unused, str_of(kind));
}

/* A command that opens the store alone runs no pipeline, which uses nothing: no fault then. */
void check_data(doctor *d)
{
    told t = { 0 };
    if (!d->figures.n) return;
    for (bundle_kind k = 0; k < BUNDLE_KINDS; k++)
        look_at(d, k, &t);
    if (!t.all.n)
        doctor_say(d, "data", DOCTOR_SKIP, "doctor.data.none", NULL, S(""), S(""), S(""));
    else if (d->server && t.unused.n)
        doctor_say(d, "data", DOCTOR_WARN, "doctor.data.unused", "doctor.data.unused_fix", t.unused,
                S(""), S(""));
    else
        doctor_say(d, "data", t.old.n ? DOCTOR_WARN : DOCTOR_OK, "doctor.data.are",
                t.old.n ? "doctor.data.fix" : NULL, t.all, t.old, S(""));
}
