/* report.c - the part of a report of delivery that programs read (RFC 3464, section 2): groups of
 * fields, the first about the mail, then one for each recipient. In an opener. Owns nothing. */
#include "proc/open/open.h"

enum { LINES_MAX = 400, WORDS_MAX = 400 };

static const char *const actions[] = { "failed", "delayed", "delivered", "relayed", "expanded" };

bool open_report_action_known(str action)
{
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if (str_eq(action, str_of(actions[i]))) return true;
    return false;
}

/* "5.1.1", and nothing else that could mean something to whoever reads on. */
static bool status_is_sane(str s)
{
    if (s.n < 5 || s.n > 11 || !strchr("245", s.p[0]) || s.p[1] != '.') return false;
    size_t dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' && ++dots > 2) return false;
        if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9')) return false;
    }
    return dots == 2 && s.p[s.n - 1] != '.';
}

/* "smtp; 550 5.1.1 no such user": without the type. */
static str without_type(str value)
{
    ptrdiff_t at = str_find_byte(value, ';');
    return at < 0 ? value : str_trim(str_sub(value, (size_t)at + 1, value.n));
}

static void field_take(arena *a, str line, open_report *r)
{
    ptrdiff_t colon = str_find_byte(line, ':');
    if (colon < 1) return;
    str name = str_sub(line, 0, (size_t)colon);
    str value = str_trim(str_sub(line, (size_t)colon + 1, line.n));
    if (str_eq_nocase(name, S("Action"))) {
        str word = str_lower(a, value);
        if (open_report_action_known(word)) r->action = word;
    }
    ptrdiff_t blank = str_find_byte(value, ' '); /* a comment may follow */
    if (blank > 0 && str_eq_nocase(name, S("Status"))) value = str_sub(value, 0, (size_t)blank);
    if (str_eq_nocase(name, S("Status")) && status_is_sane(value)) r->status = str_copy(a, value);
    if (str_eq_nocase(name, S("Diagnostic-Code")))
        r->words = text_safe(a, without_type(value), WORDS_MAX, false, NULL);
}

/* A group is over: keep it when it says more than what is kept. */
static void group_end(open_report *kept, open_report *group)
{
    bool usable = group->action.n && group->status.n;
    if (usable && (!kept->action.n || (str_eq(group->action, S("failed")) &&
                                              !str_eq(kept->action, S("failed"))))) {
        kept->action = group->action;
        kept->status = group->status;
        kept->words = group->words;
    }
    *group = (open_report){ 0 };
}

void open_report_read(arena *a, str text, open_report *ret)
{
    open_report group = { 0 };
    str line, whole = { 0 };
    for (int i = 0; i < LINES_MAX && text.n && str_split(&text, '\n', &line); i++) {
        bool goes_on = line.n && (line.p[0] == ' ' || line.p[0] == '\t');
        line = str_trim(line);
        if (goes_on && whole.n) {
            whole = str_cat(a, str_cat(a, whole, S(" ")), line);
            continue;
        }
        field_take(a, whole, &group);
        whole = line;
        if (!line.n) group_end(ret, &group);
    }
    field_take(a, whole, &group);
    group_end(ret, &group);
}
