/* doctor.h - `minar doctor`: is this machine, this folder and this site as they should be? One line
 * a check, with what to do. It changes nothing, and works with the server running or not. Main
 * thread.
 */
#pragma once
#include "base/conf.h"
#include "main/client.h"
#include "main/command.h"

int doctor_run(const command_line *l);

/* ---- for the checks ---- */
typedef enum { DOCTOR_OK, DOCTOR_SKIP, DOCTOR_WARN, DOCTOR_BAD } doctor_state;
typedef struct {
    const char *name;
    doctor_state state;
    str words, fix;
} doctor_line;

enum { DOCTOR_LINES = 40 };
typedef struct {
    arena *a;
    lang lang;
    str realm;
    const char *data_dir;
    const conf *conf; /* NULL: it cannot be read */
    bool owns;        /* the folder is this user's: what is opened there stays the owner's */
    client *server;   /* NULL: none runs */
    str figures;      /* what /metrics says; empty: not asked, or not told */
    doctor_line lines[DOCTOR_LINES];
    size_t n;
} doctor;

/* Keys of texts; fix NULL: nothing is to be done. {1} to {3} of both are the arguments. */
void doctor_say(doctor *d, const char *name, doctor_state state, const char *words, const char *fix,
        str a1, str a2, str a3);
/* A figure of d->figures, with its labels; NAN: not told. */
double doctor_figure(const doctor *d, str name);
str doctor_size(arena *a, double bytes); /* "12.3 GB" */

void check_folder(doctor *d); /* folder, configuration */
void check_disk(doctor *d);   /* disk, inodes */
void check_memory(doctor *d);
void check_clock(doctor *d);
void check_zones(doctor *d);
void check_kernel(doctor *d);
void check_limits(doctor *d);
void check_tls(doctor *d);
void check_trust(doctor *d);
void check_letter(doctor *d); /* certificate and typefaces */
void check_server(doctor *d); /* fills d->figures, for the ones after it */
void check_store(doctor *d);
void check_ledger(doctor *d);
void check_feeds(doctor *d);
void check_data(doctor *d); /* what update bundles brought */
void check_mail(doctor *d);
void check_dkim(doctor *d);   /* the records that tell others our key, looked up */
void check_pgp(doctor *d);    /* the OpenPGP keys that sign mail */
void check_smime(doctor *d);  /* the certificate that signs mail */
void check_backup(doctor *d); /* backup, drill, custody; what is held after a restore */
