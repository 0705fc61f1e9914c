/* message.h - a mail's bytes: RFC 5322 and MIME, from values to what a relay is handed.
 * Owns nothing; pure: the date and the ids are parameters. Any thread. No text of a caller can end
 * a header or begin a part: control characters are refused, everything else is encoded. */
#pragma once
#include "base/base.h"

enum {
    MESSAGE_NAME_MAX = 256,
    MESSAGE_SUBJECT_MAX = 998,
    MESSAGE_BODY_MAX = 4 << 20, /* of one part's text */
    MESSAGE_TO_MAX = 100,
};

typedef struct {
    str name;    /* shown; any script, may be empty */
    str address; /* as net/smtp.h wants it */
} mailbox;

typedef struct {
    mailbox from;
    mailbox reply_to;  /* without an address: none */
    const mailbox *to; /* at least one */
    size_t n_to;
    str subject;
    str lang; /* "en", "ur": Content-Language */
    str text; /* plain text, any line ends */
    str html; /* the same as HTML, or empty */
    instant date;
    str message_id;  /* "unique@host", without brackets: the same mail sent again keeps it */
    str in_reply_to; /* another message's id, or empty */
} message;

/* The whole message, lines of at most 78 bytes where the format lets it and 998 always, ended by
 * CRLF, 7-bit clean. Auto-Submitted says that a program wrote it (RFC 3834).
 * Errors: E_INVALID, E_TOO_LARGE with the field as pointer. */
MUST_USE err message_build(arena *a, const message *m, str *ret);

/* The parts, for message*.c, mail_wrap.c and tests. */
void base64_put(buf *b, str s);
/* The same in lines as mail has them, each ended by CRLF. */
void base64_put_lines(buf *b, str s);
/* One header with free text; encoded words (RFC 2047) where ASCII will not do, folded. */
void header_put_text(buf *b, str name, str text);
void header_put_mailboxes(buf *b, str name, const mailbox *list, size_t n);
/* A text part's own headers and body, in the shortest encoding that every relay carries. */
void part_put(buf *b, str type, str text);
