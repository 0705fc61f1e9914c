/* key_file.h - a file of the keys' folder written whole or not at all, mode 0600. Owns nothing.
 * Included by proc's key files; their callers have the folder to themselves. */
#pragma once
#include "base/base.h"

enum { KEY_PATH_ROOM = 4400, KEY_FILE_MAX = 256 << 10 };

void key_file_path(char to[KEY_PATH_ROOM], const char *folder, const char *name);
/* Errors: E_IO. */
MUST_USE err key_file_write(const char *folder, const char *name, str bytes);
/* Is it a file of ours that nobody else reads? E_ABSENT when there is none; E_CONFIG
 * (error.letter_key.form). */
MUST_USE err key_file_look(const char *path);
