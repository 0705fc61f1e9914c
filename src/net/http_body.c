/* http_body.c - takes a body: into memory, or into a file of the spool folder.
 * Owns the spool files: each goes with its exchange, unless a handler has moved it. HTTP threads.
 */
#include "net/http_in.h"
#include "base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool spool_open(http_exchange *x)
{
    char name[36];
    id_put(name, id_new());
    char *path = str_z(x->a, str_fmt(x->a, "%s/%.36s", x->h->o.spool_dir, name));
    x->spool_fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (x->spool_fd < 0) return false;
    x->q.spool = path;
    return true;
}

static bool spool_write(http_exchange *x, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t done = write(x->spool_fd, data, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        data += done;
        n -= (size_t)done;
    }
    return true;
}

static int spool_take(http_exchange *x, const char *data, size_t n)
{
    if ((x->spool_fd >= 0 || spool_open(x)) && spool_write(x, data, n)) return 0;
    log_err("http.spool", err_errno("error.http.spool", str_of(x->h->o.spool_dir)));
    return 507;
}

int http_body_take(http_exchange *x, const char *data, size_t n)
{
    if (x->got_bytes + (int64_t)n > x->plan.max_bytes) return 413;
    x->got_bytes += (int64_t)n;
    if (x->plan.spool) return spool_take(x, data, n);
    if (!x->body.a)
        x->body = buf_new(x->a, (size_t)(x->q.content_bytes > 0 ? x->q.content_bytes : 4096));
    buf_put(&x->body, (str){ data, n });
    return 0;
}

void http_body_end(http_exchange *x)
{
    if (x->plan.spool && x->spool_fd < 0 && !spool_open(x)) x->refused = 507;
    x->q.spool_bytes = x->plan.spool ? x->got_bytes : 0;
    if (x->spool_fd >= 0) close(x->spool_fd);
    x->spool_fd = -1;
    x->q.body = x->body.a ? buf_str(&x->body) : S("");
}

void http_spool_end(http_exchange *x)
{
    if (x->spool_fd >= 0) close(x->spool_fd);
    if (x->q.spool) (void)!unlink(x->q.spool);
}
