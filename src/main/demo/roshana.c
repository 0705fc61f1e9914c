/* roshana.c - see roshana.h. Exposures are drawn once for the story, each with an owner, a service,
 * a first day and a life; a day's file lists those alive. Around them: bots, phishing, addresses
 * without an owner, and rows that no parser can read. */
#include "main/demo/roshana.h"
#include "base/json.h"
#include "gen/country.h"
#include "main/demo/dice.h"

enum { KIND_BODY = 1, KIND_EXPOSURE, KIND_BOT, KIND_PHISH, KIND_STRAY, KIND_NOW };
enum { EXPOSURES = 700, BOTS = 420, PHISH = 60, STRAYS_A_DAY = 40, STORY_DAYS = 90 };

const roshana_feed roshana_feeds[ROSHANA_FEEDS] = {
    { "roshana-scan", "csv", "National scan of open services", "کھلی سروسز کی قومی جانچ",
            "name: National scan\nprovider: R-CERT\nformat: csv\nseparator: \",\"\nheader: "
            "true\nguess: false\n"
            "columns:\n"
            "  time: { to: time.source, convert: add_UTC_to_timestamp, required: true }\n"
            "  ip: { to: source.ip, convert: validate_ip, required: true }\n"
            "  port: { to: source.port, convert: convert_int }\n"
            "  proto: protocol.transport\n"
            "  service: protocol.application\n"
            "  type: classification.type\n"
            "  identifier: classification.identifier\n"
            "  severity: severity\n"
            "  host: source.reverse_dns\n"
            "accuracy: 90\naudience: amber\naggregate: { gap_s: 43200, span_s: 86400 }\n" },
    { "sinkhole", "jsonl", "Sinkhole: infected systems", "سنک ہول: متاثرہ نظام",
            "name: Sinkhole\nprovider: Partner\nformat: jsonl\nguess: true\naccuracy: "
            "95\naudience: amber\n"
            "aggregate: { gap_s: 43200, span_s: 86400 }\n" },
    { "phish-reports", "csv", "Reported phishing pages", "رپورٹ شدہ جعلی صفحات",
            "name: Reported phishing\nprovider: R-CERT\nformat: csv\nseparator: \",\"\nheader: "
            "true\nguess: false\n"
            "columns:\n"
            "  time: { to: time.source, convert: add_UTC_to_timestamp, required: true }\n"
            "  url: { to: source.url, required: true }\n"
            "  fqdn: { to: source.fqdn, convert: validate_fqdn }\n"
            "constants:\n  classification.type: phishing\n  severity: high\n  "
            "classification.identifier: phishing-page\n"
            "accuracy: 80\naudience: green\naggregate: { gap_s: 43200, span_s: 86400 }\n" },
};

/* ---- address space: 198.18.0.0/15, a telecom a /19, anyone else a /22 ---- */

enum { SPACE = 198 << 24 | 18 << 16, FIRST_SMALL = 128 * 256, STRAY_FROM = 96 * 256 + 65536 };

static bool is_telecom(size_t body)
{
    return strcmp(country_bodies[body].kind, "telecom") == 0;
}

static uint32_t base_of(size_t body, int *bits)
{
    uint32_t telecoms = 0, others = 0;
    for (size_t i = 0; i < body; i++) {
        if (is_telecom(i))
            telecoms++;
        else
            others++;
    }
    *bits = is_telecom(body) ? 19 : 22;
    return (uint32_t)SPACE + (is_telecom(body) ? telecoms * 8192 : FIRST_SMALL + others * 1024);
}

static str ip_text(arena *a, uint32_t ip)
{
    return str_fmt(a, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

static str domain_of(arena *a, size_t body)
{
    return str_fmt(a, "%.*s.example", STR_ARG(str_lower(a, str_of(country_bodies[body].key))));
}

/* Owners by Zipf's law, telecoms first: few have much, many have little. */
static size_t draw_body(dice *d)
{
    static const size_t weight_of_rank = 1000;
    size_t n = country_bodies_n, rank = 0, total = 0, pick;
    for (size_t i = 1; i <= n; i++)
        total += weight_of_rank / i;
    pick = (size_t)dice_below(d, (int64_t)total);
    while (pick >= weight_of_rank / (rank + 1))
        pick -= weight_of_rank / ++rank;
    /* telecoms hold the first ranks */
    size_t seen = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++)
            if (is_telecom((i * 7) % n) == (pass == 0) && seen++ == rank) return (i * 7) % n;
    return 0;
}

static uint32_t draw_ip(dice *d, size_t body)
{
    int bits;
    uint32_t base = base_of(body, &bits);
    return base + 1 + (uint32_t)dice_below(d, (1 << (32 - bits)) - 2);
}

/* ---- constituents ---- */

static const char *const roles[] = { "focal", "technical", "management" };

static void put_contact(buf *b, arena *a, dice *d, size_t body, int k)
{
    const char *person = country_people[(body * 5 + (size_t)k * 3) % country_people_n];
    str domain = domain_of(a, body);
    buf_fmt(b, "%s,%s%d@%.*s,+000 555 %04d,%s", person, k ? "desk" : "focal", k + 1,
            STR_ARG(domain), (int)dice_below(d, 10000), roles[k % 3]);
}

str roshana_constituents(arena *a, uint64_t seed)
{
    buf b = buf_new(a, 32768);
    buf_put(&b, S("Code,Name,نام,Type,Sector,Province,Language,Networks,ASN,Domains,Contact,E-mail,"
                  "Phone,"
                  "Contact role\n"));
    for (size_t i = 0; i < country_bodies_n; i++) {
        const country_body *c = &country_bodies[i];
        dice d = dice_new(seed, KIND_BODY, i);
        int bits, people = 1 + (int)dice_below(&d, 3);
        str net = ip_text(a, base_of(i, &bits)), domain = domain_of(a, i);
        buf_fmt(&b, "%s,%s,%s,%s,%s,%s,%s,%.*s/%d,", c->key, c->en, c->ur, c->kind, c->sector,
                c->province, c->lang, STR_ARG(net), bits);
        if (is_telecom(i)) buf_fmt(&b, "AS%d", 64496 + (int)(i % 16));
        buf_fmt(&b, ",%.*s,", STR_ARG(domain));
        put_contact(&b, a, &d, i, 0);
        buf_byte(&b, '\n');
        for (int k = 1; k < people; k++) {
            buf_fmt(&b, "%s,,,,,,,,,,", c->key);
            put_contact(&b, a, &d, i, k);
            buf_byte(&b, '\n');
        }
    }
    return buf_str(&b);
}

str roshana_indicators(arena *a)
{
    buf b = buf_new(a, 4096);
    for (int i = 0; i < 40; i++)
        buf_fmt(&b, "203.0.113.%d\n", 10 + i);
    for (int i = 0; i < 30; i++)
        buf_fmt(&b, "c2-%02d[.]bad%d[.]example\n", i, i % 7);
    return buf_str(&b);
}

/* ---- a day ---- */

static const struct {
    const char *service, *proto, *type, *identifier, *severity;
    int port, weight;
} services[] = {
    { "rdp", "tcp", "vulnerable-system", "open-rdp", "high", 3389, 18 },
    { "smb", "tcp", "vulnerable-system", "open-smb", "high", 445, 14 },
    { "telnet", "tcp", "vulnerable-system", "open-telnet", "medium", 23, 12 },
    { "mongodb", "tcp", "vulnerable-system", "open-mongodb", "high", 27017, 5 },
    { "snmp", "udp", "ddos-amplifier", "open-snmp", "medium", 161, 10 },
    { "dns", "udp", "ddos-amplifier", "open-dns", "medium", 53, 9 },
    { "vnc", "tcp", "vulnerable-system", "open-vnc", "high", 5900, 6 },
    { "mssql", "tcp", "vulnerable-system", "open-mssql", "medium", 1433, 6 },
    { "elasticsearch", "tcp", "information-disclosure", "open-elasticsearch", "critical", 9200, 4 },
    { "ftp", "tcp", "vulnerable-system", "open-ftp", "low", 21, 16 },
};
static const char *const bots[] = { "amberkite", "saltreed", "dustwing", "nightbasket",
    "greyloom" };

static size_t draw_service(dice *d)
{
    int total = 0;
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        total += services[i].weight;
    int64_t pick = dice_below(d, total);
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        pick -= services[i].weight;
        if (pick < 0) return i;
    }
    return 0;
}

static str moment(arena *a, instant day, int64_t second)
{
    str t = instant_text(a, (instant){ day.us + second * US_PER_S });
    return str_fmt(a, "%.*s %.*s", 10, t.p, 8, t.p + 11);
}

static void put_exposure(buf *b, arena *a, dice *d, size_t body, uint32_t ip, instant at)
{
    size_t s = draw_service(d);
    str when = moment(a, at, dice_below(d, 86400)), text = ip_text(a, ip);
    buf_fmt(b, "%.*s,%.*s,%d,%s,%s,%s,%s,%s,", STR_ARG(when), STR_ARG(text), services[s].port,
            services[s].proto, services[s].service, services[s].type, services[s].identifier,
            services[s].severity);
    if (body < country_bodies_n) {
        str domain = domain_of(a, body);
        buf_fmt(b, "host%u.%.*s", ip & 255, STR_ARG(domain));
    }
    buf_byte(b, '\n');
}

static void scan_day(buf *b, arena *a, uint64_t seed, int64_t n, instant day, int64_t scale)
{
    int64_t count = EXPOSURES * scale / 100;
    buf_put(b, S("time,ip,port,proto,service,type,identifier,severity,host\n"));
    for (int64_t i = 0; i < count; i++) {
        dice d = dice_new(seed, KIND_EXPOSURE, (uint64_t)i);
        int64_t first = dice_below(&d, STORY_DAYS), life = dice_life(&d, 21);
        size_t body = draw_body(&d);
        uint32_t ip = draw_ip(&d, body);
        if (n >= first && n < first + life) put_exposure(b, a, &d, body, ip, day);
    }
    for (int64_t i = 0; i < STRAYS_A_DAY * scale / 100; i++) {
        dice d = dice_new(seed, KIND_STRAY, (uint64_t)(n * 100000 + i));
        uint32_t ip = (uint32_t)SPACE + STRAY_FROM + (uint32_t)dice_below(&d, 8192);
        put_exposure(b, a, &d, country_bodies_n, ip, day);
        if (i % 20 == 19) buf_put(b, S("yesterday,not an address,port?,,,,,,\n"));
    }
}

static void put_bot(buf *b, arena *a, dice *d, instant at)
{
    jsonw w = jsonw_new(a, 512);
    size_t body = draw_body(d);
    uint32_t ip = draw_ip(d, body);
    const char *bot = bots[dice_below(d, ARRAY_LEN(bots))];
    int server = 10 + (int)dice_below(d, 60);
    int64_t when = at.us + dice_below(d, 86400) * US_PER_S;
    jw_obj(&w);
    jw_kstr(&w, "time.source", instant_text(a, (instant){ when }));
    jw_kstr(&w, "source.ip", ip_text(a, ip));
    jw_kstr(&w, "destination.ip", str_fmt(a, "203.0.113.%d", server));
    jw_ki64(&w, "destination.port", 443);
    jw_kstr(&w, "classification.type", S("infected-system"));
    jw_kstr(&w, "classification.identifier", str_of(bot));
    jw_kstr(&w, "malware.name", str_of(bot));
    jw_kstr(&w, "severity", S("high"));
    jw_end_obj(&w);
    buf_put(b, jsonw_done(&w));
    buf_byte(b, '\n');
}

static void put_phish(buf *b, arena *a, dice *d, instant at)
{
    size_t body = draw_body(d);
    int k = (int)dice_below(d, 40);
    str when = moment(a, at, dice_below(d, 86400)), domain = domain_of(a, body);
    buf_fmt(b, "%.*s,https://web%d.%.*s/login,web%d.%.*s\n", STR_ARG(when), k, STR_ARG(domain), k,
            STR_ARG(domain));
}

/* Those of a population that live on day n, each drawn once for the story. */
static void living(buf *b, arena *a, uint64_t seed, int f, int64_t n, instant day, int64_t scale)
{
    int64_t count = (f == 1 ? BOTS : PHISH) * scale / 100;
    for (int64_t i = 0; i < count; i++) {
        dice d = dice_new(seed, f == 1 ? KIND_BOT : KIND_PHISH, (uint64_t)i);
        int64_t first = dice_below(&d, STORY_DAYS), life = dice_life(&d, f == 1 ? 9 : 4);
        if (n < first || n >= first + life) continue;
        if (f == 1)
            put_bot(b, a, &d, day);
        else
            put_phish(b, a, &d, day);
    }
}

str roshana_day(arena *a, uint64_t seed, int f, int64_t n, instant day, int64_t scale)
{
    buf b = buf_new(a, 65536);
    if (f == 2) buf_put(&b, S("time,url,fqdn\n"));
    if (f == 0)
        scan_day(&b, a, seed, n, day, scale);
    else
        living(&b, a, seed, f, n, day, scale);
    return buf_str(&b);
}

str roshana_now(arena *a, uint64_t seed, int f, int64_t tick, instant now)
{
    buf b = buf_new(a, 8192);
    dice d = dice_new(seed, KIND_NOW, (uint64_t)tick);
    instant from = { now.us - 86400 * US_PER_S };
    if (f == 0) buf_put(&b, S("time,ip,port,proto,service,type,identifier,severity,host\n"));
    if (f == 2) buf_put(&b, S("time,url,fqdn\n"));
    int64_t n = f == 2 ? 1 : 1 + dice_below(&d, 5);
    for (int64_t i = 0; i < n; i++) {
        size_t body = draw_body(&d);
        if (f == 0)
            put_exposure(&b, a, &d, body, draw_ip(&d, body), from);
        else if (f == 1)
            put_bot(&b, a, &d, from);
        else
            put_phish(&b, a, &d, from);
    }
    return buf_str(&b);
}

str roshana_file_name(arena *a, int f, instant day, const char *what)
{
    str t = instant_text(a, day);
    return str_fmt(
            a, "%.*s-%s-%s.%s", 10, t.p, roshana_feeds[f].key, what, roshana_feeds[f].format);
}

/* ---- what is to be done, and when nobody is there ---- */

const roshana_todo roshana_todos[ROSHANA_TODOS] = {
    { "en", "Close the port at the border and look from outside", "Closed at both border routers.",
            "Looked from outside: closed." },
    { "ur", "سرور اپ ڈیٹ کریں اور ورژن بتائیں", "اپ ڈیٹ کر دیا گیا، نیا ورژن لگا ہوا ہے۔",
            "باہر سے دیکھا: نیا ورژن ہے۔" },
    { "en", "Name who is called at night", "Two names and numbers are with the national desk.",
            "Called at 23:00: somebody answered." },
    { "ur", "مشتبہ کمپیوٹر الگ کریں اور رپورٹ بھیجیں", "دو کمپیوٹر الگ کر دیے گئے، رپورٹ منسلک ہے۔",
            "رپورٹ دیکھ لی گئی۔" },
    { "en", "Put remote access behind the gateway",
            "Remote desktop answers behind the gateway only.",
            "Tried from outside: it does not answer." },
    { "ur", "تمام منتظمین کے پاس ورڈ بدلیں", "سب کے بدل دیے گئے، دو مرحلہ تصدیق بھی لگا دی۔",
            "تصدیق کی گئی۔" },
};

const roshana_holiday roshana_holidays[ROSHANA_HOLIDAYS] = {
    { 3, 12, 1, "Founding Day", "یومِ تاسیس", NULL, NULL },
    { 7, 1, 1, "Bank closing", "بینک بند", "finance", NULL },
    { 10, 20, 1, "Harvest in Bagh", "باغ کی فصل", NULL, "Bagh" },
    { 0, 20, 3, "Festival of Lanterns", "جشنِ فانوس", NULL, NULL },
};
