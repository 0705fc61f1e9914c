/* power_engine.h - SQLite reads a cut's files where they are, in memory, and writes nothing: its
 * file system named "cut". One thread. */
#pragma once
#include "power_disk.h"

void engine_reads_here(void); /* once, before the first is opened */
/* What stands under records.db and its log from now on; NULL: not there. Borrowed. */
void engine_reads(const power_view *db, const power_view *wal);
