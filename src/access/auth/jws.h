/* jws.h - the door to cjose, whose JSON library has names of our own: is this compact signature
 * (RFC 7515) that key's? Which algorithm and key may be used, the caller has decided. Pure; any
 * thread. */
#pragma once
#include "base/base.h"

enum { JWS_RSA_BITS_MIN = 2048 };
typedef enum { JWS_GOOD, JWS_KEY, JWS_FORM, JWS_SIGNATURE } jws_verdict;

/* key: one JSON Web Key (RFC 7517). JWS_GOOD: *ret is the payload, in a. JWS_KEY: it is none, or an
 * RSA key that is too short. */
jws_verdict jws_open(arena *a, str token, str key, str *ret);
