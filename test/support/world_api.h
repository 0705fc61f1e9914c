/* world_api.h - the interface over a world, asked as the machine's own user. Tests and benches
 * only. */
#pragma once
#include "api/api.h"
#include "api/app.h"
#include "api/serve.h"
#include "support/world.h"

typedef struct {
    world *w;
    app app;
    api *api;
    arena *a;
} world_api;

void world_api_open(world_api *x, world *w);
void world_api_close(world_api *x);
/* path may carry a query behind '?'. body: JSON, or the file of a route that takes one. */
api_answer world_call(world_api *x, arena *a, const char *method, const char *path, str body);
