/* help.c - `minar help`: examples first, made from the same rows that run. Main thread. */
#include "gen/alone.h"
#include "gen/commands.h"
#include "gen/routes.h"
#include "main/command.h"
#include <stdio.h>

static void put(str s)
{
    fwrite(s.p, 1, s.n, stdout);
}

static const route *route_of(const char *id)
{
    for (size_t i = 0; i < minar_routes.n; i++)
        if (strcmp(minar_routes.routes[i].id, id) == 0) return &minar_routes.routes[i];
    return NULL;
}

static void put_fields(const schema *s)
{
    for (size_t i = 0; s && i < s->n; i++) {
        const schema_field *f = &s->fields[i];
        printf("  --");
        for (size_t k = 0; k < f->name.n; k++)
            putchar(f->name.p[k] == '_' ? '-' : f->name.p[k]);
        if (f->n_words) {
            for (size_t k = 0; k < f->n_words; k++)
                printf("%s%.*s", k ? "|" : " ", STR_ARG(f->words[k]));
        }
        puts(f->required ? "   *" : "");
    }
}

static void put_verb(lang l, const command_row *c)
{
    arena *a = arena_new(1 << 16);
    const route *r = route_of(c->route);
    printf("%s\n\n", c->example);
    put(T(l, str_z(a, str_fmt(a, "route.%s", c->route))));
    putchar('\n');
    if (c->paste) puts("  --file FILE|-");
    put_fields(r->body);
    put_fields(r->query);
    arena_free(a);
}

static void put_noun(lang l, const char *noun)
{
    arena *a = arena_new(1 << 16);
    for (size_t i = 0; i < command_rows_n; i++) {
        const command_row *c = &command_rows[i];
        if (strcmp(c->noun, noun) != 0) continue;
        printf("  %-60s ", c->example);
        put(T(l, str_z(a, str_fmt(a, "route.%s", c->route))));
        putchar('\n');
    }
    arena_free(a);
}

static void put_all(lang l)
{
    put(T(l, "help.intro"));
    puts("\n");
    for (size_t i = 0; i < alone_rows_n; i++) {
        printf("  minar %-10s ", alone_rows[i].name);
        put(T(l, alone_rows[i].key));
        putchar('\n');
    }
    putchar('\n');
    const char *last = "";
    for (size_t i = 0; i < command_rows_n; i++) {
        if (strcmp(command_rows[i].noun, last) != 0)
            printf("%s  minar %-10s ", last[0] ? "\n" : "", command_rows[i].noun);
        printf("%s ", command_rows[i].verb);
        last = command_rows[i].noun;
    }
    puts("\n");
    put(T(l, "help.more"));
    putchar('\n');
}

int completion_run(const command_line *l)
{
    const char *shell = l->argc > 1 ? l->argv[1] : "";
    for (size_t i = 0; i < ARRAY_LEN(completion_rows); i++) {
        if (strcmp(completion_rows[i].shell, shell) != 0) continue;
        put(str_of(completion_rows[i].script));
        return 0;
    }
    return command_fail(
            l->lang, ERR1(E_USAGE, "error.main.missing", S("minar completion bash|zsh|fish")));
}

int help_run(const command_line *l, const char *noun, const char *verb)
{
    bool any = false;
    for (size_t i = 0; noun && i < command_rows_n; i++) {
        if (strcmp(command_rows[i].noun, noun) != 0) continue;
        any = true;
        if (verb && strcmp(command_rows[i].verb, verb) == 0) {
            put_verb(l->lang, &command_rows[i]);
            return 0;
        }
    }
    if (any)
        put_noun(l->lang, noun);
    else
        put_all(l->lang);
    return noun && !any ? 2 : 0;
}
