/* export_sheet.c - the file that an export is made in: it has no name, so that nobody else opens it
 * and nothing of it is left when the program ends. Owns its descriptor; one thread at a time. */
#include "api/export.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SHEET_BYTES = 512 << 20 };
struct export_sheet {
    int fd;
    int64_t bytes;
};

err export_sheet_open(const char *folder, export_sheet **ret)
{
    char name[36], path[4200];
    id_put(name, id_new());
    (void)snprintf(path, sizeof path, "%s/.export-%.36s", folder, name);
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return err_errno("error.http.spool", str_of(folder));
    (void)unlink(path);
    export_sheet *s = calloc(1, sizeof *s);
    ASSERT(s);
    s->fd = fd;
    *ret = s;
    return OK;
}

err export_sheet_put(export_sheet *s, str bytes)
{
    s->bytes += (int64_t)bytes.n;
    if (s->bytes > SHEET_BYTES) return ERR1(E_TOO_LARGE, "error.api.export_bytes", S("512"));
    while (bytes.n) {
        ssize_t n = write(s->fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return err_errno("error.http.spool", S("export"));
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return OK;
}

static ssize_t read_on(void *sheet, char *to, size_t max)
{
    export_sheet *s = sheet;
    ssize_t n;
    do
        n = read(s->fd, to, max);
    while (n < 0 && errno == EINTR);
    return n;
}

static void end(void *sheet)
{
    export_sheet_close(sheet);
}

err export_sheet_give(export_sheet *s, arena *a, str name, const call_saved **ret)
{
    if (lseek(s->fd, 0, SEEK_SET) != 0) return err_errno("error.http.spool", S("export"));
    call_saved *f = NEW(a, call_saved);
    *f = (call_saved){ read_on, end, s, s->bytes, name };
    *ret = f;
    return OK;
}

void export_sheet_close(export_sheet *s)
{
    if (s->fd >= 0) close(s->fd);
    free(s);
}
