/* problem_page.h - a fault as a page. Included by src/api/problem.c. */
#pragma once
#include "base/text.h"

str problem_page(arena *a, lang l, str title, str detail);
