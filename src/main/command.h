/* command.h - the command line: noun, verb, arguments; each verb is a route of data/routes. */
#pragma once
#include "base/base.h"
#include "base/text.h"

/* Options that every command takes. */
typedef struct {
    const char *data_dir, *listen;
    str realm;
    bool json, jsonl, csv, no_input;
    lang lang;
    int argc; /* what is left: noun, verb, arguments, own options */
    char **argv;
} command_line;

/* Reads the common options; E_USAGE. */
MUST_USE err command_parse(arena *a, int argc, char **argv, command_line *ret);
/* Runs a noun's verb; returns the exit code. */
int command_run(const command_line *l);
/* The exit code that a status stands for. */
int command_exit(int status);
int command_fail(lang l, err e); /* tells on stderr; the exit code of e */
int help_run(const command_line *l, const char *noun, const char *verb);
int completion_run(const command_line *l);
int init_run(const command_line *l);
int verify_run(const command_line *l);
