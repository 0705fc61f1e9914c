/* fonts.c - the typefaces of paper: six files, read once, and nothing else that the machine has.
 * See pdf.h. */
#include "render/pdf_in.h"
#include <fontconfig/fontconfig.h>
#include <stdlib.h>

static const char *const files[] = { "NotoSans-Regular.ttf", "NotoSans-Bold.ttf",
    "NotoNastaliqUrdu-Regular.ttf", "NotoNastaliqUrdu-Bold.ttf", "NotoNaskhArabic-Regular.ttf",
    "NotoNaskhArabic-Bold.ttf" };

/* Debian's bold Nastaliq says of itself that it is a regular one: its file's name knows better. */
static void weigh(FcConfig *c)
{
    FcFontSet *all = FcConfigGetFonts(c, FcSetApplication);
    for (int i = 0; all && i < all->nfont; i++) {
        FcChar8 *file;
        if (FcPatternGetString(all->fonts[i], FC_FILE, 0, &file) != FcResultMatch) continue;
        bool bold = str_ends(str_of((const char *)file), S("-Bold.ttf"));
        FcPatternDel(all->fonts[i], FC_WEIGHT);
        FcPatternAddInteger(all->fonts[i], FC_WEIGHT, bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
    }
}

/* The machine's own configuration is not read: it differs from machine to machine, and so would
 * the pages. */
static err load(pdf_fonts *f, const char *folder)
{
    CLEANUP(arena_free_p) arena *a = arena_new(65536);
    FcConfig *c = FcConfigCreate();
    ASSERT(c);
    f->conf = c;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        str path = str_fmt(a, "%s/%s", folder, files[i]);
        if (!FcConfigAppFontAddFile(c, (const FcChar8 *)str_z(a, path)))
            return ERR1(E_CONFIG, "error.pdf.font", path);
    }
    weigh(c);
    return FcConfigSetCurrent(c) ? OK : ERR1(E_CONFIG, "error.pdf.font", str_of(folder));
}

static PangoContext *context_of(PangoFontMap *map, lang l)
{
    PangoContext *c = pango_font_map_create_context(map);
    cairo_font_options_t *o = cairo_font_options_create();
    cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(c, o);
    cairo_font_options_destroy(o);
    pango_context_set_round_glyph_positions(c, FALSE);
    pango_context_set_base_dir(c, l == LANG_UR ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
    pango_context_set_language(c, pango_language_from_string(l == LANG_UR ? "ur" : "en"));
    return c;
}

err pdf_fonts_open(const char *folder, pdf_fonts **ret)
{
    pdf_fonts *f = calloc(1, sizeof *f);
    ASSERT(f);
    err e = load(f, folder);
    if (failed(e)) {
        pdf_fonts_close(f);
        return e;
    }
    f->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    ASSERT(f->map);
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(f->map), 72);
    for (int l = 0; l < LANGS; l++)
        f->context[l] = context_of(f->map, (lang)l);
    *ret = f;
    return OK;
}

void pdf_fonts_close(pdf_fonts *f)
{
    if (!f) return;
    for (int l = 0; l < LANGS; l++)
        if (f->context[l]) g_object_unref(f->context[l]);
    if (f->map) g_object_unref(f->map);
    if (f->conf) FcConfigDestroy(f->conf);
    free(f);
}
