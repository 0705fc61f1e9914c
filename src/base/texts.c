/* texts.c - see texts.h. */
#include "base/texts.h"

str texts_make(arena *a, str en, str ur)
{
    jsonw w = jsonw_new(a, en.n + ur.n + 48);
    jw_obj(&w);
    jw_kstr(&w, "first", en.n || !ur.n ? S("en") : S("ur"));
    if (en.n) jw_kstr(&w, "en", en);
    if (ur.n) jw_kstr(&w, "ur", ur);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

str texts_only(arena *a, str texts, lang l)
{
    const json *j;
    if (failed(json_parse(a, texts, NULL, &j))) return (str){ 0 };
    return json_get_text(j, lang_code(l));
}

str texts_pick(arena *a, str texts, lang l)
{
    const json *j;
    if (failed(json_parse(a, texts, NULL, &j))) return (str){ 0 };
    str s = json_get_text(j, lang_code(l));
    return s.n ? s : json_get_text(j, json_get_text(j, S("first")));
}
