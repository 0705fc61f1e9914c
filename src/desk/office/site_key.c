/* site_key.c - the site's OpenPGP keys and S/MIME certificate for everybody: a page that shows how
 * to know them, without script, and the keys themselves; a certificate comes with each signed mail.
 * What is shown is the keys process's, who knows it for half a minute, so that asking often costs
 * nothing. */
#include "api/app.h"
#include "base/time.h"
#include "desk/office/mail_key.h"
#include "gen/routes_handlers.h"
#include "proc/pgp.h"
#include "proc/smime.h"
#include "render/html.h"
#include "render/words.h"

static const char *const states[][2] = { { "signs", TK("openpgp.state.signs") },
    { "ended", TK("openpgp.state.ended") }, { "revoked", TK("openpgp.state.revoked") },
    { "public", TK("openpgp.state.public") }, { "waits", TK("openpgp.state.waits") } };

/* What the site has. */
typedef struct {
    mail_way sign;
    pgp_key k[PGP_KEYS_MAX];
    size_t n;
    bool has_certificate;
    smime_cert certificate;
} site_keys;

const char *site_key_state(const pgp_key *k, instant now)
{
    if (k->revoked) return "revoked";
    if (k->expired || (k->expires.us && k->expires.us <= now.us)) return "ended";
    return pgp_key_signs(k, now) ? "signs" : "public";
}

const char *site_certificate_state(const smime_cert *k, instant now)
{
    return k->until.us <= now.us ? "ended" : k->from.us > now.us ? "waits" : "signs";
}

static const char *words_of(const char *state)
{
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (strcmp(states[i][0], state) == 0) return states[i][1];
    return states[0][1];
}

static void put_fact(html *h, lang l, const char *label, str value)
{
    html_line(h, "dt", T(l, label));
    html_line(h, "dd", value);
}

/* What a key and a certificate have in common, within a list that is open. */
typedef struct {
    str fingerprint, user;
    instant made, ends;
    const char *state;
} key_facts;

static err put_facts(call *c, html *h, lang l, const key_facts *k)
{
    const zone *z;
    TRY(zone_find(conf_str(c->app->conf, "site.time_zone"), &z));
    put_fact(h, l, "openpgp.fingerprint", ltr_text(c->a, l, pgp_grouped(c->a, k->fingerprint)));
    put_fact(h, l, "openpgp.user", ltr_text(c->a, l, k->user));
    put_fact(h, l, "openpgp.made", day_text(c->a, l, k->made, z));
    if (k->ends.us) put_fact(h, l, "openpgp.ends", day_text(c->a, l, k->ends, z));
    put_fact(h, l, "openpgp.state", T(l, words_of(k->state)));
    return OK;
}

static err put_key(call *c, html *h, lang l, const pgp_key *k)
{
    html_tag(h, "dl");
    TRY(put_facts(c, h, l,
            &(key_facts){ k->fingerprint, k->user, k->created, k->expires,
                    site_key_state(k, clock_now(&clock_system)) }));
    html_end(h);
    return OK;
}

static err put_openpgp(call *c, html *h, lang l, const site_keys *s)
{
    bool first = s->sign == MAIL_OPENPGP;
    if (!s->n) {
        if (first) html_line(h, "p", T(l, "openpgp.none"));
        return OK;
    }
    html_line(h, "p", T(l, first ? "openpgp.what" : "openpgp.also"));
    for (size_t i = 0; i < s->n; i++)
        TRY(put_key(c, h, l, &s->k[i]));
    html_tag(h, "p");
    html_element(h, "a", &(html_attr){ "href", S("/openpgp/keys.asc") }, 1);
    html_text(h, T(l, "openpgp.get"));
    html_end(h);
    html_end(h);
    return OK;
}

static err put_certificate(call *c, html *h, lang l, const site_keys *s)
{
    const smime_cert *k = &s->certificate;
    bool first = s->sign == MAIL_SMIME;
    if (!s->has_certificate) {
        if (first) html_line(h, "p", T(l, "smime.page.none"));
        return OK;
    }
    html_line(h, "p", T(l, first ? "smime.page.what" : "smime.page.also"));
    html_tag(h, "dl");
    TRY(put_facts(c, h, l,
            &(key_facts){ k->fingerprint, k->subject, k->from, k->until,
                    site_certificate_state(k, clock_now(&clock_system)) }));
    put_fact(h, l, "smime.page.issuer", ltr_text(c->a, l, k->issuer));
    put_fact(h, l, "smime.page.serial", ltr_text(c->a, l, k->serial));
    html_end(h);
    return OK;
}

/* By what most mail is signed comes first. */
static err put_part(call *c, html *h, lang l, const site_keys *s)
{
    bool smime = s->sign == MAIL_SMIME;
    if (smime) TRY(put_certificate(c, h, l, s));
    TRY(put_openpgp(c, h, l, s));
    if (!smime) TRY(put_certificate(c, h, l, s));
    if (s->n || s->has_certificate) html_line(h, "p", T(l, "openpgp.compare"));
    return OK;
}

static err site_keys_read(call *c, site_keys *ret)
{
    str listing, keys, certificate;
    TRY(pgp_site(c->app->keys, c->a, &listing, &keys));
    TRY(smime_site(c->app->keys, c->a, &certificate));
    ret->sign = mail_way_of(conf_str(c->app->conf, "mail.sign"));
    ret->n = pgp_keys_read(c->a, listing, ret->k);
    ret->has_certificate = smime_read(c->a, certificate, &ret->certificate);
    return OK;
}

err h_site_key_page(call *c)
{
    lang l = call_lang(c), other = l == LANG_UR ? LANG_EN : LANG_UR;
    site_keys s;
    html_attr part[] = { { "lang", lang_code(other) },
        { "dir", other == LANG_UR ? S("rtl") : S("ltr") } };
    TRY(site_keys_read(c, &s));
    html h = html_page(c->a, l, T(l, "openpgp.title"), "/public.css");
    TRY(put_part(c, &h, l, &s));
    html_element(&h, "section", part, ARRAY_LEN(part));
    html_line(&h, "h2", T(other, "openpgp.title"));
    TRY(put_part(c, &h, other, &s));
    html_end(&h);
    c->html = html_done(&h);
    return OK;
}

err h_site_key_file(call *c)
{
    str listing, keys;
    TRY(pgp_site(c->app->keys, c->a, &listing, &keys));
    if (!keys.n) return ERR(E_ABSENT, "error.api.absent");
    c->raw = keys;
    return OK;
}
