/* site_key.c - the site's OpenPGP keys for everybody: a page that shows how to know them, without
 * script, and the keys themselves. What is shown is the keys process's, who knows it for half a
 * minute, so that asking often costs nothing. */
#include "api/app.h"
#include "base/time.h"
#include "desk/office/mail_key.h"
#include "gen/routes_handlers.h"
#include "proc/pgp.h"
#include "render/html.h"
#include "render/words.h"

static const char *const states[][2] = { { "signs", TK("openpgp.state.signs") },
    { "ended", TK("openpgp.state.ended") }, { "revoked", TK("openpgp.state.revoked") },
    { "public", TK("openpgp.state.public") } };

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

static err put_key(call *c, html *h, lang l, const pgp_key *k)
{
    const zone *z;
    TRY(zone_find(conf_str(c->app->conf, "site.time_zone"), &z));
    html_tag(h, "dl");
    put_fact(h, l, "openpgp.fingerprint", ltr_text(c->a, l, pgp_grouped(c->a, k->fingerprint)));
    put_fact(h, l, "openpgp.user", ltr_text(c->a, l, k->user));
    put_fact(h, l, "openpgp.made", day_text(c->a, l, k->created, z));
    if (k->expires.us) put_fact(h, l, "openpgp.ends", day_text(c->a, l, k->expires, z));
    put_fact(h, l, "openpgp.state", T(l, words_of(site_key_state(k, clock_now(&clock_system)))));
    html_end(h);
    return OK;
}

static err put_part(call *c, html *h, lang l, const pgp_key *k, size_t n)
{
    if (!n) {
        html_line(h, "p", T(l, "openpgp.none"));
        return OK;
    }
    html_line(h, "p", T(l, "openpgp.what"));
    for (size_t i = 0; i < n; i++)
        TRY(put_key(c, h, l, &k[i]));
    html_tag(h, "p");
    html_element(h, "a", &(html_attr){ "href", S("/openpgp/keys.asc") }, 1);
    html_text(h, T(l, "openpgp.get"));
    html_end(h);
    html_end(h);
    html_line(h, "p", T(l, "openpgp.compare"));
    return OK;
}

err h_site_key_page(call *c)
{
    lang l = call_lang(c), other = l == LANG_UR ? LANG_EN : LANG_UR;
    pgp_key k[PGP_KEYS_MAX];
    str listing, keys;
    html_attr part[] = { { "lang", lang_code(other) },
        { "dir", other == LANG_UR ? S("rtl") : S("ltr") } };
    TRY(pgp_site(c->app->keys, c->a, &listing, &keys));
    size_t n = pgp_keys_read(c->a, listing, k);
    html h = html_page(c->a, l, T(l, "openpgp.title"), "/public.css");
    TRY(put_part(c, &h, l, k, n));
    html_element(&h, "section", part, ARRAY_LEN(part));
    html_line(&h, "h2", T(other, "openpgp.title"));
    TRY(put_part(c, &h, other, k, n));
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
