/* json_in.cc - simdjson's first stage behind a C door; the only C++ of the program.
 * Owns one scanner per thread, made at first use. Only the first stage is used: it does the work at
 * several GB/s, while json.c, walking the tokens itself, keeps each value's raw bytes and can say
 * where an error stands, which simdjson's own trees cannot. */
#include "base/json_in.h"

#include <memory>
#include <simdjson.h>

namespace
{
using scanner = simdjson::internal::dom_parser_implementation;

constexpr size_t first_capacity = 64 * 1024;
constexpr size_t kept_capacity =
        4 * 1024 * 1024; /* a larger index is given back at the next scan */

thread_local std::unique_ptr<scanner> cached;

scanner *scanner_for(size_t n)
{
    bool too_large = cached && cached->capacity() > kept_capacity && n <= kept_capacity;
    if (cached && cached->capacity() >= n && !too_large) return cached.get();
    size_t capacity = first_capacity;
    while (capacity < n)
        capacity *= 2;
    if (capacity > simdjson::SIMDJSON_MAXSIZE_BYTES) capacity = simdjson::SIMDJSON_MAXSIZE_BYTES;
    cached.reset();
    auto *impl =
            static_cast<const simdjson::implementation *>(simdjson::get_active_implementation());
    if (n > capacity || impl->create_dom_parser_implementation(capacity, 1, cached)) return nullptr;
    return cached.get();
}

json_scan_result result_of(simdjson::error_code code)
{
    switch (code) {
    case simdjson::SUCCESS:
        return JSON_SCAN_OK;
    case simdjson::EMPTY:
        return JSON_SCAN_EMPTY;
    case simdjson::UTF8_ERROR:
        return JSON_SCAN_UTF8;
    case simdjson::UNESCAPED_CHARS:
        return JSON_SCAN_CONTROL;
    case simdjson::UNCLOSED_STRING:
        return JSON_SCAN_UNCLOSED;
    default:
        return JSON_SCAN_MEMORY;
    }
}
} // namespace

extern "C" json_scan_result json_scan(
        const char *bytes, size_t n, const uint32_t **at, size_t *count)
{
    if (n == 0) return JSON_SCAN_EMPTY;
    scanner *s = scanner_for(n);
    if (!s) return JSON_SCAN_MEMORY;
    auto code =
            s->stage1(reinterpret_cast<const uint8_t *>(bytes), n, simdjson::stage1_mode::regular);
    if (code) return result_of(code);
    *at = s->structural_indexes.get();
    *count = s->n_structural_indexes;
    return JSON_SCAN_OK;
}
