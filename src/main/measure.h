/* measure.h - `minar bench`: what this machine gives, to be held beside the aims. Main thread. */
#pragma once
#include "main/command.h"

int measure_run(const command_line *l);
