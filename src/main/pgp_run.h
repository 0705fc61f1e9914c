/* pgp_run.h - `minar pgp`: the site's OpenPGP keys. Main thread. */
#pragma once
#include "main/command.h"

int pgp_run(const command_line *l);
