/* keeper.h - what the house does by itself as a realm's clock goes on: leaves begin and end, roles,
 * emergencies and delegations end. A thread of its own that looks each second and writes only when
 * something is due. */
#pragma once
#include "access/realm.h"

struct app;
typedef struct office_keeper office_keeper;
MUST_USE err office_keeper_start(struct app *a, realm *r, office_keeper **ret);
void office_keeper_stop(office_keeper *k); /* NULL: nothing */
