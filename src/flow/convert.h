/* convert.h - the conversion functions that Shadowserver's mapping names, with the meaning they
 * have in IntelMQ, and a few of ours for declared feeds. Used by plan.c; any thread. */
#pragma once
#include "flow/value.h"

typedef enum {
    CONV_NONE,
    CONV_VALIDATE_TO_NONE,
    CONV_INT,
    CONV_INVALIDATE_ZERO,
    CONV_BOOL,
    CONV_VALIDATE_IP,
    CONV_ADD_UTC,
    CONV_EXTRACT_CVE,
    CONV_FLOAT,
    CONV_DATE,
    CONV_DATE_UTC,
    CONV_HTTP_HOST_AND_URL,
    CONV_VALIDATE_FQDN,
    CONV_VALIDATE_NETWORK,
    CONV_CATEGORY_OR_DETAIL,
    CONV_FORCE_BASE64,
    CONV_EXCHANGE_TAXONOMY,
    CONV_EXCHANGE_TYPE,
    CONV_EXCHANGE_IDENTIFIER,
    CONV_LOWER,
    CONV_EPOCH, /* ours: seconds since 1970 */
    CONVS
} conv;

/* Columns that some functions read besides their own; empty, with has false, when the file has
 * none. */
typedef enum {
    ROW_CC_DNS,
    ROW_HTTP_HOST,
    ROW_HOSTNAME,
    ROW_IP,
    ROW_URL,
    ROW_HTTP_URL,
    ROW_APPLICATION,
    ROW_CATEGORY,
    ROW_DETAIL,
    ROW_COLUMNS
} conv_column;
extern const char *const conv_column_names[ROW_COLUMNS];
typedef struct {
    str cell[ROW_COLUMNS];
    bool has[ROW_COLUMNS];
} conv_row;

bool conv_find(str name, conv *ret);
bool conv_wants_row(conv c);
/* VALUE_WRONG: the function cannot take this text (in IntelMQ: it raises). row: only when it is
 * wanted. */
flow_value conv_run(conv c, arena *a, str s, const conv_row *row);
