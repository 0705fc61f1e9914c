/* conf.h - configuration: YAML (libyaml) read against the typed schema in data/conf.json (name,
 * type, default, unit, range, words). Read once at start on one thread, constant after. Order of
 * precedence: flag, environment (MINAR_A_B for a.b; never for secrets), project file, default. */
#pragma once
#include "base/base.h"
#include "base/json.h"

/* Any YAML document as a JSON tree (scalars are strings unless plain true/false/null/number), within
 * limits: 1 MiB, depth 16, no aliases, no duplicate keys. Errors: E_CONFIG with file, row and col. */
MUST_USE err yaml_parse(arena *a, str in, str file, const json **ret);

typedef struct conf conf;
/* Loads FILE (absent file = defaults) and checks it against the schema. */
MUST_USE err conf_load(arena *a, const char *path, const conf **ret);
str conf_str(const conf *c, const char *name);        /* unknown name: assertion */
int64_t conf_int(const conf *c, const char *name);
bool conf_bool(const conf *c, const char *name);
