/* shadowserver.h - Shadowserver's published mapping for IntelMQ (intelmq.json), loaded unchanged at
 * run time: the way from each report type's columns to events. Constant after loading; any thread.
 */
#pragma once
#include "flow/plan.h"

typedef struct ss_mapping ss_mapping;

/* Reads the file's text (at most 16 MiB). The mapping lives in a. Converters or keys that this
 * version does not know do not fail it: the column goes to extra as it stands, and *unknown counts
 * them. Errors: E_INVALID error.flow.mapping.* with the JSON pointer. */
MUST_USE err ss_mapping_read(arena *a, str text, str file, const ss_mapping **ret, size_t *unknown);
size_t ss_mapping_types(const ss_mapping *m);
str ss_mapping_date(const ss_mapping *m); /* as the file says it, or empty */
str ss_mapping_type_name(const ss_mapping *m, size_t i);

/* "2026-11-24-scan_smb-pk-asn.csv" -> "scan_smb"; also without the date. False: not such a name. */
bool ss_report_type(str file_name, str *type);
/* The plan for a file by its name and header. A type without mapping gives a quarantined plan whose
 * columns are guessed. feed: for name, seals and rules. */
const flow_plan *ss_plan(arena *a, const ss_mapping *m, const flow_feed *feed, str file,
        const str *header, size_t n, str header_raw);
