/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A driver for tests: commands on standard input, one a line; answers on standard output.
 *
 *   pen <pen hex> <counter> <random> <unit_nm> <force_max> <tick_us> <tilt> <twist> <images>
 *       <ink_ms> <rest_ms>                          begins a boot (drops what was not sealed)
 *   down <section> <owner> <book> <page> <ticks> <unix_ms>    downnone <ticks> <unix_ms>
 *   sample <ticks> <unix_ms> <x> <y> <force> <tilt x> <tilt y> <twist>
 *   images <seen> <decoded>    up <end>    rest <ticks>    flush    obey <ink_ms> <rest_ms>
 *                                                   -> frame <hex>, for each chunk sealed
 *   read <hex>                                      -> chunk, fragment, s lines and ok; or refused
 *   receipt <hex>                                   -> range lines and ok; or refused
 *   policy <hex>    gateway <hex>                   -> the fields; or refused
 *   bundle <hex>                                    -> frame and damage lines and ok; or refused
 *   stream <hex>    streamend                       -> frame and damage lines
 *   hello <pen hex> <counter> <random> <min> <max> <hz> <unit_nm> <force_max> <tick_us> <tilt>
 *       <twist> <images> <clock> <epoch_unix_ms> <model> <firmware>       -> frame
 *   state <pen hex> <counter> <random> <ticks> <seen> <pen_ms> <battery> <charging> <memory>
 *       <backlog>                                   -> frame
 *   crc <hex>                                       -> crc <hex>
 *   sizes                                           -> sizes of the structures, in bytes
 *   mark                                            -> mark: all before it was answered
 *
 * Ticks of fragments and samples that `read` prints are since the chunk's anchor.
 */
#include "zhibi.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (1u << 22)
#define WORDS 20

static char line[LINE_MAX_BYTES];
static uint8_t bytes[LINE_MAX_BYTES / 2];
static zhibi_pen pen;
static zhibi_stream stream;

static void print_hex(const char *word, const uint8_t *b, size_t n)
{
    size_t i;
    printf("%s ", word);
    for (i = 0; i < n; i++) {
        printf("%02x", b[i]);
    }
    printf("\n");
}

static void on_sealed(void *user, const uint8_t *frame, size_t length)
{
    (void)user;
    print_hex("frame", frame, length);
}

static void on_arrived(void *user, const uint8_t *frame, size_t length, uint32_t damage)
{
    (void)user;
    if (damage > 0) {
        printf("damage %" PRIu32 "\n", damage);
    }
    if (frame != NULL) {
        print_hex("frame", frame, length);
    }
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);
    return c == '\0' || at == NULL ? -1 : (int)(at - digits);
}

/* Reads hex into `bytes`; returns how many there were. */
static size_t read_hex(const char *text)
{
    size_t n = 0;
    while (hex_digit(text[0]) >= 0 && hex_digit(text[1]) >= 0) {
        bytes[n++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
        text += 2;
    }
    return n;
}

static uint64_t number(const char *word)
{
    return strtoull(word, NULL, 10);
}

static int64_t whole(const char *word)
{
    return strtoll(word, NULL, 10);
}

static uint32_t up_to(const char *word, uint32_t most)
{
    uint64_t n = number(word);
    return n > most ? most : (uint32_t)n;
}

static void do_pen(char **w)
{
    zhibi_key key = { 0, 0, 0, 0 };
    zhibi_units units;
    zhibi_policy policy;
    key.pen = strtoull(w[1], NULL, 16);
    key.boot_counter = up_to(w[2], UINT32_MAX);
    key.boot_random = up_to(w[3], UINT32_MAX);
    units.unit_nm = up_to(w[4], UINT32_MAX);
    units.force_max = (uint16_t)up_to(w[5], 65535);
    units.tick_us = up_to(w[6], UINT32_MAX);
    units.tilt = number(w[7]) != 0;
    units.twist = number(w[8]) != 0;
    units.images = number(w[9]) != 0;
    policy.ink_ms = up_to(w[10], UINT32_MAX);
    policy.rest_ms = up_to(w[11], UINT32_MAX);
    zhibi_pen_init(&pen, &key, &units, &policy, on_sealed, NULL);
}

static void do_down(char **w)
{
    zhibi_page page;
    page.section = (uint8_t)up_to(w[1], 255);
    page.owner = up_to(w[2], UINT32_MAX);
    page.book = up_to(w[3], UINT32_MAX);
    page.page = up_to(w[4], UINT32_MAX);
    zhibi_pen_down(&pen, &page, number(w[5]), whole(w[6]));
}

static void do_sample(char **w)
{
    zhibi_sample s;
    s.ticks = number(w[1]);
    s.x = (int32_t)whole(w[3]);
    s.y = (int32_t)whole(w[4]);
    s.force = (uint16_t)up_to(w[5], 65535);
    s.tilt_x = (uint8_t)up_to(w[6], 255);
    s.tilt_y = (uint8_t)up_to(w[7], 255);
    s.twist = (uint16_t)up_to(w[8], 65535);
    zhibi_pen_sample(&pen, &s, whole(w[2]));
}

static void do_hello(char **w)
{
    uint8_t frame[ZHIBI_FRAME_MAX];
    zhibi_key key = { 0, 0, 0, 0 };
    zhibi_hello hello;
    size_t length;
    key.pen = strtoull(w[1], NULL, 16);
    key.boot_counter = up_to(w[2], UINT32_MAX);
    key.boot_random = up_to(w[3], UINT32_MAX);
    hello.version_min = (uint8_t)number(w[4]);
    hello.version_max = (uint8_t)number(w[5]);
    hello.sample_rate_hz = (uint16_t)number(w[6]);
    hello.units.unit_nm = up_to(w[7], UINT32_MAX);
    hello.units.force_max = (uint16_t)number(w[8]);
    hello.units.tick_us = up_to(w[9], UINT32_MAX);
    hello.units.tilt = number(w[10]) != 0;
    hello.units.twist = number(w[11]) != 0;
    hello.units.images = number(w[12]) != 0;
    hello.clock = (uint8_t)number(w[13]);
    hello.epoch_unix_ms = whole(w[14]);
    hello.model = w[15];
    hello.firmware = w[16];
    length = zhibi_hello_write(frame, &key, &hello);
    if (length == 0) {
        printf("refused text\n");
    } else {
        print_hex("frame", frame, length);
    }
}

static void do_state(char **w)
{
    uint8_t frame[ZHIBI_FRAME_MAX];
    zhibi_key key = { 0, 0, 0, 0 };
    zhibi_pen_state state;
    key.pen = strtoull(w[1], NULL, 16);
    key.boot_counter = up_to(w[2], UINT32_MAX);
    key.boot_random = up_to(w[3], UINT32_MAX);
    state.ticks = number(w[4]);
    state.seen_unix_ms = whole(w[5]);
    state.pen_unix_ms = whole(w[6]);
    state.battery_percent = (uint8_t)up_to(w[7], 255);
    state.charging = number(w[8]) != 0;
    state.memory_percent = (uint8_t)up_to(w[9], 255);
    state.backlog = up_to(w[10], UINT32_MAX);
    print_hex("frame", frame, zhibi_pen_state_write(frame, &key, &state));
}

/* A fragment's line tells what is known only behind its samples: one reader goes ahead for it. */
static void print_fragment(const zhibi_reader *at)
{
    zhibi_reader ahead = *at;
    const zhibi_fragment *f = &ahead.fragment;
    zhibi_sample s;
    while (zhibi_reader_sample(&ahead, &s) == ZHIBI_MORE) {
    }
    printf("fragment %" PRIu32 " %d ", f->stroke, f->first);
    if (f->has_page) {
        printf("%u.%" PRIu32 ".%" PRIu32 ".%" PRIu32, f->page.section, f->page.owner, f->page.book,
               f->page.page);
    } else {
        printf("none");
    }
    printf(" %d %" PRIu32 " %" PRIu32, (int)f->end, f->start_ticks, f->count);
    if (at->chunk.units.images) {
        printf(" %" PRIu32 " %" PRIu32 "\n", f->seen, f->decoded);
    } else {
        printf(" - -\n");
    }
}

static void do_read(size_t n)
{
    zhibi_reader r;
    const zhibi_chunk *c = &r.chunk;
    zhibi_sample s;
    int result = zhibi_reader_check(bytes, n);
    if (result != ZHIBI_OK) {
        printf("refused %s\n", zhibi_result_text(result));
        return;
    }
    zhibi_reader_open(&r, bytes, n);
    printf("chunk %" PRIu32 " %" PRIu32 " %u %" PRIu32 " %d %d %d %" PRIu64 " %" PRId64 " %" PRIu32
           " %d\n", c->key.number, c->units.unit_nm, c->units.force_max, c->units.tick_us,
           c->units.tilt, c->units.twist, c->units.images, c->anchor_ticks, c->anchor_unix_ms,
           c->period, c->timed);
    while (zhibi_reader_fragment(&r) == ZHIBI_MORE) {
        print_fragment(&r);
        while (zhibi_reader_sample(&r, &s) == ZHIBI_MORE) {
            printf("s %" PRIu64 " %" PRId32 " %" PRId32 " %u %u %u %u\n", s.ticks, s.x, s.y,
                   s.force, s.tilt_x, s.tilt_y, s.twist);
        }
    }
    printf("ok\n");
}

static void do_receipt(size_t n)
{
    zhibi_receipt receipt;
    zhibi_range r;
    zhibi_key key;
    int result = zhibi_receipt_open(&receipt, &key, bytes, n);
    if (result != ZHIBI_OK) {
        printf("refused %s\n", zhibi_result_text(result));
        return;
    }
    while (zhibi_receipt_next(&receipt, &r) == ZHIBI_MORE) {
        printf("range %u %u %" PRIu32 " %" PRIu32 " %s\n", r.outcome, r.code, r.first, r.last,
               r.erase ? "erase" : "keep");
    }
    printf("ok\n");
}

static void do_policy(size_t n)
{
    zhibi_policy policy;
    uint8_t versions[2];
    int result = zhibi_policy_open(&policy, versions, bytes, n);
    if (result != ZHIBI_OK) {
        printf("refused %s\n", zhibi_result_text(result));
        return;
    }
    printf("policy %" PRIu32 " %" PRIu32 " %u %u\n", policy.ink_ms, policy.rest_ms, versions[0],
           versions[1]);
}

static void do_gateway(size_t n)
{
    zhibi_gateway_state state;
    int result = zhibi_gateway_state_open(&state, bytes, n);
    if (result != ZHIBI_OK) {
        printf("refused %s\n", zhibi_result_text(result));
        return;
    }
    printf("gateway %d %" PRIu64 " %" PRId64 "\n", state.online, state.session, state.unix_ms);
}

static void do_obey(char **w)
{
    zhibi_policy policy;
    policy.ink_ms = up_to(w[1], UINT32_MAX);
    policy.rest_ms = up_to(w[2], UINT32_MAX);
    zhibi_pen_policy(&pen, &policy);
}

static void do_bundle(size_t n)
{
    zhibi_bundle bundle;
    const uint8_t *frame;
    size_t length, damage;
    int result = zhibi_bundle_open(&bundle, bytes, n);
    if (result != ZHIBI_OK) {
        printf("refused %s\n", zhibi_result_text(result));
        return;
    }
    do {
        result = zhibi_bundle_next(&bundle, &frame, &length, &damage);
        on_arrived(NULL, result == ZHIBI_MORE ? frame : NULL, length, (uint32_t)damage);
    } while (result == ZHIBI_MORE);
    printf("ok\n");
}

/* Does one command. `count` words; false where there is no such command. */
static bool command(char **w, int count)
{
    const char *c = w[0];
    if (strcmp(c, "pen") == 0 && count == 12) {
        do_pen(w);
    } else if (strcmp(c, "down") == 0 && count == 7) {
        do_down(w);
    } else if (strcmp(c, "downnone") == 0 && count == 3) {
        zhibi_pen_down(&pen, NULL, number(w[1]), whole(w[2]));
    } else if (strcmp(c, "sample") == 0 && count == 9) {
        do_sample(w);
    } else if (strcmp(c, "images") == 0 && count == 3) {
        zhibi_pen_images(&pen, up_to(w[1], UINT32_MAX), up_to(w[2], UINT32_MAX));
    } else if (strcmp(c, "up") == 0 && count == 2) {
        zhibi_pen_up(&pen, up_to(w[1], 255));
    } else if (strcmp(c, "rest") == 0 && count == 2) {
        zhibi_pen_rest(&pen, number(w[1]));
    } else if (strcmp(c, "flush") == 0) {
        zhibi_pen_flush(&pen);
    } else if (strcmp(c, "read") == 0 && count <= 2) {
        do_read(count == 2 ? read_hex(w[1]) : 0);
    } else if (strcmp(c, "receipt") == 0 && count <= 2) {
        do_receipt(count == 2 ? read_hex(w[1]) : 0);
    } else if (strcmp(c, "obey") == 0 && count == 3) {
        do_obey(w);
    } else if (strcmp(c, "policy") == 0 && count <= 2) {
        do_policy(count == 2 ? read_hex(w[1]) : 0);
    } else if (strcmp(c, "gateway") == 0 && count <= 2) {
        do_gateway(count == 2 ? read_hex(w[1]) : 0);
    } else if (strcmp(c, "bundle") == 0 && count <= 2) {
        do_bundle(count == 2 ? read_hex(w[1]) : 0);
    } else if (strcmp(c, "stream") == 0 && count <= 2) {
        zhibi_stream_feed(&stream, bytes, count == 2 ? read_hex(w[1]) : 0, on_arrived, NULL);
    } else if (strcmp(c, "streamend") == 0) {
        zhibi_stream_silence(&stream, on_arrived, NULL);
    } else if (strcmp(c, "hello") == 0 && count == 17) {
        do_hello(w);
    } else if (strcmp(c, "state") == 0 && count == 11) {
        do_state(w);
    } else if (strcmp(c, "crc") == 0 && count <= 2) {
        size_t n = count == 2 ? read_hex(w[1]) : 0;
        printf("crc %08" PRIx32 "\n", zhibi_crc32c(bytes, n));
    } else if (strcmp(c, "mark") == 0) {
        printf("mark\n");
    } else if (strcmp(c, "sizes") == 0) {
        printf("pen %zu (beside its chunk %zu) stream %zu reader %zu\n", sizeof(zhibi_pen),
               sizeof(zhibi_pen) - ZHIBI_FRAME_MAX, sizeof(zhibi_stream), sizeof(zhibi_reader));
    } else {
        return false;
    }
    return true;
}

int main(void)
{
    static char defaults[][8] = { "pen", "0", "0", "0", "10000", "0", "1000", "0",
                                  "0",   "0", "4000", "500" };
    char *w[WORDS + 1];
    int i;
    for (i = 0; i < 12; i++) {
        w[i] = defaults[i];
    }
    do_pen(w);
    zhibi_stream_init(&stream);
    while (fgets(line, sizeof line, stdin) != NULL) {
        int count = 0;
        char *word = strtok(line, " \t\r\n");
        while (word != NULL && count < WORDS) {
            w[count++] = word;
            word = strtok(NULL, " \t\r\n");
        }
        if (count > 0 && w[0][0] != '#' && !command(w, count)) {
            printf("bad-command %s\n", w[0]);
        }
        fflush(stdout);
    }
    return 0;
}
