/* client.h - a command's way to the program: over the local socket when a server runs, else the
 * data folder opened by the command itself. Same calls, same rights. Main thread; client_within's
 * any. */
#pragma once
#include "api/api.h"

typedef struct client client;
/* Connects or opens. Errors: those of program_open. */
MUST_USE err client_open(const char *data_dir, client **ret);
/* The same, and what works by itself within a realm (pipeline, reactions, outbox) works here too.
 */
MUST_USE err client_open_working(const char *data_dir, client **ret);
/* Only a running server's; NULL when none runs. */
client *client_of_server(const char *data_dir);
/* Calls within a program that is open already, which stays open when the client is closed. */
struct program;
client *client_within(struct program *p);
void client_close(client *c);
bool client_alone(const client *c); /* no server runs */

typedef struct {
    const char *method;
    str path;         /* with the query */
    str body;         /* JSON, or empty */
    const char *file; /* sent as it is instead, or NULL; "-": standard input */
    str if_match, realm, lang;
    str bearer;    /* an API key instead of who I am on this machine */
    bool progress; /* show how much of the file has gone, on stderr */
} client_request;
/* The answer lives in a. E_PEER when the server went away. */
MUST_USE err client_call(client *c, arena *a, const client_request *q, api_answer *ret);
