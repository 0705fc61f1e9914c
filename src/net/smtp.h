/* smtp.h - one mail handed to one relay: who gets it, and what the relay said about each of them.
 * Owns the transfer while it runs; the jobs' types are also what the server hands to the courier.
 * Any thread may use the types and mail_job_check; the courier's thread alone the rest. */
#pragma once
#include "base/base.h"
#include "net/transfer.h"

enum {
    MAIL_RCPT_MAX = 100,
    MAIL_ADDRESS_MAX = 254, /* RFC 5321 section 4.5.3.1 */
    MAIL_REPLY_MAX = 256,   /* bytes kept of a reply's text */
    MAIL_BYTES_MAX = 32 << 20,
    MAIL_DEADLINE_MS = 60000, /* when the job names none */
    MAIL_DEADLINE_MAX_MS = 600000,
};

typedef enum { MAIL_PLAIN, MAIL_STARTTLS, MAIL_TLS } mail_security;

/* All slices are borrowed until the call that takes the job returns. */
typedef struct {
    endpoint_class endpoint;
    str host; /* the relay: name or address literal */
    int32_t port;
    mail_security security; /* STARTTLS is demanded, never tried */
    str user, password;     /* empty: no AUTH; refused over MAIL_PLAIN */
    str helo;               /* the name to say in EHLO; empty: the machine's */
    str from;               /* envelope sender; empty: <> (for bounces) */
    const str *to;          /* envelope recipients, 1..MAIL_RCPT_MAX */
    size_t n_to;
    str message;         /* RFC 5322 bytes, lines ended by CRLF (net/message.h makes them) */
    int32_t deadline_ms; /* for the whole transfer; 0: MAIL_DEADLINE_MS */
} mail_job;

typedef struct {
    str to;
    bool accepted; /* the relay took the message for this recipient */
    int32_t code;  /* SMTP reply code, 0 when it was never asked; 4xx: try again later */
    str text;      /* the reply's words, printable */
} mail_rcpt;

typedef struct {
    int32_t code; /* the reply that decided: to the message, or to what failed before it */
    str text;
    const mail_rcpt *rcpts; /* in the job's order */
    size_t n_rcpts;
    int64_t took_ms;
} mail_result;

/* Refuses what must not reach a relay: bad addresses, CR or LF in a command, bare line ends, sizes,
 * a password without TLS. Errors: E_INVALID, E_TOO_LARGE with the field as pointer. */
MUST_USE err mail_job_check(const mail_job *job);
/* An addr-spec without comments, quotes or blanks: one '@', a domain of sane characters. */
bool mail_address_is_sane(str address);

typedef struct smtp smtp;
/* Prepares the transfer in a; job, its slices and a live until smtp_close. */
MUST_USE err smtp_open(
        arena *a, const trust *trusted, address_gate gate, const mail_job *job, smtp **ret);
void *smtp_curl(smtp *s); /* CURL *, to add to a multi handle */
/* What came of it, after curl's end code. OK: accepted for one recipient or more. The result is set
 * in every case and lives in the arena. Errors: E_PEER, E_DENIED, E_TIMEOUT, E_FULL. */
MUST_USE err smtp_end(smtp *s, int curl_code, mail_result *ret);
void smtp_close(smtp *s);
