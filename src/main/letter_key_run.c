/* letter_key_run.c - `minar letterkey`: the key and certificate that sign letters are shown, made
 * anew, or brought from elsewhere. A new one counts from the next start of the server, so that it
 * is not changed under it: the folder must be free. Main thread. */
#include "main/command.h"
#include "main/letter_key_run.h"
#include "main/program.h"
#include "proc/letter_key.h"
#include <stdio.h>
#include <unistd.h>

static const char *option(const command_line *l, const char *name)
{
    for (int i = 1; i + 1 < l->argc; i++)
        if (strcmp(l->argv[i], name) == 0) return l->argv[i + 1];
    return NULL;
}

static void tell(arena *a, const command_line *l, const letter_certificate *c)
{
    str day = str_sub(instant_text(a, c->until), 0, 10);
    str words = text_fill(a, T(l->lang, "letter_key.shown"), c->name, c->issuer, day);
    str hash = text_fill(a, T(l->lang, "letter_key.sha256"), c->sha256, (str){ 0 }, (str){ 0 });
    printf("%.*s\n%.*s\n", STR_ARG(words), STR_ARG(hash));
}

static err show(arena *a, const command_line *l, const char *keys)
{
    letter_certificate c;
    TRY(letter_key_look(keys, a, &c));
    tell(a, l, &c);
    return OK;
}

static err change(arena *a, const command_line *l, const char *keys, bool take)
{
    const char *key = option(l, "--key"), *certificate = option(l, "--certificate");
    const conf *c;
    int lock;
    if (take && (!key || !certificate)) return ERR(E_USAGE, "letter_key.usage");
    TRY(program_conf(a, l->data_dir, NULL, &c));
    TRY(program_lock(l->data_dir, &lock));
    err e = take ? letter_key_take(keys, key, certificate)
                 : letter_key_renew(keys, conf_str(c, "site.name_en"));
    if (!failed(e)) e = show(a, l, keys);
    close(lock);
    TRY(e);
    str words = T(l->lang, "letter_key.renewed");
    fprintf(stderr, "%.*s\n", STR_ARG(words));
    return OK;
}

int letter_key_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    const char *verb = l->argc > 1 ? l->argv[1] : "show";
    const char *keys = str_z(a, str_fmt(a, "%s/keys", l->data_dir));
    err e = ERR(E_USAGE, "letter_key.usage");
    if (strcmp(verb, "show") == 0) e = show(a, l, keys);
    if (strcmp(verb, "renew") == 0) e = change(a, l, keys, false);
    if (strcmp(verb, "take") == 0) e = change(a, l, keys, true);
    return failed(e) ? command_fail(l->lang, e) : 0;
}
