/* power_engine.c - see power_engine.h. */
#include "power_engine.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static const power_view *db_now, *wal_now;

void engine_reads(const power_view *db, const power_view *wal)
{
    db_now = db;
    wal_now = wal;
}

typedef struct {
    sqlite3_file base;
    const power_view *v;
} read_file;

static int r_close(sqlite3_file *f)
{
    return SQLITE_OK;
}

static int r_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    const power_view *v = ((read_file *)f)->v;
    view_read(v, to, (size_t)n, (size_t)at);
    return (size_t)at + (size_t)n <= view_size(v) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int r_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
    return SQLITE_READONLY;
}

static int r_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    return SQLITE_READONLY;
}

static int r_with_flag(sqlite3_file *f, int flag)
{
    return SQLITE_OK;
}

static int r_size(sqlite3_file *f, sqlite3_int64 *ret)
{
    *ret = (sqlite3_int64)view_size(((read_file *)f)->v);
    return SQLITE_OK;
}

static int r_reserved(sqlite3_file *f, int *ret)
{
    *ret = 0;
    return SQLITE_OK;
}

static int r_control(sqlite3_file *f, int op, void *arg)
{
    return SQLITE_NOTFOUND;
}

static int r_sector(sqlite3_file *f)
{
    return 512;
}

static int r_device(sqlite3_file *f)
{
    return 0;
}

static const power_view *named(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, "-wal") == 0       ? wal_now
           : n > 8 && strcmp(name + n - 8, "-journal") == 0 ? NULL
                                                            : db_now;
}

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    static const sqlite3_io_methods methods = { 1, r_close, r_read, r_write, r_truncate,
        r_with_flag, r_size, r_with_flag, r_with_flag, r_reserved, r_control, r_sector, r_device };
    static power_file none;
    static power_view *empty;
    none.there = true;
    if (!empty) empty = disk_view(&none, LEFT_NONE, &(uint64_t){ 0 });
    const power_view *v = name ? named(name) : NULL;
    *(read_file *)f = (read_file){ { &methods }, v ? v : empty };
    if (out) *out = flags;
    return SQLITE_OK;
}

static int v_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    return SQLITE_OK;
}

static int v_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    *ret = named(name) != NULL;
    return SQLITE_OK;
}

static int v_name(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
    sqlite3_snprintf(n, out, "%s", name);
    return SQLITE_OK;
}

void engine_reads_here(void)
{
    static sqlite3_vfs v;
    v = *sqlite3_vfs_find(NULL);
    v.zName = "cut";
    v.iVersion = 1;
    v.szOsFile = sizeof(read_file);
    v.xOpen = v_open;
    v.xDelete = v_delete;
    v.xAccess = v_access;
    v.xFullPathname = v_name;
    if (sqlite3_vfs_register(&v, 0) != SQLITE_OK) abort();
}
