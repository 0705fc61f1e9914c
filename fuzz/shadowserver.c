/* shadowserver.c - a report under a mapping that uses every converter: each row is an event or a
 * reject, and what is written for the history is valid JSON without the secret. */
#include "base/json.h"
#include "flow/parse.h"
#include "flow/shadowserver.h"
#include "fuzz/fuzz.h"

static const char mapping[] =
        "{\"t\":{\"feed_name\":\"T\",\"file_name\":\"t\",\"constant_fields\":{\"classification."
        "type\":\"scanner\"},"
        "\"required_fields\":[[\"time.source\",\"timestamp\",\"add_UTC_to_timestamp\"],[\"source."
        "ip\",\"ip\",\"validate_ip\"]],"
        "\"optional_fields\":[[\"source.port\",\"a\",\"convert_int\"],[\"extra.\",\"b\",\"convert_"
        "float\"],[\"extra.\",\"c\",\"convert_bool\"],"
        "[\"source.fqdn\",\"d\",\"validate_fqdn\"],[\"source.network\",\"e\",\"validate_network\"],"
        "[\"extra.\",\"f\",\"convert_date\"],"
        "[\"extra.\",\"g\",\"force_base64\"],[\"product.vulnerabilities\",\"tag\",\"extract_cve_"
        "from_tag\"],"
        "[\"source.url\",\"url\",\"convert_http_host_and_url\",true],[\"event_description.text\","
        "\"category\",\"category_or_detail\",true],"
        "[\"source.asn\",\"h\",\"invalidate_zero\"],[\"source.account\",\"username\",\"validate_to_"
        "none\"],[\"protocol.transport\",\"i\"]]}}";
static const char header[] =
        "timestamp,ip,a,b,c,d,e,f,g,tag,url,category,h,username,i,http_host,application,detail\n";

static void check(const flow_batch *b, arena *a)
{
    for (size_t r = 0; r < b->n; r++) {
        const json *v;
        json_limits limits = { .max_bytes = (size_t)16 << 20 };
        err e = b->extra_json[r].n ? json_parse(a, b->extra_json[r], &limits, &v) : OK;
        ASSERT(!failed(e) || str_eq(str_of(e.f->key), S("error.json.duplicate_key")));
        for (size_t t = 0; t < FLOW_TEXTS; t++)
            ASSERT(str_is_utf8(b->text[t][r]));
        str account = b->text[FT_SOURCE_ACCOUNT][r];
        ASSERT(account.n == 0 || str_starts(account, S(FLOW_SEAL_PREFIX)));
        ASSERT(b->time_source[r] != 0 || b->source_ip_lo[r] != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static flow_block block;
    static const flow_seal_key key = { { 1 } };
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 29);
    const ss_mapping *m;
    size_t unknown, head = sizeof header - 1;
    if (n > FLOW_BLOCK_BYTES - head ||
            failed(ss_mapping_read(a, str_of(mapping), S("m"), &m, &unknown)))
        return 0;
    memcpy(flow_block_data(&block), header, head);
    memcpy(flow_block_data(&block) + head, data, n);
    block.n = head + n;
    block.last = true;
    block.begun = block.jump = false;
    flow_feed feed = { .name = S("f"), .format = FEED_SHADOWSERVER, .header = true };
    flow_parser *p = flow_parser_new(&feed, m, S("t.csv"), (flow_position){ 0 }, &key);
    flow_batch *b = flow_batch_new(FLOW_BATCH_ROWS);
    for (bool more = true; more;) {
        flow_batch_clear(b);
        more = flow_parser_fill(p, &block, b);
        flow_batch_finish(b);
        check(b, a);
    }
    ASSERT(b->to.offset == block.n);
    flow_batch_free(b);
    flow_parser_free(p);
    return 0;
}
