/* main.c - the program's door: a child's body, or a command. */
#include "base/log.h"
#include "main/backup/backup.h"
#include "main/bundle_run.h"
#include "main/command.h"
#include "main/demo/demo.h"
#include "main/dkim_run.h"
#include "main/doctor/doctor.h"
#include "main/letter_key_run.h"
#include "main/pgp_run.h"
#include "main/measure.h"
#include "main/serve.h"
#include "main/smime_run.h"
#include "proc/child.h"
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int run_alone(const command_line *l)
{
    const char *word = l->argc ? l->argv[0] : "help";
    if (strcmp(word, "init") == 0) return init_run(l);
    if (strcmp(word, "verify") == 0) return verify_run(l);
    if (strcmp(word, "doctor") == 0) return doctor_run(l);
    if (strcmp(word, "backup") == 0) return backup_run(l);
    if (strcmp(word, "restore") == 0) return restore_run(l);
    if (strcmp(word, "standby") == 0) return standby_run(l);
    if (strcmp(word, "takeover") == 0) return takeover_run(l);
    if (strcmp(word, "keys") == 0) return keys_run(l);
    if (strcmp(word, "demo") == 0) return demo_run(l);
    if (strcmp(word, "bench") == 0) return measure_run(l);
    if (strcmp(word, "serve") == 0)
        return serve_run(
                &(serve_options){ .data_dir = l->data_dir, .listen = l->listen, .lang = l->lang });
    if (strcmp(word, "dkim") == 0) return dkim_run(l);
    if (strcmp(word, "pgp") == 0) return pgp_run(l);
    if (strcmp(word, "bundle") == 0) return bundle_run(l);
    if (strcmp(word, "smime") == 0) return smime_run(l);
    if (strcmp(word, "letterkey") == 0) return letter_key_run(l);
    if (strcmp(word, "completion") == 0) return completion_run(l);
    if (strcmp(word, "help") == 0)
        return help_run(l, l->argc > 1 ? l->argv[1] : NULL, l->argc > 2 ? l->argv[2] : NULL);
    if (strcmp(word, "version") == 0) {
        puts("minar " MINAR_VERSION);
        return 0;
    }
    return command_run(l);
}

int main(int argc, char **argv)
{
    proc_kind kind;
    command_line l;
    signal(SIGPIPE, SIG_IGN);
    mallopt(M_ARENA_MAX, 2); /* many threads take little each: fewer heaps hold less unused */
    if (child_wanted(argc, argv, &kind)) return serve_child(kind, argc - 2, argv + 2);
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    log_set_level(LOG_WARN);
    err e = command_parse(a, argc, argv, &l);
    return failed(e) ? command_fail(LANG_EN, e) : run_alone(&l);
}
