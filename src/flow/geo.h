/* geo.h - address data: the country and AS number of an address, from files in a folder; what is
 * not there is not filled in. Loaded once, shared by snapshots, read by any thread. */
#pragma once
#include "engine/net/addr.h"
#include "flow/event.h"

typedef struct flow_geo flow_geo;
typedef struct {
    str file;      /* empty: there is none */
    instant date;  /* the data's own date (MMDB), else the file's */
    size_t ranges; /* 0 for MMDB, which is not counted */
} flow_geo_part;

/* Takes from dir: *.mmdb (country, AS number, or both), *asn*.csv (start,end,asn,name) and
 * *country*.csv (start,end,cc). A folder that is not there or empty gives a geo that knows nothing:
 * events pass without. Errors: E_INVALID error.flow.geo for a file that is there and cannot be
 * read. */
MUST_USE err flow_geo_load(const char *dir, flow_geo **ret);
/* Is this file address data that a folder would be loaded with? Errors: E_INVALID error.flow.geo,
 * error.flow.geo_name for a name by which it is not looked at. */
MUST_USE err flow_geo_check(const char *path, str file, instant *ret_date);
void flow_geo_hold(flow_geo *g);    /* one more owner */
void flow_geo_release(flow_geo *g); /* the last one frees it; NULL is allowed */
flow_geo_part flow_geo_country_part(const flow_geo *g);
flow_geo_part flow_geo_asn_part(const flow_geo *g);
/* cc: two upper-case letters. False: not known. */
MUST_USE bool flow_geo_country(const flow_geo *g, addr a, char cc[2]);
/* name lives as long as g. */
MUST_USE bool flow_geo_asn(const flow_geo *g, addr a, uint32_t *asn, str *name);
/* Fills in AS number and country of both ends where the event has none. g may be NULL. */
void flow_geo_batch(const flow_geo *g, flow_batch *b);
