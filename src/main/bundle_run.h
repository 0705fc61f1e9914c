/* bundle_run.h - `minar bundle`: an update bundle made where there is network; checked, unpacked
 * and applied where there is none. Main thread. */
#pragma once
#include "main/command.h"

int bundle_run(const command_line *l); /* the exit code */
