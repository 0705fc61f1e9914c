/* api.h - a request on its way through the program: found in the route table, its viewer known, its
 * body decoded, its handler run where the row says, its answer encoded. Included by desks' handlers
 * and by main. Handlers never see HTTP, a permission or an audience clause. */
#pragma once
#include "base/base.h"
#include "base/json.h"
#include <sys/types.h>
#include "access/viewer.h"
#include "access/realm.h"
#include "api/route.h"
#include "gen/schemas.h" /* a struct per schema that is a body or query: tools/gen/schemas.py */

struct txn;
struct app; /* api/app.h: what a running program holds */

/* An answer that is saved as a file, read while it leaves: never whole in memory. */
typedef struct call_saved {
    ssize_t (*read)(void *ctx, char *to, size_t max); /* 0: the end; -1: it cannot be read */
    void (*end)(void *ctx);                           /* called once, whatever becomes of it */
    void *ctx;
    int64_t bytes; /* about how many */
    str name;
} call_saved;

/* One call. Lives in its own arena, which goes when the answer has left. */
typedef struct call {
    arena *a;
    struct app *app;
    realm *realm;
    viewer viewer; /* all zero on public routes without credentials */
    const route *route;
    str path_id;       /* the {id}, {name} or {token} of the path, as sent (decoded) */
    int64_t local_uid; /* who is at the other end of the local socket; -1: not local */
    str peer, cookie;  /* address of who asks; the Cookie header, for signing out */
    str if_match, if_none_match, idempotency_key, last_event_id, accept_language;
    int64_t if_version; /* version in If-Match, -1 when there is none */
    struct txn *t;   /* inline, pool: a read snapshot; writer: the group's transaction; else NULL */
    const void *req; /* decoded body (or query when there is no body), struct form for forms */
    const void *query; /* decoded query */
    const char *spool; /* raw_body routes: path of the spooled file (removed after the call) */
    int64_t spool_bytes;
    const int64_t *approvers; /* a held act that happens: who let it (the last is here); or NULL */
    int64_t approver;         /* the last of them; 0: nobody */
    bool second;    /* may_hold routes: the handler says that this needs a second person */
    void *prepared; /* what a prepare step left for apply */
    /* the answer */
    jsonw out;      /* JSON answers are written here */
    int status;     /* 0: the row's; 204 when it is 200 and nothing was written */
    str etag;       /* set by handlers of etag routes: "v<version>" or a hash */
    str set_cookie; /* session cookie to set; "" none */
    str location;
    str html; /* routes whose reply is html */
    str raw;  /* routes whose reply is a finished text or bytes; must outlive the call */
    const call_saved *file; /* bytes routes and exports: instead of raw */
    str tlp;                /* the label of a file that leaves; empty: none is said */
    str type;               /* its content type, where the reply's kind does not say it */
    const char *cache;      /* Cache-Control of what everybody may keep; NULL: nobody */
    struct seen_note *note; /* who read what, kept before the answer leaves; NULL: not noted */
    realm *note_realm;
    bool saw; /* the handler has said what it read (read_logged routes) */
#ifdef MINAR_FAULTS
    str body; /* as sent, for the fault that takes over what no schema names */
#endif
} call;

/* Handlers, named by the route table: h_ID in the desk's handlers. For `inline` and `pool` they
 * read; for `writer` they apply in the group's transaction and write only through held records. A
 * writer route may have a prepare step (p_ID, no rows, any thread): weak symbol, NULL when absent;
 * it stands in the file of its h_ID. A read may be run twice (first on the HTTP thread with a step
 * budget, then in the pool): it must not keep anything between. handler_fn: api/route.h. */

/* Opaque cursors: up to 4 numbers and a short text, encrypted and bound to viewer and route. */
typedef struct {
    int64_t n[4];
    str s;
} cursor;
str cursor_make(call *c, const cursor *k);
/* E_INVALID when it was not made here for this viewer and route. Empty text gives zeros,
 * found=false. */
MUST_USE err cursor_read(call *c, str text, cursor *ret, bool *ret_found);
int64_t page_limit(int64_t asked); /* 0 (absent) gives 50; at most 200 */

/* read_logged routes: what the answer shows. Noted when who asks stands outside its owner, it is
 * above AMBER, or an emergency grant shows it (access/seen): the answer then waits for the note. */
struct seen_thing;
void call_saw(call *c, const struct seen_thing *of);
/* The same for whoever opened a link that came by mail, in the link's realm. */
void call_saw_mail(call *c, realm *r, int64_t person, int64_t org, const struct seen_thing *of);
/* The {id} of the path as an id: E_ABSENT when it is not one (unseen is unknown). */
MUST_USE err call_id(call *c, id128 *ret);
void call_put_empty(call *c); /* the answer {} */
/* pool routes: lets the read snapshot go before long work or a write of one's own, so that it holds
 * nothing back; call_refresh takes a fresh one. Rows read before stay where they are (arena a),
 * handles do not. */
void call_release(call *c);
MUST_USE err call_refresh(call *c);
/* Sets the ETag from a version and answers 304 when If-None-Match has it (returns true: nothing to
 * write). */
bool call_etag_version(call *c, int64_t version);
/* The ETag will be "vN-" and the content's hash: good for If-Match while the record is at version
 * N, and new whenever anything in the answer is (an answer may hold more than its record). */
void call_version(call *c, int64_t version);
/* If-Match against a held record's version: E_STALE; E_USAGE when the header is missing and
 * required. */
MUST_USE err call_match(call *c, int64_t version, bool required);
/* Writes {"id":..,"version":..}. */
void call_created(call *c, id128 id, int64_t version);
/* "AMBER+STRICT" and back. */
str tlp_name(int64_t audience);
MUST_USE err tlp_parse(str s, int *ret_label);
/* In a browser the person's, for Accept-Language says what the machine speaks; programs and the
 * command line get what they ask for, else the person's; nobody: Accept-Language, else English. */
lang call_lang(const call *c);

/* ---- running a call, whatever brought it (HTTP, the local socket, a command working alone) ----
 */
typedef struct {
    str method, path, query; /* path and query raw, percent-encoded */
    str authorization, cookie, origin, sec_fetch_site, host, content_type, accept;
    str if_match, if_none_match, idempotency_key, last_event_id, accept_language, realm;
    int64_t local_uid; /* user on the local socket, -1 otherwise */
    str peer;          /* address text, for rate classes; empty on the local socket */
    bool tls;
    str request_id;    /* of this request in the log and in words about faults of the machine */
    bool request_told; /* by whom we trust: it is sent back */
    str cert_hash, cert_key_hash; /* net/http.h; empty: no certificate that counts */
    str body;                     /* whole body, unless the route is raw_body */
    const char *spool;
    int64_t spool_bytes;
} api_request;
typedef struct {
    int status;
    str content_type, body, etag, set_cookie, location, allow;
    int64_t retry_after_s;
} api_answer;
/* Answers in the caller's thread and waits for the writer when the route writes; a stream route is
 * E_USAGE. For commands working alone and for tests; HTTP goes through api/serve.h. The answer
 * lives in arena a, but for what the handler gave as raw. */
void api_run(struct app *of, arena *a, const api_request *q, api_answer *ret);
