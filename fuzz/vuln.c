/* vuln.c - the catalogue of exploited vulnerabilities and the scores: what is let in is found
 * again, and its shares lie within 0 and 1. */
#include "flow/vuln.h"
#include "fuzz/fuzz.h"

static void look(const vuln *v, str in)
{
    ptrdiff_t at = str_find(in, S("CVE-"));
    vuln_answer x = vuln_find(v, at < 0 ? S("CVE-2099-0001") : str_sub(in, (size_t)at, 13));
    if (x.scored) ASSERT(x.epss >= 0 && x.epss <= 1 && x.percentile >= 0 && x.percentile <= 1);
    if (x.exploited) ASSERT(x.added.us > 0 && x.due.us > 0 && x.name.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    str in = { (const char *)data, n };
    vuln_facts facts;
    vuln *v = vuln_new();
    bool kev = !failed(vuln_add_kev(v, in, S("in"), NULL, NULL, &facts));
    if (kev) ASSERT(facts.rows > 0 && !facts.bad);
    if (!failed(vuln_add_epss(v, in, S("in"), NULL, NULL, &facts))) ASSERT(!facts.bad);
    look(v, in);
    vuln_release(v);
    return 0;
}
