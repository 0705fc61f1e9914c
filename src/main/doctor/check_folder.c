/* check_folder.c - the data folder, its configuration, and what is kept of it elsewhere. */
#include "main/doctor/doctor.h"
#include "main/program.h"
#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

static str owner_name(arena *a, uid_t uid)
{
    struct passwd *p = getpwuid(uid);
    return p ? str_copy(a, str_of(p->pw_name)) : str_fmt(a, "%u", (unsigned)uid);
}

static void look_at(doctor *d, const struct stat *st)
{
    str dir = str_of(d->data_dir), owner = owner_name(d->a, st->st_uid);
    str mode = str_fmt(d->a, "%o", (unsigned)st->st_mode & 07777);
    if (!S_ISDIR(st->st_mode))
        doctor_say(d, "folder", DOCTOR_BAD, "doctor.folder.file", "doctor.folder.file_fix", dir,
                owner, mode);
    else if (st->st_mode & 077)
        doctor_say(d, "folder", DOCTOR_BAD, "doctor.folder.open", "doctor.folder.open_fix", dir,
                owner, mode);
    else if (!d->owns)
        doctor_say(d, "folder", geteuid() ? DOCTOR_BAD : DOCTOR_OK, "doctor.folder.other",
                geteuid() ? "doctor.folder.other_fix" : NULL, dir, owner, mode);
    else
        doctor_say(d, "folder", DOCTOR_OK, "doctor.folder.ok", NULL, dir, owner, mode);
}

static void look_at_conf(doctor *d)
{
    err e = program_conf(d->a, d->data_dir, NULL, &d->conf);
    if (failed(e)) {
        d->conf = NULL;
        doctor_say(d, "settings", DOCTOR_BAD, "doctor.settings.bad", "doctor.settings.fix",
                fault_text(d->a, d->lang, e.f), (str){ 0 }, (str){ 0 });
        return;
    }
    doctor_say(d, "settings", DOCTOR_OK, "doctor.settings.ok", NULL,
            str_fmt(d->a, "%s/minar.yaml", d->data_dir), (str){ 0 }, (str){ 0 });
}

void check_folder(doctor *d)
{
    struct stat st;
    if (stat(d->data_dir, &st) == 0)
        look_at(d, &st);
    else
        doctor_say(d, "folder", DOCTOR_BAD, "doctor.folder.none", "doctor.folder.none_fix",
                str_of(d->data_dir), str_of(strerror(errno)), (str){ 0 });
    look_at_conf(d);
}
