/* token_in.h - what the child process does with the module, and how it answers. Included by token.c
 * and token_work.c alone. The child's one thread. */
#pragma once
#include "proc/token.h"

typedef enum { TOKEN_SEAL, TOKEN_OPEN, TOKEN_LOOK } token_act;
typedef struct {
    token_act act;
    const token_setup *setup;
    const token_lock *same; /* or NULL */
    const uint8_t *secret;  /* to seal; or NULL */
} token_question;

/* As it comes through the pipe: from a fork of ourselves, so text is a literal of ours too. */
enum { TOKEN_ARG = 160 };
typedef struct {
    err_code code; /* E_OK: good */
    const char *text;
    char arg[2][TOKEN_ARG];
    token_lock lock;
    uint8_t secret[KEY_BYTES];
} token_answer;

/* Loads the module, answers, and unloads it. */
void token_work(const token_question *q, token_answer *ret);
