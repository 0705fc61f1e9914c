/* drop.c - removes a realm's schema from PostgreSQL. Its own connection; any thread. */
#include "store/store.h"
#include <libpq-fe.h>
#include <stdio.h>

err store_drop_schema(const char *url, const char *schema)
{
    char sql[128];
    PGconn *c = PQconnectdb(url);
    char *name =
            PQstatus(c) == CONNECTION_OK ? PQescapeIdentifier(c, schema, strlen(schema)) : NULL;
    err e = OK;
    if (!name) {
        e = ERR1(E_IO, "error.store.drop", str_of(PQerrorMessage(c)));
    } else {
        snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS %s CASCADE", name);
        PGresult *r = PQexec(c, sql);
        if (PQresultStatus(r) != PGRES_COMMAND_OK)
            e = ERR1(E_IO, "error.store.drop", str_of(PQerrorMessage(c)));
        PQclear(r);
        PQfreemem(name);
    }
    PQfinish(c);
    return e;
}
