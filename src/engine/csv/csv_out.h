/* csv_out.h - cells and rows of comma-separated values as they are written (RFC 4180): quoted where
 * they must be, and made harmless for programs that take a cell for a formula. Pure; the thread
 * that holds the buffer. */
#pragma once
#include "base/base.h"

/* Would a spreadsheet calculate this text? It begins with = + - @, a tab, CR or LF, or one of the
 * first four in full width, spaces and apostrophes before it not counted. */
bool csv_acts(str text);
/* Puts a text as one cell. One that acts gets an apostrophe before it, so whoever takes away one
 * apostrophe before a text that acts has what was put. */
void csv_put_cell(buf *b, str text);
