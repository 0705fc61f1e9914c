/* sandbox.h - the server's side of the sandbox: hand it an open file, hear what is in it.
 * Owns the channel. Thread-safe; a question waits for its answer, or for its end at the deadline.
 * Whatever happens to the opener, a crash among it, is an answer. Called by common/files. */
#pragma once
#include "base/base.h"
#include "proc/open/open.h"

typedef struct sandbox sandbox;
sandbox *sandbox_new(void); /* no channel yet: everything is E_BUSY */
/* The channel that child_events.link brought; fd is the door's from here on. */
void sandbox_link(sandbox *s, int fd);
/* How long one input may take, instead of half a minute: for tests. */
void sandbox_hurry(sandbox *s, int32_t deadline_ms);
/* Questions under way end with E_BUSY, new ones too. Its users may still be there. */
void sandbox_stop(sandbox *s);
void sandbox_free(sandbox *s); /* NULL: nothing */

/* fd: open for reading alone, of bytes length, yours; its place in the file is moved. Errors of
 * all: E_BUSY (error.sandbox.absent: no sandbox now; error.sandbox.full: too many wait), E_INVALID
 * (error.sandbox.unsafe: the opener crashed, took too long or said what makes no sense). */
MUST_USE err sandbox_identify(sandbox *s, int fd, int64_t bytes, arena *a, open_identity *ret);
MUST_USE err sandbox_mail(sandbox *s, int fd, int64_t bytes, arena *a, open_mail *ret);
MUST_USE err sandbox_picture(sandbox *s, int fd, int64_t bytes, arena *a, open_picture *ret);
MUST_USE err sandbox_list(sandbox *s, int fd, int64_t bytes, arena *a, open_listing *ret);
