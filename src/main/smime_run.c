/* smime_run.c - `minar smime`: the site's key and certificate for S/MIME are shown, a key is made
 * and asked for at an authority, the certificate that came back is taken in, one goes. The running
 * server is not touched: it signs with what there is at its next start. Main thread. */
#include "main/smime_run.h"

#include "base/time.h"
#include "common/mailkey/site_act.h"
#include "main/program.h"
#include "proc/smime_key.h"
#include <stdio.h>

enum { CERTIFICATE_BYTES = 256 << 10 };

typedef struct {
    arena *a;
    const command_line *l;
    const char *keys;
    str site, from;
    bool signs; /* by the settings */
    const char *file;
    str word; /* after the verb */
    instant now;
} work;

static void say(const work *w, const char *key, str a1, str a2)
{
    str words = text_fill(w->a, T(w->l->lang, key), a1, a2, (str){ 0 });
    fprintf(stderr, "%.*s\n", STR_ARG(words));
}

static err note(const work *w, site_act_kind act, str serial)
{
    return site_act_note(w->a, w->l->data_dir, act, mail_way_name(MAIL_SMIME), serial);
}

/* ---- showing ---- */

static str day(const work *w, instant t)
{
    return str_sub(instant_text(w->a, t), 0, 10);
}

static const char *state_of(const work *w, const smime_cert *c)
{
    return c->until.us <= w->now.us ? "ended" : c->from.us > w->now.us ? "waits" : "signs";
}

static void put_json(const work *w, const smime_state *s)
{
    const smime_cert *c = &s->certificate;
    jsonw j = jsonw_new(w->a, 4096);
    jw_obj(&j);
    jw_kbool(&j, "waits", s->waits);
    jw_key(&j, S("certificate"));
    if (s->used) {
        jw_obj(&j);
        jw_kstr(&j, "fingerprint", c->fingerprint);
        jw_kstr(&j, "subject", c->subject);
        jw_kstr(&j, "issuer", c->issuer);
        jw_kstr(&j, "serial", c->serial);
        jw_ktime(&j, "from", c->from);
        jw_ktime(&j, "until", c->until);
        jw_kstr(&j, "state", str_of(state_of(w, c)));
        jw_end_obj(&j);
    } else {
        jw_null(&j);
    }
    jw_end_obj(&j);
    str text = jsonw_done(&j);
    printf("%.*s\n", STR_ARG(text));
}

static void put_line(const work *w, const char *label, str value)
{
    str words = T(w->l->lang, label);
    printf("%.*s: %.*s\n", STR_ARG(words), STR_ARG(value));
}

static void put_certificate(const work *w, const smime_cert *c)
{
    put_line(w, "smime.subject", c->subject);
    put_line(w, "smime.issuer", c->issuer);
    put_line(w, "smime.serial", c->serial);
    put_line(w, "smime.from", day(w, c->from));
    put_line(w, "smime.until", day(w, c->until));
    put_line(w, "smime.fingerprint", c->fingerprint);
}

static err show(const work *w)
{
    smime_state s;
    TRY(smime_key_look(w->keys, w->a, w->now, &s));
    if (w->l->json || w->l->jsonl) {
        put_json(w, &s);
        return OK;
    }
    if (s.used) put_certificate(w, &s.certificate);
    if (!s.used) say(w, "smime.none", S(""), S(""));
    if (s.used && !w->signs) say(w, "smime.not_set", S(""), S(""));
    if (s.waits) say(w, "smime.waits", S(""), S(""));
    return OK;
}

/* ---- making, taking, dropping ---- */

static err request(const work *w)
{
    str text;
    TRY(smime_key_request(w->keys, w->a, w->site, w->from, &text));
    printf("%.*s", STR_ARG(text));
    say(w, "smime.requested", w->from, S(""));
    return OK;
}

static err make(const work *w)
{
    TRY(smime_key_make(w->keys));
    TRY(note(w, SITE_ACT_MADE, S("")));
    return request(w);
}

static err read_file(const work *w, str *ret)
{
    FILE *f = fopen(w->file, "re");
    if (!f) return err_errno("error.files.read", str_of(w->file));
    char *p = arena_alloc(w->a, CERTIFICATE_BYTES);
    *ret = (str){ p, fread(p, 1, CERTIFICATE_BYTES, f) };
    fclose(f);
    return OK;
}

static err take(const work *w)
{
    str brought;
    smime_cert c;
    TRY(read_file(w, &brought));
    TRY(smime_key_take(w->keys, w->a, brought, w->from, w->now, &c));
    TRY(note(w, SITE_ACT_CHANGED, c.serial));
    say(w, "smime.taken", S(""), S(""));
    return show(w);
}

static err drop(const work *w)
{
    smime_state s;
    bool used = str_eq(w->word, S("used"));
    if (used && w->signs) return ERR(E_CONFLICT, "error.smime.signs");
    TRY(smime_key_look(w->keys, w->a, w->now, &s));
    TRY(smime_key_drop(w->keys, used ? SMIME_USED : SMIME_WAITS));
    TRY(note(w, SITE_ACT_ENDED, used && s.used ? s.certificate.serial : S("")));
    say(w, used ? "smime.dropped_used" : "smime.dropped_waiting", S(""), S(""));
    return OK;
}

static err act(const work *w, const char *verb)
{
    bool which = str_eq(w->word, S("used")) || str_eq(w->word, S("waiting"));
    if (strcmp(verb, "show") == 0) return show(w);
    if (strcmp(verb, "drop") == 0 && which) return drop(w);
    bool asks = strcmp(verb, "make") == 0 || strcmp(verb, "request") == 0;
    bool takes = strcmp(verb, "take") == 0 && w->file;
    if (!asks && !takes) return ERR(E_USAGE, "smime.usage");
    if (!w->from.n) return ERR(E_CONFIG, "error.pgp.from");
    return takes ? take(w) : strcmp(verb, "make") == 0 ? make(w) : request(w);
}

/* --certificate FILE, and the word that is no option. */
static void words(work *w)
{
    for (int i = 2; i < w->l->argc; i++)
        if (strcmp(w->l->argv[i], "--certificate") == 0 && i + 1 < w->l->argc)
            w->file = w->l->argv[++i];
        else
            w->word = str_of(w->l->argv[i]);
}

int smime_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new(8 << 20);
    const char *verb = l->argc > 1 ? l->argv[1] : "show";
    work w = { .a = a,
        .l = l,
        .keys = str_z(a, str_fmt(a, "%s/keys", l->data_dir)),
        .now = clock_now(&clock_system) };
    const conf *c;
    err e = program_conf(a, l->data_dir, NULL, &c);
    if (failed(e)) return command_fail(l->lang, e);
    w.site = conf_str(c, "site.name_en");
    w.from = conf_str(c, "mail.from");
    w.signs = mail_way_of(conf_str(c, "mail.sign")) == MAIL_SMIME;
    words(&w);
    e = act(&w, verb);
    return failed(e) ? command_fail(l->lang, e) : 0;
}
