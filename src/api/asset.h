/* asset.h - the console's files, precompressed in the program. Included by src/api only. */
#pragma once
#include "api/serve.h"
#include "net/http.h"

/* Answers x when its path is a file of the console, or a page of it that a browser asks for; false:
 * it is neither. HTTP threads. */
bool asset_answer(const api *a, http_exchange *x);
