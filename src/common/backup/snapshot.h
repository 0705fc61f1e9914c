/* snapshot.h - everything of this installation as it stands at one moment, put below its spool
 * folder for the command that packs and seals it: records, history, ledger and files of every
 * realm. Writers go on. Files that never change are links; the rest is copied. One at a time in a
 * process, on a thread of its own; what nobody fetches goes after two hours. Owns
 * DATA/spool/backup-ID. Any thread may ask. Called by desk/office and main. */
#pragma once
#include "access/realm.h"

typedef struct {
    const char *state;  /* "copying", "ready", "failed" */
    int64_t bytes;      /* copied so far */
    str folder;         /* "spool/backup-ID", below the data folder; when ready */
    const fault *fault; /* when failed; in a */
} snapshot_view;

/* facts: members of a JSON object that stand in the snapshot's facts first; copied. stream: one of
 * many that follow each other to a second machine; it gives way to one that is not. E_CONFLICT
 * (error.backup.under_way), E_IO. */
MUST_USE err snapshot_begin(realms *all, const char *data_dir, id128 id, str facts, bool stream);
/* Is it the one under way, and one of a stream? */
bool snapshot_streams(id128 id);
/* E_ABSENT: there is no such one any more. */
MUST_USE err snapshot_look(id128 id, arena *a, snapshot_view *ret);
/* It is not wanted any more: stops it, and all of it goes. Waits for that. */
void snapshot_drop(id128 id);
void snapshots_end(void); /* before the realms are closed */
