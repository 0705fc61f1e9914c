/* wrapped.h - a file on its way out as the field hands over dangerous ones: within a zip under the
 * password "infected", so that nothing on the way opens, runs or deletes it. It hides nothing.
 * Owns the reader. One thread at a time. */
#pragma once
#include "common/files/vault.h"

#define WRAPPED_PASSWORD "infected"
typedef struct wrapped wrapped;
/* Of so many bytes, under this name; r is its own from here on. Errors: E_IO. */
MUST_USE err wrapped_open(vault_reader *r, str name, int64_t bytes, wrapped **ret);
/* The next bytes of the zip; 0: the end; -1: the file is altered. */
ssize_t wrapped_read(wrapped *w, char *to, size_t max);
void wrapped_close(wrapped *w);
