/* forward.h - who asks, when a proxy that the configuration trusts stands before us: its word, and
 * nobody else's, counts for the address, for TLS and for the request's id. Included by src/api
 * only.
 */
#pragma once
#include "api/api.h"
#include "engine/net/addr.h"
#include "net/http.h"

enum { FORWARD_NETS = 32 };
typedef struct {
    cidr nets[FORWARD_NETS];
    size_t n;
} forward_rules;

/* Networks apart by spaces. E_CONFIG (error.api.proxies). */
MUST_USE err forward_rules_parse(str text, forward_rules *ret);
/* Fills q's peer, tls and request_id; strs live as long as h, or in a. */
void forward_take(const forward_rules *f, arena *a, const http_request *h, api_request *q);
