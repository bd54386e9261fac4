/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Zhibi wire protocol, version 1, for a pen's firmware: one header, one source.
 *
 * The numbers behind "section" in both files are those of PROTOCOL.md.
 *
 * Nothing here allocates, recurses, uses floating point or keeps state outside the structures that
 * the caller owns. Fields of those structures are private unless a comment says otherwise. No
 * function may be called for one structure from two threads (or an interrupt) at once.
 */
#ifndef ZHIBI_H
#define ZHIBI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ZHIBI_FRAME_MAX 1024 /* bytes of the largest frame, crc included (section 15) */
#define ZHIBI_FRAME_MIN 20   /* bytes of the smallest frame (section 4) */

/* ---- Results --------------------------------------------------------------------------------- */

/* What functions that can fail return. Zero is success; an iterator returns ZHIBI_MORE while it
 * has something to give and ZHIBI_OK at its sound end. Everything below zero is a refusal, after
 * which nothing more may be read from that frame. */
typedef enum {
    ZHIBI_MORE = 1,
    ZHIBI_OK = 0,
    ZHIBI_NOT_A_FRAME = -1,    /* magic, length or crc: tells nothing, is never answered */
    ZHIBI_BAD_KEY = -2,        /* a key not in its shortest spelling, or a chunk's number 0 */
    ZHIBI_UNKNOWN_VERSION = -3, /* a frame to pass over */
    ZHIBI_OTHER_KIND = -4,     /* a frame of another kind than the one asked for */
    ZHIBI_UNKNOWN_TABLES = -5, /* a table set that this code does not have */
    ZHIBI_CUT_SHORT = -6,      /* the payload has no bits for what it announces */
    ZHIBI_BAD_HEAD = -7,       /* a head field outside its range or not in its one spelling */
    ZHIBI_BAD_FRAGMENT = -8,   /* likewise, of a fragment */
    ZHIBI_BAD_SAMPLE = -9,     /* likewise, of a sample */
    ZHIBI_BAD_GAP = -10,       /* what lies between the streams is neither an end nor a fragment */
    ZHIBI_BAD_RANGE = -11,     /* a receipt of no ranges, or of other than ranges */
    ZHIBI_BAD_BUNDLE = -12,    /* not a bundle's head */
    ZHIBI_BAD_MESSAGE = -13    /* a state or policy that ends too early, or out of its ranges */
} zhibi_result;

/* One short English word or two for a result; never NULL. */
const char *zhibi_result_text(int result);

/* ---- Words of the protocol ------------------------------------------------------------------- */

/* Kinds of frames (section 3). */
enum {
    ZHIBI_HELLO = 1,
    ZHIBI_CHUNK = 2,
    ZHIBI_PEN_STATE = 3,
    ZHIBI_GATEWAY_STATE = 4,
    ZHIBI_RECEIPT = 5,
    ZHIBI_POLICY = 6
};

/* Why a fragment ended (section 6.3). */
typedef enum {
    ZHIBI_END_UP = 0,
    ZHIBI_END_PAGE_CHANGE = 1,
    ZHIBI_END_LINK_LOST = 2,
    ZHIBI_END_POWER_LOST = 3,
    ZHIBI_END_INFERRED = 4,
    ZHIBI_END_CONTINUED = 5
} zhibi_end;

/* What names a frame for ever (section 1): pen, boot and number. */
typedef struct {
    uint64_t pen;
    uint32_t boot_counter;
    uint32_t boot_random;
    uint32_t number;
} zhibi_key;

/* The printed identity of one page face. The owner takes 24 bits. */
typedef struct {
    uint8_t section;
    uint32_t owner;
    uint32_t book;
    uint32_t page;
} zhibi_page;

/* The scales and channels of a pen. */
typedef struct {
    uint32_t unit_nm;   /* nanometres a count, 1 to 1,000,000 */
    uint16_t force_max; /* full scale of force; 0 where force is not measured */
    uint32_t tick_us;   /* microseconds a tick, 1 to 1,000,000 */
    bool tilt;
    bool twist;
    bool images;
} zhibi_units;

/* When to seal (section 9). */
typedef struct {
    uint32_t ink_ms;  /* the longest time that a chunk spans; standard 4,000 */
    uint32_t rest_ms; /* the pen has been up for this long; standard 500 */
} zhibi_policy;

/* One reading. What a pen does not measure is 0 (and is not written). */
typedef struct {
    uint64_t ticks; /* to the encoder: the pen's own. From the reader: since the chunk's anchor */
    int32_t x;      /* counts, to the right from the top left corner of the page face */
    int32_t y;      /* counts, down */
    uint16_t force;
    uint8_t tilt_x;
    uint8_t tilt_y;
    uint16_t twist;
} zhibi_sample;

/* ---- The codec's state, shared by encoder and reader (section 7) ----------------------------- */

typedef struct {
    uint32_t ticks;  /* of the last sample */
    uint32_t ahead;  /* the phase is this less 8 behind them, in 1/16 ticks, signed mod 2^32 */
    uint32_t period; /* 1/16 ticks */
    uint32_t error;  /* ticks, signed mod 2^32 */
} zhibi_clock;

typedef struct {
    uint32_t last;  /* the last value */
    uint32_t d[4];  /* differences, newest first, signed mod 2^32 */
    uint32_t e[3];  /* magnitudes of errors, newest first */
} zhibi_channel;

#define ZHIBI_CHANNELS 6 /* x, y, force, tilt x, tilt y, twist */

/* What a fragment is told relative to: the one before it in the same chunk (section 6.2). */
typedef struct {
    bool any;       /* whether there is one */
    bool has_page;
    bool has_start; /* whether there was one with samples */
    zhibi_page page;
    uint32_t stroke;
    uint32_t ticks; /* the last ticks, since the anchor */
    uint32_t start[3]; /* x, y and force at the start of the last fragment with samples */
} zhibi_before;

/* ---- Pen: the sealer (section 9) ------------------------------------------------------------- */

/* Takes a sealed chunk, a whole frame. The bytes are only lent: copy them to flash before you
 * return, the buffer is used anew. The pen must not be called from within. */
typedef void zhibi_sealed(void *user, const uint8_t *frame, size_t length);

/* One of the two bit streams, while it is written. */
typedef struct {
    uint32_t word; /* the bits that are not in the buffer yet, from the highest down */
    uint32_t left; /* bits of the word that are free, 0 to 32 */
    uint32_t at;   /* where in the buffer the word goes */
} zhibi_writer;

/* What the streams may hold beyond a chunk before it is found not to fit: the longest start of a
 * fragment, 492 bits, and a word each. */
#define ZHIBI_SLACK 72

typedef struct {
    /* What each sample needs comes first, where short instructions reach it. */
    uint32_t steady_below; /* a sample goes the short way where forward.at is below this, ... */
    uint32_t steady_ticks; /* ... and its ticks since the anchor below this */
    uint64_t anchor_ticks;
    int64_t unix_ms; /* of the stroke's pen-down or last sample */
    zhibi_clock clock;
    zhibi_writer forward;
    uint32_t count; /* samples of the fragment */
    uint8_t steady_set; /* the channels that go the short way, a bit each */
    bool timed;
    bool writing; /* a fragment */
    bool first;   /* its stroke begins in it */
    const struct zhibi_row *rows; /* of table set 1 */
    zhibi_channel channels[ZHIBI_CHANNELS];

    /* the pen, for one boot */
    zhibi_key key; /* its number is that of the chunk being written, or of the next */
    zhibi_units units;
    uint8_t set;          /* of channels, a bit each */
    uint8_t fine;         /* f of section 6.1 */
    uint8_t fine_force;   /* g */
    uint16_t sample_bits; /* of the longest sample and its miss */
    uint64_t ink_ticks;
    uint64_t rest_ticks;
    uint64_t span; /* ticks behind its anchor from which on a chunk takes no sample */
    zhibi_sealed *sealed;
    void *user;

    /* the stroke */
    uint32_t next_stroke;
    uint32_t stroke;
    zhibi_page page;
    bool has_page;
    bool down;
    bool begun; /* a fragment of the stroke is in some chunk already */
    uint64_t ticks; /* of its pen-down; or, while no fragment is written, of its last sample */
    uint32_t seen; /* images since the fragment before */
    uint32_t decoded;

    /* the chunk */
    bool open;
    uint16_t head_bytes; /* of the envelope before the payload */
    uint32_t latest; /* the latest ticks since the anchor that it was told, beside the clock's */
    uint32_t room;   /* the most bits of both streams with which it can still be closed */
    uint32_t period; /* as written in the head */
    uint32_t samples; /* of the fragments that ended */
    uint32_t misses;
    uint32_t run_from; /* of the fragment's samples, those up to its last miss, which it holds */
    zhibi_before before;
    zhibi_writer backward;

    /* for the next chunk's head */
    uint32_t next_period;
    bool next_timed;

    uint8_t buffer[ZHIBI_FRAME_MAX + ZHIBI_SLACK];
} zhibi_pen;

/* Begins a boot: strokes from 0, chunks from 1. `key`'s number is not read. Values outside their
 * range are cut to it. `sealed` is called for each chunk, with `user`. */
void zhibi_pen_init(zhibi_pen *pen, const zhibi_key *key, const zhibi_units *units,
                    const zhibi_policy *policy, zhibi_sealed *sealed, void *user);

/* The pen touches `page` (NULL: no page known) at `ticks`, which is `unix_ms` by the pen's own
 * clock. While the pen is down, the stroke so far ends as inferred. */
void zhibi_pen_down(zhibi_pen *pen, const zhibi_page *page, uint64_t ticks, int64_t unix_ms);

/* One reading, at sample->ticks, which is `unix_ms` by the pen's own clock. While the pen is up,
 * it begins a stroke under no page. */
void zhibi_pen_sample(zhibi_pen *pen, const zhibi_sample *sample, int64_t unix_ms);

/* So many images were taken, and so many of them decoded. They add up until a fragment ends. */
void zhibi_pen_images(zhibi_pen *pen, uint32_t seen, uint32_t decoded);

/* The stroke ends. While the pen is up, nothing. An end that is none is taken as inferred. */
void zhibi_pen_up(zhibi_pen *pen, unsigned end);

/* It is `ticks` now: seals the chunk where the pen is up and has rested for rest_ms, or where the
 * chunk is ink_ms old. Call it from a timer. */
void zhibi_pen_rest(zhibi_pen *pen, uint64_t ticks);

/* A policy that came (zhibi_policy_open): from the next call on. NULL or values out of their range
 * change nothing. A boot begins with the policy of zhibi_pen_init. */
void zhibi_pen_policy(zhibi_pen *pen, const zhibi_policy *policy);

/* Seals what there is, now: before sleep or power-off. A stroke that goes on is continued in the
 * next chunk. */
void zhibi_pen_flush(zhibi_pen *pen);

/* ---- Frames ---------------------------------------------------------------------------------- */

/* CRC-32C of `length` bytes (section 3). zhibi_crc32c("123456789", 9) is 0xE3069283. */
uint32_t zhibi_crc32c(const void *bytes, size_t length);

/* An envelope, read. */
typedef struct {
    zhibi_key key;
    uint8_t version;
    uint8_t kind;
    const uint8_t *payload; /* within the frame that was read */
    size_t payload_length;
} zhibi_frame;

/* Reads the envelope of a whole frame. ZHIBI_NOT_A_FRAME where magic, length or crc do not hold,
 * ZHIBI_BAD_KEY where the key has a shorter spelling, ZHIBI_UNKNOWN_VERSION (with *frame filled)
 * where the payload is nothing for this code. */
int zhibi_frame_open(zhibi_frame *frame, const uint8_t *bytes, size_t length);

/* The fields of a hello (section 8.1). */
typedef struct {
    uint8_t version_min;
    uint8_t version_max;
    uint16_t sample_rate_hz;
    zhibi_units units;
    uint8_t clock; /* 0 never set, 1 kept while off, 2 set by a gateway in this boot */
    int64_t epoch_unix_ms;
    const char *model;    /* 1 to 16 of printable ASCII, ended by a zero byte */
    const char *firmware; /* likewise */
} zhibi_hello;

/* Writes a hello frame; its number is 0. Returns its length in bytes, or 0 where a text is none. */
size_t zhibi_hello_write(uint8_t frame[ZHIBI_FRAME_MAX], const zhibi_key *key,
                         const zhibi_hello *hello);

/* The fields of a pen state (section 8.2). */
typedef struct {
    uint64_t ticks;
    int64_t seen_unix_ms; /* 0 where a pen writes it: its gateway fills it in */
    int64_t pen_unix_ms;
    uint8_t battery_percent; /* cut to 100 */
    bool charging;
    uint8_t memory_percent; /* cut to 100 */
    uint32_t backlog;
} zhibi_pen_state;

/* Writes a pen state frame; its number is 0. Returns its length in bytes. */
size_t zhibi_pen_state_write(uint8_t frame[ZHIBI_FRAME_MAX], const zhibi_key *key,
                             const zhibi_pen_state *state);

/* ---- What a gateway says (sections 8.3, 8.5) ------------------------------------------------- */

/* A gateway's state, first on each link: the time by which a clock that was never set is set
 * (section 13). */
typedef struct {
    bool online;
    uint64_t session;
    int64_t unix_ms;
} zhibi_gateway_state;

/* Opens a gateway's state: ZHIBI_OK with *state filled, ZHIBI_BAD_MESSAGE where `online` is neither
 * 0 nor 1 or the payload ends too early. What follows the last field is passed over. */
int zhibi_gateway_state_open(zhibi_gateway_state *state, const uint8_t *frame, size_t length);

/* Opens a policy: ZHIBI_OK with *policy filled and the versions that the server reads, for which
 * NULL may be given, or ZHIBI_BAD_MESSAGE where a value is out of its range: the pen goes on as
 * before. What follows the last field is passed over. */
int zhibi_policy_open(zhibi_policy *policy, uint8_t versions[2], const uint8_t *frame,
                      size_t length);

/* ---- Receipts (section 8.4) ------------------------------------------------------------------ */

typedef struct {
    const uint8_t *at;
    size_t left; /* ranges */
} zhibi_receipt;

typedef struct {
    uint8_t outcome;
    uint8_t code;
    uint32_t first; /* numbers of chunks (0: the hello), both included */
    uint32_t last;
    bool erase; /* the pen erases; else it keeps, also where the range says nothing it knows */
    bool taken; /* a gateway has it: keep, and do not send again unless asked or in 24 h */
} zhibi_range;

/* Opens a receipt frame. The caller compares *key's pen and boot with its own before it believes
 * any range. */
int zhibi_receipt_open(zhibi_receipt *receipt, zhibi_key *key, const uint8_t *frame, size_t length);

/* The next range: ZHIBI_MORE with *range filled, or ZHIBI_OK at the end. */
int zhibi_receipt_next(zhibi_receipt *receipt, zhibi_range *range);

/* ---- Streams and bundles (sections 4, 12) ---------------------------------------------------- */

typedef struct {
    uint32_t damage; /* bytes passed over since the last frame */
    uint16_t held;
    uint8_t bytes[ZHIBI_FRAME_MAX];
} zhibi_stream;

/* Takes a frame whose crc holds, and how many damaged bytes were passed over before it. At a
 * stream's end `frame` may be NULL: then only damage is told. The bytes are only lent. */
typedef void zhibi_arrived(void *user, const uint8_t *frame, size_t length, uint32_t damage);

/* Begins a stream: with each connection. */
void zhibi_stream_init(zhibi_stream *stream);

/* Takes bytes as they come, cut anywhere, and hands on each frame that is whole. */
void zhibi_stream_feed(zhibi_stream *stream, const uint8_t *bytes, size_t length,
                       zhibi_arrived *arrived, void *user);

/* After 2 s of silence, or at the connection's end: takes missing bytes for missing. The stream is
 * empty then and may be fed again. */
void zhibi_stream_silence(zhibi_stream *stream, zhibi_arrived *arrived, void *user);

typedef struct {
    const uint8_t *bytes;
    size_t length;
    size_t at;
    uint16_t announced; /* the number of frames that the head tells; for people */
} zhibi_bundle;

/* Opens a bundle: ZHIBI_OK or ZHIBI_BAD_BUNDLE. */
int zhibi_bundle_open(zhibi_bundle *bundle, const uint8_t *bytes, size_t length);

/* The next frame: ZHIBI_MORE with *frame and *length, or ZHIBI_OK at the end. *damage is how many
 * bytes were passed over before it (or before the end). */
int zhibi_bundle_next(zhibi_bundle *bundle, const uint8_t **frame, size_t *length, size_t *damage);

/* ---- Chunk reader (sections 5 to 7) ---------------------------------------------------------- */

typedef struct {
    zhibi_key key;
    zhibi_units units;
    bool timed;
    uint64_t anchor_ticks;
    int64_t anchor_unix_ms;
    uint32_t period; /* 1/16 ticks */
} zhibi_chunk;

typedef struct {
    uint32_t stroke;
    bool first; /* the stroke begins here */
    bool has_page;
    zhibi_page page;
    uint32_t start_ticks; /* since the anchor */
    /* Known only when the fragment's samples have been read: */
    uint32_t count;
    zhibi_end end;
    uint32_t seen; /* 0 where the chunk has no images */
    uint32_t decoded;
} zhibi_fragment;

typedef struct {
    zhibi_chunk chunk;       /* public, after zhibi_reader_open */
    zhibi_fragment fragment; /* public, see its comment */

    const uint8_t *payload;
    uint32_t bits;    /* of the payload */
    uint32_t used[2]; /* of them, read by the forward and the backward stream */
    int result;       /* a refusal stays */
    uint8_t fine;       /* f of section 6.1 */
    uint8_t fine_force; /* g */

    zhibi_before before;
    bool within; /* a fragment's samples are being read */
    bool ended;  /* its last run was read */
    bool finished; /* the chunk's end was found sound */
    uint32_t given; /* samples of the fragment handed out */
    uint32_t run; /* samples left in the run */
    int32_t miss; /* the error of the sample behind the run */
    zhibi_clock clock;
    zhibi_channel channels[ZHIBI_CHANNELS];
} zhibi_reader;

/* Opens a chunk frame and reads its head into reader->chunk. The frame's bytes must stay as long
 * as the reader is used. */
int zhibi_reader_open(zhibi_reader *reader, const uint8_t *frame, size_t length);

/* Goes to the next fragment (over samples not read): ZHIBI_MORE with reader->fragment filled as
 * far as it is known, ZHIBI_OK at the chunk's sound end, else the refusal. */
int zhibi_reader_fragment(zhibi_reader *reader);

/* The fragment's next sample: ZHIBI_MORE with *sample, ZHIBI_OK at the fragment's end. */
int zhibi_reader_sample(zhibi_reader *reader, zhibi_sample *sample);

/* Reads a whole chunk and forgets it: ZHIBI_OK, or why it is refused. */
int zhibi_reader_check(const uint8_t *frame, size_t length);

#ifdef __cplusplus
}
#endif

#endif
