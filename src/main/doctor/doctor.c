/* doctor.c - see doctor.h: the order of the checks, and how they are told. */
#include "main/doctor/doctor.h"
#include "base/json.h"
#include "main/program.h"
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const state_names[] = { "ok", "skip", "warn", "bad" };

void doctor_say(doctor *d, const char *name, doctor_state state, const char *words, const char *fix,
        str a1, str a2, str a3)
{
    ASSERT(d->n < DOCTOR_LINES);
    d->lines[d->n++] = (doctor_line){ .name = name,
        .state = state,
        .words = text_fill(d->a, T(d->lang, words), a1, a2, a3),
        .fix = fix ? text_fill(d->a, T(d->lang, fix), a1, a2, a3) : S("") };
}

str doctor_size(arena *a, double bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
    size_t u = 0;
    for (; bytes >= 1000 && u + 1 < ARRAY_LEN(units); u++)
        bytes /= 1000;
    return str_fmt(a, u ? "%.1f %s" : "%.0f %s", bytes, units[u]);
}

static void put_text(const doctor *d)
{
    for (size_t i = 0; i < d->n; i++) {
        const doctor_line *x = &d->lines[i];
        printf("%-5s %-9s %.*s%s%.*s\n", state_names[x->state], x->name, STR_ARG(x->words),
                x->fix.n ? " " : "", STR_ARG(x->fix));
    }
}

static void put_json(const doctor *d, doctor_state worst)
{
    jsonw w = jsonw_new(d->a, 4096);
    jw_obj(&w);
    jw_kstr(&w, "state", str_of(state_names[worst]));
    jw_key(&w, S("checks"));
    jw_arr(&w);
    for (size_t i = 0; i < d->n; i++) {
        jw_obj(&w);
        jw_kstr(&w, "name", str_of(d->lines[i].name));
        jw_kstr(&w, "state", str_of(state_names[d->lines[i].state]));
        jw_kstr(&w, "words", d->lines[i].words);
        if (d->lines[i].fix.n) jw_kstr(&w, "fix", d->lines[i].fix);
        jw_end_obj(&w);
    }
    jw_end_arr(&w);
    jw_end_obj(&w);
    str s = jsonw_done(&w);
    printf("%.*s\n", STR_ARG(s));
}

static void look_around(doctor *d)
{
    static void (*const checks[])(doctor *) = { check_folder, check_disk, check_memory, check_clock,
        check_zones, check_kernel, check_limits, check_tls, check_trust, check_letter, check_server,
        check_store, check_ledger, check_feeds, check_data, check_mail, check_dkim, check_pgp,
        check_smime, check_backup };
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        checks[i](d);
}

int doctor_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new(64 << 20);
    struct stat st;
    doctor d = { .a = a, .lang = l->lang, .realm = l->realm, .data_dir = l->data_dir };
    doctor_state worst = DOCTOR_OK;
    d.owns = stat(l->data_dir, &st) == 0 && st.st_uid == geteuid();
    d.server = client_of_server(l->data_dir);
    look_around(&d);
    client_close(d.server);
    for (size_t i = 0; i < d.n; i++)
        if (d.lines[i].state > worst && d.lines[i].state != DOCTOR_SKIP) worst = d.lines[i].state;
    if (l->json || l->jsonl)
        put_json(&d, worst);
    else
        put_text(&d);
    return worst == DOCTOR_BAD;
}
