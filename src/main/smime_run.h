/* smime_run.h - `minar smime`: the site's key and certificate for S/MIME. Main thread. */
#pragma once
#include "main/command.h"

int smime_run(const command_line *l);
