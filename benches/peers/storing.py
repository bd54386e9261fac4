"""Chunks into the tables that `zhibi store init` makes: SQLite, WAL, FULL, `executemany`."""

import sqlite3
import time

import numpy as np
from numba import njit

import wire

# Columns of a touch: place of its frame, folio, page, first and last moment.
FRAME, FOLIO, PAGE, FIRST_MS, LAST_MS = range(5)


@njit(cache=True, nogil=True)
def verify(data, begin, end, found, room, samples, touches):
    """Frames of a payload, each chunk decoded in full, and the page faces that chunks touch.

    A chunk that is refused gets the kind -1. Returns how many frames and touches.
    """
    n, held = wire.frames(data, begin, end, found), 0
    fragments, head = room[3], room[4]
    for i in range(n):
        if found[i, wire.KIND] != 0x10 | wire.CHUNK:
            continue
        count, _ = wire.decode(
            data, found[i, wire.PAYLOAD], found[i, wire.FRAME_END] - 4, room, samples
        )
        if count < 0:
            found[i, wire.KIND] = -1
            continue
        own = held
        for k in range(count):
            if fragments[k, wire.HAS_PAGE] == 0:
                continue
            folio = fragments[k, wire.SECTION] << 56 | fragments[k, wire.OWNER] << 32
            folio |= fragments[k, wire.BOOK]
            page = fragments[k, wire.PAGE]
            first = fragments[k, wire.START]
            last = first
            if fragments[k, wire.COUNT] > 0:
                last = samples[fragments[k, wire.OFFSET] + fragments[k, wire.COUNT] - 1, 0]
            first_ms = head[wire.ANCHOR_MS] + first * head[wire.TICK_US] // 1000
            last_ms = head[wire.ANCHOR_MS] + last * head[wire.TICK_US] // 1000
            at = own
            while at < held and (touches[at, FOLIO] != folio or touches[at, PAGE] != page):
                at += 1
            if at == held:
                touches[at, FRAME], touches[at, FOLIO], touches[at, PAGE] = i, folio, page
                touches[at, FIRST_MS], touches[at, LAST_MS] = first_ms, last_ms
                held += 1
            else:
                touches[at, FIRST_MS] = min(touches[at, FIRST_MS], first_ms)
                touches[at, LAST_MS] = max(touches[at, LAST_MS], last_ms)
    return n, held


class Verifier:
    """Memory for one thread."""

    def __init__(self):
        self.found = np.zeros((8192, 8), np.int64)
        self.touches = np.zeros((32768, 5), np.int64)
        self.room, self.samples = wire.room(), np.zeros((8192, 4), np.int64)

    def __call__(self, payload):
        """Frames and touches of a payload, as lists of lists."""
        data = np.frombuffer(payload, np.uint8)
        n, held = verify(
            data, 0, len(data), self.found, self.room, self.samples, self.touches
        )
        return self.found[:n].tolist(), self.touches[:held].tolist()


class Store:
    """A writer of its own."""

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("PRAGMA cache_size = -32768")
        self.db.execute("PRAGMA foreign_keys = ON")

    def store(self, payloads):
        """Stores the chunks and hellos of (gateway, payload, frames, touches) and commits."""
        db, now_ms = self.db, time.time_ns() // 1_000_000
        db.execute("BEGIN IMMEDIATE")
        (last,) = db.execute("SELECT coalesce(max(id), 0) FROM chunk").fetchone()
        chunks, addresses, ink = [], [], {}
        for gateway, payload, frames, touches in payloads:
            ids = {}
            for place, (kind, pen, counter, random, number, begin, _, end) in enumerate(frames):
                if kind != 0x12 and kind != 0x11:
                    continue
                last += 1
                ids[place] = last
                chunks.append(
                    (last, pen, counter, random, number, payload[begin:end], gateway, now_ms)
                )
            for place, folio, page, first_ms, last_ms in touches:
                _, pen, counter, random, *_ = frames[place]
                addresses.append(
                    (folio, page, pen, ids[place], counter, random, first_ms, last_ms, now_ms)
                )
                key = (folio, page, pen)
                ink[key] = ink.get(key, 0) + 1
        before = db.total_changes
        db.executemany("INSERT INTO chunk VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", chunks)
        if db.total_changes - before != len(chunks):
            addresses, ink = self.fresh(chunks, addresses)
        db.executemany(
            "INSERT INTO chunk_address (folio, page, pen, chunk, boot_counter, boot_random,"
            " first_ms, last_ms, received_ms) VALUES (?,?,?,?,?,?,?,?,?)",
            addresses,
        )
        db.executemany(
            "INSERT INTO ink (folio, page, pen, ink_rev, received_ms) VALUES (?,?,?,?,?)"
            " ON CONFLICT (folio, page, pen) DO UPDATE SET ink_rev = ink_rev + excluded.ink_rev,"
            " received_ms = max(received_ms, excluded.received_ms)",
            [(*key, count, now_ms) for key, count in ink.items()],
        )
        db.execute("COMMIT")
        return len(chunks)

    def fresh(self, chunks, addresses):
        """Those of the addresses whose chunks were not there; other bytes of a key are an error."""
        new = set()
        for id_, pen, counter, random, number, frame, *_ in chunks:
            stored, kept = self.db.execute(
                "SELECT id, bytes FROM chunk WHERE pen = ? AND boot_counter = ?"
                " AND boot_random = ? AND number = ?", (pen, counter, random, number)
            ).fetchone()
            assert kept == frame, "other bytes under a key: this peer has no quarantine"
            if stored == id_:
                new.add(id_)
        addresses = [row for row in addresses if row[3] in new]
        ink = {}
        for folio, page, pen, *_ in addresses:
            ink[folio, page, pen] = ink.get((folio, page, pen), 0) + 1
        return addresses, ink
