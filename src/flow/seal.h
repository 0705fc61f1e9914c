/* seal.h - credentials that arrive in a feed are never kept in clear: a keyed hash takes their
 * place, so that the same secret can be recognised, and nothing else. The key is the realm's and
 * secret: without it a short password could be found by trying. Any thread. */
#pragma once
#include "base/base.h"

typedef struct {
    uint8_t key[32];
} flow_seal_key;

#define FLOW_SEAL_PREFIX "sealed:"
/* "sealed:" and 32 hexadecimal digits (BLAKE2b-128, keyed). An empty value stays empty, a sealed
 * one is sealed again: a feed cannot forge a marker. */
str flow_seal(arena *a, const flow_seal_key *key, str value);
