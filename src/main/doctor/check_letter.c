/* check_letter.c - can letters be made and signed: the certificate with its days, the typefaces. */
#include "base/time.h"
#include "main/doctor/doctor.h"
#include "proc/letter_key.h"
#include "render/pdf.h"
#include <time.h>
#include <unistd.h>

enum { SOON_DAYS = 60, NOW_DAYS = 7 };

static bool fonts_there(doctor *d)
{
    static const char file[] = PDF_FONT_FOLDER "/NotoNastaliqUrdu-Regular.ttf";
    if (access(file, R_OK) == 0) return true;
    doctor_say(d, "letter", DOCTOR_WARN, "doctor.letter.fonts", "doctor.letter.fonts_fix",
            str_of(file), (str){ 0 }, (str){ 0 });
    return false;
}

static void say_days(doctor *d, const letter_certificate *c)
{
    int64_t days = (c->until.us - (int64_t)time(NULL) * US_PER_S) / US_PER_DAY;
    doctor_say(d, "letter",
            days < NOW_DAYS    ? DOCTOR_BAD
            : days < SOON_DAYS ? DOCTOR_WARN
                               : DOCTOR_OK,
            "doctor.letter.days", days < SOON_DAYS ? "doctor.letter.days_fix" : NULL, c->name,
            str_fmt(d->a, "%lld", (long long)days), (str){ 0 });
}

void check_letter(doctor *d)
{
    letter_certificate c;
    if (!d->owns || !fonts_there(d)) return;
    err e = letter_key_look(str_z(d->a, str_fmt(d->a, "%s/keys", d->data_dir)), d->a, &c);
    if (failed(e))
        doctor_say(d, "letter", DOCTOR_WARN, "doctor.letter.none", "doctor.letter.none_fix",
                fault_text(d->a, d->lang, e.f), (str){ 0 }, (str){ 0 });
    else
        say_days(d, &c);
}
