/* parse.h - blocks of an input into rows of batches: finds the header, makes the plan, keeps the
 * place. Belongs to the worker's thread. */
#pragma once
#include "flow/event.h"
#include "flow/feed.h"
#include "flow/seal.h"

struct ss_mapping;
enum { FLOW_BLOCK_BYTES = 1 << 20, FLOW_ROOM_BYTES = (1 << 20) + 4096 };

/* A part of the input. What is read begins after the room, where an unfinished row of the block
 * before goes. */
typedef struct {
    uint64_t offset;
    size_t n;
    bool last;  /* the input ends with it */
    bool jump;  /* the next block does not follow it directly */
    bool begun; /* the parser's: set by the first flow_parser_fill, cleared by the last */
    char bytes[FLOW_ROOM_BYTES + FLOW_BLOCK_BYTES];
} flow_block;
/* Room for FLOW_BLOCK_BYTES. */
static inline char *flow_block_data(flow_block *b)
{
    return b->bytes + FLOW_ROOM_BYTES;
}

typedef struct flow_parser flow_parser;
/* Everything is borrowed for the parser's life. from: as flow_run_input says. */
flow_parser *flow_parser_new(const flow_feed *feed, const struct ss_mapping *mapping, str file,
        flow_position from, const flow_seal_key *seal);
void flow_parser_free(flow_parser *p);
/* Adds rows of block to b until either is used up; false: the block is. Sets b's from, to and
 * source. Rows borrow the block. The first call for a block must find begun false. */
bool flow_parser_fill(flow_parser *p, flow_block *block, flow_batch *b);
