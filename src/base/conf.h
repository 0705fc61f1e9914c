/* conf.h - configuration: YAML (libyaml) read against the typed schema in data/conf.json (name,
 * type, default, unit, range, words). Read once at start on one thread, constant after. Order of
 * precedence: flag, environment (MINAR_A_B for a.b; never for secrets), file, default. */
#pragma once
#include "base/base.h"
#include "base/json.h"

/* Any YAML document as a JSON tree (scalars are strings unless plain true/false/null/number),
 * within limits: 1 MiB, depth 16, no aliases, no duplicate keys. raw slices point into `in`, which
 * must live as long as the tree. Errors: E_CONFIG with file, row and col. */
MUST_USE err yaml_parse(arena *a, str in, str file, const json **ret);

/* One setting, a row of data/conf.json; its words are the text "conf." name. */
typedef enum {
    CONF_TEXT,     /* min to max bytes */
    CONF_PATH,     /* absolute, or empty */
    CONF_URL,      /* begins with one of choices, or empty */
    CONF_ADDRESS,  /* host:port */
    CONF_ZONE,     /* an IANA time zone */
    CONF_WEEKDAYS, /* names or a list of them; conf_int gives bits, bit 0 = Monday */
    CONF_CHOICE,   /* one of choices */
    CONF_INT,      /* min to max */
    CONF_BOOL,
} conf_type;
typedef struct {
    const char *name, *default_text, *unit, *choices; /* choices: apart by spaces */
    conf_type type;
    int64_t min, max;
    bool secret; /* never taken from the environment or a flag, never shown */
} conf_row;
extern const conf_row conf_rows[];
extern const size_t conf_rows_n;

typedef struct conf conf;
typedef struct {
    str name, value; /* "http.threads", "4": as typed behind a flag */
} conf_flag;

/* Loads FILE (absent file or NULL = defaults) and the environment, and checks both against the
 * schema. Errors: E_CONFIG with file, row, col and what is allowed; E_IO. */
MUST_USE err conf_load(arena *a, const char *path, const conf **ret);
/* The same with flags, which go before all else. */
MUST_USE err conf_load_flags(
        arena *a, const char *path, const conf_flag *flags, size_t n, const conf **ret);
str conf_str(const conf *c, const char *name);     /* unknown name: assertion; any type's text */
int64_t conf_int(const conf *c, const char *name); /* CONF_INT and CONF_WEEKDAYS */
bool conf_bool(const conf *c, const char *name);
str conf_origin(const conf *c, const char *name); /* "default", "file", "environment", "flag" */
