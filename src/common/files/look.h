/* look.h - what the sandbox makes of a file, as it is kept with it: one word, its type, a report.
 * Owns nothing. Any thread that may wait half a minute. */
#pragma once
#include "base/base.h"

struct sandbox;
typedef struct {
    str look;       /* "waiting": no sandbox now; "done"; "unsafe": it could not be opened safely */
    str mime, kind; /* {0}: not known */
    str report;     /* JSON of data/schemas: FileReport; {0}: none */
    str picture;    /* a plain PNG; {0}: none */
} file_look;

/* fd: open for reading alone, of so many bytes and this SHA-256, which is ours and not the
 * sandbox's; what it says of other bytes counts for nothing. Errors: E_IO. */
MUST_USE err file_look_at(
        struct sandbox *s, int fd, int64_t bytes, const uint8_t hash[32], arena *a, file_look *ret);
/* Is it of a type that is shown or run by opening it, so that only a wrapped one is handed out? */
bool file_is_plain(str kind);
