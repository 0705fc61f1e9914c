/* check_site.c - the site itself: asks the running server over its local socket, by this user's own
 * rights; without one it looks at the store, and opens it only when that changes nothing. */
#include "main/doctor/doctor.h"
#include "access/realm.h"
#include "base/time.h"
#include "common/outbox/outbox.h"
#include "main/print.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 3000, AHEAD_S = 60, STALE_ROUNDS = 3 };

/* ---- asking ---- */

static bool ask(doctor *d, client *c, const char *path, api_answer *ret)
{
    client_request q = {
        .method = "GET", .path = str_of(path), .realm = d->realm, .lang = lang_code(d->lang)
    };
    return !failed(client_call(c, d->a, &q, ret));
}

static str detail(doctor *d, const api_answer *r)
{
    const json *j;
    if (failed(json_parse(d->a, r->body, NULL, &j))) return S("?");
    return json_get_text(j, json_get(j, S("detail")) ? S("detail") : S("title"));
}

static void ask_figures(doctor *d, client *c)
{
    api_answer r;
    if (ask(d, c, "/metrics", &r) && r.status == 200) d->figures = r.body;
}

double doctor_figure(const doctor *d, str name)
{
    str rest = d->figures, line;
    while (str_split(&rest, '\n', &line)) {
        double v;
        if (!str_starts(line, name) || line.n <= name.n || line.p[name.n] != ' ') continue;
        return str_to_f64(str_sub(line, name.n + 1, line.n), &v) ? v : NAN;
    }
    return NAN;
}

void check_server(doctor *d)
{
    api_answer r;
    if (!d->server) {
        doctor_say(d, "server", DOCTOR_WARN, "doctor.server.none", "doctor.server.none_fix",
                str_of(d->data_dir), (str){ 0 }, (str){ 0 });
        return;
    }
    bool heard = ask(d, d->server, "/readyz", &r);
    if (heard && r.status == 200)
        doctor_say(d, "server", DOCTOR_OK, "doctor.server.ok", NULL, (str){ 0 }, (str){ 0 },
                (str){ 0 });
    else
        doctor_say(d, "server", DOCTOR_BAD, "doctor.server.bad", "doctor.server.bad_fix",
                heard ? detail(d, &r) : S("-"), (str){ 0 }, (str){ 0 });
    ask_figures(d, d->server);
}

/* ---- the store, keys and what is in it ---- */

static realms_options where(const doctor *d)
{
    return (realms_options){ .data_dir = d->data_dir,
        .store_url = str_z(d->a, conf_str(d->conf, "store.url")),
        .schema = str_z(d->a, conf_str(d->conf, "store.schema")) };
}

static void say_fault(doctor *d, const char *name, const char *fix, err e)
{
    doctor_say(d, name, DOCTOR_BAD, "doctor.site.fault", fix, fault_text(d->a, d->lang, e.f),
            (str){ 0 }, (str){ 0 });
}

/* Nothing is to be brought forward, so opening it as a command does changes nothing. */
static void open_alone(doctor *d)
{
    client *c;
    err e = client_open(d->data_dir, &c);
    if (failed(e)) {
        say_fault(d, "keys", "doctor.keys.fix", e);
        return;
    }
    doctor_say(d, "keys", DOCTOR_OK, "doctor.keys.ok", NULL, (str){ 0 }, (str){ 0 }, (str){ 0 });
    ask_figures(d, c);
    client_close(c);
}

static void look_alone(doctor *d)
{
    bool there = false;
    int64_t done = 0, known = 0;
    realms_options o = where(d);
    err e = realms_look(&o, &there, &done, &known);
    str a1 = str_fmt(d->a, "%lld", (long long)done), a2 = str_fmt(d->a, "%lld", (long long)known);
    if (failed(e))
        say_fault(d, "store", "doctor.store.fix", e);
    else if (!there)
        doctor_say(d, "store", DOCTOR_WARN, "doctor.store.none", "doctor.store.none_fix",
                str_of(d->data_dir), (str){ 0 }, (str){ 0 });
    else
        doctor_say(d, "store", DOCTOR_OK, done < known ? "doctor.store.behind" : "doctor.store.ok",
                NULL, a1, a2, (str){ 0 });
    if (!failed(e) && there && done == known) open_alone(d);
}

/* A running server answers only with its store brought forward and its keys at hand: it said so. */
void check_store(doctor *d)
{
    if (d->server || !d->conf) return;
    if (d->owns)
        look_alone(d);
    else
        doctor_say(d, "store", DOCTOR_SKIP, "doctor.store.skip", NULL, str_of(d->data_dir),
                (str){ 0 }, (str){ 0 });
}

static bool told(doctor *d, const char *name)
{
    if (d->figures.n) return true;
    if (d->server)
        doctor_say(d, name, DOCTOR_SKIP, "doctor.site.unknown", NULL, (str){ 0 }, (str){ 0 },
                (str){ 0 });
    return false;
}

static str whole(arena *a, double v)
{
    return str_fmt(a, "%.0f", isnan(v) ? 0 : v);
}

void check_ledger(doctor *d)
{
    if (!told(d, "ledger")) return;
    double now = (double)clock_now(&clock_system).us / (double)US_PER_S;
    double sealed = doctor_figure(d, S("minar_ledger_sealed_time_seconds"));
    double at = doctor_figure(d, S("minar_ledger_proved_time_seconds"));
    str n = whole(d->a, doctor_figure(d, S("minar_ledger_entries")));
    str proved = whole(d->a, doctor_figure(d, S("minar_ledger_proved_entries")));
    str when = at > 0 ? instant_text(d->a, (instant){ (int64_t)at * US_PER_S }) : S("-");
    int64_t every = d->conf ? conf_int(d->conf, "ledger.checkpoint_s") : 3600;
    bool stale = d->server && at > 0 && now - at > (double)(STALE_ROUNDS * every);
    if (doctor_figure(d, S("minar_ledger_halted")) > 0)
        doctor_say(d, "ledger", DOCTOR_BAD, "doctor.ledger.halted", "doctor.ledger.halted_fix", n,
                proved, when);
    else if (sealed > now + AHEAD_S)
        doctor_say(d, "ledger", DOCTOR_BAD, "doctor.ledger.ahead", "doctor.ledger.ahead_fix",
                instant_text(d->a, (instant){ (int64_t)sealed * US_PER_S }), (str){ 0 },
                (str){ 0 });
    else
        doctor_say(d, "ledger", stale ? DOCTOR_WARN : DOCTOR_OK, "doctor.ledger.ok",
                stale ? "doctor.ledger.stale_fix" : NULL, n, proved, when);
}

void check_feeds(doctor *d)
{
    if (!told(d, "feeds")) return;
    double silent = doctor_figure(d, S("minar_feeds{state=\"silent\"}"));
    double late = doctor_figure(d, S("minar_feeds{state=\"late\"}"));
    double alive = doctor_figure(d, S("minar_feeds{state=\"alive\"}"));
    bool bad = silent > 0 || late > 0;
    doctor_say(d, "feeds", bad ? DOCTOR_WARN : DOCTOR_OK, "doctor.feeds.are",
            bad ? "doctor.feeds.fix" : NULL, whole(d->a, alive), whole(d->a, late),
            whole(d->a, silent));
}

/* ---- mail ---- */

/* Connects within a time; 0 or the errno. */
static int connect_within(const struct addrinfo *to)
{
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), why = 0;
    socklen_t n = sizeof why;
    if (fd < 0) return errno;
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    if (connect(fd, to->ai_addr, to->ai_addrlen) != 0 && errno != EINPROGRESS)
        why = errno;
    else if (poll(&p, 1, CONNECT_MS) != 1)
        why = ETIMEDOUT;
    else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) != 0)
        why = errno;
    close(fd);
    return why;
}

static const char *reach(doctor *d, const outbox_options *o)
{
    struct addrinfo want = { .ai_socktype = SOCK_STREAM }, *found = NULL;
    int why = 0;
    int rc = getaddrinfo(
            str_z(d->a, o->host), str_z(d->a, str_fmt(d->a, "%d", (int)o->port)), &want, &found);
    if (rc) return gai_strerror(rc);
    for (const struct addrinfo *x = found; x; x = x->ai_next)
        if (!(why = connect_within(x))) break;
    freeaddrinfo(found);
    return why ? strerror(why) : NULL;
}

void check_mail(doctor *d)
{
    outbox_options o = { 0 };
    if (!d->conf) return;
    if (!conf_str(d->conf, "mail.smtp_url").n) {
        doctor_say(d, "mail", DOCTOR_WARN, "doctor.mail.none", "doctor.mail.none_fix", (str){ 0 },
                (str){ 0 }, (str){ 0 });
        return;
    }
    err e = outbox_options_load(d->a, d->conf, &o);
    if (failed(e)) {
        say_fault(d, "mail", "doctor.mail.fix", e);
        return;
    }
    const char *why = reach(d, &o);
    str at = str_fmt(d->a, "%.*s:%d", STR_ARG(o.host), (int)o.port);
    doctor_say(d, "mail", why ? DOCTOR_BAD : DOCTOR_OK, why ? "doctor.mail.bad" : "doctor.mail.ok",
            why ? "doctor.mail.fix" : NULL, at, why ? str_of(why) : (str){ 0 }, (str){ 0 });
}
