/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Zhibi wire protocol, version 1: see zhibi.h. Section numbers are those of PROTOCOL.md. */
#include "zhibi.h"

#include <string.h>

/* ---- Limits (sections 5, 6, 15) -------------------------------------------------------------- */

#define ZHIBI_VERSION 1u
#define ZHIBI_MAGIC 0x5Au
#define ZHIBI_CRC_BYTES 4u
#define ZHIBI_TABLE_SET 1u
#define ZHIBI_SCALE_MAX 1000000u                /* unit_nm, tick_us */
#define ZHIBI_TICKS_MAX 0x7FFFFFFFFFFFFFFFu     /* below 2^63 */
#define ZHIBI_UNIX_MAX 0x2000000000000000       /* 2^61 */
#define ZHIBI_UNIX_BASE 1790000000000           /* ms: anchors are told from here */
#define ZHIBI_PERIOD_MAX (16u * 65535u)         /* 1/16 ticks */
#define ZHIBI_IMAGES_MAX 65535u
#define ZHIBI_FAR 0x100000000u                  /* 2^32 ticks: a chunk spans less */
#define ZHIBI_ESCAPE 15u
#define ZHIBI_ESCAPE_FROM 192u

/* ---- Table set 1 (appendix A) ---------------------------------------------------------------- */

/* Rows of zhibi_tables. */
enum {
    TABLE_POSITION = 0,
    TABLE_OPENING = 8, /* 5 to 7 */
    TABLE_FORCE = 11,
    TABLE_RISING = 19,
    TABLE_CLOCK = 22,
    TABLE_RUN = 25,
    TABLE_MISSED = 26,
    TABLE_PAUSE = 27,
    TABLE_START_X = 28, /* then start y, start force */
    TABLES = 31
};

/* A table: the codes of all symbols but the escape, and the taps in 1/64 that go with it, of the
 * last four differences, newest first (0 where none do). 64 bytes, so that its place is a shift
 * away.
 *
 * A code here is made so that a token without a shift takes one exclusive or: x << 5 | n, where
 * (2m + sign) ^ x are the token's bits, all n of them, its low bits and its sign included. Thus x
 * puts the code in place of the bits of v that the symbol tells; of symbol 0, which has no sign, it
 * is the code alone. Made from appendix A's lengths. */
typedef struct zhibi_row {
    uint32_t codes[ZHIBI_ESCAPE];
    int8_t taps[4];
} zhibi_row;

#define TWO(a) a, a
#define FOUR(a) TWO(a), TWO(a)
#define EIGHT(a) FOUR(a), FOUR(a)
#define SIXTEEN(a) EIGHT(a), EIGHT(a)
#define MANY(a) SIXTEEN(a), SIXTEEN(a)

/* What each sample looks up, in one structure, so that one register finds all of it. */
static const struct {
    /* The row of a size M below 256: 0 below 16; then 2 * log2(M) + the bit below the highest, less
     * 8 (section 7.2). Both change at multiples of 8 only. */
    uint8_t row_of[32];
    zhibi_row rows[TABLES];
    /* u where u < 4, else 2 * log2(u) + the bit below its highest: of u below 192 the symbol
     * (section 5). */
    uint8_t half_octave_of[256];
} zhibi_tables = {
    { 0, 0, 0, 1, 2, 2, 3, 3, FOUR(4), FOUR(5), EIGHT(6), EIGHT(7) },
    {
        { /* position 0 */ { 0x00001, 0x00345, 0x00003, 0x00385, 0x00606,
            0x01f88, 0x03f09, 0x07f0a, 0x0fe0b, 0x1fe0c,
            0x7e00e, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 57, 11, -6, -6 } },
        { /* position 1 */ { 0x00002, 0x00003, 0x00003, 0x003c5, 0x00786,
            0x00f87, 0x01f08, 0x03f09, 0x07e0a, 0x07a0a,
            0x3f80d, 0x3f80d, 0xff00f, 0xff00f, 0x1fc010 }, { 57, 11, -6, -6 } },
        { /* position 2 */ { 0x00083, 0x00043, 0x000c3, 0x00184, 0x00205,
            0x00686, 0x01c08, 0x07f0a, 0x0fe0b, 0x1fe0c,
            0x7e00e, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 57, 11, -6, -6 } },
        { /* position 3 */ { 0x00083, 0x00043, 0x000c3, 0x00184, 0x00205,
            0x00686, 0x01c08, 0x07f0a, 0x0fe0b, 0x1fe0c,
            0x7e00e, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 64, 6, -9, -5 } },
        { /* position 4 */ { 0x00003, 0x00004, 0x00004, 0x00004, 0x00305,
            0x00305, 0x00406, 0x00d07, 0x03809, 0x07a0a,
            0x3f80d, 0x3f80d, 0xff00f, 0xff00f, 0x1fc010 }, { 64, 5, -8, -7 } },
        { /* position 5 */ { 0x00184, 0x00044, 0x000c4, 0x00044, 0x00085,
            0x00385, 0x00706, 0x00e07, 0x01808, 0x03a09,
            0x0f00b, 0x1f40c, 0xff00f, 0xff00f, 0x1fc010 }, { 57, 10, -7, -9 } },
        { /* position 6 */ { 0x00184, 0x00044, 0x003c5, 0x00345, 0x00185,
            0x00085, 0x00106, 0x00706, 0x00e07, 0x03a09,
            0x0f00b, 0x1f40c, 0xff00f, 0xff00f, 0x1fc010 }, { 55, 4, -9, -5 } },
        { /* position 7 */ { 0x003c5, 0x002c5, 0x00245, 0x003c5, 0x00105,
            0x00105, 0x00006, 0x00006, 0x00c07, 0x01c08,
            0x03009, 0x0f40b, 0x3e00d, 0x7e80e, 0x1fc010 }, { 55, 6, -13, -4 } },
        { /* opening 5 */ { 0x00002, 0x00245, 0x00004, 0x00285, 0x00085,
            0x00486, 0x00907, 0x00f07, 0x01e08, 0x03e09,
            0x07c0a, 0x0f40b, 0x0e00b, 0x3e80d, 0xfc00f }, { 57, 10, -7, -9 } },
        { /* opening 6 */ { 0x00084, 0x00105, 0x00105, 0x00105, 0x00506,
            0x00506, 0x00206, 0x00907, 0x00607, 0x01008,
            0x03809, 0x0740a, 0x0780a, 0x0680a, 0x3c00d }, { 55, 4, -9, -5 } },
        { /* opening 7 */ { 0x007c6, 0x001c5, 0x00145, 0x007c6, 0x00506,
            0x00506, 0x00206, 0x00907, 0x00607, 0x01008,
            0x00008, 0x03c09, 0x0780a, 0x0f00b, 0x1c00c }, { 55, 6, -13, -4 } },
        { /* force 0 */ { 0x00002, 0x00003, 0x00003, 0x00144, 0x00606,
            0x00e87, 0x07e0a, 0x07e0a, 0x3f40d, 0x3f40d,
            0x7e00e, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 15, 23, 8, -7 } },
        { /* force 1 */ { 0x00083, 0x00043, 0x000c3, 0x00184, 0x00205,
            0x00686, 0x01c08, 0x03d09, 0x3f40d, 0x3f40d,
            0x7e00e, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 15, 23, 8, -7 } },
        { /* force 2 */ { 0x00083, 0x00043, 0x000c3, 0x00184, 0x00205,
            0x00686, 0x01c08, 0x03d09, 0x3f40d, 0x3f40d,
            0x7e00e, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 15, 23, 8, -7 } },
        { /* force 3 */ { 0x00043, 0x00084, 0x00184, 0x00184, 0x00104,
            0x00285, 0x00c07, 0x01d08, 0x0780a, 0x1fe0c,
            0x7e00e, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 48, 40, -2, -20 } },
        { /* force 4 */ { 0x001c4, 0x000c4, 0x00044, 0x001c4, 0x00104,
            0x00305, 0x00406, 0x01d08, 0x0780a, 0x3f20d,
            0x3f80d, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 87, 26, -22, -13 } },
        { /* force 5 */ { 0x00184, 0x00044, 0x000c4, 0x00044, 0x00085,
            0x00385, 0x00706, 0x00e07, 0x01808, 0x07a0a,
            0x0700a, 0x3fc0d, 0xfe00f, 0x7f00e, 0xfc00f }, { 100, 9, -20, -9 } },
        { /* force 6 */ { 0x007c6, 0x006c6, 0x00646, 0x007c6, 0x00406,
            0x00f07, 0x00907, 0x00f07, 0x00c07, 0x00606,
            0x00c07, 0x0740a, 0x3e00d, 0xfe80f, 0x1fd010 }, { 127, -65, -2, -3 } },
        { /* force 7 */ { 0x00fc7, 0x00f47, 0x00fc7, 0x00f47, 0x00f07,
            0x00f07, 0x00206, 0x00206, 0x00007, 0x00007,
            0x01808, 0x01808, 0x02009, 0xfe80f, 0x1fd010 }, { 127, -53, -6, -7 } },
        { /* rising 0 */ { 0x03f89, 0x01f48, 0x01fc8, 0x00fc7, 0x00706,
            0x00385, 0x00205, 0x00205, 0x00e07, 0x01c08,
            0x03009, 0x0f80b, 0x3e00d, 0xff00f, 0x1fc010 }, { 46, 0, 0, 0 } },
        { /* rising 1 */ { 0x00083, 0x00043, 0x000c3, 0x00184, 0x00205,
            0x00f87, 0x03e09, 0x07f0a, 0x03e09, 0x07c0a,
            0x1fc0c, 0x1f40c, 0xff00f, 0xff00f, 0x1fc010 }, { 21, 16, 0, 0 } },
        { /* rising 2 */ { 0x00043, 0x00043, 0x00044, 0x001c4, 0x00385,
            0x00786, 0x01808, 0x07d0a, 0x03209, 0x03e09,
            0x0f00b, 0x0780a, 0x0e00b, 0xfe80f, 0xfc00f }, { 26, -5, 12, 0 } },
        { /* clock 0 */ { 0x00042, 0x00042, 0x00104, 0x00fc7, 0x0fd0b,
            0x03f89, 0x00c07, 0x03e09, 0x0fe0b, 0x3f40d,
            0x7e00e, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 0, 0, 0, 0 } },
        { /* clock 1 */ { 0x00042, 0x00042, 0x00104, 0x03e49, 0x07c8a,
            0x0fd8b, 0x00c07, 0x01d08, 0x0fc0b, 0x3f40d,
            0x7e00e, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 0, 0, 0, 0 } },
        { /* clock 2 */ { 0x00042, 0x00042, 0x00104, 0x07eca, 0x03f09,
            0x01f88, 0x00c07, 0x03e09, 0x0fe0b, 0x3f40d,
            0x7e00e, 0x7e00e, 0xff00f, 0xff00f, 0x1fc010 }, { 0, 0, 0, 0 } },
        { /* run */ { 0x00fc7, 0x00746, 0x00f07, 0x00786, 0x00706,
            0x00185, 0x00306, 0x00106, 0x00207, 0x00e07,
            0x01c08, 0x03809, 0x0e00b, 0x7e80e, 0x1fc010 }, { 0, 0, 0, 0 } },
        { /* missed */ { 0x00686, 0x00042, 0x00003, 0x00d87, 0x01a08,
            0x01a08, 0x03a09, 0x03a09, 0x0700a, 0x0700a,
            0x0f80b, 0x0f80b, 0x1e00c, 0x1e00c, 0x1a00c }, { 0, 0, 0, 0 } },
        { /* pause */ { 0x03f89, 0x07f0a, 0x07f0a, 0x07f0a, 0x07d0a,
            0x07d0a, 0x00c07, 0x00506, 0x00406, 0x00406,
            0x00007, 0x0740a, 0x7c00e, 0x7c00e, 0xfe00f }, { 0, 0, 0, 0 } },
        { /* start x */ { 0x00043, 0x00084, 0x00184, 0x00184, 0x00104,
            0x00285, 0x00c07, 0x07f0a, 0x1fc0c, 0x3fe0d,
            0x7fc0e, 0x3f80d, 0x3f80d, 0x0e80b, 0x1fc010 }, { 0, 0, 0, 0 } },
        { /* start y */ { 0x00002, 0x000c4, 0x00044, 0x003c5, 0x00305,
            0x00706, 0x00706, 0x00d07, 0x03809, 0x07a0a,
            0x3f80d, 0x7fc0e, 0xff80f, 0xfe80f, 0x1fd010 }, { 0, 0, 0, 0 } },
        { /* start force */ { 0x007c6, 0x00746, 0x007c6, 0x00746, 0x00406,
            0x00406, 0x00006, 0x00f07, 0x00406, 0x00007,
            0x01808, 0x03809, 0x3e00d, 0x7e80e, 0x1fc010 }, { 0, 0, 0, 0 } }
    },
    { 0, 1, 2, 3, TWO(4), TWO(5), FOUR(6), FOUR(7), EIGHT(8), EIGHT(9), SIXTEEN(10), SIXTEEN(11),
      MANY(12), MANY(13), MANY(14), MANY(14), MANY(15), MANY(15) }
};

/* The escape's code in each table: its length in bits << 12 | its bits. */
static const uint16_t zhibi_escapes[TABLES] = {
    0x91ff, 0x91ff, 0x91ff, 0x91ff, 0x91ff, 0x91ff, 0x91ff, 0x91ff,
    0x80ff, 0x603f, 0x603f, 0x91ff, 0x91ff, 0x91ff, 0x91ff, 0x91ff,
    0x91ff, 0x80fe, 0x80fe, 0x91ff, 0x91ff, 0x91ff, 0x91ff, 0x91ff,
    0x91ff, 0x91ff, 0x5019, 0x80fd, 0x91ff, 0x80fd, 0x91ff
};

/* What each sample goes through is put in line, whatever the compiler thinks of its size, so that a
 * sample's state stays in registers. */
#if defined(__GNUC__)
#define ZHIBI_HOT static inline __attribute__((always_inline))
#define ZHIBI_APART static __attribute__((noinline)) /* what is seldom, kept out of its registers */
#define ZHIBI_OFTEN(holds) __builtin_expect(holds, 1)
#else
#define ZHIBI_HOT static inline
#define ZHIBI_APART static
#define ZHIBI_OFTEN(holds) (holds)
#endif

/* ---- Arithmetic ------------------------------------------------------------------------------ */

/* C99 leaves it to the compiler what signed number a large unsigned one becomes, and whether >> of
 * a negative one rounds down. Where either is not as everywhere, this does not compile. */
typedef char zhibi_signed_is_as_usual
    [(int32_t)0xFFFFFFFFu == -1 && (int32_t)0x80000000u >> 31 == -1 ? 1 : -1];

/* The signed number that `u` stands for mod 2^32. */
static inline int32_t zhibi_signed(uint32_t u)
{
    return (int32_t)u;
}

/* abs(w) of a w that is signed mod 2^32; of -2^31 it is 2^31. */
ZHIBI_HOT uint32_t zhibi_magnitude(uint32_t w)
{
    uint32_t sign = (uint32_t)(zhibi_signed(w) >> 31); /* all ones where w < 0 */
    return (w ^ sign) - sign;
}

/* The smaller of two. */
static inline uint32_t zhibi_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* How many bits `u` takes: 0 for 0, else log2 rounded down, plus one. By a table, since C99 and
 * small chips have no instruction for it. */
static unsigned zhibi_bits_of(uint32_t u)
{
    unsigned above = 0;
    while (u >= 256) {
        u >>= 6;
        above += 6;
    }
    return above + (u < 2 ? u : zhibi_tables.half_octave_of[u] / 2u + 1u);
}

/* zhibi_bits_of for 64 bits; two words, since small chips have no wider ones. */
static unsigned zhibi_bits_of_64(uint64_t u)
{
    uint32_t high = (uint32_t)(u >> 32);
    return high != 0 ? 32u + zhibi_bits_of(high) : zhibi_bits_of((uint32_t)u);
}

/* zz(w) of section 5. */
static uint64_t zhibi_zz(int64_t w)
{
    return w >= 0 ? 2u * (uint64_t)w : 2u * (0u - (uint64_t)w) - 1u;
}

/* The w whose zz is `u`; u < 2^63 at every caller. */
static int64_t zhibi_unzz(uint64_t u)
{
    int64_t half = (int64_t)(u >> 1);
    return (u & 1u) == 0 ? half : -half - 1;
}

/* ---- CRC-32C (section 3) --------------------------------------------------------------------- */

/* Reflected, so that bits go in from the low end: as in RFC 3720, appendix B.4. */
uint32_t zhibi_crc32c(const void *bytes, size_t length)
{
    /* Four bits a step: 64 bytes of table instead of 1,024. A chip with a CRC unit or with flash
     * to spare puts its own in place of this. */
    static const uint32_t table[16] = {
        0x00000000u, 0x105EC76Fu, 0x20BD8EDEu, 0x30E349B1u, 0x417B1DBCu, 0x5125DAD3u,
        0x61C69362u, 0x7198540Du, 0x82F63B78u, 0x92A8FC17u, 0xA24BB5A6u, 0xB21572C9u,
        0xC38D26C4u, 0xD3D3E1ABu, 0xE330A81Au, 0xF36E6F75u
    };
    const uint8_t *at = bytes;
    uint32_t crc = 0xFFFFFFFFu;
    size_t i;
    for (i = 0; i < length; i++) {
        crc ^= at[i];
        crc = crc >> 4 ^ table[crc & 15u];
        crc = crc >> 4 ^ table[crc & 15u];
    }
    return ~crc;
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

/* Writes the low `count` bytes of `value`, little endian, and returns where the next field goes. */
static uint8_t *zhibi_put_bytes(uint8_t *at, uint64_t value, unsigned count)
{
    unsigned i;
    for (i = 0; i < count; i++) {
        at[i] = (uint8_t)(value >> (8u * i));
    }
    return at + count;
}

/* Reads `count` bytes, at most 8, little endian; the highest is taken first. */
static uint64_t zhibi_get_bytes(const uint8_t *at, unsigned count)
{
    uint64_t value = 0;
    while (count > 0) {
        value = value << 8 | at[--count];
    }
    return value;
}

/* ---- Envelope (section 3) -------------------------------------------------------------------- */

/* The bytes that a counter or number takes: as few as there can be, at least one. */
static unsigned zhibi_bytes_of(uint32_t u)
{
    return u == 0 ? 1u : (zhibi_bits_of(u) + 7u) / 8u;
}

/* Writes an envelope up to the payload, its length still 0, and returns its bytes. */
static size_t zhibi_envelope_begin(uint8_t *frame, unsigned kind, const zhibi_key *key,
                                   uint32_t number)
{
    bool wide = key->pen >> 48 != 0;
    unsigned counter = zhibi_bytes_of(key->boot_counter);
    unsigned digits = zhibi_bytes_of(number);
    uint8_t *at = frame;
    *at++ = ZHIBI_MAGIC;
    *at++ = (uint8_t)(ZHIBI_VERSION << 4 | kind);
    at = zhibi_put_bytes(at, (wide ? 1u : 0u) << 11 | (counter - 1u) << 12 | (digits - 1u) << 14,
                         2);
    at = zhibi_put_bytes(at, key->pen, wide ? 8u : 6u);
    at = zhibi_put_bytes(at, key->boot_counter, counter);
    at = zhibi_put_bytes(at, key->boot_random, 4);
    at = zhibi_put_bytes(at, number, digits);
    return (size_t)(at - frame);
}

/* Puts length and crc into a frame of `length` bytes without its crc; returns the whole length. */
static size_t zhibi_envelope_end(uint8_t *frame, size_t length)
{
    size_t whole = length + ZHIBI_CRC_BYTES;
    frame[2] = (uint8_t)whole;
    frame[3] = (uint8_t)(frame[3] | whole >> 8); /* its bits 3 to 7 are the rest of shape */
    zhibi_put_bytes(frame + length, zhibi_crc32c(frame, length), ZHIBI_CRC_BYTES);
    return whole;
}

enum { PROBE_NONE = -1, PROBE_WAIT = 0 };

/* What begins at bytes[0], of which `length` are there (section 4): a sound frame's length in
 * bytes, PROBE_WAIT where more bytes must come before that is known, else PROBE_NONE. */
static int zhibi_probe(const uint8_t *bytes, size_t length)
{
    unsigned shape, whole, least;
    if (length >= 1 && bytes[0] != ZHIBI_MAGIC) {
        return PROBE_NONE;
    }
    if (length >= 2 && bytes[1] >> 4 == 0) {
        return PROBE_NONE;
    }
    if (length < 4) {
        return PROBE_WAIT;
    }
    shape = (unsigned)zhibi_get_bytes(bytes + 2, 2);
    whole = shape & 0x7FFu;
    /* magic, version, shape, boot random and crc; then pen, counter and number */
    least = 12u + ((shape >> 11 & 1u) != 0 ? 8u : 6u) + (shape >> 12 & 3u) + 1u + (shape >> 14)
        + 1u;
    if (whole > ZHIBI_FRAME_MAX || whole < least) { /* least is never below ZHIBI_FRAME_MIN */
        return PROBE_NONE;
    }
    if (length < whole) {
        return PROBE_WAIT;
    }
    if (zhibi_crc32c(bytes, whole - ZHIBI_CRC_BYTES)
        != zhibi_get_bytes(bytes + whole - ZHIBI_CRC_BYTES, ZHIBI_CRC_BYTES)) {
        return PROBE_NONE;
    }
    return (int)whole;
}

/* Probe first: before the crc holds no field may be believed, its length neither (section 3). The
 * key's spelling comes before the version, since the envelope is the same in all versions. */
int zhibi_frame_open(zhibi_frame *frame, const uint8_t *bytes, size_t length)
{
    unsigned shape, pen_bytes, counter_bytes, number_bytes;
    const uint8_t *at = bytes + 4;
    if (length < ZHIBI_FRAME_MIN || length > ZHIBI_FRAME_MAX
        || zhibi_probe(bytes, length) != (int)length) {
        return ZHIBI_NOT_A_FRAME;
    }
    shape = (unsigned)zhibi_get_bytes(bytes + 2, 2);
    pen_bytes = (shape >> 11 & 1u) != 0 ? 8u : 6u;
    counter_bytes = (shape >> 12 & 3u) + 1u;
    number_bytes = (shape >> 14) + 1u;
    frame->version = bytes[1] >> 4;
    frame->kind = bytes[1] & 15u;
    frame->key.pen = zhibi_get_bytes(at, pen_bytes);
    at += pen_bytes;
    frame->key.boot_counter = (uint32_t)zhibi_get_bytes(at, counter_bytes);
    at += counter_bytes;
    frame->key.boot_random = (uint32_t)zhibi_get_bytes(at, 4);
    at += 4;
    frame->key.number = (uint32_t)zhibi_get_bytes(at, number_bytes);
    at += number_bytes;
    frame->payload = at;
    frame->payload_length = length - (size_t)(at - bytes) - ZHIBI_CRC_BYTES;
    /* One spelling for each key: no leading zero byte that shape could have left out. */
    if ((pen_bytes == 8 && frame->key.pen >> 48 == 0)
        || counter_bytes != zhibi_bytes_of(frame->key.boot_counter)
        || number_bytes != zhibi_bytes_of(frame->key.number)) {
        return ZHIBI_BAD_KEY;
    }
    return frame->version == ZHIBI_VERSION ? ZHIBI_OK : ZHIBI_UNKNOWN_VERSION;
}

/* ---- Hello and pen state (section 8) --------------------------------------------------------- */

/* Writes a text field. NULL where it is none: empty, above 16 bytes, or not printable ASCII. */
static uint8_t *zhibi_put_text(uint8_t *at, const char *text)
{
    unsigned n = 0;
    while (text[n] != '\0') {
        unsigned char c = (unsigned char)text[n];
        if (n == 16 || c < 0x20 || c > 0x7E) {
            return NULL;
        }
        at[++n] = c;
    }
    at[0] = (uint8_t)n;
    return n == 0 ? NULL : at + 1 + n;
}

/* Section 8.1. The longest hello has 84 bytes: it always fits. */
size_t zhibi_hello_write(uint8_t frame[ZHIBI_FRAME_MAX], const zhibi_key *key,
                         const zhibi_hello *hello)
{
    const zhibi_units *u = &hello->units;
    uint8_t *at = frame + zhibi_envelope_begin(frame, ZHIBI_HELLO, key, 0);
    *at++ = hello->version_min;
    *at++ = hello->version_max;
    at = zhibi_put_bytes(at, hello->sample_rate_hz, 2);
    at = zhibi_put_bytes(at, u->unit_nm, 4);
    at = zhibi_put_bytes(at, u->force_max, 2);
    at = zhibi_put_bytes(at, u->tick_us, 4);
    *at++ = (uint8_t)((u->tilt ? 1u : 0u) | (u->twist ? 2u : 0u) | (u->images ? 4u : 0u));
    *at++ = 0; /* origin: the top left corner of the page face */
    *at++ = hello->clock;
    at = zhibi_put_bytes(at, (uint64_t)hello->epoch_unix_ms, 8);
    at = zhibi_put_text(at, hello->model);
    if (at != NULL) {
        at = zhibi_put_text(at, hello->firmware);
    }
    return at == NULL ? 0 : zhibi_envelope_end(frame, (size_t)(at - frame));
}

/* Section 8.2. */
size_t zhibi_pen_state_write(uint8_t frame[ZHIBI_FRAME_MAX], const zhibi_key *key,
                             const zhibi_pen_state *state)
{
    uint8_t *at = frame + zhibi_envelope_begin(frame, ZHIBI_PEN_STATE, key, 0);
    at = zhibi_put_bytes(at, state->ticks, 8);
    at = zhibi_put_bytes(at, (uint64_t)state->seen_unix_ms, 8);
    at = zhibi_put_bytes(at, (uint64_t)state->pen_unix_ms, 8);
    *at++ = (uint8_t)zhibi_least(state->battery_percent, 100);
    *at++ = state->charging ? 1 : 0;
    *at++ = (uint8_t)zhibi_least(state->memory_percent, 100);
    at = zhibi_put_bytes(at, state->backlog, 4);
    return zhibi_envelope_end(frame, (size_t)(at - frame));
}

/* ---- What a gateway says (sections 8.3, 8.5) ------------------------------------------------- */

/* Opens a frame of this kind whose payload has at least so many bytes. */
static int zhibi_message_open(zhibi_frame *f, unsigned kind, size_t least, const uint8_t *frame,
                              size_t length)
{
    int result = zhibi_frame_open(f, frame, length);
    if (result != ZHIBI_OK) {
        return result;
    }
    if (f->kind != kind) {
        return ZHIBI_OTHER_KIND;
    }
    return f->payload_length < least ? ZHIBI_BAD_MESSAGE : ZHIBI_OK;
}

int zhibi_gateway_state_open(zhibi_gateway_state *state, const uint8_t *frame, size_t length)
{
    zhibi_frame f;
    int result = zhibi_message_open(&f, ZHIBI_GATEWAY_STATE, 17, frame, length);
    if (result != ZHIBI_OK) {
        return result;
    }
    if (f.payload[0] > 1) {
        return ZHIBI_BAD_MESSAGE;
    }
    state->online = f.payload[0] == 1;
    state->session = zhibi_get_bytes(f.payload + 1, 8);
    state->unix_ms = (int64_t)zhibi_get_bytes(f.payload + 9, 8);
    return ZHIBI_OK;
}

/* What a policy may say (section 8.5). */
static bool zhibi_policy_sound(const zhibi_policy *policy)
{
    return policy->ink_ms >= 500 && policy->ink_ms <= 60000 && policy->rest_ms >= 100
           && policy->rest_ms <= 60000;
}

int zhibi_policy_open(zhibi_policy *policy, uint8_t versions[2], const uint8_t *frame,
                      size_t length)
{
    zhibi_frame f;
    zhibi_policy said;
    const uint8_t *at;
    int result = zhibi_message_open(&f, ZHIBI_POLICY, 10, frame, length);
    if (result != ZHIBI_OK) {
        return result;
    }
    at = f.payload;
    said.ink_ms = (uint32_t)zhibi_get_bytes(at, 4);
    said.rest_ms = (uint32_t)zhibi_get_bytes(at + 4, 4);
    if (!zhibi_policy_sound(&said) || at[8] == 0 || at[8] > at[9] || at[9] > 15) {
        return ZHIBI_BAD_MESSAGE;
    }
    *policy = said;
    if (versions != NULL) {
        versions[0] = at[8];
        versions[1] = at[9];
    }
    return ZHIBI_OK;
}

/* ---- Receipts (section 8.4) ------------------------------------------------------------------ */

#define ZHIBI_RANGE_BYTES 10u

/* Ranges and nothing else: a length that is no multiple of ten is another's format, of which ten
 * bytes by chance might let a pen erase. */
int zhibi_receipt_open(zhibi_receipt *receipt, zhibi_key *key, const uint8_t *frame, size_t length)
{
    zhibi_frame f;
    int result = zhibi_frame_open(&f, frame, length);
    if (result != ZHIBI_OK) {
        return result;
    }
    if (f.kind != ZHIBI_RECEIPT) {
        return ZHIBI_OTHER_KIND;
    }
    *key = f.key;
    receipt->at = f.payload;
    receipt->left = f.payload_length / ZHIBI_RANGE_BYTES;
    return receipt->left == 0 || f.payload_length % ZHIBI_RANGE_BYTES != 0 ? ZHIBI_BAD_RANGE
                                                                           : ZHIBI_OK;
}

/* Whether a pen erases what got this outcome. What it does not know, it keeps. */
static bool zhibi_erases(unsigned outcome, unsigned code)
{
    switch (outcome << 8 | code) {
    case 0x000: /* stored */
    case 0x100: /* held */
    case 0x202: /* refused: erased by right */
    case 0x203: /* refused: breaks the format */
        return true;
    default:
        return false;
    }
}

/* A range that says nothing leaves the others what they are. */
int zhibi_receipt_next(zhibi_receipt *receipt, zhibi_range *range)
{
    const uint8_t *at = receipt->at;
    bool sound;
    if (receipt->left == 0) {
        return ZHIBI_OK;
    }
    range->outcome = at[0];
    range->code = at[1];
    range->first = (uint32_t)zhibi_get_bytes(at + 2, 4);
    range->last = (uint32_t)zhibi_get_bytes(at + 6, 4);
    sound = range->first <= range->last;
    range->erase = sound && zhibi_erases(range->outcome, range->code);
    range->taken = sound && range->outcome == 3 && range->code == 0;
    receipt->at += ZHIBI_RANGE_BYTES;
    receipt->left--;
    return ZHIBI_MORE;
}

/* ---- Streams and bundles (sections 4, 12) ---------------------------------------------------- */

/* Goes over `bytes` from *at to the next frame and returns its length, its place in *at. Returns 0
 * where there is none: *at is then where a frame may begin that is not whole, or the end. With
 * `final`, no more bytes will come. Adds what it passed over to *damage. */
static size_t zhibi_next_frame(const uint8_t *bytes, size_t length, size_t *at, bool final,
                               size_t *damage)
{
    while (*at < length) {
        int found = zhibi_probe(bytes + *at, length - *at);
        if (found > 0) {
            return (size_t)found;
        }
        if (found == PROBE_WAIT && !final) {
            return 0;
        }
        (*at)++; /* one byte: a damaged length must not swallow a sound frame */
        (*damage)++;
    }
    return 0;
}

void zhibi_stream_init(zhibi_stream *stream)
{
    stream->damage = 0;
    stream->held = 0;
}

/* Hands on all whole frames that the stream holds and moves the rest to the front. */
static void zhibi_stream_drain(zhibi_stream *stream, bool final, zhibi_arrived *arrived, void *user)
{
    size_t at = 0;
    size_t damage = stream->damage;
    for (;;) {
        size_t length = zhibi_next_frame(stream->bytes, stream->held, &at, final, &damage);
        if (length == 0) {
            break;
        }
        arrived(user, stream->bytes + at, length, (uint32_t)damage);
        at += length;
        damage = 0;
    }
    stream->damage = (uint32_t)damage;
    stream->held = (uint16_t)(stream->held - at);
    memmove(stream->bytes, stream->bytes + at, stream->held);
}

/* Filling up and draining in turns takes pieces of any length with one frame's memory. */
void zhibi_stream_feed(zhibi_stream *stream, const uint8_t *bytes, size_t length,
                       zhibi_arrived *arrived, void *user)
{
    while (length > 0) {
        /* There is room: what waits is less than a frame, and no frame is above the buffer. */
        size_t part = ZHIBI_FRAME_MAX - (size_t)stream->held;
        if (part > length) {
            part = length;
        }
        memcpy(stream->bytes + stream->held, bytes, part);
        stream->held = (uint16_t)(stream->held + part);
        bytes += part;
        length -= part;
        zhibi_stream_drain(stream, false, arrived, user);
    }
}

/* Nothing can wait any more: what is held is frames or damage, to its last byte. */
void zhibi_stream_silence(zhibi_stream *stream, zhibi_arrived *arrived, void *user)
{
    zhibi_stream_drain(stream, true, arrived, user);
    if (stream->damage > 0) {
        arrived(user, NULL, 0, stream->damage);
        stream->damage = 0;
    }
}

#define ZHIBI_BUNDLE_HEAD 8u

/* Section 12. The byte behind the version is zero and not looked at; so is, but for people, the
 * number of frames: "the frames are the truth". */
int zhibi_bundle_open(zhibi_bundle *bundle, const uint8_t *bytes, size_t length)
{
    static const uint8_t head[5] = { 0x5A, 0x42, 0x4E, 0x44, 1 }; /* "ZBND", version */
    size_t i;
    if (length < ZHIBI_BUNDLE_HEAD || length > 65536) {
        return ZHIBI_BAD_BUNDLE;
    }
    for (i = 0; i < sizeof head; i++) {
        if (bytes[i] != head[i]) {
            return ZHIBI_BAD_BUNDLE;
        }
    }
    bundle->bytes = bytes;
    bundle->length = length;
    bundle->at = ZHIBI_BUNDLE_HEAD;
    bundle->announced = (uint16_t)zhibi_get_bytes(bytes + 6, 2);
    return ZHIBI_OK;
}

/* A bundle is all there: what is not whole is damage. */
int zhibi_bundle_next(zhibi_bundle *bundle, const uint8_t **frame, size_t *length, size_t *damage)
{
    *damage = 0;
    *length = zhibi_next_frame(bundle->bytes, bundle->length, &bundle->at, true, damage);
    *frame = bundle->bytes + bundle->at;
    bundle->at += *length;
    return *length > 0 ? ZHIBI_MORE : ZHIBI_OK;
}

/* ---- Scales (section 6.1) -------------------------------------------------------------------- */

enum { SCALE_UNIT = 0, SCALE_FORCE = 1, SCALE_TICK = 2 };

typedef struct {
    uint8_t k;      /* of EG(k), for values without a code */
    uint8_t codes;  /* 1 to this */
    uint32_t most;  /* the largest value; the least is 1 */
    uint32_t of[7]; /* the values of the codes 1, 2, ... */
} zhibi_scale;

static const zhibi_scale zhibi_scales[3] = {
    { 14, 6, ZHIBI_SCALE_MAX, { 23710, 15240, 12700, 10000, 5000, 1000, 0 } },
    { 8, 7, 65535, { 852, 255, 1023, 2047, 4095, 8191, 65535 } },
    { 10, 4, ZHIBI_SCALE_MAX, { 1000, 10000, 5000, 100, 0, 0, 0 } }
};

/* The code of a value, 0 where it has none. */
static unsigned zhibi_scale_code(const zhibi_scale *scale, uint32_t value)
{
    unsigned i;
    for (i = 0; i < scale->codes; i++) {
        if (scale->of[i] == value) {
            return i + 1;
        }
    }
    return 0;
}

/* ---- Usual pens, fineness (section 6.1) ------------------------------------------------------ */

#define ZHIBI_USUAL_UNIT 23710u
#define ZHIBI_USUAL_PENS 4u

/* force_max and tick_us of the usual pens 1, 2, ...; their other values are one and the same. */
static const uint16_t zhibi_usual[ZHIBI_USUAL_PENS][2] = {
    { 852, 1000 }, { 0, 1000 }, { 852, 10000 }, { 0, 10000 }
};

/* Which usual pen this is, 0 where it is none. */
static unsigned zhibi_usual_pen(const zhibi_units *units)
{
    unsigned i;
    if (units->unit_nm != ZHIBI_USUAL_UNIT || units->tilt || units->twist) {
        return 0;
    }
    for (i = 0; i < ZHIBI_USUAL_PENS; i++) {
        if (units->force_max == zhibi_usual[i][0] && units->tick_us == zhibi_usual[i][1]) {
            return i + 1u;
        }
    }
    return 0;
}

/* f and g: the largest k from 0 to 8 with size << k <= limit, else 0. size is at most 1,000,000. */
static uint8_t zhibi_finer(uint32_t size, uint32_t limit)
{
    unsigned k = 0;
    while (k < 8 && size << (k + 1u) <= limit) {
        k++;
    }
    return (uint8_t)k;
}

#define ZHIBI_FINE(units) zhibi_finer((units)->unit_nm, 24000u)
#define ZHIBI_FINE_FORCE(units) zhibi_finer(852u, (units)->force_max)

/* ---- The codec, shared by encoder and reader (section 7) ------------------------------------- */

/* s of pause and missed (sections 6.2, 6.3): floor(log2(period in whole ticks)), 0 to 15. */
static unsigned zhibi_period_shift(uint32_t period)
{
    uint32_t whole = period >> 4;
    return whole == 0 ? 0u : zhibi_least(zhibi_bits_of(whole) - 1u, 15u);
}

/* The clock at a fragment's start, in ticks since the anchor; `period` is the head's, in 1/16
 * ticks. Nobody sees more of section 7.1's phase p than its distance to the last ticks, and that is
 * small: p = 16 * ticks + ahead - 8. So a foretold sample leaves `ahead` within 0 to 15. */
static void zhibi_clock_begin(zhibi_clock *clock, uint32_t start, uint32_t period)
{
    clock->ticks = start;
    clock->ahead = 8;
    clock->period = period;
    clock->error = 0;
}

/* Step 1 of section 7.1: the ticks that the clock foretells. (ahead + period is never below 0: an
 * error that is learnt from is less than a 32nd of the period.) */
static uint32_t zhibi_clock_guess(const zhibi_clock *clock)
{
    return clock->ticks + ((clock->ahead + clock->period) >> 4);
}

/* Which clock table codes the next error (step 2). */
static unsigned zhibi_clock_table(const zhibi_clock *clock)
{
    uint32_t m = zhibi_magnitude(clock->error);
    return TABLE_CLOCK + (m == 0 ? 0u : m <= 3 ? 1u : 2u);
}

/* Steps 3 and 4: the sample came at `ticks`, which is `error` (signed) behind the guess. */
static void zhibi_clock_learn(zhibi_clock *clock, uint32_t ticks, uint32_t error)
{
    uint32_t q = clock->period;
    /* 32 * abs(error) < q, without leaving 32 bits */
    if (zhibi_magnitude(error) < (q + 31u) >> 5) {
        clock->ahead = ((clock->ahead + q) & 15u) - 12u * error; /* 4 n of p, less 16 n of ticks */
        clock->period = zhibi_least(q + error, ZHIBI_PERIOD_MAX); /* stays above 0 */
        clock->error = error;
    } else {
        if (q == 0 || error == clock->error) {
            /* "The difference exact": a step back is cut to 0, not taken mod 2^32. */
            uint32_t step = ticks < clock->ticks ? 0u : zhibi_least(ticks - clock->ticks, 65535u);
            clock->period = 16u * step;
        }
        clock->ahead = 8;
        clock->error = q == 0 ? 0u : error;
    }
    clock->ticks = ticks;
}

/* How the next value of a channel is written: table and shift, and the guess. */
typedef struct {
    unsigned table;
    unsigned shift;
    uint32_t guess;
} zhibi_expected;

/* Step 2 of section 7.2: row and shift from the size M of late errors. Above 255 the shift is by
 * how many bits M is longer than eight, and the row that of its first eight: 6 or 7. */
ZHIBI_HOT unsigned zhibi_row_for(uint32_t size, unsigned *shift)
{
    unsigned s = 0;
    if (size >= 256) {
        size = zhibi_least(size, 0xFFFFFFu);
        do {
            size >>= 1;
            s++;
        } while (size >= 256);
    }
    *shift = s;
    return zhibi_tables.row_of[size >> 3];
}

/* Step 3: the guess, with a row's taps. */
ZHIBI_HOT uint32_t zhibi_guess(const zhibi_channel *channel, const zhibi_row *row)
{
    const int8_t *t = row->taps;
    uint32_t sum = 32u + (uint32_t)t[0] * channel->d[0] + (uint32_t)t[1] * channel->d[1]
        + (uint32_t)t[2] * channel->d[2] + (uint32_t)t[3] * channel->d[3];
    return channel->last + (uint32_t)(zhibi_signed(sum) >> 6);
}

/* P + 14 of section 7.2: P is how far the pen went, before the sample. */
ZHIBI_HOT uint32_t zhibi_pace(const zhibi_channel channels[2])
{
    return zhibi_magnitude(channels[0].d[0]) + zhibi_magnitude(channels[1].d[0]) + 14u;
}

/* M of x (b = 0) and y (b: the magnitude of this sample's error of x), section 7.2. */
ZHIBI_HOT uint32_t zhibi_position_size(const zhibi_channel *channel, uint32_t pace, uint32_t b)
{
    return pace + 5u * channel->e[0] + 2u * (channel->e[1] + b) + channel->e[2];
}

/* M of force, tilt and twist, section 7.3. */
ZHIBI_HOT uint32_t zhibi_other_size(const zhibi_channel *channel)
{
    return 4u * channel->e[0] + 3u * channel->e[1] + 2u * channel->e[2]
        + zhibi_magnitude(channel->d[0]) + 16u;
}

/* How a value is written by its size: TABLE_POSITION or TABLE_FORCE is `table`'s first row. */
ZHIBI_HOT zhibi_expected zhibi_expect_size(const zhibi_channel *channel, unsigned table,
                                           uint32_t size)
{
    zhibi_expected expected;
    expected.table = table + zhibi_row_for(size, &expected.shift);
    expected.guess = zhibi_guess(channel, &zhibi_tables.rows[expected.table]);
    return expected;
}

/* The second to fourth force of a stroke's first fragment: it follows the finger, whatever its
 * size. `before`: how many samples the fragment has. */
static zhibi_expected zhibi_expect_rising(const zhibi_channel *channel, unsigned before,
                                          unsigned fine_force)
{
    zhibi_expected expected;
    expected.table = TABLE_RISING + before - 1u;
    expected.shift = fine_force;
    expected.guess = zhibi_guess(channel, &zhibi_tables.rows[expected.table]);
    return expected;
}

/* How channel `i` of a fragment's second or further sample is written, whatever the fragment. */
static zhibi_expected zhibi_expect(const zhibi_channel channels[], unsigned i, uint32_t pace,
                                   uint32_t b, uint32_t before, bool first, unsigned fine_force)
{
    const zhibi_channel *channel = &channels[i];
    zhibi_expected expected;
    if (i == 2 && first && before < 4) {
        expected = zhibi_expect_rising(channel, before, fine_force);
    } else if (i >= 2) {
        expected = zhibi_expect_size(channel, TABLE_FORCE, zhibi_other_size(channel));
    } else {
        expected = zhibi_expect_size(channel, TABLE_POSITION,
                                     zhibi_position_size(channel, pace, i == 0 ? 0 : b));
        if (before == 1) { /* rows below 5, for which there is no opening, come where M wrapped */
            unsigned row = expected.table - TABLE_POSITION;
            expected.table = TABLE_OPENING + (row < 5u ? 0u : row - 5u);
        }
    }
    return expected;
}

/* Step 5: the value came, its error had magnitude `m`. */
static inline void zhibi_channel_learn(zhibi_channel *channel, uint32_t value, uint32_t m)
{
    channel->d[3] = channel->d[2];
    channel->d[2] = channel->d[1];
    channel->d[1] = channel->d[0];
    channel->d[0] = value - channel->last;
    channel->e[2] = channel->e[1];
    channel->e[1] = channel->e[0];
    channel->e[0] = m;
    channel->last = value;
}

/* The errors that a channel begins with, of a pen as coarse as the tables' are. */
#define ZHIBI_POSITION_ERROR 12u
#define ZHIBI_FORCE_ERROR 36u

/* Sets of channels: a bit each, in the order in which samples write them. */
enum {
    CHANNEL_X_Y = 3,
    CHANNEL_FORCE = 4,
    CHANNEL_TILT = 8 + 16,
    CHANNEL_TWIST = 32,
    CHANNEL_RISING = 64 /* of steady_set only: force is in its first samples */
};

static uint8_t zhibi_channel_set(const zhibi_units *units)
{
    return (uint8_t)(CHANNEL_X_Y | (units->force_max != 0 ? CHANNEL_FORCE : 0)
                     | (units->tilt ? CHANNEL_TILT : 0) | (units->twist ? CHANNEL_TWIST : 0));
}

/* A sample's values in the order of channels. */
static void zhibi_values(const zhibi_sample *sample, uint32_t values[ZHIBI_CHANNELS])
{
    values[0] = (uint32_t)sample->x;
    values[1] = (uint32_t)sample->y;
    values[2] = sample->force;
    values[3] = sample->tilt_x;
    values[4] = sample->tilt_y;
    values[5] = sample->twist;
}

/* All channels at a fragment's start, also those that are not written: that costs less than
 * asking. `first`: the stroke begins here, and with it the force comes from none. */
static void zhibi_channels_begin(zhibi_channel channels[ZHIBI_CHANNELS],
                                 const uint32_t values[ZHIBI_CHANNELS], unsigned fine,
                                 unsigned fine_force, bool first)
{
    unsigned i;
    memset(channels, 0, ZHIBI_CHANNELS * sizeof channels[0]);
    for (i = 0; i < ZHIBI_CHANNELS; i++) {
        uint32_t *e = channels[i].e;
        channels[i].last = values[i];
        e[0] = i < 2 ? ZHIBI_POSITION_ERROR << fine
                     : ZHIBI_FORCE_ERROR << (i == 2 ? fine_force : 0u);
        e[1] = e[0];
        e[2] = e[0];
    }
    if (first) {
        channels[2].d[0] = values[2];
    }
}

/* Whether two pages, each of which may be none, are the same. */
static bool zhibi_same_page(bool has_a, const zhibi_page *a, bool has_b, const zhibi_page *b)
{
    if (!has_a || !has_b) {
        return has_a == has_b;
    }
    return a->section == b->section && a->owner == b->owner && a->book == b->book
        && a->page == b->page;
}

/* The low bits of a value that its symbol, no escape, does not tell (section 5). */
static unsigned zhibi_more(unsigned symbol)
{
    return symbol < 4 ? 0u : symbol / 2u - 1u;
}

/* ---- Bits, written (section 5) --------------------------------------------------------------- */

/* The backward stream lies mirrored: its first bit is the least of the payload's last byte. */
static uint32_t zhibi_mirror(uint32_t word)
{
    word = (word & 0x55555555u) << 1 | (word >> 1 & 0x55555555u);
    word = (word & 0x33333333u) << 2 | (word >> 2 & 0x33333333u);
    return (word & 0x0F0F0F0Fu) << 4 | (word >> 4 & 0x0F0F0F0Fu);
}

#define ZHIBI_BACK (sizeof((zhibi_pen *)0)->buffer - 4u) /* where the backward stream begins */

/* A word of the forward stream: from the payload's front on. */
ZHIBI_HOT void zhibi_store_forward(zhibi_pen *pen, uint32_t at, uint32_t word)
{
    uint8_t *to = pen->buffer + at;
    to[0] = (uint8_t)(word >> 24);
    to[1] = (uint8_t)(word >> 16);
    to[2] = (uint8_t)(word >> 8);
    to[3] = (uint8_t)word;
}

/* A word of the backward stream: from the buffer's end down, whence seal moves it. Streams are at
 * most a fragment's start or a sample, and a word each, beyond what fits a chunk when that is found
 * out and taken back: the buffer is as much longer, so that the two never meet and nothing is asked
 * here. */
static void zhibi_store_backward(zhibi_pen *pen, uint32_t at, uint32_t word)
{
    uint8_t *to = pen->buffer + at;
    word = zhibi_mirror(word);
    to[3] = (uint8_t)(word >> 24);
    to[2] = (uint8_t)(word >> 16);
    to[1] = (uint8_t)(word >> 8);
    to[0] = (uint8_t)word;
}

/* u(count) into the forward stream: the low `count` bits of `bits`, 1 to 31, no bit above them set.
 * Word and the bits that it has left may be copies that the compiler keeps in registers. */
ZHIBI_HOT void zhibi_put_forward(zhibi_pen *pen, uint32_t *word, uint32_t *left, uint32_t bits,
                                 uint32_t count)
{
    if (count <= *left) {
        *left -= count;
        *word |= bits << *left;
    } else {
        uint32_t over = count - *left; /* 1 to 31 */
        zhibi_store_forward(pen, pen->forward.at, *word | bits >> over);
        pen->forward.at += 4u;
        *left = 32u - over;
        *word = bits << *left;
    }
}

/* The same into either stream of the pen. */
static void zhibi_put(zhibi_pen *pen, zhibi_writer *writer, uint32_t bits, uint32_t count)
{
    if (writer == &pen->backward && count > writer->left) {
        uint32_t over = count - writer->left;
        zhibi_store_backward(pen, writer->at, writer->word | bits >> over);
        writer->at -= 4u;
        writer->left = 32u - over;
        writer->word = bits << writer->left;
    } else {
        zhibi_put_forward(pen, &writer->word, &writer->left, bits, count);
    }
}

/* The low `count` bits of `bits`, 0 to 64; those above are ignored. */
static void zhibi_put_low(zhibi_pen *pen, zhibi_writer *writer, uint64_t bits, uint32_t count)
{
    while (count > 0) {
        uint32_t part = count > 24u ? 24u : count;
        count -= part;
        zhibi_put(pen, writer, (uint32_t)(bits >> count) & (0xFFFFFFu >> (24u - part)), part);
    }
}

/* EG(k) of u (section 5); u + 2^k must stay below 2^64. */
static void zhibi_put_eg(zhibi_pen *pen, zhibi_writer *writer, unsigned k, uint64_t u)
{
    uint64_t v = (u >> k) + 1u;
    unsigned n = zhibi_bits_of_64(v);
    zhibi_put_low(pen, writer, 0, n - 1u);
    zhibi_put_low(pen, writer, v, n);
    zhibi_put_low(pen, writer, u, k);
}

/* token and count (section 5): the magnitude m by `table` and shift; then `sign`, where `signs`
 * and m is not 0. */
static void zhibi_put_magnitude(zhibi_pen *pen, zhibi_writer *writer, unsigned table,
                                unsigned shift, uint32_t m, uint32_t sign, bool signs)
{
    uint32_t v = m >> shift;
    if (v >= ZHIBI_ESCAPE_FROM) {
        uint32_t code = zhibi_escapes[table];
        zhibi_put(pen, writer, code & 0x1FFu, code >> 12);
        zhibi_put_eg(pen, writer, 7, v - ZHIBI_ESCAPE_FROM);
        zhibi_put_low(pen, writer, m, shift);
        if (signs) {
            zhibi_put(pen, writer, sign, 1);
        }
    } else {
        uint32_t code = zhibi_tables.rows[table].codes[zhibi_tables.half_octave_of[v]];
        uint32_t count = (code & 31u) + shift;
        uint32_t bits = code >> 5;
        if (v == 0) { /* only here the code counts no sign, and m may have one */
            bits <<= 1;
            count++;
        }
        bits = (m << 1 | sign) ^ bits << shift;
        if (m == 0 || !signs) {
            bits >>= 1;
            count--;
        }
        if (count > 31) { /* 32: the longest code, a shift of 16 and a sign */
            zhibi_put(pen, writer, bits >> 16, 16);
            bits &= 0xFFFFu;
            count = 16;
        }
        zhibi_put(pen, writer, bits, count);
    }
}

/* token(table, shift) of a signed w: 0 has no sign. */
static void zhibi_put_token(zhibi_pen *pen, zhibi_writer *writer, unsigned table, unsigned shift,
                            uint32_t w)
{
    zhibi_put_magnitude(pen, writer, table, shift, zhibi_magnitude(w), w >> 31, true);
}

/* count(table, shift) of m, any 32 bits. */
static void zhibi_put_count(zhibi_pen *pen, zhibi_writer *writer, unsigned table, unsigned shift,
                            uint32_t m)
{
    zhibi_put_magnitude(pen, writer, table, shift, m, 0, false);
}

/* ---- Chunks, written (sections 6, 9) --------------------------------------------------------- */

/* What is kept back for a fragment's close (section 9, rule 7), in bits: the longest run, the
 * longest end; and counts of images. */
#define ZHIBI_CLOSE_BITS (25u + 6u)
#define ZHIBI_IMAGES_BITS 62u

/* The longest token: an escape's code, EG(7), a sign. The longest miss: a run, mark and token. */
#define ZHIBI_TOKEN_BITS (9u + 54u + 1u)
#define ZHIBI_MISS_BITS (25u + 2u + ZHIBI_TOKEN_BITS)

/* The bits that the forward and the backward stream hold. */
static uint32_t zhibi_forward_bits(const zhibi_pen *pen)
{
    return 8u * (pen->forward.at - pen->head_bytes) + 32u - pen->forward.left;
}

static uint32_t zhibi_backward_bits(const zhibi_pen *pen)
{
    return 8u * ((uint32_t)ZHIBI_BACK - pen->backward.at) + 32u - pen->backward.left;
}

/* Whether both streams leave room for what is kept back. */
static bool zhibi_fits(const zhibi_pen *pen)
{
    return zhibi_forward_bits(pen) + zhibi_backward_bits(pen) <= pen->room;
}

/* Finds out which samples may go the short way: third and further ones that fit whatever they are;
 * of these the channels x, y, and force where it is over its rise. */
static void zhibi_set_steady(zhibi_pen *pen)
{
    uint32_t taken = zhibi_backward_bits(pen) + pen->sample_bits + 32u; /* a word's may be free */
    bool rising = pen->first && pen->count < 4 && (pen->set & CHANNEL_FORCE) != 0;
    pen->steady_below =
        pen->count >= 2 && taken < pen->room ? pen->head_bytes + (pen->room - taken) / 8u : 0u;
    pen->steady_set = rising ? CHANNEL_RISING : pen->set;
}

/* A scale (section 6.1), by its code where the value has one: readers refuse the longer way. */
static void zhibi_put_scale(zhibi_pen *pen, unsigned which, uint32_t value)
{
    const zhibi_scale *scale = &zhibi_scales[which];
    unsigned code = zhibi_scale_code(scale, value);
    zhibi_put(pen, &pen->forward, code, 4);
    if (code == 0) {
        zhibi_put_eg(pen, &pen->forward, scale->k, value);
    }
}

/* Anchors stay within 2^61 ms of 1970 (section 15); a pen's clock may say anything. */
static int64_t zhibi_cut_unix(int64_t unix_ms)
{
    if (unix_ms > ZHIBI_UNIX_MAX) {
        return ZHIBI_UNIX_MAX;
    }
    return unix_ms < -ZHIBI_UNIX_MAX ? -ZHIBI_UNIX_MAX : unix_ms;
}

/* The ticks since the anchor below which a sample may go the short way, which does not ask whether
 * ticks are to be cut, nor whether they wrap within a step of the clock, at most 65,536. */
static uint32_t zhibi_steady_ticks(const zhibi_pen *pen)
{
    uint64_t most = ZHIBI_FAR - 0x20000u;
    uint64_t uncut = ZHIBI_TICKS_MAX - pen->anchor_ticks;
    most = most < pen->span ? most : pen->span;
    return (uint32_t)(most < uncut ? most : uncut);
}

/* Begins a chunk whose first fragment starts at `ticks`: envelope and head (sections 3, 6.1). */
static void zhibi_chunk_begin(zhibi_pen *pen, uint64_t ticks, int64_t unix_ms)
{
    const zhibi_units *u = &pen->units;
    const unsigned usual = zhibi_usual_pen(u);
    zhibi_writer *w = &pen->forward;
    pen->open = true;
    pen->latest = 0;
    pen->timed = pen->next_timed;
    pen->period = pen->next_period;
    pen->anchor_ticks = ticks;
    pen->samples = 0;
    pen->misses = 0;
    memset(&pen->before, 0, sizeof pen->before);
    pen->head_bytes =
        (uint16_t)zhibi_envelope_begin(pen->buffer, ZHIBI_CHUNK, &pen->key, pen->key.number);
    pen->forward.word = 0;
    pen->forward.left = 32;
    pen->forward.at = pen->head_bytes;
    pen->backward.word = 0;
    pen->backward.left = 32;
    pen->backward.at = ZHIBI_BACK;
    pen->steady_ticks = zhibi_steady_ticks(pen);
    pen->room = 8u * (ZHIBI_FRAME_MAX - ZHIBI_CRC_BYTES - (uint32_t)pen->head_bytes)
        - ZHIBI_CLOSE_BITS - (u->images ? ZHIBI_IMAGES_BITS : 0u);
    zhibi_put(pen, w, ZHIBI_TABLE_SET, 4);
    zhibi_put(pen, w, u->images, 1);
    zhibi_put(pen, w, pen->timed, 1);
    zhibi_put(pen, w, usual, 4);
    if (usual == 0) {
        zhibi_put(pen, w, u->force_max != 0, 1);
        zhibi_put(pen, w, u->tilt, 1);
        zhibi_put(pen, w, u->twist, 1);
        zhibi_put_scale(pen, SCALE_UNIT, u->unit_nm);
        if (u->force_max != 0) {
            zhibi_put_scale(pen, SCALE_FORCE, u->force_max);
        }
        zhibi_put_scale(pen, SCALE_TICK, u->tick_us);
    }
    zhibi_put_eg(pen, w, 20, ticks);
    zhibi_put_eg(pen, w, 36, zhibi_zz(zhibi_cut_unix(unix_ms) - ZHIBI_UNIX_BASE));
    zhibi_put_eg(pen, w, 5, pen->period);
}

/* The clock's ticks are among those that the chunk was told. Samples that the clock foretold never
 * go back, so that this need not be asked of each. */
static void zhibi_note_latest(zhibi_pen *pen)
{
    pen->latest = pen->clock.ticks > pen->latest ? pen->clock.ticks : pen->latest;
}

/* Ends the fragment being written (section 6.3). What it writes was reserved by zhibi_fits. */
static void zhibi_fragment_end(zhibi_pen *pen, unsigned end)
{
    zhibi_writer *w = &pen->backward;
    uint32_t run = pen->count - pen->run_from;
    zhibi_put_count(pen, w, TABLE_RUN, 0, run);
    if (end == ZHIBI_END_UP) {
        zhibi_put(pen, w, 1, 1);
    } else if (end == ZHIBI_END_CONTINUED) {
        zhibi_put(pen, w, 1, 3);
    } else {
        zhibi_put(pen, w, end, 6); /* 000, then the end in three bits */
    }
    if (pen->units.images) {
        zhibi_put_eg(pen, w, 5, zhibi_zz((int64_t)pen->decoded - (int64_t)run));
        zhibi_put_eg(pen, w, 3, zhibi_zz((int64_t)pen->seen - (int64_t)pen->decoded));
    }
    pen->seen = 0;
    pen->decoded = 0;
    if (pen->count >= 2) {
        pen->next_period = pen->clock.period; /* section 9, rule 9 */
    }
    pen->before.ticks = pen->clock.ticks;
    pen->ticks = pen->anchor_ticks + pen->clock.ticks;
    zhibi_note_latest(pen);
    pen->samples += pen->count;
    pen->writing = false;
    pen->steady_below = 0;
}

/* Seals the chunk: continues an open fragment in the next chunk, joins the streams, hands the frame
 * out. The chunk must be open. */
static void zhibi_seal(zhibi_pen *pen)
{
    uint8_t *payload = pen->buffer + pen->head_bytes;
    uint32_t forward, backward, front, back, length;
    uint8_t shared;
    if (pen->writing) {
        zhibi_fragment_end(pen, ZHIBI_END_CONTINUED);
    }
    zhibi_store_forward(pen, pen->forward.at, pen->forward.word);
    zhibi_store_backward(pen, pen->backward.at, pen->backward.word);
    forward = zhibi_forward_bits(pen);
    backward = zhibi_backward_bits(pen);
    front = (forward + 7u) / 8u;
    back = (backward + 7u) / 8u;
    length = (forward + backward + 7u) / 8u;
    shared = payload[length - back]; /* of the forward stream, where both end in one byte */
    memmove(payload + length - back, pen->buffer + sizeof pen->buffer - back, back);
    if (length < front + back) {
        payload[length - back] |= shared;
    }
    pen->open = false;
    if (pen->samples >= 16) { /* fewer say nothing of the clock (section 9, rule 10) */
        pen->next_timed = 8u * pen->misses > pen->samples;
    }
    pen->key.number++;
    pen->sealed(pen->user, pen->buffer,
                zhibi_envelope_end(pen->buffer, (size_t)pen->head_bytes + length));
}

/* Seals a chunk that `ticks` are out of the time of (section 9, rule 6). A step back wraps to far
 * above any span. */
static inline void zhibi_seal_old(zhibi_pen *pen, uint64_t ticks)
{
    if (pen->open && ticks - pen->anchor_ticks >= pen->span) {
        zhibi_seal(pen);
    }
}

/* Marker, stroke and page of a fragment (section 6.2). A chunk's first has no marker. */
static void zhibi_put_marker(zhibi_pen *pen)
{
    const zhibi_before *before = &pen->before;
    zhibi_writer *w = &pen->forward;
    uint32_t apart = pen->stroke - (before->stroke + 1u); /* signed */
    bool same = zhibi_same_page(before->has_page, &before->page, pen->has_page, &pen->page);
    if (before->any && !pen->begun && apart == 0 && same) {
        zhibi_put(pen, w, 1, 1);
        return;
    }
    if (before->any) {
        zhibi_put(pen, w, 1, 2);
    }
    zhibi_put(pen, w, !pen->begun, 1);
    if (before->any) {
        zhibi_put_eg(pen, w, 0, zhibi_zz(zhibi_signed(apart)));
    } else {
        zhibi_put_eg(pen, w, 10, pen->stroke);
    }
    zhibi_put(pen, w, !same, 1);
    if (same) {
        return;
    }
    if (before->has_page) {
        zhibi_put(pen, w, pen->has_page, 1);
    }
    if (pen->has_page) {
        zhibi_put_eg(pen, w, 2, pen->page.section);
        zhibi_put_eg(pen, w, 5, pen->page.owner);
        zhibi_put_eg(pen, w, 9, pen->page.book);
        zhibi_put_eg(pen, w, 7, pen->page.page);
    }
}

/* The first sample of a fragment (section 6.2). */
static void zhibi_put_start(zhibi_pen *pen, const uint32_t values[ZHIBI_CHANNELS])
{
    const unsigned shifts[3] = { 6u + pen->fine, 4u + pen->fine, pen->fine_force };
    zhibi_writer *w = &pen->forward;
    unsigned i;
    for (i = 0; i < (pen->units.force_max != 0 ? 3u : 2u); i++) {
        if (pen->before.has_start) {
            zhibi_put_token(pen, w, TABLE_START_X + i, shifts[i],
                            values[i] - pen->before.start[i]);
        } else if (i < 2) {
            zhibi_put_eg(pen, w, 13, zhibi_zz(zhibi_signed(values[i])));
        } else {
            zhibi_put_eg(pen, w, 7, values[i]);
        }
    }
    if (pen->units.tilt) {
        zhibi_put(pen, w, values[3], 8);
        zhibi_put(pen, w, values[4], 8);
    }
    if (pen->units.twist) {
        zhibi_put(pen, w, values[5], 16);
    }
}

/* Tries to begin a fragment of the stroke in the open chunk, at `ticks` since the anchor, with its
 * first sample's values or (NULL) without samples. False, and nothing written, where it does not
 * fit. */
static bool zhibi_fragment_try(zhibi_pen *pen, uint32_t ticks, const uint32_t *values)
{
    const zhibi_writer saved = pen->forward;
    zhibi_before *before = &pen->before;
    zhibi_put_marker(pen);
    if (before->any) {
        zhibi_put_count(pen, &pen->forward, TABLE_PAUSE, zhibi_period_shift(pen->period),
                        ticks - (before->ticks + (pen->period >> 4)));
    }
    if (values != NULL) {
        zhibi_put_start(pen, values);
    }
    if (!zhibi_fits(pen)) {
        pen->forward = saved;
        return false;
    }
    before->any = true;
    before->stroke = pen->stroke;
    before->has_page = pen->has_page;
    before->page = pen->page;
    zhibi_clock_begin(&pen->clock, ticks, pen->period);
    if (values != NULL) {
        before->has_start = true;
        memcpy(before->start, values, sizeof before->start);
        zhibi_channels_begin(pen->channels, values, pen->fine, pen->fine_force, !pen->begun);
    }
    zhibi_note_latest(pen);
    pen->count = values != NULL ? 1u : 0u;
    pen->run_from = 0;
    pen->first = !pen->begun;
    pen->begun = true;
    pen->writing = true;
    return true;
}

/* Begins a fragment at the stroke's time, in the open chunk or, where there is none or it is full,
 * in a new one that is anchored here. The open chunk is not out of time. */
static void zhibi_fragment_begin(zhibi_pen *pen, const uint32_t *values)
{
    if (pen->open
        && !zhibi_fragment_try(pen, (uint32_t)(pen->ticks - pen->anchor_ticks), values)) {
        zhibi_seal(pen);
    }
    if (!pen->open) {
        zhibi_chunk_begin(pen, pen->ticks, pen->unix_ms);
        zhibi_fragment_try(pen, 0, values); /* an empty chunk has room for any fragment */
    }
}

/* Writes the time of a sample that is `late` (signed; not 0, unless timed) behind the clock's guess
 * (sections 6.3, 7.1). */
static void zhibi_put_time(zhibi_pen *pen, uint32_t late)
{
    zhibi_writer *w = &pen->backward;
    if (pen->timed) {
        zhibi_put_token(pen, &pen->forward, zhibi_clock_table(&pen->clock), 0, late);
    } else {
        zhibi_put_count(pen, w, TABLE_RUN, 0, pen->count - pen->run_from);
        zhibi_put(pen, w, 1, 2); /* 01: a miss */
        zhibi_put_token(pen, w, TABLE_MISSED, zhibi_period_shift(pen->period), late);
        pen->run_from = pen->count + 1u; /* the missed sample is not part of the next run */
    }
    pen->misses += late != 0 ? 1u : 0u;
}

/* Writes a sample's time where the clock does not foretell it, or each is written, and learns. */
ZHIBI_APART void zhibi_put_late(zhibi_pen *pen, uint32_t ticks, uint32_t late)
{
    zhibi_note_latest(pen); /* of the sample before: from here time may go back */
    zhibi_put_time(pen, late);
    zhibi_clock_learn(&pen->clock, ticks, late);
    if (!pen->timed) {
        zhibi_set_steady(pen); /* the backward stream grew */
    }
}

/* Writes the value of a channel and learns from it. Returns the error's magnitude. */
static inline uint32_t zhibi_put_value(zhibi_pen *pen, zhibi_channel *channel,
                                       zhibi_expected expected, uint32_t value)
{
    uint32_t error = value - expected.guess;
    uint32_t m = zhibi_magnitude(error);
    uint32_t v = m >> expected.shift;
    if (v > 0 && v < ZHIBI_ESCAPE_FROM && expected.shift < 16) { /* in one, as nearly always */
        uint32_t code = zhibi_tables.rows[expected.table].codes[zhibi_tables.half_octave_of[v]];
        uint32_t bits = (m << 1 | error >> 31) ^ code >> 5 << expected.shift;
        zhibi_put_forward(pen, &pen->forward.word, &pen->forward.left, bits,
                          (code & 31u) + expected.shift);
    } else {
        zhibi_put_token(pen, &pen->forward, expected.table, expected.shift, error);
    }
    zhibi_channel_learn(channel, value, m);
    return m;
}

/* The same by a size M: that of x or y where it is one of the first two channels. */
ZHIBI_APART uint32_t zhibi_put_sized(zhibi_pen *pen, zhibi_channel *channel, uint32_t size,
                                     uint32_t value)
{
    unsigned table = channel < &pen->channels[2] ? TABLE_POSITION : TABLE_FORCE;
    return zhibi_put_value(pen, channel, zhibi_expect_size(channel, table, size), value);
}

/* A token that needs an escape, of a row of the tables, without a shift. */
ZHIBI_APART void zhibi_put_escape(zhibi_pen *pen, const zhibi_row *row, uint32_t error)
{
    zhibi_put_token(pen, &pen->forward, (unsigned)(row - zhibi_tables.rows), 0, error);
}

/* Writes the values of a second or further sample, whatever the fragment, from channel `from` on. */
ZHIBI_APART void zhibi_put_values(zhibi_pen *pen, const zhibi_sample *sample, unsigned from)
{
    zhibi_channel *c = pen->channels;
    const uint32_t pace = zhibi_pace(c);
    uint32_t values[ZHIBI_CHANNELS];
    uint32_t m = 0;
    unsigned i;
    zhibi_values(sample, values);
    for (i = from; i < ZHIBI_CHANNELS; i++) {
        if ((pen->set >> i & 1u) != 0) {
            zhibi_expected expected =
                zhibi_expect(c, i, pace, m, pen->count, pen->first, pen->fine_force);
            m = zhibi_put_value(pen, &c[i], expected, values[i]);
        }
    }
}

/* Writes a second or further sample of the fragment, at `ticks` since the anchor (section 7),
 * whatever the fragment. */
static void zhibi_put_sample(zhibi_pen *pen, uint32_t ticks, const zhibi_sample *sample)
{
    const uint32_t late = ticks - zhibi_clock_guess(&pen->clock);
    if (late != 0 || pen->timed) {
        zhibi_put_late(pen, ticks, late);
    } else {
        zhibi_clock_learn(&pen->clock, ticks, 0);
    }
    zhibi_put_values(pen, sample, 0);
    pen->count++;
}

/* What the short way leaves of a sample: a rising force, tilt and twist. */
ZHIBI_APART void zhibi_put_others(zhibi_pen *pen, const zhibi_sample *sample)
{
    if ((pen->steady_set & CHANNEL_RISING) != 0) {
        zhibi_put_value(pen, &pen->channels[2],
                        zhibi_expect_rising(&pen->channels[2], pen->count, pen->fine_force),
                        sample->force);
        if (pen->count == 3) { /* this was the last one to rise */
            pen->steady_set = pen->set;
        }
    }
    if ((pen->set & (CHANNEL_TILT | CHANNEL_TWIST)) != 0) {
        zhibi_put_values(pen, sample, 3);
    }
}

/* A word of the forward stream and the bits that it has left, while a sample is written. */
typedef struct {
    uint32_t word;
    uint32_t left;
} zhibi_fill;

/* The same where the size is below 256 and no escape is needed, of registers: what nearly all of a
 * pen's work is. History moves on while it is read, so that each of its numbers is held but once.
 */
ZHIBI_HOT uint32_t zhibi_put_steady_value(zhibi_pen *pen, zhibi_fill *fill, zhibi_channel *channel,
                                          unsigned table, uint32_t size, uint32_t value)
{
    uint32_t m;
    if (ZHIBI_OFTEN(size < 256)) {
        const zhibi_row *row = pen->rows + table + zhibi_tables.row_of[size >> 3];
        uint32_t last = channel->last;
        uint32_t d, sum, error, sign;
        sum = 32u + (uint32_t)row->taps[3] * channel->d[3];
        d = channel->d[2];
        sum += (uint32_t)row->taps[2] * d;
        channel->d[3] = d;
        d = channel->d[1];
        sum += (uint32_t)row->taps[1] * d;
        channel->d[2] = d;
        d = channel->d[0];
        sum += (uint32_t)row->taps[0] * d;
        channel->d[1] = d;
        channel->d[0] = value - last;
        channel->last = value;
        error = value - last - (uint32_t)(zhibi_signed(sum) >> 6);
        sign = (uint32_t)(zhibi_signed(error) >> 31);
        m = (error ^ sign) - sign;
        channel->e[2] = channel->e[1];
        channel->e[1] = channel->e[0];
        channel->e[0] = m;
        if (ZHIBI_OFTEN(m < ZHIBI_ESCAPE_FROM)) {
            uint32_t code = row->codes[zhibi_tables.half_octave_of[m]];
            zhibi_put_forward(pen, &fill->word, &fill->left, ((m << 1) - sign) ^ code >> 5,
                              code & 31u);
        } else {
            pen->forward.word = fill->word;
            pen->forward.left = fill->left;
            zhibi_put_escape(pen, row, error);
            fill->word = pen->forward.word;
            fill->left = pen->forward.left;
        }
    } else {
        pen->forward.word = fill->word;
        pen->forward.left = fill->left;
        m = zhibi_put_sized(pen, channel, size, value);
        fill->word = pen->forward.word;
        fill->left = pen->forward.left;
    }
    return m;
}

/* As zhibi_put_sample, of a sample that surely fits, in a fragment that is over its first ones. */
ZHIBI_HOT void zhibi_put_steady(zhibi_pen *pen, uint32_t ticks, const zhibi_sample *sample)
{
    zhibi_channel *c = pen->channels;
    const uint32_t ahead = pen->clock.ahead + pen->clock.period;
    const uint32_t late = ticks - pen->clock.ticks - (ahead >> 4);
    uint32_t pace, m;
    zhibi_fill fill;
    if (ZHIBI_OFTEN((late | pen->timed) == 0)) {
        pen->clock.ticks = ticks; /* all that zhibi_clock_learn does then, also where q is 0 */
        pen->clock.ahead = ahead & 15u;
        pen->clock.error = 0;
    } else {
        zhibi_put_late(pen, ticks, late);
    }
    fill.word = pen->forward.word;
    fill.left = pen->forward.left;
    pace = zhibi_pace(c);
    m = zhibi_put_steady_value(pen, &fill, &c[0], TABLE_POSITION,
                               zhibi_position_size(&c[0], pace, 0), (uint32_t)sample->x);
    zhibi_put_steady_value(pen, &fill, &c[1], TABLE_POSITION,
                           zhibi_position_size(&c[1], pace, m), (uint32_t)sample->y);
    if ((pen->steady_set & CHANNEL_FORCE) != 0) {
        zhibi_put_steady_value(pen, &fill, &c[2], TABLE_FORCE, zhibi_other_size(&c[2]),
                               sample->force);
    }
    pen->forward.word = fill.word;
    pen->forward.left = fill.left;
    if (pen->steady_set > (CHANNEL_X_Y | CHANNEL_FORCE)) {
        zhibi_put_others(pen, sample);
    }
    pen->count++;
}

/* As zhibi_put_sample; false, and nothing written, where the sample does not fit. The fragment must
 * end then, for its channels have learnt from a sample that is not there. */
static bool zhibi_sample_try(zhibi_pen *pen, uint32_t ticks, const zhibi_sample *sample)
{
    const zhibi_writer forward = pen->forward;
    const zhibi_writer backward = pen->backward;
    const zhibi_clock clock = pen->clock;
    const uint32_t run_from = pen->run_from;
    const uint32_t misses = pen->misses;
    zhibi_put_sample(pen, ticks, sample);
    if (zhibi_fits(pen)) {
        zhibi_note_latest(pen);
        zhibi_set_steady(pen);
        return true;
    }
    pen->forward = forward;
    pen->backward = backward;
    pen->clock = clock;
    pen->run_from = run_from;
    pen->misses = misses;
    pen->count--;
    return false;
}

/* ---- What firmware tells (section 9) --------------------------------------------------------- */

/* Anchors stay below 2^63 (section 15). */
static uint64_t zhibi_cut_ticks(uint64_t ticks)
{
    return ticks >> 63 != 0 ? ZHIBI_TICKS_MAX : ticks;
}

/* 1 to 1,000,000: a pen that was given 0 still writes chunks that can be read. */
static uint32_t zhibi_cut_scale(uint32_t value)
{
    return value == 0 ? 1u : zhibi_least(value, ZHIBI_SCALE_MAX);
}

/* The least ticks that last `us`, which is below 2^42. Bit by bit, since a division of 64 bits is a
 * library's on small chips; once a boot, so that none is needed later. */
static uint64_t zhibi_ticks_of(uint64_t us, uint32_t tick_us)
{
    uint64_t shorter = 0; /* the most ticks that do not last as long */
    unsigned bit = 42;
    if (us == 0) {
        return 0;
    }
    while (bit-- > 0) {
        uint64_t ticks = shorter | (uint64_t)1 << bit;
        if (ticks * tick_us < us) { /* below 2^62 */
            shorter = ticks;
        }
    }
    return shorter + 1u;
}

/* All that is zero at first is: up, no chunk, stroke 0, period unknown, not timed (section 9). */
/* Seals by this policy from now on. */
static void zhibi_obey(zhibi_pen *pen, const zhibi_policy *policy)
{
    pen->ink_ticks = zhibi_ticks_of((uint64_t)policy->ink_ms * 1000u, pen->units.tick_us);
    pen->rest_ticks = zhibi_ticks_of((uint64_t)policy->rest_ms * 1000u, pen->units.tick_us);
    pen->span = pen->ink_ticks < ZHIBI_FAR ? pen->ink_ticks : ZHIBI_FAR;
}

void zhibi_pen_init(zhibi_pen *pen, const zhibi_key *key, const zhibi_units *units,
                    const zhibi_policy *policy, zhibi_sealed *sealed, void *user)
{
    unsigned i;
    memset(pen, 0, sizeof *pen);
    pen->key = *key;
    pen->key.number = 1;
    pen->units = *units;
    pen->units.unit_nm = zhibi_cut_scale(units->unit_nm);
    pen->units.tick_us = zhibi_cut_scale(units->tick_us);
    pen->rows = zhibi_tables.rows;
    pen->set = zhibi_channel_set(units);
    pen->fine = ZHIBI_FINE(&pen->units);
    pen->fine_force = ZHIBI_FINE_FORCE(units);
    pen->sample_bits = ZHIBI_MISS_BITS;
    for (i = 0; i < ZHIBI_CHANNELS; i++) {
        unsigned bits = (pen->set >> i & 1u) * ZHIBI_TOKEN_BITS;
        pen->sample_bits = (uint16_t)(pen->sample_bits + bits);
    }
    zhibi_obey(pen, policy);
    pen->sealed = sealed;
    pen->user = user;
}

void zhibi_pen_policy(zhibi_pen *pen, const zhibi_policy *policy)
{
    if (policy == NULL || !zhibi_policy_sound(policy)) {
        return;
    }
    zhibi_obey(pen, policy);
    if (pen->open) {
        pen->steady_ticks = zhibi_steady_ticks(pen);
    }
}

/* The ticks from one to another; 0 where the clock went back. */
static uint64_t zhibi_since(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

/* Section 9, rule 4. Firmware does not say when a pen-up was: rest counts from the latest ticks
 * that the chunk was told. */
static void zhibi_seal_rested(zhibi_pen *pen, uint64_t ticks)
{
    if (pen->open && !pen->down
        && (zhibi_since(pen->anchor_ticks + pen->latest, ticks) >= pen->rest_ticks
            || zhibi_since(pen->anchor_ticks, ticks) >= pen->ink_ticks)) {
        zhibi_seal(pen);
    }
}

/* Ends the stroke; one that has no fragment in the works gets one without samples. */
static void zhibi_stroke_end(zhibi_pen *pen, unsigned end)
{
    if (!pen->writing) {
        zhibi_fragment_begin(pen, NULL);
    }
    zhibi_fragment_end(pen, end);
    pen->down = false;
}

/* The next stroke. Nothing is written yet: its fragment begins with its first sample. */
static void zhibi_stroke_begin(zhibi_pen *pen, const zhibi_page *page)
{
    pen->stroke = pen->next_stroke++;
    pen->has_page = page != NULL;
    if (page != NULL) {
        pen->page = *page;
        pen->page.owner &= 0xFFFFFFu; /* 24 bits */
    }
    pen->begun = false;
    pen->down = true;
}

/* A missed pen-up is made good first, so that its end lies in the chunk that the rest then seals. */
void zhibi_pen_down(zhibi_pen *pen, const zhibi_page *page, uint64_t ticks, int64_t unix_ms)
{
    ticks = zhibi_cut_ticks(ticks);
    if (pen->down) {
        zhibi_stroke_end(pen, ZHIBI_END_INFERRED);
    }
    zhibi_seal_rested(pen, ticks);
    zhibi_stroke_begin(pen, page);
    pen->ticks = ticks;
    pen->unix_ms = unix_ms;
    zhibi_seal_old(pen, ticks);
}

/* A sample that may begin a stroke, a chunk or a fragment. The order matters: a chunk that is too
 * old or too far ends before the sample is tried; one that is full ends after. Whatever ended, the
 * sample then begins a fragment. */
ZHIBI_APART void zhibi_sample_any(zhibi_pen *pen, const zhibi_sample *sample, int64_t unix_ms)
{
    uint64_t ticks = zhibi_cut_ticks(sample->ticks);
    uint32_t values[ZHIBI_CHANNELS];
    if (!pen->down) {
        zhibi_pen_down(pen, NULL, ticks, unix_ms);
    }
    zhibi_seal_old(pen, ticks);
    pen->unix_ms = unix_ms;
    if (pen->writing) {
        if (zhibi_sample_try(pen, (uint32_t)(ticks - pen->anchor_ticks), sample)) {
            return;
        }
        zhibi_seal(pen);
    }
    pen->ticks = ticks;
    zhibi_values(sample, values);
    zhibi_fragment_begin(pen, values);
}

/* Nearly all samples go on a fragment in its chunk: one comparison with where the stream is and one
 * with the time find that out. */
void zhibi_pen_sample(zhibi_pen *pen, const zhibi_sample *sample, int64_t unix_ms)
{
    uint64_t since = sample->ticks - pen->anchor_ticks;
    if (ZHIBI_OFTEN(pen->forward.at < pen->steady_below && since >> 32 == 0
                    && (uint32_t)since < pen->steady_ticks)) {
        pen->unix_ms = unix_ms;
        zhibi_put_steady(pen, (uint32_t)since, sample);
    } else {
        zhibi_sample_any(pen, sample, unix_ms);
    }
}

/* Each summand is cut first, so that no sum leaves 32 bits. */
void zhibi_pen_images(zhibi_pen *pen, uint32_t seen, uint32_t decoded)
{
    pen->seen = zhibi_least(pen->seen + zhibi_least(seen, ZHIBI_IMAGES_MAX), ZHIBI_IMAGES_MAX);
    pen->decoded =
        zhibi_least(pen->decoded + zhibi_least(decoded, ZHIBI_IMAGES_MAX), ZHIBI_IMAGES_MAX);
}

/* The chunk stays open: the next stroke may join it before the rest is over. */
void zhibi_pen_up(zhibi_pen *pen, unsigned end)
{
    if (pen->down) {
        zhibi_stroke_end(pen, end <= ZHIBI_END_CONTINUED ? end : (unsigned)ZHIBI_END_INFERRED);
    }
}

/* While the pen is down nothing happens: a pen may lie still on the paper. */
void zhibi_pen_rest(zhibi_pen *pen, uint64_t ticks)
{
    zhibi_seal_rested(pen, zhibi_cut_ticks(ticks));
}

/* A stroke without samples stays what it is: it begins in the next chunk. */
void zhibi_pen_flush(zhibi_pen *pen)
{
    if (pen->open) {
        zhibi_seal(pen);
    }
}

/* ---- Bits, read (section 5) ------------------------------------------------------------------ */

enum { FORWARD = 0, BACKWARD = 1 };

/* Notes a refusal (the first one stays) and returns it. */
static int zhibi_refuse(zhibi_reader *reader, int result)
{
    if (reader->result == ZHIBI_OK) {
        reader->result = result;
    }
    return reader->result;
}

/* The bits that neither stream has read yet. */
static uint32_t zhibi_left(const zhibi_reader *reader)
{
    return reader->bits - reader->used[FORWARD] - reader->used[BACKWARD];
}

/* The next `count` bits of a stream, at most 32, without going over them. Behind the payload's end
 * they are 0. */
static uint32_t zhibi_peek(const zhibi_reader *reader, unsigned stream, unsigned count)
{
    uint32_t value = 0;
    uint32_t i;
    for (i = reader->used[stream]; i < reader->used[stream] + count; i++) {
        uint32_t at = stream == FORWARD ? i : reader->bits - 1u - i;
        value <<= 1;
        if (i < reader->bits) {
            value |= (uint32_t)reader->payload[at >> 3] >> (7u - (at & 7u)) & 1u;
        }
    }
    return value;
}

/* Goes over `count` bits; a refusal where the streams would overlap. */
static void zhibi_skip(zhibi_reader *reader, unsigned stream, unsigned count)
{
    if (count > zhibi_left(reader)) {
        zhibi_refuse(reader, ZHIBI_CUT_SHORT);
    } else {
        reader->used[stream] += count;
    }
}

/* u(count), at most 32 bits; 0 after a refusal. */
static uint32_t zhibi_get(zhibi_reader *reader, unsigned stream, unsigned count)
{
    uint32_t value = zhibi_peek(reader, stream, count);
    zhibi_skip(reader, stream, count);
    return reader->result == ZHIBI_OK ? value : 0;
}

/* u(count), at most 64 bits. */
static uint64_t zhibi_get_long(zhibi_reader *reader, unsigned stream, unsigned count)
{
    uint64_t value = 0;
    while (count > 0) {
        unsigned part = count > 24 ? 24u : count;
        value = value << part | zhibi_get(reader, stream, part);
        count -= part;
    }
    return value;
}

/* EG(k) of at most `most` (below 2^63); a value above it is refused with `why`. */
static uint64_t zhibi_get_eg(zhibi_reader *reader, unsigned stream, unsigned k, uint64_t most,
                             int why)
{
    unsigned zeros = 0;
    uint64_t u;
    while (reader->result == ZHIBI_OK && zhibi_get(reader, stream, 1) == 0) {
        zeros++;
        if (zeros + k > 63) { /* no field is that large */
            zhibi_refuse(reader, why);
        }
    }
    if (reader->result != ZHIBI_OK) {
        return 0;
    }
    u = ((uint64_t)1 << zeros | zhibi_get_long(reader, stream, zeros)) - 1u;
    u = u << k | zhibi_get_long(reader, stream, k);
    if (u > most) {
        zhibi_refuse(reader, why);
    }
    return reader->result == ZHIBI_OK ? u : 0;
}

/* A symbol's code in `table`: its length in bits, and its bits. */
static unsigned zhibi_code(unsigned table, unsigned symbol, uint32_t *bits)
{
    uint32_t code;
    unsigned more = zhibi_more(symbol);
    if (symbol == ZHIBI_ESCAPE) {
        *bits = zhibi_escapes[table] & 0x1FFu;
        return zhibi_escapes[table] >> 12;
    }
    code = zhibi_tables.rows[table].codes[symbol];
    if (symbol == 0) {
        *bits = code >> 5;
        return code & 31u;
    }
    *bits = code >> (6u + more) ^ (symbol < 4 ? symbol : 2u | (symbol & 1u));
    return (code & 31u) - more - 1u;
}

/* One symbol by `table`. Every bit string begins with a code, so that this always finds one. */
static unsigned zhibi_get_symbol(zhibi_reader *reader, unsigned stream, unsigned table)
{
    uint32_t next = zhibi_peek(reader, stream, 9);
    unsigned symbol = 0;
    uint32_t bits;
    unsigned length = zhibi_code(table, 0, &bits);
    while (next >> (9u - length) != bits && symbol < ZHIBI_ESCAPE) {
        symbol++;
        length = zhibi_code(table, symbol, &bits);
    }
    zhibi_skip(reader, stream, length);
    return symbol;
}

/* count(table, shift): a magnitude. */
static uint32_t zhibi_get_count(zhibi_reader *reader, unsigned stream, unsigned table,
                                unsigned shift, int why)
{
    unsigned symbol = zhibi_get_symbol(reader, stream, table);
    uint32_t v = symbol;
    if (symbol == ZHIBI_ESCAPE) {
        uint32_t most = (0xFFFFFFFFu >> shift) - ZHIBI_ESCAPE_FROM;
        v = ZHIBI_ESCAPE_FROM + (uint32_t)zhibi_get_eg(reader, stream, 7, most, why);
    } else if (symbol >= 4) {
        unsigned more = zhibi_more(symbol);
        v = (2u | (symbol & 1u)) << more | zhibi_get(reader, stream, more);
    }
    return v << shift | zhibi_get(reader, stream, shift);
}

/* token(table, shift). */
static int32_t zhibi_get_token(zhibi_reader *reader, unsigned stream, unsigned table,
                               unsigned shift, int why)
{
    uint32_t m = zhibi_get_count(reader, stream, table, shift, why);
    bool negative = m != 0 && zhibi_get(reader, stream, 1) != 0;
    if (m > (negative ? 0x80000000u : 0x7FFFFFFFu)) {
        zhibi_refuse(reader, why);
    }
    return zhibi_signed(negative ? 0u - m : m);
}

/* ---- Chunks, read (sections 6, 7) ------------------------------------------------------------ */

/* A scale (section 6.1): refused where the code is none, or the value is 0, too large, or has a
 * code. */
static uint32_t zhibi_get_scale(zhibi_reader *reader, unsigned which)
{
    const zhibi_scale *scale = &zhibi_scales[which];
    uint32_t code = zhibi_get(reader, FORWARD, 4);
    uint32_t value;
    if (code > scale->codes) {
        zhibi_refuse(reader, ZHIBI_BAD_HEAD);
        return 0;
    }
    if (code != 0) {
        return scale->of[code - 1u];
    }
    value = (uint32_t)zhibi_get_eg(reader, FORWARD, scale->k, scale->most, ZHIBI_BAD_HEAD);
    if (value == 0 || zhibi_scale_code(scale, value) != 0) {
        zhibi_refuse(reader, ZHIBI_BAD_HEAD);
    }
    return value;
}

/* Section 6.1, behind the table set. */
static void zhibi_get_head(zhibi_reader *reader)
{
    zhibi_chunk *chunk = &reader->chunk;
    zhibi_units *u = &chunk->units;
    unsigned usual;
    u->images = zhibi_get(reader, FORWARD, 1) != 0;
    chunk->timed = zhibi_get(reader, FORWARD, 1) != 0;
    usual = zhibi_get(reader, FORWARD, 4);
    if (usual > ZHIBI_USUAL_PENS) {
        zhibi_refuse(reader, ZHIBI_BAD_HEAD);
    } else if (usual > 0) {
        u->unit_nm = ZHIBI_USUAL_UNIT;
        u->force_max = zhibi_usual[usual - 1u][0];
        u->tick_us = zhibi_usual[usual - 1u][1];
    } else {
        bool force = zhibi_get(reader, FORWARD, 1) != 0;
        u->tilt = zhibi_get(reader, FORWARD, 1) != 0;
        u->twist = zhibi_get(reader, FORWARD, 1) != 0;
        u->unit_nm = zhibi_get_scale(reader, SCALE_UNIT);
        u->force_max = force ? (uint16_t)zhibi_get_scale(reader, SCALE_FORCE) : 0u;
        u->tick_us = zhibi_get_scale(reader, SCALE_TICK);
        if (zhibi_usual_pen(u) != 0) {
            zhibi_refuse(reader, ZHIBI_BAD_HEAD); /* it has a shorter spelling */
        }
    }
    reader->fine = ZHIBI_FINE(u);
    reader->fine_force = ZHIBI_FINE_FORCE(u);
    chunk->anchor_ticks = zhibi_get_eg(reader, FORWARD, 20, ZHIBI_TICKS_MAX, ZHIBI_BAD_HEAD);
    chunk->anchor_unix_ms =
        zhibi_unzz(zhibi_get_eg(reader, FORWARD, 36, ZHIBI_TICKS_MAX, ZHIBI_BAD_HEAD))
        + ZHIBI_UNIX_BASE;
    if (chunk->anchor_unix_ms > ZHIBI_UNIX_MAX || chunk->anchor_unix_ms < -ZHIBI_UNIX_MAX) {
        zhibi_refuse(reader, ZHIBI_BAD_HEAD);
    }
    chunk->period = (uint32_t)zhibi_get_eg(reader, FORWARD, 5, ZHIBI_PERIOD_MAX, ZHIBI_BAD_HEAD);
}

/* The version and table set come before the head: of others nothing behind them is known. */
int zhibi_reader_open(zhibi_reader *reader, const uint8_t *frame, size_t length)
{
    zhibi_frame f;
    int result = zhibi_frame_open(&f, frame, length);
    memset(reader, 0, sizeof *reader);
    if (result == ZHIBI_OK && f.kind != ZHIBI_CHUNK) {
        result = ZHIBI_OTHER_KIND;
    }
    if (result == ZHIBI_OK && f.key.number == 0) {
        result = ZHIBI_BAD_KEY; /* 0 is the hello's */
    }
    if (result != ZHIBI_OK) {
        return zhibi_refuse(reader, result);
    }
    reader->chunk.key = f.key;
    reader->payload = f.payload;
    reader->bits = 8u * (uint32_t)f.payload_length;
    if (zhibi_get(reader, FORWARD, 4) != ZHIBI_TABLE_SET) {
        return zhibi_refuse(reader, ZHIBI_UNKNOWN_TABLES); /* its head may be another, too */
    }
    zhibi_get_head(reader);
    return reader->result;
}

/* Reads one run and what stands behind it (section 6.3). `first`: the fragment's first run. */
static void zhibi_get_run(zhibi_reader *reader, bool first)
{
    zhibi_fragment *fragment = &reader->fragment;
    uint32_t end = ZHIBI_END_UP;
    uint32_t run = zhibi_get_count(reader, BACKWARD, TABLE_RUN, 0, ZHIBI_BAD_FRAGMENT);
    if (reader->result == ZHIBI_OK && run > zhibi_left(reader) / 2u) {
        zhibi_refuse(reader, ZHIBI_CUT_SHORT); /* a sample takes at least two bits */
    }
    reader->run = run;
    fragment->count += run;
    if (zhibi_get(reader, BACKWARD, 1) == 0) {
        if (zhibi_get(reader, BACKWARD, 1) != 0) {
            reader->miss = zhibi_get_token(reader, BACKWARD, TABLE_MISSED,
                                           zhibi_period_shift(reader->chunk.period),
                                           ZHIBI_BAD_FRAGMENT);
            if (reader->miss == 0 || reader->chunk.timed || (first && run == 0)) {
                zhibi_refuse(reader, ZHIBI_BAD_FRAGMENT);
            }
            fragment->count++;
            return;
        }
        end = ZHIBI_END_CONTINUED;
        if (zhibi_get(reader, BACKWARD, 1) == 0) {
            end = zhibi_get(reader, BACKWARD, 3);
            if (end == ZHIBI_END_UP || end >= ZHIBI_END_CONTINUED) {
                zhibi_refuse(reader, ZHIBI_BAD_FRAGMENT); /* none, or one with a shorter code */
            }
        }
    }
    reader->ended = true;
    fragment->end = (zhibi_end)end;
    if (reader->chunk.units.images) {
        /* Each difference of two numbers of at most 65,535 (and 2^32 - 1) has a zz below 2^33. */
        int64_t decoded = zhibi_unzz(zhibi_get_eg(reader, BACKWARD, 5, 0x1FFFFFFFFu,
                                                  ZHIBI_BAD_FRAGMENT)) + (int64_t)run;
        int64_t seen = zhibi_unzz(zhibi_get_eg(reader, BACKWARD, 3, 0x1FFFFFFFFu,
                                               ZHIBI_BAD_FRAGMENT)) + decoded;
        if (decoded < 0 || decoded > (int64_t)ZHIBI_IMAGES_MAX || seen < 0
            || seen > (int64_t)ZHIBI_IMAGES_MAX) {
            zhibi_refuse(reader, ZHIBI_BAD_FRAGMENT);
            return;
        }
        fragment->decoded = (uint32_t)decoded;
        fragment->seen = (uint32_t)seen;
    }
}

/* Stroke and page of a chunk's first fragment, or behind the marker 01 (section 6.2). */
static void zhibi_get_stroke(zhibi_reader *reader)
{
    const zhibi_before *before = &reader->before;
    zhibi_fragment *fragment = &reader->fragment;
    bool other, page;
    int64_t apart = 0;
    fragment->first = zhibi_get(reader, FORWARD, 1) != 0;
    if (before->any) {
        apart = zhibi_unzz(zhibi_get_eg(reader, FORWARD, 0, 0xFFFFFFFFu, ZHIBI_BAD_FRAGMENT));
        fragment->stroke = before->stroke + 1u + (uint32_t)apart;
    } else {
        fragment->stroke =
            (uint32_t)zhibi_get_eg(reader, FORWARD, 10, 0xFFFFFFFFu, ZHIBI_BAD_FRAGMENT);
    }
    other = zhibi_get(reader, FORWARD, 1) != 0;
    fragment->has_page = before->has_page;
    fragment->page = before->page;
    if (!other) {
        if (before->any && fragment->first && apart == 0) {
            zhibi_refuse(reader, ZHIBI_BAD_FRAGMENT); /* the marker 1 would have done */
        }
        return;
    }
    page = before->has_page ? zhibi_get(reader, FORWARD, 1) != 0 : true;
    fragment->has_page = page;
    if (page) {
        zhibi_page *p = &fragment->page;
        p->section = (uint8_t)zhibi_get_eg(reader, FORWARD, 2, 0xFFu, ZHIBI_BAD_FRAGMENT);
        p->owner = (uint32_t)zhibi_get_eg(reader, FORWARD, 5, 0xFFFFFFu, ZHIBI_BAD_FRAGMENT);
        p->book = (uint32_t)zhibi_get_eg(reader, FORWARD, 9, 0xFFFFFFFFu, ZHIBI_BAD_FRAGMENT);
        p->page = (uint32_t)zhibi_get_eg(reader, FORWARD, 7, 0xFFFFFFFFu, ZHIBI_BAD_FRAGMENT);
        if (zhibi_same_page(before->has_page, &before->page, true, p)) {
            zhibi_refuse(reader, ZHIBI_BAD_FRAGMENT);
        }
    } else {
        memset(&fragment->page, 0, sizeof fragment->page);
    }
}

/* The fragment's first sample (section 6.2). */
static void zhibi_get_start(zhibi_reader *reader)
{
    const unsigned shifts[3] = { 6u + reader->fine, 4u + reader->fine, reader->fine_force };
    const zhibi_units *u = &reader->chunk.units;
    zhibi_before *before = &reader->before;
    uint32_t values[ZHIBI_CHANNELS] = { 0, 0, 0, 0, 0, 0 };
    unsigned i;
    for (i = 0; i < (u->force_max != 0 ? 3u : 2u); i++) {
        if (before->has_start) {
            values[i] = before->start[i]
                + (uint32_t)zhibi_get_token(reader, FORWARD, TABLE_START_X + i, shifts[i],
                                            ZHIBI_BAD_FRAGMENT);
        } else {
            uint64_t coded = zhibi_get_eg(reader, FORWARD, i < 2 ? 13 : 7, 0xFFFFFFFFu,
                                          ZHIBI_BAD_FRAGMENT);
            values[i] = i < 2 ? (uint32_t)zhibi_unzz(coded) : (uint32_t)coded;
        }
    }
    if (values[2] > 65535) {
        zhibi_refuse(reader, ZHIBI_BAD_FRAGMENT);
    }
    if (u->tilt) {
        values[3] = zhibi_get(reader, FORWARD, 8);
        values[4] = zhibi_get(reader, FORWARD, 8);
    }
    if (u->twist) {
        values[5] = zhibi_get(reader, FORWARD, 16);
    }
    before->has_start = true;
    memcpy(before->start, values, sizeof before->start);
    zhibi_clock_begin(&reader->clock, reader->fragment.start_ticks, reader->chunk.period);
    zhibi_channels_begin(reader->channels, values, reader->fine, reader->fine_force,
                         reader->fragment.first);
}

/* Reads the samples that the caller left, so that the next fragment's place is known. */
static void zhibi_drain(zhibi_reader *reader)
{
    zhibi_sample sample;
    while (reader->within && zhibi_reader_sample(reader, &sample) == ZHIBI_MORE) {
    }
}

/* Section 6.2. The backward run comes first: only it tells whether there is a start to read. */
int zhibi_reader_fragment(zhibi_reader *reader)
{
    zhibi_fragment *fragment = &reader->fragment;
    zhibi_before *before = &reader->before;
    bool plain = false;
    uint32_t left;
    zhibi_drain(reader);
    if (reader->result != ZHIBI_OK || reader->finished) {
        return reader->result;
    }
    if (before->any) {
        left = zhibi_left(reader);
        if (left < 8 && zhibi_peek(reader, FORWARD, left) == 0) {
            reader->finished = true;
            return ZHIBI_OK;
        }
        plain = zhibi_get(reader, FORWARD, 1) != 0;
        if (left < 8 || (!plain && zhibi_get(reader, FORWARD, 1) == 0)) {
            return zhibi_refuse(reader, ZHIBI_BAD_GAP); /* no fragment has less than 8 bits */
        }
    }
    memset(fragment, 0, sizeof *fragment);
    reader->ended = false;
    reader->given = 0;
    zhibi_get_run(reader, true); /* before the forward part, which depends on it */
    if (plain) {
        fragment->first = true;
        fragment->stroke = before->stroke + 1u;
        fragment->has_page = before->has_page;
        fragment->page = before->page;
    } else {
        zhibi_get_stroke(reader);
    }
    if (before->any) {
        fragment->start_ticks = before->ticks + (reader->chunk.period >> 4)
            + zhibi_get_count(reader, FORWARD, TABLE_PAUSE,
                              zhibi_period_shift(reader->chunk.period), ZHIBI_BAD_FRAGMENT);
    }
    if (fragment->count > 0) {
        zhibi_get_start(reader);
    }
    if (reader->result != ZHIBI_OK) {
        return reader->result;
    }
    before->any = true;
    before->has_page = fragment->has_page;
    before->page = fragment->page;
    before->stroke = fragment->stroke;
    before->ticks = fragment->start_ticks;
    reader->within = true;
    return ZHIBI_MORE;
}

/* A second or further sample (section 7). In a chunk without times its clock error is `late`. */
static void zhibi_get_sample(zhibi_reader *reader, int32_t late)
{
    static const uint32_t most[ZHIBI_CHANNELS] = {
        0xFFFFFFFFu, 0xFFFFFFFFu, 65535, 255, 255, 65535
    };
    const unsigned set = zhibi_channel_set(&reader->chunk.units);
    zhibi_channel *c = reader->channels;
    const uint32_t pace = zhibi_pace(c);
    uint32_t m = 0, ticks;
    unsigned i;
    if (reader->chunk.timed) {
        late = zhibi_get_token(reader, FORWARD, zhibi_clock_table(&reader->clock), 0,
                               ZHIBI_BAD_SAMPLE);
    }
    ticks = zhibi_clock_guess(&reader->clock) + (uint32_t)late;
    zhibi_clock_learn(&reader->clock, ticks, (uint32_t)late);
    reader->before.ticks = ticks;
    for (i = 0; i < ZHIBI_CHANNELS; i++) {
        if ((set >> i & 1u) != 0) {
            zhibi_expected expected = zhibi_expect(c, i, pace, m, reader->given,
                                                   reader->fragment.first, reader->fine_force);
            uint32_t error = (uint32_t)zhibi_get_token(reader, FORWARD, expected.table,
                                                       expected.shift, ZHIBI_BAD_SAMPLE);
            if (expected.guess + error > most[i]) {
                zhibi_refuse(reader, ZHIBI_BAD_SAMPLE);
            }
            m = zhibi_magnitude(error);
            zhibi_channel_learn(&c[i], expected.guess + error, m);
        }
    }
}

/* Section 6.3: a run's samples, then perhaps a missed one and another run, until the run that
 * ends it. */
int zhibi_reader_sample(zhibi_reader *reader, zhibi_sample *sample)
{
    const zhibi_channel *c = reader->channels;
    if (reader->result != ZHIBI_OK) {
        return reader->result;
    }
    if (!reader->within || (reader->run == 0 && reader->ended)) {
        reader->within = false;
        return ZHIBI_OK;
    }
    if (reader->given == 0) {
        reader->run--; /* the fragment's start was read already; a first run of 0 has no miss */
    } else if (reader->run > 0) {
        reader->run--;
        zhibi_get_sample(reader, 0);
    } else {
        zhibi_get_sample(reader, reader->miss);
        zhibi_get_run(reader, false);
    }
    reader->given++;
    sample->ticks = reader->clock.ticks;
    sample->x = zhibi_signed(c[0].last);
    sample->y = zhibi_signed(c[1].last);
    sample->force = (uint16_t)c[2].last;
    sample->tilt_x = (uint8_t)c[3].last;
    sample->tilt_y = (uint8_t)c[4].last;
    sample->twist = (uint16_t)c[5].last;
    return reader->result == ZHIBI_OK ? ZHIBI_MORE : reader->result;
}

/* The samples go nowhere: their reading is the check. */
int zhibi_reader_check(const uint8_t *frame, size_t length)
{
    zhibi_reader reader;
    int result = zhibi_reader_open(&reader, frame, length);
    if (result != ZHIBI_OK) {
        return result;
    }
    do {
        result = zhibi_reader_fragment(&reader); /* reads the samples before it, too */
    } while (result == ZHIBI_MORE);
    return result;
}

/* Words without blanks, for logs that are read by programs, too. */
const char *zhibi_result_text(int result)
{
    switch (result) {
    case ZHIBI_MORE: return "more";
    case ZHIBI_OK: return "ok";
    case ZHIBI_NOT_A_FRAME: return "not-a-frame";
    case ZHIBI_BAD_KEY: return "bad-key";
    case ZHIBI_UNKNOWN_VERSION: return "unknown-version";
    case ZHIBI_OTHER_KIND: return "other-kind";
    case ZHIBI_UNKNOWN_TABLES: return "unknown-tables";
    case ZHIBI_CUT_SHORT: return "cut-short";
    case ZHIBI_BAD_HEAD: return "bad-head";
    case ZHIBI_BAD_FRAGMENT: return "bad-fragment";
    case ZHIBI_BAD_SAMPLE: return "bad-sample";
    case ZHIBI_BAD_GAP: return "bad-gap";
    case ZHIBI_BAD_RANGE: return "bad-range";
    case ZHIBI_BAD_BUNDLE: return "bad-bundle";
    case ZHIBI_BAD_MESSAGE: return "bad-message";
    default: return "unknown";
    }
}
