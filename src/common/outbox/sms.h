/* sms.h - text messages through an operator's gateway that takes HTTP: one address, one method, a
 * body with {number} and {text} in it, and what a good answer looks like. Pure but for
 * sms_options_load. */
#pragma once
#include "base/conf.h"
#include "net/fetch.h"

/* url empty: there is no gateway. Slices of the configuration, or of the arena of the load. */
typedef struct {
    str url, type, body, good, token;
    bool get;
} sms_options;
/* Reads sms.token_file. Errors: E_CONFIG with the setting's name. */
MUST_USE err sms_options_load(arena *a, const conf *c, sms_options *ret);

/* "https://gateway.example:443", which the courier may ask; empty: there is none. */
MUST_USE err sms_origin(arena *a, const conf *c, str *ret);

/* As gateways take it: "+" and digits, 6 to 15 of them. False: it is no number. */
bool sms_number(arena *a, str typed, str *ret);
/* In how many parts a text leaves: 160 characters of GSM 03.38's alphabet, or 70 others; 153 or 67
 * a part when there are several. *ret_gsm: in that alphabet. */
int sms_parts(str text, bool *ret_gsm);
/* The question to the gateway, in a. */
fetch_job sms_job(arena *a, const sms_options *o, str number, str text);
/* Is this what the gateway says when it took one? */
bool sms_is_good(const sms_options *o, str answer);
