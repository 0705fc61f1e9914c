/* sandbox_wire.h - the messages between the server, the sandbox and its openers.
 * A job is one packet to the sandbox: a frame that names the task, and two descriptors, the input
 * and the pipe for the answer. The opener's answer is one frame on that pipe; what comes instead of
 * one (nothing, a piece, too much) says that the input could not be opened safely.
 * Owns nothing. Any thread. */
#pragma once
#include "base/base.h"
#include "proc/frame.h"
#include "proc/open/open.h"

typedef enum {
    SANDBOX_IDENTIFY = 80, /* -> open_identity */
    SANDBOX_LIST,          /* -> open_listing */
    SANDBOX_PICTURE,       /* -> open_picture */
    SANDBOX_MAIL,          /* -> open_mail */
    SANDBOX_TASKS_END,
    SANDBOX_DONE = 96, /* the answer */
} sandbox_task;

enum { SANDBOX_JOB_BYTES = 256, SANDBOX_DEADLINE_MS = 30000 };

/* What a job says: the input's length, and how long it may take. */
typedef struct {
    int64_t bytes, deadline_ms; /* deadline: at most SANDBOX_DEADLINE_MS */
} sandbox_job;
void sandbox_put_job(buf *b, const sandbox_job *j);
/* False: the peer sent what it must not. */
MUST_USE bool sandbox_get_job(str payload, sandbox_job *ret);

/* Does a task on an input; the answer's payload. In an opener, and in fuzz targets. */
void sandbox_work(sandbox_task task, const open_input *in, arena *a, buf *out);

/* What an opener said is not believed: lengths, counts, marks and characters are checked again.
 * Slices of the payload, but for the array, which is a's. */
MUST_USE bool sandbox_get_identity(arena *a, str payload, open_identity *ret);
MUST_USE bool sandbox_get_listing(arena *a, str payload, open_listing *ret);
MUST_USE bool sandbox_get_mail(arena *a, str payload, open_mail *ret);
MUST_USE bool sandbox_get_picture(str payload, open_picture *ret);
