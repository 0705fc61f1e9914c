/* keys_main.h - the keys process: it alone reads the key files of a running Minar, at its start,
 * and opens nothing afterwards. Owns everything in its process. Called by main in the child, on its
 * one thread. */
#pragma once
#include "base/base.h"
#include "proc/child.h"
#include "proc/token.h"

/* What the settings say of the keys. */
typedef struct {
    str name;          /* in which letters are signed, when a certificate has to be made */
    str selector;      /* whose key signs mail (DKIM); empty: none does */
    token_setup token; /* which may seal the master key */
} keys_setup;
/* folder: DATA/keys, made when absent. Runs until told to stop; returns the exit code. */
int keys_main(child *c, const char *folder, const keys_setup *s);
