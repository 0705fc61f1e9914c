/* pg_value.c - cells in PostgreSQL's binary formats. Owns nothing; any thread. */
#include "store/pg_value.h"

#include <endian.h>

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_TEXT = 25,
    OID_FLOAT8 = 701,
    OID_INT8S = 1016
};

Oid pg_type(cell_type t)
{
    switch (t) {
    case CELL_I64:
        return OID_INT8;
    case CELL_F64:
        return OID_FLOAT8;
    case CELL_BOOL:
        return OID_BOOL;
    case CELL_BLOB:
        return OID_BYTEA;
    case CELL_LIST:
        return OID_INT8S;
    default:
        return OID_TEXT;
    }
}

static uint64_t bits_of(double f)
{
    uint64_t u;
    memcpy(&u, &f, sizeof u);
    return u;
}

static double double_of(uint64_t u)
{
    double f;
    memcpy(&f, &u, sizeof f);
    return f;
}

/* An array of one dimension: how many dimensions, no nulls, what of, how many, the first's number;
 * then each with its length. */
static const char *put_list(str list, arena *a, int *ret_n)
{
    size_t n = list.n / sizeof(int64_t), at = 0;
    uint32_t *out = NEW_ARRAY(a, uint32_t, 5 + 3 * n);
    out[at++] = htobe32(n > 0);
    out[at++] = 0;
    out[at++] = htobe32(OID_INT8);
    if (n > 0) {
        out[at++] = htobe32((uint32_t)n);
        out[at++] = htobe32(1);
    }
    for (size_t i = 0; i < n; i++, at += 3) {
        uint64_t u;
        memcpy(&u, list.p + i * sizeof u, sizeof u);
        u = htobe64(u);
        out[at] = htobe32(sizeof u);
        memcpy(&out[at + 1], &u, sizeof u);
    }
    ASSERT(at <= INT32_MAX / sizeof *out);
    *ret_n = (int)(at * sizeof *out);
    return (const char *)out;
}

const char *pg_put(const cell *v, arena *a, pg_scratch *scratch, int *ret_n)
{
    *ret_n = 8;
    switch (v->type) {
    case CELL_NULL:
        *ret_n = 0;
        return NULL;
    case CELL_BOOL:
        scratch->bytes[0] = v->i ? 1 : 0;
        *ret_n = 1;
        return scratch->bytes;
    case CELL_I64:
        scratch->u = htobe64((uint64_t)v->i);
        return scratch->bytes;
    case CELL_F64:
        scratch->u = htobe64(bits_of(v->f));
        return scratch->bytes;
    case CELL_LIST:
        return put_list(v->s, a, ret_n);
    default:
        ASSERT(v->s.n <= INT32_MAX);
        *ret_n = (int)v->s.n;
        return v->s.p ? v->s.p : "";
    }
}

bool pg_take(const PGresult *r, int row, int column, cell_type want, cell *ret)
{
    if (PQgetisnull(r, row, column)) {
        *ret = (cell){ .type = CELL_NULL };
        return true;
    }
    if (PQftype(r, column) != pg_type(want)) return false;
    const char *p = PQgetvalue(r, row, column);
    size_t n = (size_t)PQgetlength(r, row, column);
    *ret = (cell){ .type = want };
    if (want == CELL_TEXT || want == CELL_BLOB) {
        ret->s = (str){ p, n };
        return true;
    }
    if (want == CELL_BOOL) {
        ret->i = p[0] != 0;
        return n == 1;
    }
    uint64_t u = 0;
    if (n != 8) return false;
    memcpy(&u, p, 8);
    if (want == CELL_F64)
        ret->f = double_of(be64toh(u));
    else
        ret->i = (int64_t)be64toh(u);
    return true;
}
