/* pgp_run.c - `minar pgp`: the site's OpenPGP keys are shown, made, extended and ended; the server
 * beside it signs with what there is then. Main thread. */
#include "main/pgp_run.h"

#include "base/time.h"
#include "common/mailkey/site_act.h"
#include "main/program.h"
#include "proc/pgp_make.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    arena *a;
    const command_line *l;
    pgp_maker *m;
    str site, from;
    int years;
    str word; /* after the verb */
} work;

static void say(const work *w, const char *key, str a1, str a2)
{
    str words = text_fill(w->a, T(w->l->lang, key), a1, a2, (str){ 0 });
    fprintf(stderr, "%.*s\n", STR_ARG(words));
}

static const char *state_of(const pgp_key *k)
{
    bool over = k->expired || (k->expires.us && k->expires.us <= clock_now(&clock_system).us);
    if (k->revoked) return "revoked";
    if (over) return "ended";
    return pgp_key_signs(k, clock_now(&clock_system)) ? "signs" : "public";
}

static void put_json(work *w, const pgp_key *k, size_t n)
{
    jsonw j = jsonw_new(w->a, 4096);
    jw_arr(&j);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&j);
        jw_kstr(&j, "fingerprint", k[i].fingerprint);
        jw_kstr(&j, "user", k[i].user);
        jw_ktime(&j, "created", k[i].created);
        jw_ktime(&j, "expires", k[i].expires);
        jw_kstr(&j, "state", str_of(state_of(&k[i])));
        jw_end_obj(&j);
    }
    jw_end_arr(&j);
    str s = jsonw_done(&j);
    printf("%.*s\n", STR_ARG(s));
}

static err show(work *w)
{
    pgp_key k[PGP_KEYS_MAX];
    size_t n;
    TRY(pgp_maker_list(w->m, k, &n));
    if (w->l->json || w->l->jsonl) {
        put_json(w, k, n);
        return OK;
    }
    for (size_t i = 0; i < n; i++) {
        str fingerprint = pgp_grouped(w->a, k[i].fingerprint);
        str ends = k[i].expires.us ? str_sub(instant_text(w->a, k[i].expires), 0, 10) : S("-");
        printf("%.*s  %.*s  %s  %.*s\n", STR_ARG(fingerprint), STR_ARG(ends), state_of(&k[i]),
                STR_ARG(k[i].user));
    }
    if (!n) say(w, "pgp.none", S(""), S(""));
    return OK;
}

static err note(work *w, site_act_kind act, str fingerprint)
{
    return site_act_note(w->a, w->l->data_dir, act, mail_way_name(MAIL_OPENPGP), fingerprint);
}

/* The key that was made last. */
static err note_made(work *w)
{
    pgp_key k[PGP_KEYS_MAX];
    size_t n, last = 0;
    TRY(pgp_maker_list(w->m, k, &n));
    for (size_t i = 0; i < n; i++)
        if (k[i].created.us >= k[last].created.us) last = i;
    return note(w, SITE_ACT_MADE, n ? k[last].fingerprint : S(""));
}

/* A name that would be read as an address is not put beside one. */
static err make(work *w)
{
    buf name = buf_new(w->a, w->site.n + 1);
    if (!w->from.n) return ERR(E_CONFIG, "error.pgp.from");
    for (size_t i = 0; i < w->site.n; i++)
        if (!strchr("<>@()\"\\", w->site.p[i])) buf_byte(&name, w->site.p[i]);
    TRY(pgp_maker_make(w->m,
            str_fmt(w->a, "%.*s <%.*s>", STR_ARG(buf_str(&name)), STR_ARG(w->from)), w->years));
    TRY(note_made(w));
    say(w, "pgp.made", S(""), S(""));
    return show(w);
}

static err extend(work *w, const pgp_key *k)
{
    TRY(pgp_maker_extend(w->m, k->fingerprint, w->years));
    TRY(note(w, SITE_ACT_CHANGED, k->fingerprint));
    say(w, "pgp.extended", S(""), S(""));
    return show(w);
}

static err drop(work *w, const pgp_key *k)
{
    TRY(pgp_maker_drop(w->m, k->fingerprint));
    TRY(note(w, SITE_ACT_ENDED, k->fingerprint));
    say(w, "pgp.dropped", S(""), S(""));
    return show(w);
}

static err export(work *w)
{
    str keys;
    TRY(pgp_maker_export(w->m, &keys));
    if (!keys.n) return ERR1(E_ABSENT, "error.pgp.no_key", S("*"));
    printf("%.*s", STR_ARG(keys));
    return OK;
}

static err revocation(work *w, const pgp_key *k)
{
    str text;
    TRY(pgp_maker_revocation(w->m, k->fingerprint, &text));
    printf("%.*s", STR_ARG(text));
    say(w, "pgp.revocation", S(""), S(""));
    return OK;
}

static err act(work *w, const char *verb)
{
    pgp_key k;
    if (strcmp(verb, "show") == 0) return show(w);
    if (strcmp(verb, "make") == 0) return make(w);
    if (strcmp(verb, "export") == 0) return export(w);
    bool one = strcmp(verb, "extend") == 0 || strcmp(verb, "drop") == 0 ||
               strcmp(verb, "revocation") == 0;
    if (!one || !w->word.n) return ERR(E_USAGE, "pgp.usage");
    TRY(pgp_maker_find(w->m, w->word, &k));
    return verb[0] == 'e' ? extend(w, &k) : verb[0] == 'd' ? drop(w, &k) : revocation(w, &k);
}

/* --years N, and the word that is no option. */
static err words(work *w)
{
    w->years = PGP_YEARS;
    for (int i = 2; i < w->l->argc; i++) {
        int64_t n;
        if (strcmp(w->l->argv[i], "--years") != 0) {
            w->word = str_of(w->l->argv[i]);
            continue;
        }
        if (i + 1 >= w->l->argc || !str_to_i64(str_of(w->l->argv[++i]), &n) || n < 1 ||
                n > PGP_YEARS_MAX)
            return ERR(E_USAGE, "pgp.usage");
        w->years = (int)n;
    }
    return OK;
}

int pgp_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new(32 << 20);
    const char *verb = l->argc > 1 ? l->argv[1] : "show";
    work w = { .a = a, .l = l };
    const conf *c;
    err e = words(&w);
    if (!failed(e)) e = program_conf(a, l->data_dir, NULL, &c);
    if (failed(e)) return command_fail(l->lang, e);
    w.site = conf_str(c, "site.name_en");
    w.from = conf_str(c, "mail.from");
    e = pgp_maker_open(a, str_z(a, str_fmt(a, "%s/keys", l->data_dir)), &w.m);
    if (!failed(e)) e = act(&w, verb);
    pgp_maker_close(w.m);
    return failed(e) ? command_fail(l->lang, e) : 0;
}
