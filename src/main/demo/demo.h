/* demo.h - `minar demo`: makes the demonstration country through the public interface, feed files
 * and the realm's clock alone; `--live` goes on feeding it and lets its agencies answer. */
#pragma once
#include "main/client.h"
#include "main/command.h"

/* A demonstration to be filled that is there already, with its clock DEMO_REGISTRY_DAYS before now.
 */
typedef struct {
    client *c;
    const char *data_dir;
    str key; /* of its national desk */
    uint64_t seed;
    int64_t scale; /* percent */
    instant now;
    bool (*going)(void *ctx, int percent); /* told as it goes on; false: no further */
    void *ctx;
} demo_order;
/* Any thread that may wait for a minute or two. Errors: E_PEER with the step that was refused,
 * E_CONFLICT (error.demo.stopped). */
MUST_USE err demo_fill_in(const demo_order *o);

int demo_run(const command_line *l);
