/* gpg.h - gpg in a throw-away child of keys. A starter is forked from keys before that has read any
 * key; it alone may execute gpg, may execute nothing else, and has no socket. Each run is a child
 * of its own, with a limit of time and of what it writes.
 * Owns the starter's process (it ends with keys) . Called by keys_main and tests, one thread. */
#pragma once
#include "base/base.h"

enum { GPG_SECONDS = 30, GPG_ARGS_MAX = 24, GPG_BYTES_MAX = 64 << 20 };

/* home: gpg's own folder, made when absent; the only one it writes to. Gives the channel to the
 * starter, yours to close, or -1. Before keys gives its rights up. */
int gpg_starter(const char *home);
/* Begins a run: gpg --batch --no-tty --no-autostart --homedir HOME and args, reading in and writing
 * out, which stay yours. One at a time. False: the starter is gone. */
MUST_USE bool gpg_start(int channel, const str *args, size_t n, int in, int out);
/* Waits for its end (poll the channel first). *status: the exit code, or 128 + the signal. */
MUST_USE bool gpg_ended(int channel, int *status);
