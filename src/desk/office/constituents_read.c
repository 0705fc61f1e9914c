/* constituents_read.c - cells to plans. Headings and words are recognised in English and Urdu. Pool
 * thread; no store. */
#include "common/observable/observable.h"
#include "desk/office/constituents.h"
#include "desk/office/organisation.h"
#include "engine/fold/fold.h"

enum {
    F_KEY,
    F_NAME_EN,
    F_NAME_UR,
    F_KIND,
    F_SECTOR,
    F_PROVINCE,
    F_LANG,
    F_PROVIDER,
    F_COMMUNITY,
    F_NETWORKS,
    F_ASNS,
    F_DOMAINS,
    F_CONTACT,
    F_MAIL,
    F_PHONE,
    F_ROLE,
    F_CONTACT_LANG
};

const import_field constituents_fields[] = {
    { "key", "key|id|code|short name|abbreviation|acronym|کوڈ|مخفف|کلید", true },
    { "name_en",
            "name|name en|organisation|organization|organisation name|english "
            "name|entity|agency|body|نام انگریزی|انگریزی نام",
            false },
    { "name_ur", "name ur|urdu name|name urdu|نام|نام اردو|اردو نام|اداره|ادارہ|ادارے کا نام",
            false },
    { "kind", "kind|type|category|organisation type|قسم|نوعیت", false },
    { "sector", "sector|شعبہ", false },
    { "province", "province|region|state|صوبہ|علاقہ", false },
    { "lang", "lang|language|زبان", false },
    { "provider_key", "provider|provider key|client of|service provider|فراہم کنندہ", false },
    { "community", "community|member|community member|رکن", false },
    { "networks",
            "networks|network|cidr|cidrs|ip|ips|ip ranges|ip range|ranges|prefixes|netblocks|نیٹ "
            "ورک|آئی پی",
            false },
    { "asns", "asn|asns|as|as number|as numbers|autonomous system", false },
    { "domains", "domain|domains|domain names|website|websites|fqdn|ڈومین|ویب سائٹ", false },
    { "contact_name",
            "contact|contact name|contact person|focal person|focal point|person|رابطہ|فوکل "
            "پرسن|رابطہ کار",
            false },
    { "contact_mail",
            "mail|email|e mail|contact mail|contact email|mail address|email address|ای میل",
            false },
    { "contact_phone", "phone|telephone|mobile|contact phone|cell|فون|موبائل", false },
    { "contact_role", "contact role|role|contact type|کردار", false },
    { "contact_lang", "contact lang|contact language|رابطے کی زبان", false },
};
const size_t constituents_fields_n = ARRAY_LEN(constituents_fields);

/* ---- words of a cell ---- */

typedef struct {
    const char *word, *goes_by; /* folded, parted by '|' */
} word;
static const word kind_words[] = { { "ministry", "ministry|division|وزارت|ڈویژن" },
    { "authority", "authority|regulator|commission|board|اتھارٹی|ریگولیٹر|کمیشن|بورڈ" },
    { "provincial", "provincial|province|provincial department|صوبائی" },
    { "bank", "bank|finance|financial institution|بینک|بنک" },
    { "telecom", "telecom|telco|isp|operator|ٹیلی کام" },
    { "health", "health|hospital|صحت|ہسپتال|اسپتال" },
    { "energy", "energy|power|utility|gas|توانائی|بجلی" },
    { "transport", "transport|airport|port|railway|نقل و حمل" },
    { "education", "education|university|college|تعلیم|یونیورسٹی|جامعہ" },
    { "media", "media|میڈیا" }, { "sector_cert", "sector cert|sector_cert|cert" },
    { "other", "other|دیگر" } };
static const word sector_words[] = { { "government", "government|gov|public|حکومت|سرکاری" },
    { "finance", "finance|financial|banking|مالیات|بینکاری" },
    { "telecom", "telecom|ict|ٹیلی کام" }, { "health", "health|صحت" },
    { "energy", "energy|power|توانائی" }, { "transport", "transport|نقل و حمل" },
    { "education", "education|تعلیم" }, { "media", "media|میڈیا" }, { "other", "other|دیگر" } };
static const word lang_words[] = { { "en", "en|eng|english|انگریزی" },
    { "ur", "ur|urd|urdu|اردو" } };
static const word role_words[] = { { "focal", "focal|focal person|primary|admin|فوکل" },
    { "technical", "technical|tech|it|soc|تکنیکی" },
    { "management", "management|head|secretary|ceo|انتظامیہ" }, { "none", "none|کوئی نہیں" } };
static const word truth_words[] = { { "yes", "yes|y|true|1|ہاں" }, { "no", "no|n|false|0|نہیں" } };

static bool goes_by(arena *a, const char *list, str folded)
{
    str rest = str_of(list), part;
    while (str_split(&rest, '|', &part))
        if (str_eq(fold_text(a, part), folded)) return true;
    return false;
}

static str all_words(arena *a, const word *w, size_t n)
{
    buf b = buf_new(a, 200);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&b, "%s%s", i ? ", " : "", w[i].word);
    return buf_str(&b);
}

/* The word a cell means; empty when the cell is empty; a wrong one is noted and false. */
static bool cell_word(
        arena *a, import_sheet *s, const import_row *r, int f, const word *w, size_t n, str *ret)
{
    str in = r->cell[f];
    *ret = (str){ 0 };
    if (in.n == 0) return true;
    str folded = fold_text(a, in);
    for (size_t i = 0; i < n; i++)
        if (goes_by(a, w[i].goes_by, folded)) {
            *ret = str_of(w[i].word);
            return true;
        }
    import_bad(s, r, f, ERR2(E_INVALID, "error.import.value", in, all_words(a, w, n)));
    return false;
}
#define CELL_WORD(a, s, r, f, words, ret)                                                          \
    cell_word((a), (s), (r), (f), (words), ARRAY_LEN(words), (ret))

/* ---- lists: networks, AS numbers, domains ---- */

static void add_network(arena *a, plan *p, str value, const import_row *r)
{
    plan_network *n = NEW(a, plan_network);
    *n = (plan_network){ .value = value, .at = *r, .next = p->networks };
    p->networks = n;
    p->n_networks++;
}

static bool take_one(arena *a, str part, bool asn, plan *p, const import_row *r)
{
    str kind, value;
    if (asn && part.n && part.p[0] >= '0' && part.p[0] <= '9') part = str_cat(a, S("AS"), part);
    err e = network_recognise(a, part, &kind, &value);
    if (failed(e)) return false;
    add_network(a, p, value, r);
    return true;
}

/* Values apart by ; , | or space. Wrong ones are noted, each with itself. */
static void take_list(arena *a, import_sheet *s, const import_row *r, int f, plan *p)
{
    str in = r->cell[f];
    for (size_t i = 0, from = 0; i <= in.n; i++) {
        if (i < in.n && !strchr(";,| \t\r\n", in.p[i])) continue;
        str part = str_sub(in, from, i - from);
        from = i + 1;
        if (part.n && !take_one(a, str_copy(a, part), f == F_ASNS, p, r))
            import_bad(s, r, f, ERR1(E_INVALID, "error.office.network", part));
    }
}

/* ---- contact ---- */

static void take_contact(arena *a, import_sheet *s, const import_row *r, plan *p)
{
    observable o;
    str role, tongue, mail = r->cell[F_MAIL], name = r->cell[F_CONTACT];
    if (!mail.n) {
        if (name.n) import_bad(s, r, F_MAIL, ERR(E_INVALID, "error.import.empty"));
        return;
    }
    if (failed(observable_recognise(a, mail, &o)) || o.kind != OBSERVABLE_EMAIL) {
        import_bad(s, r, F_MAIL, ERR1(E_INVALID, "error.import.mail", mail));
        return;
    }
    if (!CELL_WORD(a, s, r, F_ROLE, role_words, &role)) return;
    if (!CELL_WORD(a, s, r, F_CONTACT_LANG, lang_words, &tongue)) return;
    plan_contact *c = NEW(a, plan_contact);
    role = role.n ? role : S("focal");
    c->facts = (person_facts){ .name = str_copy(a, name.n ? name : mail),
        .mail = o.value,
        .phone = str_copy(a, r->cell[F_PHONE]),
        .lang = tongue,
        .contact_role = role,
        .roles = person_roles_of(role) };
    c->next = p->contacts;
    p->contacts = c;
    p->n_contacts++;
}

/* ---- rows ---- */

static plan *find_plan(plan *first, str key)
{
    for (; first; first = first->next)
        if (str_eq(first->key, key)) return first;
    return NULL;
}

static bool take_own(arena *a, import_sheet *s, const import_row *r, plan *p)
{
    str kind, sector, tongue, truth;
    if (r->cell[F_NAME_EN].n) p->name_en = str_copy(a, r->cell[F_NAME_EN]);
    if (r->cell[F_NAME_UR].n) p->name_ur = str_copy(a, r->cell[F_NAME_UR]);
    if (!CELL_WORD(a, s, r, F_KIND, kind_words, &kind)) return false;
    if (!CELL_WORD(a, s, r, F_SECTOR, sector_words, &sector)) return false;
    if (!CELL_WORD(a, s, r, F_LANG, lang_words, &tongue)) return false;
    if (!CELL_WORD(a, s, r, F_COMMUNITY, truth_words, &truth)) return false;
    if (r->cell[F_PROVINCE].n) p->province = str_copy(a, r->cell[F_PROVINCE]);
    if (r->cell[F_PROVIDER].n) p->provider = str_copy(a, r->cell[F_PROVIDER]);
    if (kind.n) p->kind = kind;
    if (sector.n) p->sector = sector;
    if (tongue.n) p->lang = tongue;
    if (truth.n) p->community = str_eq(truth, S("yes"));
    return true;
}

static bool is_list(int f)
{
    return f == F_NETWORKS || f == F_ASNS || f == F_DOMAINS;
}

/* The first cell with a line break or control character in it, -1 when there is none: it would end
 * a header of a mail, or a line of a list. */
static int broken_cell(const import_row *r)
{
    for (int f = 0; f <= F_CONTACT_LANG; f++)
        for (size_t i = 0; i < r->cell[f].n && !is_list(f); i++)
            if ((unsigned char)r->cell[f].p[i] < 0x20 || r->cell[f].p[i] == 0x7f) return f;
    return -1;
}

/* A key that is too long or a first row without any name cannot become an organisation. */
static bool row_fits(import_sheet *s, const import_row *r, bool first)
{
    int broken = broken_cell(r);
    if (broken >= 0) {
        import_bad(s, r, broken, ERR(E_INVALID, "error.api.one_line"));
        return false;
    }
    if (!r->cell[F_KEY].n || r->cell[F_KEY].n > 64) {
        import_bad(s, r, F_KEY, ERR(E_INVALID, "error.import.empty"));
        return false;
    }
    if (first && !r->cell[F_NAME_EN].n && !r->cell[F_NAME_UR].n) {
        import_bad(s, r, F_NAME_EN, ERR(E_INVALID, "error.import.empty"));
        return false;
    }
    return true;
}

plan *constituents_read(arena *a, import_sheet *s)
{
    plan *first = NULL, **end = &first;
    import_row r;
    while (import_next(s, &r)) {
        plan *p = find_plan(first, r.cell[F_KEY]);
        if (!row_fits(s, &r, !p)) continue;
        if (!p) {
            p = NEW(a, plan);
            *p = (plan){ .row = r.number, .key = str_copy(a, r.cell[F_KEY]), .community = true };
            *end = p;
            end = &p->next;
        }
        if (!take_own(a, s, &r, p)) p->what = PLAN_BAD;
        take_list(a, s, &r, F_NETWORKS, p);
        take_list(a, s, &r, F_ASNS, p);
        take_list(a, s, &r, F_DOMAINS, p);
        take_contact(a, s, &r, p);
    }
    return first;
}
