/* client.c - see client.h. libcurl over the unix socket; api_run when alone. */
#include "main/client.h"
#include "main/program.h"
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LET_IN_S = 60, LOOK_MS = 50 };

struct client {
    char socket[108];
    CURL *curl;
    bool let_in; /* the server's stores are open */
    program *alone;
    bool lent; /* alone is somebody else's */
};

static bool socket_answers(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof a.sun_path) return false;
    memcpy(a.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
    if (fd >= 0) close(fd);
    return ok;
}

client *client_of_server(const char *data_dir)
{
    client *c = calloc(1, sizeof *c);
    ASSERT(c);
    int n = snprintf(c->socket, sizeof c->socket, "%s/minar.sock", data_dir);
    if (n > 0 && (size_t)n < sizeof c->socket && socket_answers(c->socket)) {
        c->curl = curl_easy_init();
        ASSERT(c->curl);
        return c;
    }
    free(c);
    return NULL;
}

static err open_as(const char *data_dir, bool work, client **ret)
{
    client *c = client_of_server(data_dir);
    if (c) {
        *ret = c;
        return OK;
    }
    c = calloc(1, sizeof *c);
    ASSERT(c);
    program_options o = { .data_dir = data_dir, .work = work, .want_founded = true };
    err e = program_open(&o, &c->alone);
    if (failed(e)) {
        free(c);
        return e;
    }
    *ret = c;
    return OK;
}

err client_open(const char *data_dir, client **ret)
{
    return open_as(data_dir, false, ret);
}
err client_open_working(const char *data_dir, client **ret)
{
    return open_as(data_dir, true, ret);
}

client *client_within(program *p)
{
    client *c = calloc(1, sizeof *c);
    ASSERT(c);
    c->alone = p;
    c->lent = true;
    return c;
}

void client_close(client *c)
{
    if (!c) return;
    if (c->curl) curl_easy_cleanup(c->curl);
    if (!c->lent) program_close(c->alone);
    free(c);
}

bool client_alone(const client *c)
{
    return c->alone != NULL;
}

/* ---- alone ---- */

/* Standard input as a file that has a name. */
static err spool_stdin(arena *a, const char **ret)
{
    char path[] = "/tmp/minar-XXXXXX", part[65536];
    ssize_t n;
    int fd = mkstemp(path);
    if (fd < 0) return err_errno("error.import.open", S("-"));
    while ((n = read(0, part, sizeof part)) > 0)
        if (write(fd, part, (size_t)n) != n) {
            close(fd);
            return err_errno("error.import.open", S("-"));
        }
    close(fd);
    *ret = str_z(a, str_of(path));
    return OK;
}

static err call_alone(client *c, arena *a, const client_request *q, api_answer *ret)
{
    str path = q->path, query = { 0 };
    ptrdiff_t mark = str_find_byte(path, '?');
    if (mark >= 0) {
        query = str_sub(path, (size_t)mark + 1, path.n);
        path = str_sub(path, 0, (size_t)mark);
    }
    api_request r = { .method = str_of(q->method),
        .path = path,
        .query = query,
        .body = q->body,
        .content_type = S("application/json"),
        .if_match = q->if_match,
        .realm = q->realm,
        .accept_language = q->lang,
        .local_uid = q->bearer.n ? -1 : (int64_t)getuid() };
    if (q->bearer.n) r.authorization = str_fmt(a, "Bearer %.*s", STR_ARG(q->bearer));
    struct stat st;
    const char *file = q->file;
    if (file && strcmp(file, "-") == 0) TRY(spool_stdin(a, &file));
    if (file) {
        if (stat(file, &st)) return err_errno("error.import.open", str_of(file));
        r.spool = file;
        r.spool_bytes = st.st_size;
        r.content_type = S("application/octet-stream");
    }
    api_run(&c->alone->app, a, &r, ret);
    if (file && file != q->file) unlink(file);
    return OK;
}

/* ---- over the socket ---- */

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
    buf_put(ctx, (str){ p, size * n });
    return size * n;
}

static size_t give_file(char *p, size_t size, size_t n, void *ctx)
{
    return fread(p, 1, size * n, ctx);
}

static int show_progress(void *ctx, curl_off_t dt, curl_off_t dn, curl_off_t ut, curl_off_t un)
{
    (void)ctx, (void)dt, (void)dn;
    if (ut > 0 && un < ut) fprintf(stderr, "\r%3lld %%", (long long)(un * 100 / ut));
    return 0;
}

static struct curl_slist *add_header(arena *a, struct curl_slist *l, const char *name, str value)
{
    return value.n ? curl_slist_append(l, str_z(a, str_fmt(a, "%s: %.*s", name, STR_ARG(value))))
                   : l;
}

static struct curl_slist *headers(arena *a, const client_request *q)
{
    struct curl_slist *l = curl_slist_append(NULL, "Expect:");
    l = curl_slist_append(l,
            q->file ? "Content-Type: application/octet-stream" : "Content-Type: application/json");
    if (q->bearer.n)
        l = add_header(a, l, "Authorization", str_fmt(a, "Bearer %.*s", STR_ARG(q->bearer)));
    l = add_header(a, l, "If-Match", q->if_match);
    l = add_header(a, l, "Minar-Realm", q->realm);
    return add_header(a, l, "Accept-Language", q->lang);
}

static err set_upload(CURL *h, const client_request *q, FILE **ret)
{
    struct stat st;
    FILE *f = strcmp(q->file, "-") == 0 ? stdin : fopen(q->file, "re");
    if (!f) return err_errno("error.import.open", str_of(q->file));
    curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(h, CURLOPT_READFUNCTION, give_file);
    curl_easy_setopt(h, CURLOPT_READDATA, f);
    if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode))
        curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)st.st_size);
    if (q->progress) {
        curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, show_progress);
    }
    *ret = f;
    return OK;
}

static err call_socket(client *c, arena *a, const client_request *q, api_answer *ret)
{
    buf body = buf_new(a, 4096);
    long status = 0;
    FILE *f = NULL;
    CURL *h = c->curl;
    curl_easy_reset(h);
    struct curl_slist *l = headers(a, q);
    curl_easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, c->socket);
    curl_easy_setopt(h, CURLOPT_URL, str_z(a, str_fmt(a, "http://minar%.*s", STR_ARG(q->path))));
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, l);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, &body);
    err e = OK;
    if (q->file) {
        e = set_upload(h, q, &f);
    } else if (strcmp(q->method, "GET") != 0) {
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, q->body.n ? q->body.p : "");
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE, (long)q->body.n);
    }
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, q->method);
    CURLcode code = failed(e) ? CURLE_OK : curl_easy_perform(h);
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(l);
    if (f && f != stdin) fclose(f);
    if (q->progress && f) fprintf(stderr, "\r      \r");
    TRY(e);
    if (code != CURLE_OK)
        return ERR1(E_PEER, "error.main.server_gone", str_of(curl_easy_strerror(code)));
    *ret = (api_answer){ .status = (int)status, .body = buf_str(&body) };
    return OK;
}

/* Whoever comes while the server opens its stores waits for it; the call says what is wrong then.
 */
static void wait_let_in(client *c)
{
    const client_request ask = { .method = "GET", .path = S("/healthz"), .lang = S("en") };
    for (int i = 0; !c->let_in && i < LET_IN_S * 1000 / LOOK_MS; i++) {
        arena *a = arena_new(1 << 20);
        api_answer up;
        bool asked = !failed(call_socket(c, a, &ask, &up));
        c->let_in = !asked || str_find(up.body, S("\"starting\"")) < 0;
        arena_free(a);
        if (!c->let_in) usleep(LOOK_MS * 1000);
    }
}

err client_call(client *c, arena *a, const client_request *q, api_answer *ret)
{
    bool asks_state = str_eq(q->path, S("/healthz")) || str_eq(q->path, S("/readyz"));
    if (!c->alone && !asks_state) wait_let_in(c);
    return c->alone ? call_alone(c, a, q, ret) : call_socket(c, a, q, ret);
}
