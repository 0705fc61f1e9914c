/* dkim_run.c - `minar dkim`: the records of all keys are shown as a zone file has them, a key is
 * made for the selector that comes next, one that is not needed any more goes. The running server
 * is not touched: which one signs is a setting. Main thread. */
#include "main/dkim_run.h"

#include "common/mailkey/site_act.h"
#include "common/outbox/outbox.h"
#include "main/program.h"
#include "proc/dkim_key.h"
#include <stdio.h>

enum { STRING_MAX = 255 }; /* of one string in a TXT record */

typedef struct {
    arena *a;
    const command_line *l;
    const char *keys;
    dkim_identity signs; /* as the settings have it */
    jsonw out;
} work;

static void print_record(str name, str value)
{
    printf("%.*s. 3600 IN TXT (", STR_ARG(name));
    for (; value.n; value = str_sub(value, STRING_MAX, value.n)) {
        str part = str_sub(value, 0, STRING_MAX);
        printf(" \"%.*s\"", STR_ARG(part));
    }
    printf(" )\n");
}

static void print_json(work *w, str name, str value, bool signs)
{
    jw_obj(&w->out);
    jw_kstr(&w->out, "name", name);
    jw_kstr(&w->out, "value", value);
    jw_kbool(&w->out, "signs", signs);
    jw_end_obj(&w->out);
}

static err show_one(work *w, str selector)
{
    dkim_key *k;
    TRY(dkim_key_open(w->keys, selector, &k));
    bool signs = str_eq(selector, w->signs.selector);
    for (int g = 0; g < DKIM_ALGORITHMS; g++) {
        str name = dkim_record_name(
                w->a, (dkim_identity){ w->signs.domain, selector }, (dkim_algorithm)g);
        str value =
                dkim_record(w->a, (dkim_algorithm)g, dkim_key_public(k, (dkim_algorithm)g, w->a));
        if (w->l->json || w->l->jsonl)
            print_json(w, name, value, signs);
        else
            print_record(name, value);
    }
    dkim_key_close(k);
    str words = text_fill(w->a, T(w->l->lang, signs ? "dkim.signs" : "dkim.waits"), selector,
            (str){ 0 }, (str){ 0 });
    fprintf(stderr, "%.*s\n", STR_ARG(words));
    return OK;
}

static err show(work *w)
{
    str all[DKIM_KEYS_MAX];
    size_t n;
    bool as_json = w->l->json || w->l->jsonl;
    TRY(dkim_key_list(w->keys, w->a, all, &n));
    if (!n) return ERR1(E_ABSENT, "error.dkim.none", S("*"));
    w->out = jsonw_new(w->a, 4096);
    jw_arr(&w->out);
    for (size_t i = 0; i < n; i++)
        TRY(show_one(w, all[i]));
    jw_end_arr(&w->out);
    str s = jsonw_done(&w->out);
    if (as_json) printf("%.*s\n", STR_ARG(s));
    return OK;
}

static err note(work *w, site_act_kind act, str selector)
{
    return site_act_note(w->a, w->l->data_dir, act, SITE_ACT_DKIM, selector);
}

static err make(work *w, str selector)
{
    if (!dkim_selector_is_sane(selector)) return ERR(E_CONFIG, "error.dkim.selector");
    bool was = dkim_key_there(w->keys, selector);
    TRY(dkim_key_make(w->keys, selector));
    if (!was) TRY(note(w, SITE_ACT_MADE, selector));
    return show(w);
}

static err drop(work *w, str selector)
{
    if (str_eq(selector, w->signs.selector)) return ERR1(E_CONFLICT, "error.dkim.signs", selector);
    TRY(dkim_key_drop(w->keys, selector));
    return note(w, SITE_ACT_ENDED, selector);
}

static err domain_of(work *w)
{
    const conf *c;
    TRY(program_conf(w->a, w->l->data_dir, NULL, &c));
    TRY(dkim_conf(c, &w->signs));
    if (w->signs.domain.n) return OK;
    str from = conf_str(c, "mail.from"), domain = conf_str(c, "mail.dkim_domain");
    ptrdiff_t at = str_find_byte(from, '@');
    w->signs.domain = domain.n ? domain : at < 0 ? S("") : str_sub(from, (size_t)at + 1, from.n);
    return host_is_sane(w->signs.domain) ? OK : ERR(E_CONFIG, "error.dkim.domain");
}

int dkim_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    const char *verb = l->argc > 1 ? l->argv[1] : "show";
    str selector = str_of(l->argc > 2 ? l->argv[2] : "");
    work w = { .a = a, .l = l, .keys = str_z(a, str_fmt(a, "%s/keys", l->data_dir)) };
    err e = domain_of(&w);
    if (failed(e)) return command_fail(l->lang, e);
    e = ERR(E_USAGE, "dkim.usage");
    if (strcmp(verb, "show") == 0) e = show(&w);
    if (strcmp(verb, "make") == 0 && selector.n) e = make(&w, selector);
    if (strcmp(verb, "drop") == 0 && selector.n) e = drop(&w, selector);
    return failed(e) ? command_fail(l->lang, e) : 0;
}
