/* printer.h - the server's side of the printer: a doc goes in, a PDF comes out.
 * Owns the channel. Thread-safe; one doc at a time, a question waits for its answer; a printer that
 * died over it is an answer. Called by common/outbox and whoever puts something on paper. */
#pragma once
#include "base/base.h"
#include "render/doc.h"

typedef struct printer printer;
printer *printer_new(void); /* no channel yet: everything is E_BUSY */
/* The channel that child_events.link brought; fd is the door's from here on. */
void printer_link(printer *p, int fd);
void printer_stop(printer *p); /* a question under way ends with E_BUSY, new ones too */
void printer_free(printer *p); /* NULL: nothing */

enum { PRINTER_DOC_MAX = 6 << 20, PRINTER_PDF_MAX = 7 << 20, PRINTER_DEADLINE_MS = 10000 };
/* A doc as bytes, to keep or to print; in a. E_TOO_LARGE (error.pdf.doc). */
MUST_USE err printer_pack(arena *a, const doc *d, str *ret);
/* Errors: E_BUSY (error.printer.absent: no printer now, or it died over this), those of pdf_make;
 * E_CONFIG (error.printer.fonts): it has no fonts. p may be NULL. *ret lives in a. */
MUST_USE err printer_print(printer *p, str packed, arena *a, str *ret);
