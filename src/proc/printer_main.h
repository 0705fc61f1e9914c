/* printer_main.h - the printer process: reads six fonts, and then puts docs on paper, one after the
 * other. It gives up its rights first: what Pango starts threads and reads files for stands inside
 * the fence. Owns everything in its process. Called by main in the child. */
#pragma once
#include "proc/child.h"

/* folder: where the fonts are. Runs until told to stop; returns the exit code. */
int printer_main(child *c, const char *folder);
