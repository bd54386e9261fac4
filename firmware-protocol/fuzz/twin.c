/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the C twin reads, as one row of numbers, for the target `twin` to compare.
 */
#include "zhibi.h"

typedef struct {
    int64_t *at;
    int64_t *end;
} row;

static void put(row *r, int64_t value)
{
    if (r->at < r->end) {
        *r->at++ = value;
    }
}

static void put_page(row *r, const zhibi_fragment *f)
{
    put(r, f->has_page);
    put(r, f->has_page ? f->page.section : 0);
    put(r, f->has_page ? f->page.owner : 0);
    put(r, f->has_page ? f->page.book : 0);
    put(r, f->has_page ? f->page.page : 0);
}

static void put_sample(row *r, const zhibi_sample *s)
{
    put(r, (int64_t)s->ticks);
    put(r, s->x);
    put(r, s->y);
    put(r, s->force);
    put(r, s->tilt_x);
    put(r, s->tilt_y);
    put(r, s->twist);
}

/* A chunk: how many numbers, or 0 where it is refused. */
size_t twin_chunk(const uint8_t *frame, size_t length, int64_t *numbers, size_t room);
size_t twin_chunk(const uint8_t *frame, size_t length, int64_t *numbers, size_t room)
{
    zhibi_reader reader;
    zhibi_sample sample;
    const zhibi_chunk *c = &reader.chunk;
    const zhibi_fragment *f = &reader.fragment;
    row r = { numbers, numbers + room };
    int fragment, within;
    int checked = zhibi_reader_check(frame, length);
    int opened = zhibi_reader_open(&reader, frame, length);
    if (opened != ZHIBI_OK) {
        return checked == opened ? 0 : room;
    }
    put(&r, (int64_t)c->key.pen);
    put(&r, c->key.boot_counter);
    put(&r, c->key.boot_random);
    put(&r, c->key.number);
    put(&r, c->units.unit_nm);
    put(&r, c->units.force_max);
    put(&r, c->units.tick_us);
    put(&r, c->units.tilt);
    put(&r, c->units.twist);
    put(&r, c->units.images);
    put(&r, c->timed);
    put(&r, (int64_t)c->anchor_ticks);
    put(&r, c->anchor_unix_ms);
    put(&r, c->period);
    while ((fragment = zhibi_reader_fragment(&reader)) == ZHIBI_MORE) {
        put(&r, f->stroke);
        put(&r, f->first);
        put_page(&r, f);
        put(&r, f->start_ticks);
        while ((within = zhibi_reader_sample(&reader, &sample)) == ZHIBI_MORE) {
            put_sample(&r, &sample);
        }
        put(&r, f->count);
        put(&r, f->end);
        put(&r, c->units.images ? f->seen : 0);
        put(&r, c->units.images ? f->decoded : 0);
    }
    if (fragment != checked) {
        return room;
    }
    return fragment == ZHIBI_OK ? (size_t)(r.at - numbers) : 0;
}

/* A receipt's ranges, five numbers each, the last one whether the pen erases. */
size_t twin_receipt(const uint8_t *frame, size_t length, int64_t *numbers, size_t room);
size_t twin_receipt(const uint8_t *frame, size_t length, int64_t *numbers, size_t room)
{
    zhibi_receipt receipt;
    zhibi_range range;
    zhibi_key key;
    row r = { numbers, numbers + room };
    if (zhibi_receipt_open(&receipt, &key, frame, length) != ZHIBI_OK) {
        return 0;
    }
    while (zhibi_receipt_next(&receipt, &range) == ZHIBI_MORE) {
        put(&r, range.outcome);
        put(&r, range.code);
        put(&r, range.first);
        put(&r, range.last);
        put(&r, range.erase);
    }
    return (size_t)(r.at - numbers);
}

static void arrived(void *user, const uint8_t *frame, size_t length, uint32_t damage)
{
    row *r = user;
    if (damage > 0) {
        put(r, -(int64_t)damage);
    }
    if (frame != NULL) {
        put(r, (int64_t)length);
        put(r, zhibi_crc32c(frame, length));
    }
}

/* A stream cut in pieces of `piece` bytes: of each damage its length below 0, of each frame its
 * length and the checksum of all of it. */
size_t twin_stream(const uint8_t *bytes, size_t length, size_t piece, int64_t *numbers, size_t room);
size_t twin_stream(const uint8_t *bytes, size_t length, size_t piece, int64_t *numbers, size_t room)
{
    zhibi_stream stream;
    row r = { numbers, numbers + room };
    size_t at, part;
    zhibi_stream_init(&stream);
    for (at = 0; at < length; at += part) {
        part = length - at < piece ? length - at : piece;
        zhibi_stream_feed(&stream, bytes + at, part, arrived, &r);
    }
    zhibi_stream_silence(&stream, arrived, &r);
    return (size_t)(r.at - numbers);
}

typedef struct {
    uint8_t *at;
    uint8_t *end;
} sealed;

static void seal(void *user, const uint8_t *frame, size_t length)
{
    sealed *s = user;
    size_t i;
    for (i = 0; i < length && s->at < s->end; i++) {
        *s->at++ = frame[i];
    }
}

/* A pen that is told `calls` of 12 numbers each, as `src/calls.rs` lists them; the first 12 are the
 * pen. Gives the bytes of all chunks. */
size_t twin_pen(const int64_t *calls, size_t numbers, uint8_t *frames, size_t room);
size_t twin_pen(const int64_t *calls, size_t numbers, uint8_t *frames, size_t room)
{
    static zhibi_pen pen;
    sealed out = { frames, frames + room };
    const int64_t *c = calls;
    zhibi_key key = { (uint64_t)c[0], (uint32_t)c[1], (uint32_t)c[2], 0 };
    zhibi_units units = { (uint32_t)c[3], (uint16_t)c[4], (uint32_t)c[5], c[6] != 0, c[7] != 0,
                          c[8] != 0 };
    zhibi_policy policy = { (uint32_t)c[9], (uint32_t)c[10] };
    zhibi_pen_init(&pen, &key, &units, &policy, seal, &out);
    for (c += 12; c < calls + numbers; c += 12) {
        zhibi_page page = { (uint8_t)c[4], (uint32_t)c[5], (uint32_t)c[6], (uint32_t)c[7] };
        zhibi_sample sample = { (uint64_t)c[1], (int32_t)c[3], (int32_t)c[4], (uint16_t)c[5],
                                (uint8_t)c[6], (uint8_t)c[7], (uint16_t)c[8] };
        switch (c[0]) {
        case 0: zhibi_pen_down(&pen, c[3] ? &page : NULL, (uint64_t)c[1], c[2]); break;
        case 1: zhibi_pen_sample(&pen, &sample, c[2]); break;
        case 2: zhibi_pen_images(&pen, (uint32_t)c[1], (uint32_t)c[2]); break;
        case 3: zhibi_pen_up(&pen, (unsigned)c[1]); break;
        case 4: zhibi_pen_rest(&pen, (uint64_t)c[1]); break;
        default: zhibi_pen_flush(&pen); break;
        }
    }
    return (size_t)(out.at - frames);
}
