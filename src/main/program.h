/* program.h - a whole Minar opened in one process: the server, or a command that works alone while
 * no server runs. Opens in the order in which knowledge points, closes in the opposite one. */
#pragma once
#include "api/app.h"
#include "api/serve.h"
#include "proc/token.h"

typedef struct program {
    app app; /* first: an app's program is itself */
    arena *a;
    api *api;
    int lock_fd;                /* DIR/lock, held as long as it is open */
    struct keys *keys;          /* a lone command's own */
    struct demo_filler *filler; /* the server's */
    token_setup token;          /* a lone command's: the keyring holds it */
} program;

typedef struct {
    const char *data_dir;
    const char *schema;      /* overrides the configuration's, or NULL */
    const char *listen;      /* overrides the configuration's, or NULL */
    struct courier *courier; /* or NULL: nothing leaves */
    struct keys *keys;       /* or NULL: it reads the key files itself */
    struct sandbox *sandbox; /* or NULL: nothing that others made is opened */
    struct printer *printer; /* or NULL: nothing is put on paper */
    const uint8_t *backup;   /* or NULL: of two cards, opens the master key instead of its token */
    int lock_fd;             /* with keys: program_lock's, the program's from here on */
    bool work;               /* start what works by itself: pipeline, reactions, outbox */
    bool want_founded;       /* E_CONFIG when the site is not founded yet */
} program_options;

/* Errors: E_BUSY (another process has the folder), E_CONFIG, E_IO. */
MUST_USE err program_open(const program_options *o, program **ret);
void program_close(program *p);
/* Makes the data folder and what is fixed in it, and takes its lock, waiting 3 s for one that is
 * ending: before a process's rights go. *ret_fd keeps it. Errors: E_BUSY, E_IO. */
MUST_USE err program_lock(const char *data_dir, int *ret_fd);
/* Is the live site founded? */
bool program_founded(const program *p);
/* Only the configuration of a data folder, in a. */
MUST_USE err program_conf(arena *a, const char *data_dir, const char *listen, const conf **ret);
/* Sets this process's log as the configuration says: level, form, syslog. Before its rights go.
 * E_CONFIG. */
MUST_USE err program_log(const char *data_dir);
/* "https" when TLS is configured, else "http". */
const char *program_scheme(const conf *c);
/* The data folder: --data, MINAR_HOME, the package's /var/lib/minar where it is, or
 * ~/.local/share/minar. In a. */
char *program_folder(arena *a, const char *asked);
