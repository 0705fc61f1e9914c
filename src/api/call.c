/* call.c - what handlers ask of a call: ids, entity tags, preconditions, labels, language.
 * Owns nothing; the call's thread. */
#include "api/api.h"
#include "access/model.h"
#include "api/etag.h"
#include "base/text.h"
#include "store/store.h"

enum { LIMIT_USUAL = 50, LIMIT_MAX = 200 };

int64_t page_limit(int64_t asked)
{
    if (asked <= 0) return LIMIT_USUAL;
    return asked > LIMIT_MAX ? LIMIT_MAX : asked;
}

err call_id(call *c, id128 *ret)
{
    return id_parse(c->path_id, ret) ? OK : ERR(E_ABSENT, "error.api.absent");
}

void call_put_empty(call *c)
{
    jw_obj(&c->out);
    jw_end_obj(&c->out);
}

bool call_etag_version(call *c, int64_t version)
{
    c->etag = str_fmt(c->a, "v%lld", (long long)version);
    if (!tag_listed(c->if_none_match, c->etag)) return false;
    c->status = 304;
    return true;
}

err call_match(call *c, int64_t version, bool required)
{
    if (c->if_match.n == 0) return required ? ERR(E_USAGE, "error.api.if_match_missing") : OK;
    str tag = str_fmt(c->a, "v%lld", (long long)version), begins = str_cat(c->a, tag, S("-"));
    if (tag_listed(c->if_match, tag) || tag_listed(c->if_match, begins)) return OK;
    return ERR(E_STALE, "error.api.stale");
}

void call_version(call *c, int64_t version)
{
    c->etag = str_fmt(c->a, "v%lld-", (long long)version);
}

void call_created(call *c, id128 id, int64_t version)
{
    c->etag = str_fmt(c->a, "v%lld", (long long)version);
    jw_obj(&c->out);
    jw_kid(&c->out, "id", id);
    jw_ki64(&c->out, "version", version);
    jw_end_obj(&c->out);
}

str tlp_name(int64_t audience)
{
    return label_name(AUDIENCE_LABEL(audience));
}

err tlp_parse(str s, int *ret_label)
{
    for (int i = 0; i <= LABEL_RED; i++) {
        if (!str_eq_nocase(s, label_name(i))) continue;
        *ret_label = i;
        return OK;
    }
    return ERR1(E_INVALID, "error.api.not_tlp", s);
}

/* The first language of Accept-Language that we have; weights are taken as the order of writing. */
static bool accepted_lang(str header, lang *ret)
{
    str part;
    while (header.n && str_split(&header, ',', &part)) {
        ptrdiff_t semi = str_find_byte(part, ';');
        if (semi >= 0) part = str_sub(part, 0, (size_t)semi);
        if (lang_parse(str_trim(part), ret)) return true;
    }
    return false;
}

lang call_lang(const call *c)
{
    lang l;
    bool browser = str_eq(c->viewer.how, S("session"));
    if (!browser && accepted_lang(c->accept_language, &l)) return l;
    return c->viewer.person ? c->viewer.lang : accepted_lang(c->accept_language, &l) ? l : LANG_EN;
}

void call_release(call *c)
{
    if (c->t) txn_end(c->t);
    c->t = NULL;
}

err call_refresh(call *c)
{
    call_release(c);
    return txn_read(c->realm->store, 0, &c->t);
}
