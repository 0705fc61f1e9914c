/* dkim_run.h - `minar dkim`. Main thread. */
#pragma once
#include "main/command.h"

int dkim_run(const command_line *l); /* the exit code */
