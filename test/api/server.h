/* server.h - what the files of the API's test server share. Tests only. */
#pragma once
#include "access/realm.h"
#include "access/viewer.h"
#include "api/api.h"

/* Whose sessions have ended, by name. */
void test_revoke(str name);
extern realm *test_realm;
