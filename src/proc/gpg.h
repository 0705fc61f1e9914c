/* gpg.h - gpg in a throw-away child of keys, and S/MIME in one. A starter is forked from keys
 * before that has read any key; it alone may execute gpg. A guest's starter reads what strangers
 * wrote: it has no socket and no secret. A signer's has the site's secret keys in its folder, and
 * gpg's agent, its own child, at a socket there. Each run is a child of its own, with a limit of
 * time and of what it writes. Owns the starter's process (it ends with keys) . Called by keys_main
 * and tests, one thread. */
#pragma once
#include "proc/smime_guest.h"

enum { GPG_SECONDS = 30, GPG_ARGS_MAX = 24, GPG_BYTES_MAX = 64 << 20 };

typedef enum {
    GPG_GUEST,
    GPG_SIGNER,        /* the keys process: its agent takes the place of any other */
    GPG_SIGNER_BESIDE, /* a command: an agent that answers there is used, else one of its own */
} gpg_kind;
/* home: gpg's own folder, made when absent; the only one it writes to. Gives the channel to the
 * starter, yours to close, or -1. Before keys gives its rights up. A path that is too long for a
 * socket leaves a signer without an agent: it runs, and cannot sign. */
int gpg_starter(gpg_kind kind, const char *home);
/* Begins a run: gpg --batch --no-tty --quiet --no-autostart --homedir HOME and args, reading in and
 * writing out, which stay yours; extra is its descriptor 3, -1: none. What it says on the way is
 * thrown away. One at a time. False: the starter is gone. */
MUST_USE bool gpg_start(int channel, const str *args, size_t n, int in, int out, int extra);
/* The same for what a guest's child does by itself, without gpg (smime_guest.h). */
MUST_USE bool guest_start(int channel, guest_work w, int in, int out, int extra);
/* Waits for its end (poll the channel first). *status: the exit code, or 128 + the signal. */
MUST_USE bool gpg_ended(int channel, int *status);
