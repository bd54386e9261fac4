"""Reads the wire format as `firmware-protocol/PROTOCOL.md` says it, tables included.

Tilt and twist are refused: no pen of the load has them. Spelling is not checked (a reader of ours
refuses what an encoder would have written otherwise).
"""

import pathlib
import re

import numpy as np
from numba import njit

PROTOCOL = pathlib.Path(__file__).parents[2] / "firmware-protocol/PROTOCOL.md"
HELLO, CHUNK, RECEIPT = 1, 2, 5

_TABLES = [
    *(f"position {i}" for i in range(8)),
    *(f"opening {i}" for i in range(5, 8)),
    *(f"force {i}" for i in range(8)),
    *(f"rising {i}" for i in range(3)),
    *(f"clock {i}" for i in range(3)),
    "run", "missed", "pause", "start x", "start y", "start force",
]
_OPENING, _FORCE, _RISING, _CLOCK = 8, 11, 19, 22
_RUN, _MISSED, _PAUSE, _START_X, _START_Y, _START_FORCE = range(25, 31)
# Of the taps there are no tables of openings.
_FORCE_TAPS, _RISING_TAPS = 8, 16


def _appendix():
    """Codes by their first nine bits, `symbol << 4 | length`, and taps."""
    text = PROTOCOL.read_text().split("## Appendix A")[1]
    rows = re.findall(r"^([a-z]+(?: [a-z0-9]+)?) {2,}((?: *-?\d+)+)$", text, re.M)
    lengths = {name: values for name, v in rows if len(values := [int(n) for n in v.split()]) == 16}
    taps = [values for _, v in rows if len(values := [int(n) for n in v.split()]) == 4]
    codes = np.zeros((len(_TABLES), 512), np.int64)
    for table, name in enumerate(_TABLES):
        code, last = 0, 0
        for length, symbol in sorted((n, symbol) for symbol, n in enumerate(lengths[name])):
            code <<= length - last
            codes[table, code << (9 - length) : (code + 1) << (9 - length)] = symbol << 4 | length
            code, last = code + 1, length
        assert code == 1 << last, name
    assert len(taps) == 19
    return codes.reshape(-1), np.array(taps, np.int64)


CODES, TAPS = _appendix()


def _rows():
    """Row and shift, `row | shift << 4`, by M below 2^16 (section 7.2)."""
    rows = np.zeros(1 << 16, np.int64)
    for m in range(16, 1 << 16):
        size = m.bit_length() - 1
        c = max(2 * size + (m >> (size - 1) & 1) - 8, 0)
        shift = 0 if c < 8 else (c - 8) // 2 + 1
        rows[m] = c - 2 * shift | shift << 4
    return rows


ROWS = _rows()
REVERSED = np.array([int(f"{byte:08b}"[::-1], 2) for byte in range(256)], np.uint8)


def _crc_tables():
    """CRC-32C, eight bytes at a time."""
    tables = np.zeros((8, 256), np.uint32)
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        tables[0, byte] = crc
    for k in range(1, 8):
        tables[k] = tables[k - 1] >> 8 ^ tables[0][tables[k - 1] & 0xFF]
    return tables


CRC = _crc_tables()


@njit(cache=True, nogil=True)
def crc32c(data, begin, end):
    crc = np.uint32(0xFFFFFFFF)
    at = begin
    while at + 8 <= end:
        low = np.uint32(data[at]) | np.uint32(data[at + 1]) << 8
        low |= np.uint32(data[at + 2]) << 16 | np.uint32(data[at + 3]) << 24
        low = np.uint32(low ^ crc)
        crc = CRC[7, low & 0xFF] ^ CRC[6, low >> 8 & 0xFF] ^ CRC[5, low >> 16 & 0xFF]
        crc ^= CRC[4, low >> 24] ^ CRC[3, data[at + 4]] ^ CRC[2, data[at + 5]]
        crc ^= CRC[1, data[at + 6]] ^ CRC[0, data[at + 7]]
        at += 8
    while at < end:
        crc = CRC[0, (crc ^ data[at]) & np.uint32(0xFF)] ^ crc >> np.uint32(8)
        at += 1
    return np.int64(crc) ^ 0xFFFFFFFF


@njit(inline="always")
def _bits(x, used, n):
    """`n` bits behind the first `used` of a word; 57 of a word are sound."""
    return np.int64(((x << np.uint64(used)) >> np.uint64(1)) >> np.uint64(63 - n))


@njit(inline="always")
def _word(words, at):
    return words[at >> 3] << np.uint64(at & 7)


@njit
def _eg(words, at, k):
    x, zeros = _word(words, at), 0
    while zeros < 57 and _bits(x, zeros, 1) == 0:
        zeros += 1
    if zeros > 40:
        return np.int64(-1), at
    v = _bits(_word(words, at + zeros), 0, zeros + 1)
    u = (v - 1) << k | _bits(_word(words, at + 2 * zeros + 1), 0, k)
    return u, at + 2 * zeros + 1 + k


@njit(inline="always")
def _unzz(u):
    return (u >> 1) ^ -(u & 1)


@njit(inline="always")
def _s32(v):
    return ((v + 0x80000000) & 0xFFFFFFFF) - 0x80000000


@njit(inline="always")
def _count(words, at, table, shift):
    x = _word(words, at)
    code = CODES[table * 512 + _bits(x, 0, 9)]
    symbol, used = code >> 4, code & 15
    if symbol < 4:
        v = symbol
    elif symbol < 15:
        k = (symbol >> 1) - 1
        v = (2 | symbol & 1) << k | _bits(x, used, k)
        used += k
    else:
        u, at = _eg(words, at + used, 7)
        v, x, used = u + 192, _word(words, at), np.int64(0)
    m = v << shift | _bits(x, used, shift)
    return m, at + used + shift


@njit(inline="always")
def _token(words, at, table, shift):
    m, at = _count(words, at, table, shift)
    if m != 0:
        if _bits(_word(words, at), 0, 1):
            m = -m
        at += 1
    return m, at


@njit(inline="always")
def _row(m):
    if m < 1 << 16:
        return ROWS[m]
    m, more = min(m, (1 << 24) - 1), 0
    while m >= 1 << 16:
        m, more = m >> 1, more + 1
    return ROWS[m] + (more << 4)


UNITS = np.array([0, 23710, 15240, 12700, 10000, 5000, 1000, 0], np.int64)
FORCES = np.array([0, 852, 255, 1023, 2047, 4095, 8191, 65535], np.int64)
TICKS = np.array([0, 1000, 10000, 5000, 100], np.int64)


@njit
def _scale(words, at, known, k):
    code = _bits(_word(words, at), 0, 4)
    if code != 0:
        return (known[code] if code < len(known) else 0), at + 4
    return _eg(words, at + 4, k)


# Columns of a fragment.
STROKE, FIRST, HAS_PAGE, SECTION, OWNER, BOOK, PAGE, END, START, OFFSET, COUNT = range(11)
COLUMNS = 11
# Of a chunk's head.
UNIT_NM, FORCE_MAX, TICK_US, ANCHOR_TICKS, ANCHOR_MS = range(5)


def room():
    """Memory in which a chunk is decoded: words forward and backward, misses, fragments, head."""
    return (np.zeros(1100, np.uint64), np.zeros(1100, np.uint64), np.zeros((4096, 2), np.int64),
            np.zeros((1024, COLUMNS), np.int64), np.zeros(8, np.int64))


@njit(cache=True, nogil=True)
def decode(data, begin, end, room, samples):
    """Decodes a chunk's payload into fragments, head and `samples` (ticks, x, y, force).

    Returns how many fragments and samples; the first is negative where the payload is refused.
    """
    ahead, back, misses, fragments, head = room
    n = end - begin
    v, r = np.uint64(0), np.uint64(0)
    for i in range(n + 8):
        v <<= np.uint64(8)
        r <<= np.uint64(8)
        if i < n:
            v |= np.uint64(data[begin + i])
            r |= np.uint64(REVERSED[data[end - 1 - i]])
        if i >= 7:
            ahead[i - 7] = v
            back[i - 7] = r
    # What is read behind the end is refused before it is used: room for the longest fields.
    for i in range(n + 1, n + 40):
        ahead[i] = 0
        back[i] = 0
    total = 8 * n
    x0 = _word(ahead, 0)
    if _bits(x0, 0, 4) != 1:
        return -1, 0
    images, timed, usual = _bits(x0, 4, 1), _bits(x0, 5, 1), _bits(x0, 6, 4)
    at, b = np.int64(10), np.int64(0)
    if usual == 0:
        x0 = _word(ahead, at)
        has_force = _bits(x0, 0, 1)
        if _bits(x0, 1, 2) != 0:
            return -2, 0
        at += 3
        head[UNIT_NM], at = _scale(ahead, at, UNITS, 14)
        head[FORCE_MAX] = 0
        if has_force:
            head[FORCE_MAX], at = _scale(ahead, at, FORCES, 8)
        head[TICK_US], at = _scale(ahead, at, TICKS, 10)
    elif usual <= 4:
        has_force = usual & 1
        head[UNIT_NM] = 23710
        head[FORCE_MAX] = 852 if has_force else 0
        head[TICK_US] = 1000 if usual < 3 else 10000
    else:
        return -3, 0
    if head[UNIT_NM] <= 0 or head[TICK_US] <= 0:
        return -4, 0
    head[ANCHOR_TICKS], at = _eg(ahead, at, 20)
    u, at = _eg(ahead, at, 36)
    head[ANCHOR_MS] = _unzz(u) + 1_790_000_000_000
    period, at = _eg(ahead, at, 5)
    if period < 0 or period > 16 * 65535:
        return -5, 0
    finer, stronger = 0, 0
    while finer < 8 and head[UNIT_NM] << (finer + 1) <= 24_000:
        finer += 1
    while stronger < 6 and 852 << (stronger + 1) <= head[FORCE_MAX]:
        stronger += 1
    pause_shift = 0
    while pause_shift < 15 and 2 << pause_shift <= period >> 4:
        pause_shift += 1

    count, held = 0, 0
    stroke, last = np.int64(0), np.int64(0)
    has_page, section, owner, book, page = 0, np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    sx, sy, sf, begun = np.int64(0), np.int64(0), np.int64(0), False
    while True:
        if count > 0:
            left = total - at - b
            if left < 0:
                return -6, 0
            if left < 8 and _bits(_word(ahead, at), 0, left) == 0:
                break
        if count == len(fragments):
            return -7, 0
        first = np.int64(1)
        other = count == 0
        if count > 0:
            x0 = _word(ahead, at)
            if _bits(x0, 0, 1):
                at += 1
            elif _bits(x0, 1, 1):
                at += 2
                other = True
            else:
                return -8, 0
        if other:
            first = _bits(_word(ahead, at), 0, 1)
            at += 1
            if count == 0:
                stroke, at = _eg(ahead, at, 10)
            else:
                u, at = _eg(ahead, at, 0)
                stroke = (stroke + 1 + _unzz(u)) & 0xFFFFFFFF
            another = _bits(_word(ahead, at), 0, 1)
            at += 1
            if another:
                any_page = 1
                if has_page:
                    any_page = _bits(_word(ahead, at), 0, 1)
                    at += 1
                has_page = any_page
                if has_page:
                    section, at = _eg(ahead, at, 2)
                    owner, at = _eg(ahead, at, 5)
                    book, at = _eg(ahead, at, 9)
                    page, at = _eg(ahead, at, 7)
        else:
            stroke = (stroke + 1) & 0xFFFFFFFF
        # Backward: runs, misses, how it ends.
        n_samples, n_misses, ends = np.int64(0), 0, np.int64(0)
        while True:
            run, b = _count(back, b, _RUN, 0)
            n_samples += run
            if b > total or n_samples > len(samples):
                return -9, 0
            x0 = _word(back, b)
            if _bits(x0, 0, 1):
                b += 1
                break
            if _bits(x0, 1, 1):
                misses[n_misses, 0] = n_samples
                misses[n_misses, 1], b = _token(back, b + 2, _MISSED, pause_shift)
                n_misses += 1
                n_samples += 1
                if n_misses == len(misses):
                    return -9, 0
                continue
            if _bits(x0, 2, 1):
                ends = np.int64(5)
                b += 3
            else:
                ends = _bits(x0, 3, 3)
                b += 6
            break
        if images:
            _, b = _eg(back, b, 5)
            _, b = _eg(back, b, 3)
        # Forward: where it begins.
        start = np.int64(0)
        if count > 0:
            pause, at = _count(ahead, at, _PAUSE, pause_shift)
            start = (last + (period >> 4) + pause) & 0xFFFFFFFF
        if held + n_samples > len(samples):
            return -10, 0
        fragments[count, STROKE], fragments[count, FIRST] = stroke, first
        fragments[count, HAS_PAGE], fragments[count, SECTION] = has_page, section
        fragments[count, OWNER], fragments[count, BOOK] = owner, book
        fragments[count, PAGE], fragments[count, END] = page, ends
        fragments[count, START], fragments[count, OFFSET] = start, held
        fragments[count, COUNT] = n_samples
        count += 1
        last = start
        if n_samples == 0:
            continue
        if begun:
            e, at = _token(ahead, at, _START_X, 6 + finer)
            sx = _s32(sx + e)
            e, at = _token(ahead, at, _START_Y, 4 + finer)
            sy = _s32(sy + e)
            if has_force:
                e, at = _token(ahead, at, _START_FORCE, stronger)
                sf += e
        else:
            u, at = _eg(ahead, at, 13)
            sx = _s32(_unzz(u))
            u, at = _eg(ahead, at, 13)
            sy = _s32(_unzz(u))
            if has_force:
                sf, at = _eg(ahead, at, 7)
            begun = True
        samples[held, 0], samples[held, 1], samples[held, 2], samples[held, 3] = start, sx, sy, sf
        p, q, off, t = 16 * start, period, np.int64(0), start
        x, y, f = sx, sy, sf
        x1, x2, x3, x4 = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        y1, y2, y3, y4 = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        f1, f2, f3, f4 = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        if first:
            f1 = f
        a1 = a2 = a3 = b1 = b2 = b3 = np.int64(12) << finer
        c1 = c2 = c3 = np.int64(36) << stronger
        miss = 0
        for i in range(1, n_samples):
            if at > total:
                return -11, 0
            g = ((p + q + 8) >> 4) & 0xFFFFFFFF
            error = np.int64(0)
            if timed:
                context = 0 if off == 0 else 1 if abs(off) <= 3 else 2
                error, at = _token(ahead, at, _CLOCK + context, 0)
            elif miss < n_misses and misses[miss, 0] == i:
                error = misses[miss, 1]
                miss += 1
            ticks = (g + error) & 0xFFFFFFFF
            if 32 * abs(error) < q:
                p += q + 4 * error
                q = min(max(q + error, 0), 16 * 65535)
                off = error
            else:
                unknown = q == 0
                if unknown or error == off:
                    q = min(max(16 * (ticks - t), 0), 16 * 65535)
                p = 16 * ticks
                off = np.int64(0) if unknown else error
            t = ticks
            pace = abs(x1) + abs(y1)
            row = _row((5 * a1 + 2 * a2 + a3 + pace + 14) & 0xFFFFFFFF)
            shift, row = row >> 4, row & 15
            guess = TAPS[row, 0] * x1 + TAPS[row, 1] * x2 + TAPS[row, 2] * x3 + TAPS[row, 3] * x4
            table = _OPENING + max(row - 5, 0) if i == 1 else row
            error, at = _token(ahead, at, table, shift)
            value = _s32(x + (_s32(guess + 32) >> 6) + error)
            x4, x3, x2, x1, x = x3, x2, x1, _s32(value - x), value
            a3, a2, a1 = a2, a1, abs(error)
            row = _row((5 * b1 + 2 * b2 + b3 + pace + 14 + 2 * a1) & 0xFFFFFFFF)
            shift, row = row >> 4, row & 15
            guess = TAPS[row, 0] * y1 + TAPS[row, 1] * y2 + TAPS[row, 2] * y3 + TAPS[row, 3] * y4
            table = _OPENING + max(row - 5, 0) if i == 1 else row
            error, at = _token(ahead, at, table, shift)
            value = _s32(y + (_s32(guess + 32) >> 6) + error)
            y4, y3, y2, y1, y = y3, y2, y1, _s32(value - y), value
            b3, b2, b1 = b2, b1, abs(error)
            if has_force:
                if first and i <= 3:
                    row, table, shift = _RISING_TAPS + i - 1, _RISING + i - 1, np.int64(stronger)
                else:
                    row = _row((4 * c1 + 3 * c2 + 2 * c3 + abs(f1) + 16) & 0xFFFFFFFF)
                    shift, row = row >> 4, row & 15
                    table, row = _FORCE + row, _FORCE_TAPS + row
                guess = TAPS[row, 0] * f1 + TAPS[row, 1] * f2
                guess += TAPS[row, 2] * f3 + TAPS[row, 3] * f4
                error, at = _token(ahead, at, table, shift)
                value = _s32(f + (_s32(guess + 32) >> 6) + error)
                f4, f3, f2, f1, f = f3, f2, f1, value - f, value
                c3, c2, c1 = c2, c1, abs(error)
                if f < 0 or f > 65535:
                    return -12, 0
            at_sample = held + i
            samples[at_sample, 0], samples[at_sample, 1] = ticks, x
            samples[at_sample, 2], samples[at_sample, 3] = y, f
        last = t
        held += n_samples
    return count, held


# Columns of a frame.
KIND, PEN, COUNTER, RANDOM, NUMBER, FRAME, PAYLOAD, FRAME_END = range(8)


@njit(cache=True, nogil=True)
def frames(data, begin, end, out):
    """The frames behind one another; damage is passed over byte by byte. Returns how many."""
    at, n = begin, 0
    while at + 20 <= end and n < len(out):
        shape = np.int64(data[at + 2]) | np.int64(data[at + 3]) << 8
        length = shape & 0x7FF
        pen_len = 8 if shape >> 11 & 1 else 6
        counter_len, number_len = (shape >> 12 & 3) + 1, (shape >> 14) + 1
        head = 8 + pen_len + counter_len + number_len
        stop = at + length
        if data[at] != 0x5A or length > 1024 or length < head + 4 or stop > end:
            at += 1
            continue
        crc = np.int64(0)
        for i in range(4):
            crc |= np.int64(data[stop - 4 + i]) << (8 * i)
        if crc32c(data, at, stop - 4) != crc:
            at += 1
            continue
        pen, counter, random, number = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
        k = at + 4
        for i in range(pen_len):
            pen |= np.int64(data[k + i]) << (8 * i)
        k += pen_len
        for i in range(counter_len):
            counter |= np.int64(data[k + i]) << (8 * i)
        k += counter_len
        for i in range(4):
            random |= np.int64(data[k + i]) << (8 * i)
        k += 4
        for i in range(number_len):
            number |= np.int64(data[k + i]) << (8 * i)
        out[n, KIND] = data[at + 1]
        out[n, PEN], out[n, COUNTER], out[n, RANDOM], out[n, NUMBER] = pen, counter, random, number
        out[n, FRAME], out[n, PAYLOAD], out[n, FRAME_END] = at, k + number_len, stop
        n += 1
        at = stop
    return n


def bundles_of(capture):
    """The bundles of a capture's file, as bytes."""
    data, at, bundles = capture.read_bytes(), 8, []
    assert data[:5] == b"ZCAP\x01"
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        bundles.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return bundles


def frame(kind, pen, counter, random, number, payload):
    """A frame's bytes."""
    def least(value, low):
        return max((value.bit_length() + 7) // 8, low)

    pen_len = 8 if pen >> 48 else 6
    counter_len, number_len = least(counter, 1), least(number, 1)
    length = 12 + pen_len + counter_len + number_len + len(payload)
    shape = length | (pen_len == 8) << 11 | (counter_len - 1) << 12 | (number_len - 1) << 14
    body = bytes([0x5A, 0x10 | kind]) + shape.to_bytes(2, "little")
    body += pen.to_bytes(pen_len, "little") + counter.to_bytes(counter_len, "little")
    body += random.to_bytes(4, "little") + number.to_bytes(number_len, "little") + payload
    return body + crc32c(np.frombuffer(body, np.uint8), 0, len(body)).to_bytes(4, "little")


def bundle(frames):
    """Frames as one MQTT payload."""
    return b"ZBND\x01\x00" + len(frames).to_bytes(2, "little") + b"".join(frames)
