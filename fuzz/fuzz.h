/* fuzz.h - the one function of a fuzz target. Called by libFuzzer or by replay_main.c, one thread.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
