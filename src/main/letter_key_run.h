/* letter_key_run.h - `minar letterkey`. Main thread. */
#pragma once
#include "main/command.h"

int letter_key_run(const command_line *l); /* the exit code */
