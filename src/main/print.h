/* print.h - answers as text: tables for lists, members one a line, problems on stderr. Main thread.
 */
#pragma once
#include "api/api.h"
#include "gen/commands.h"
#include "main/command.h"

MUST_USE err print_answer(
        arena *a, const command_line *l, const command_row *row, const api_answer *r);
/* One line about an import in hand, on stderr when it is a terminal. */
void print_progress(const json *run);
