/* printer_wire.h - the messages between the server and the printer: a doc, and what came of it.
 * Owns nothing. Any thread. Included by printer.c and printer_main.c, tests and the fuzz target. */
#pragma once
#include "proc/frame.h"
#include "proc/printer.h"

enum { PRINTER_DOC = 112, PRINTER_DONE = 113 };

void printer_put_doc(buf *b, const doc *d);
/* Slices of the payload; arrays in a. False: the peer sent what it must not. */
MUST_USE bool printer_get_doc(arena *a, str payload, doc *ret);

typedef enum {
    PRINTED,
    PRINTED_NOT_FIT, /* the doc breaks a limit */
    PRINTED_PAGES,
    PRINTED_TIME,
    PRINTED_NO_FONTS,
    PRINTED_ENDS
} printed;
