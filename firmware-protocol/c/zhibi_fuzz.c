/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzz entry: the first byte chooses what the rest is for.
 *   0 frames: envelope, chunk reader, receipts, as given and with the crc mended
 *   1 stream: cut in pieces, compared with the bundle's walk over the same bytes
 *   2 payload: a chunk whose payload is the input
 *   3 pen: bytes drive the sealer; what it seals is read back and compared, sample by sample
 */
#include "zhibi.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Reads all that a chunk has and checks what the reader promises. */
static void read_chunk(const uint8_t *frame, size_t length)
{
    zhibi_reader r;
    zhibi_sample s;
    int fragment, sample;
    int checked = zhibi_reader_check(frame, length);
    int result = zhibi_reader_open(&r, frame, length);
    if (result != ZHIBI_OK) {
        must(result == checked);
        return;
    }
    while ((fragment = zhibi_reader_fragment(&r)) == ZHIBI_MORE) {
        uint32_t count = 0;
        while ((sample = zhibi_reader_sample(&r, &s)) == ZHIBI_MORE) {
            count++;
        }
        if (sample == ZHIBI_OK) {
            must(count == r.fragment.count && count < 4096);
            must(r.fragment.seen <= 65535 && r.fragment.decoded <= 65535);
            must(r.fragment.page.owner <= 0xFFFFFF && r.fragment.end <= ZHIBI_END_CONTINUED);
        }
    }
    must(fragment == checked);
    must(zhibi_reader_fragment(&r) == fragment); /* an end stays an end */
}

static void read_frame(const uint8_t *frame, size_t length)
{
    zhibi_receipt receipt;
    zhibi_range range;
    zhibi_key key;
    zhibi_policy policy;
    zhibi_gateway_state state;
    read_chunk(frame, length);
    if (zhibi_policy_open(&policy, NULL, frame, length) == ZHIBI_OK) {
        must(policy.ink_ms >= 500 && policy.rest_ms >= 100);
    }
    if (zhibi_gateway_state_open(&state, frame, length) == ZHIBI_OK) {
        must(length >= ZHIBI_FRAME_MIN + 17);
    }
    if (zhibi_receipt_open(&receipt, &key, frame, length) == ZHIBI_OK) {
        while (zhibi_receipt_next(&receipt, &range) == ZHIBI_MORE) {
            must(range.first <= range.last || !(range.erase || range.taken));
            must(!range.erase || range.outcome <= 2);
        }
    }
}

static void fuzz_frame(const uint8_t *data, size_t size)
{
    uint8_t frame[ZHIBI_FRAME_MAX];
    uint32_t crc;
    read_frame(data, size);
    if (size < ZHIBI_FRAME_MIN || size > ZHIBI_FRAME_MAX) {
        return;
    }
    memcpy(frame, data, size); /* once more, with what a fuzzer will not guess put right */
    frame[0] = 0x5A;
    frame[2] = (uint8_t)size;
    frame[3] = (uint8_t)((frame[3] & 0xF8u) | size >> 8);
    crc = zhibi_crc32c(frame, size - 4);
    frame[size - 4] = (uint8_t)crc;
    frame[size - 3] = (uint8_t)(crc >> 8);
    frame[size - 2] = (uint8_t)(crc >> 16);
    frame[size - 1] = (uint8_t)(crc >> 24);
    read_frame(frame, size);
}

static void fuzz_payload(const uint8_t *data, size_t size)
{
    static const uint8_t head[16] = { 0x5A, 0x12, 0, 0, 1, 2, 3, 4, 5, 6, 1, 9, 9, 9, 9, 1 };
    uint8_t input[ZHIBI_FRAME_MAX];
    if (size > ZHIBI_FRAME_MAX - 20) {
        size = ZHIBI_FRAME_MAX - 20;
    }
    memcpy(input, head, sizeof head);
    memcpy(input + sizeof head, data, size);
    memset(input + sizeof head + size, 0, 4);
    fuzz_frame(input, sizeof head + size + 4);
}

/* ---- Streams --------------------------------------------------------------------------------- */

typedef struct {
    size_t frames;
    size_t bytes;
    size_t damage;
} tally;

static void count_frame(void *user, const uint8_t *frame, size_t length, uint32_t damage)
{
    tally *t = user;
    t->damage += damage;
    if (frame != NULL) {
        zhibi_frame f;
        must(zhibi_frame_open(&f, frame, length) != ZHIBI_NOT_A_FRAME);
        t->frames++;
        t->bytes += length;
    }
}

static void fuzz_stream(const uint8_t *data, size_t size)
{
    static zhibi_stream stream;
    uint8_t copy[4096];
    tally streamed = { 0, 0, 0 };
    tally walked = { 0, 0, 0 };
    zhibi_bundle bundle;
    const uint8_t *frame;
    size_t at = 0, length, damage;
    int result;
    if (size > sizeof copy - 8) {
        size = sizeof copy - 8;
    }
    zhibi_stream_init(&stream);
    while (at < size) {
        size_t part = 1u + data[at] % 97u;
        part = part > size - at ? size - at : part;
        zhibi_stream_feed(&stream, data + at, part, count_frame, &streamed);
        at += part;
    }
    zhibi_stream_silence(&stream, count_frame, &streamed);
    must(streamed.bytes + streamed.damage == size && stream.held == 0);
    memcpy(copy, "\x5A\x42\x4E\x44\x01\x00\x00\x00", 8);
    memcpy(copy + 8, data, size);
    must(zhibi_bundle_open(&bundle, copy, size + 8) == ZHIBI_OK);
    do {
        result = zhibi_bundle_next(&bundle, &frame, &length, &damage);
        count_frame(&walked, result == ZHIBI_MORE ? frame : NULL, length, (uint32_t)damage);
    } while (result == ZHIBI_MORE);
    must(walked.frames == streamed.frames && walked.damage == streamed.damage);
}

/* ---- The sealer, read back ------------------------------------------------------------------- */

#define TOLD_MAX 8192
enum { TOLD_BEGIN, TOLD_SAMPLE, TOLD_END };

/* What the reader must tell, in order, fragments joined to strokes. */
typedef struct {
    uint8_t what;
    uint8_t end;
    bool has_page;
    zhibi_page page;
    uint32_t stroke;
    zhibi_sample sample;
} told;

static told tolds[TOLD_MAX];
static size_t told_in, told_out;
static uint32_t told_stroke;
static bool told_down;
static zhibi_units told_units;

static told *tell(uint8_t what)
{
    told *t = &tolds[told_in];
    must(told_in < TOLD_MAX);
    told_in++;
    memset(t, 0, sizeof *t);
    t->what = what;
    return t;
}

static void tell_down(const zhibi_page *page)
{
    told *t;
    if (told_down) {
        tell(TOLD_END)->end = ZHIBI_END_INFERRED;
    }
    t = tell(TOLD_BEGIN);
    t->stroke = told_stroke++;
    t->has_page = page != NULL;
    if (page != NULL) {
        t->page = *page;
        t->page.owner &= 0xFFFFFF;
    }
    told_down = true;
}

static bool same_page(const zhibi_page *a, const zhibi_page *b)
{
    return a->section == b->section && a->owner == b->owner && a->book == b->book
        && a->page == b->page;
}

static void compare_sample(const zhibi_reader *r, const zhibi_sample *got)
{
    const told *t = &tolds[told_out++];
    const zhibi_sample *s = &t->sample;
    must(told_out <= told_in && t->what == TOLD_SAMPLE);
    must(got->ticks + r->chunk.anchor_ticks
         == (s->ticks > 0x7FFFFFFFFFFFFFFFu ? 0x7FFFFFFFFFFFFFFFu : s->ticks));
    must(got->x == s->x && got->y == s->y);
    must(got->force == (told_units.force_max != 0 ? s->force : 0));
    must(got->tilt_x == (told_units.tilt ? s->tilt_x : 0));
    must(got->tilt_y == (told_units.tilt ? s->tilt_y : 0));
    must(got->twist == (told_units.twist ? s->twist : 0));
}

static void compare_chunk(void *user, const uint8_t *frame, size_t length)
{
    static zhibi_reader r;
    static uint32_t stroke;
    static zhibi_page page;
    static bool has_page;
    zhibi_sample s;
    int result, sample;
    uint32_t *number = user;
    must(length <= ZHIBI_FRAME_MAX && zhibi_reader_open(&r, frame, length) == ZHIBI_OK);
    must(r.chunk.key.number == ++*number);
    while ((result = zhibi_reader_fragment(&r)) == ZHIBI_MORE) {
        if (r.fragment.first) {
            const told *t = &tolds[told_out++];
            must(told_out <= told_in && t->what == TOLD_BEGIN);
            stroke = t->stroke;
            page = t->page;
            has_page = t->has_page;
        }
        must(stroke == r.fragment.stroke && has_page == r.fragment.has_page);
        must(!has_page || same_page(&page, &r.fragment.page));
        while ((sample = zhibi_reader_sample(&r, &s)) == ZHIBI_MORE) {
            compare_sample(&r, &s);
        }
        must(sample == ZHIBI_OK);
        if (r.fragment.end != ZHIBI_END_CONTINUED) {
            const told *t = &tolds[told_out++];
            must(told_out <= told_in && t->what == TOLD_END && t->end == r.fragment.end);
        }
    }
    must(result == ZHIBI_OK);
}

typedef struct {
    const uint8_t *at;
    size_t left;
} source;

static uint8_t take(source *s)
{
    if (s->left == 0) {
        return 0;
    }
    s->left--;
    return *s->at++;
}

static uint64_t take_wide(source *s, unsigned count)
{
    uint64_t v = 0;
    while (count-- > 0) {
        v = v << 8 | take(s);
    }
    return v;
}

static void fuzz_pen(const uint8_t *data, size_t size)
{
    static zhibi_pen pen;
    source in;
    zhibi_key key;
    zhibi_policy policy;
    zhibi_sample sample;
    zhibi_page page;
    uint64_t ticks = 5000;
    int64_t unix_ms = 1790000000000;
    uint32_t number = 0;
    uint8_t flags;
    in.at = data;
    in.left = size;
    memset(&page, 0, sizeof page);
    memset(&sample, 0, sizeof sample);
    flags = take(&in);
    key.pen = take_wide(&in, (flags & 1u) != 0 ? 8 : 2);
    key.boot_counter = (uint32_t)take_wide(&in, (flags & 2u) != 0 ? 4 : 1);
    key.boot_random = 7;
    key.number = 0;
    told_units.unit_nm = (flags & 4u) != 0 ? (uint32_t)take_wide(&in, 3) : 23710; /* a usual pen */
    told_units.force_max = (uint16_t)((flags & 8u) != 0 ? take_wide(&in, 2) : 852);
    told_units.tick_us = (flags & 16u) != 0 ? (uint32_t)take_wide(&in, 4) : 1000;
    told_units.tilt = (flags & 32u) != 0;
    told_units.twist = (flags & 64u) != 0;
    told_units.images = (flags & 128u) != 0;
    policy.ink_ms = take(&in) * 100u;
    policy.rest_ms = take(&in) * 20u;
    told_in = told_out = 0;
    told_stroke = 0;
    told_down = false;
    zhibi_pen_init(&pen, &key, &told_units, &policy, compare_chunk, &number);
    while (in.left > 0 && told_in < TOLD_MAX - 8) {
        uint8_t op = take(&in);
        switch (op & 15u) {
        case 0:
            page.section = take(&in);
            page.owner = (uint32_t)take_wide(&in, op >> 6 == 3 ? 4 : 1);
            page.book = (uint32_t)take_wide(&in, op >> 6);
            page.page = take(&in) & 3u;
            tell_down(&page);
            page.owner &= 0xFFFFFF;
            zhibi_pen_down(&pen, &page, ticks, unix_ms);
            break;
        case 1:
            tell_down(NULL);
            zhibi_pen_down(&pen, NULL, ticks, unix_ms);
            break;
        case 2:
            if (told_down && op >> 4 != 5) { /* an end "continued" by firmware is no end */
                tell(TOLD_END)->end = op >> 4 < 5 ? op >> 4 : ZHIBI_END_INFERRED;
                told_down = false;
                zhibi_pen_up(&pen, op >> 4);
            }
            break;
        case 3:
            zhibi_pen_rest(&pen, ticks);
            break;
        case 4:
            zhibi_pen_flush(&pen);
            break;
        case 5:
            zhibi_pen_images(&pen, (uint32_t)take_wide(&in, op >> 6),
                             (uint32_t)take_wide(&in, op >> 6));
            break;
        case 6:
            ticks = take_wide(&in, 8);
            break;
        case 7:
            ticks += take_wide(&in, 1u + (op >> 4)) - 100u;
            break;
        case 8:
            unix_ms = (int64_t)take_wide(&in, 8);
            break;
        case 9:
            sample.x = (int32_t)take_wide(&in, 4);
            sample.y = (int32_t)take_wide(&in, 4);
            break;
        case 10:
            sample.force = (uint16_t)take_wide(&in, 2);
            sample.tilt_x = take(&in);
            sample.tilt_y = take(&in);
            sample.twist = (uint16_t)take_wide(&in, 2);
            break;
        default:
            ticks += 10u + ((op & 15u) == 15u ? take(&in) & 7u : 0u);
            sample.x = (int32_t)((uint32_t)sample.x + (op >> 6));
            sample.y = (int32_t)((uint32_t)sample.y - (op >> 4 & 3u));
            sample.force = (uint16_t)(sample.force + (op & 3u));
            sample.ticks = ticks;
            if (!told_down) {
                tell_down(NULL);
            }
            tell(TOLD_SAMPLE)->sample = sample;
            zhibi_pen_sample(&pen, &sample, unix_ms);
            break;
        }
    }
    if (told_down) {
        tell(TOLD_END)->end = ZHIBI_END_UP;
        zhibi_pen_up(&pen, ZHIBI_END_UP);
    }
    zhibi_pen_flush(&pen);
    must(told_out == told_in); /* nothing that was told is missing */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    switch (data[0] & 3u) {
    case 0: fuzz_frame(data + 1, size - 1); break;
    case 1: fuzz_stream(data + 1, size - 1); break;
    case 2: fuzz_payload(data + 1, size - 1); break;
    default: fuzz_pen(data + 1, size - 1); break;
    }
    return 0;
}
