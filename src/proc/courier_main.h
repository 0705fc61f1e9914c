/* courier_main.h - the courier process: connects to whatever configuration or others name, and to
 * nothing else. Owns everything in its process. Called by main in the child, on its one thread. */
#pragma once
#include "base/base.h"
#include "engine/net/addr.h"
#include "proc/child.h"

typedef struct {
    const char *ca_file;  /* PEM bundle; NULL: Debian's */
    const char *ca_extra; /* an authority of one's own, or NULL */
    const cidr *allowed;  /* networks, beyond the public ones, in which others may name endpoints */
    size_t n_allowed;
    /* What a job may call configured: "smtp://relay.example:587", "smtps://..:465",
     * "https://misp.example:443"; always with a port. A job for anything else is refused. */
    const str *endpoints;
    size_t n_endpoints;
} courier_setup;

/* Runs until told to stop; returns the exit code. Gives up its rights before it takes a job. */
int courier_main(child *c, const courier_setup *setup);
