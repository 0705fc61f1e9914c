/* demo.h - `minar demo`: makes the demonstration country through the public interface, feed files
 * and the realm's clock alone; `--live` goes on feeding it and lets its agencies answer. Main
 * thread. */
#pragma once
#include "main/command.h"

int demo_run(const command_line *l);
