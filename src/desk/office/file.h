/* file.h - what the routes of files share. Office only; pool threads. */
#pragma once
#include "common/files/files.h"
#include "desk/office/reach.h"

/* The vault of the call's realm. E_IO. */
MUST_USE err file_vault(call *c, vault_place *ret);
/* The {id} of the path as a file that the viewer is shown; E_ABSENT otherwise. */
MUST_USE err file_find(call *c, const attachment_handle **ret);
/* Notes that it was read. */
void file_saw(call *c, const attachment_handle *h);
