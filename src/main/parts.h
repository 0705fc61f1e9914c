/* parts.h - what works by itself within one realm: pipeline, reactions, outbox. Started when the
 * realm is open and founded, stopped before its stores close. Main thread, or the pool when a realm
 * is made. */
#pragma once
#include "api/app.h"

MUST_USE err parts_start(app *a, realm *r);
void parts_stop(app *a, realm *r);
/* For commands that only ask: nothing is started. */
MUST_USE err parts_none(app *a, realm *r);
/* share/minar beside the program. In a. */
char *parts_share_folder(arena *a);
