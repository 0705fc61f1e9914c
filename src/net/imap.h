/* imap.h - one question to a mailbox by IMAP (RFC 9051, 3501): which reports of delivery are in it,
 * or the beginning of one mail. Nothing is removed; mail that is no report is not touched.
 * Owns the transfer while it runs. Any thread may use the types and box_job_check; the courier's
 * thread alone the rest. */
#pragma once
#include "net/fetch.h"
#include "net/smtp.h"

enum { BOX_NAME_MAX = 100, BOX_MAIL_BYTES = 1 << 20, BOX_LIST_BYTES = 256 << 10 };

/* All slices are borrowed until the call that takes the job returns. */
typedef struct {
    endpoint_class endpoint;
    str host; /* name or address literal */
    int32_t port;
    mail_security security; /* MAIL_PLAIN: with a host that is this machine alone */
    str user, password;
    str mailbox;           /* letters, digits and . / - _ */
    bool list;             /* numbers of the reports after uid; else the mail uid */
    int64_t uid, validity; /* UIDVALIDITY, 0: any */
    int32_t deadline_ms;   /* 0: FETCH_DEADLINE_MS */
} box_job;

/* Errors: E_INVALID with the field as pointer. */
MUST_USE err box_job_check(const box_job *job);
/* "imaps://host:port", as the courier's list has it. */
str box_endpoint(arena *a, const box_job *job);

typedef struct imap imap;
/* The body goes to the sink: for a list the lines that the server said ("* SEARCH 5 9"), else the
 * mail's first BOX_MAIL_BYTES. job, its slices and a live until imap_close. */
MUST_USE err imap_open(arena *a, const trust *trusted, address_gate gate, const box_job *job,
        fetch_sink sink, imap **ret);
void *imap_curl(imap *m); /* CURL *, to add to a multi handle */
void imap_go_on(imap *m); /* after SINK_HOLD */
/* ret->bytes, and ret->etag: UIDVALIDITY, of a list. Errors as fetch_end. */
MUST_USE err imap_end(imap *m, int curl_code, fetch_result *ret);
void imap_close(imap *m); /* NULL: nothing */
/* The numbers of a list's lines above `after`, sorted, once each; at most max. */
size_t imap_list_read(str lines, int64_t after, int64_t *ret, size_t max);
