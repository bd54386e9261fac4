"""The load of both consumers: an evening's bundles, of many classes, as fast as receipts come.

`load.py PORT CAPTURE CLASSES BYTES`: bundles as the gateway sent them, or of BYTES where that is
not 0. Packets are made before the first is sent, and what comes back is read by compiled code, so
that the generator takes little of the machine; its own processor time is printed.
"""

import json
import pathlib
import socket
import sys
import threading
import time

import numpy as np
from numba import njit

import wire

GATEWAYS = 8
# Sent and not yet receipted, at most.
IN_FLIGHT = 16_384
STUCK_AFTER_S = 30


def once(bundles):
    """The chunks and hellos of each bundle, each key once: (pen, counter, random, number, payload)."""
    seen, found = set(), np.zeros((8192, 8), np.int64)
    for bundle in bundles:
        data, frames = np.frombuffer(bundle, np.uint8), []
        for row in found[: wire.frames(data, 8, len(data), found)].tolist():
            kind, *key, begin, payload, end = row
            if kind in (0x11, 0x12) and tuple(key) not in seen:
                seen.add(tuple(key))
                frames.append((kind & 15, *key, bundle[payload : end - 4]))
        if frames:
            yield frames


def packed(frames, size):
    """Frames in bundles of about so many bytes."""
    held, total = [], 0
    for frame in frames:
        if held and total + len(frame) > size:
            yield held
            held, total = [], 0
        held.append(frame)
        total += len(frame)
    if held:
        yield held


def publish(topic, payload, id_):
    topic = topic.encode()
    length = 4 + len(topic) + len(payload)
    head = b"\x32"
    while True:
        head += bytes([length & 127 | (128 if length > 127 else 0)])
        length >>= 7
        if not length:
            break
    return head + len(topic).to_bytes(2, "big") + topic + id_.to_bytes(2, "big") + payload


def topic_of(gateway):
    name = gateway.encode()
    shard = wire.crc32c(np.frombuffer(name, np.uint8), 0, len(name)) % 64
    return f"zhibi/v1/{shard:02}/{gateway}"


def packets(capture, classes, size):
    """PUBLISH packets and how many chunks and hellos each holds."""
    evening = list(once(wire.bundles_of(capture)))
    topics = [topic_of(f"load-{gateway}") + "/up/ink" for gateway in range(GATEWAYS)]
    # All classes write at once.
    by_class = []
    for number in range(classes):
        other = number * 0x9E37_79B9_7F4B & 0xFFFF_FFFF_FFFF
        bundles = [[wire.frame(k, pen ^ other, *rest) for k, pen, *rest in b] for b in evening]
        if size:
            bundles = list(packed([frame for b in bundles for frame in b], size))
        by_class.append(bundles)
    made = []
    for at in range(max(map(len, by_class))):
        for number, bundles in enumerate(by_class):
            if at < len(bundles):
                topic = topics[number % GATEWAYS]
                # No id is in use twice: far fewer are in flight.
                packet = publish(topic, wire.bundle(bundles[at]), len(made) % 65_535 + 1)
                made.append((packet, len(bundles[at])))
    return made


@njit(cache=True, nogil=True)
def receipted(data, end):
    """How many numbers receipts in whole MQTT packets name as stored, and the bytes of these."""
    at, stored = 0, 0
    while at + 2 <= end:
        length, k = 0, at + 1
        shift = 0
        whole = False
        while k < end and shift < 28:
            length |= (np.int64(data[k]) & 127) << shift
            shift += 7
            k += 1
            if data[k - 1] < 128:
                whole = True
                break
        if not whole or k + length > end:
            break
        if data[at] >> 4 == 3:
            frame = k + 2 + (np.int64(data[k]) << 8 | data[k + 1]) + 8
            if data[at] & 6:
                frame += 2
            while frame + 20 <= k + length:
                shape = np.int64(data[frame + 2]) | np.int64(data[frame + 3]) << 8
                head = 8 + (8 if shape >> 11 & 1 else 6) + (shape >> 12 & 3) + 1 + (shape >> 14) + 1
                stop = frame + (shape & 0x7FF)
                for r in range(frame + head, stop - 4, 10):
                    if data[r] == 0:
                        first, last = np.int64(0), np.int64(0)
                        for i in range(4):
                            first |= np.int64(data[r + 2 + i]) << (8 * i)
                            last |= np.int64(data[r + 6 + i]) << (8 * i)
                        stored += last - first + 1
                frame = stop
        at = k + length
    return stored, at


class Receipts:
    """Counts on a thread of its own."""

    def __init__(self, link):
        self.link, self.stored, self.moved = link, 0, threading.Condition()

    def run(self):
        held = bytearray()
        while True:
            came = self.link.recv(1 << 18)
            if not came:
                return
            held += came
            stored, read = receipted(np.frombuffer(bytes(held), np.uint8), len(held))
            del held[:read]
            if stored:
                with self.moved:
                    self.stored += stored
                    self.moved.notify()

    def wait(self, until):
        with self.moved:
            there = self.moved.wait_for(lambda: self.stored >= until, STUCK_AFTER_S)
        assert there, f"stuck with {self.stored} receipts of {until}"


def main():
    port, capture, classes, size = sys.argv[1:]
    made = packets(pathlib.Path(capture) / "evening.zcap", int(classes), int(size))
    total = sum(count for _, count in made)
    receipted(np.zeros(8, np.uint8), 8)
    link = socket.create_connection(("127.0.0.1", int(port)))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(b"\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04load")
    assert link.recv(4) == b"\x20\x02\x00\x00", "the broker refuses"
    wanted = b"zhibi/v1/+/+/down/receipt"
    rest = b"\x00\x01" + len(wanted).to_bytes(2, "big") + wanted + b"\x00"
    link.sendall(b"\x82" + bytes([len(rest)]) + rest)
    assert link.recv(5)[:1] == b"\x90"
    receipts = Receipts(link)
    threading.Thread(target=receipts.run, daemon=True).start()
    begun, own = time.perf_counter(), time.process_time()
    sent, at = 0, 0
    while at < len(made):
        # A few packets in a call of the system.
        bytes_, count = bytearray(), 0
        while at < len(made) and len(bytes_) < 1 << 16:
            bytes_ += made[at][0]
            count += made[at][1]
            at += 1
        receipts.wait(sent + count - IN_FLIGHT)
        link.sendall(bytes_)
        sent += count
    receipts.wait(total)
    took = time.perf_counter() - begun
    figures = {"chunks": total, "bundles": len(made), "seconds": took,
               "chunks_per_s": total / took, "load_cpu_s": time.process_time() - own}
    print(json.dumps(figures))


main()
