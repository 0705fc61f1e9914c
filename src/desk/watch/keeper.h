/* keeper.h - what WATCH does as time goes on: feeds are looked after. Started by main, one a realm.
 */
#pragma once
#include "access/realm.h"

struct app;
typedef struct watch_keeper watch_keeper;
MUST_USE err watch_keeper_start(struct app *a, realm *r, watch_keeper **ret);
void watch_keeper_stop(watch_keeper *k);
