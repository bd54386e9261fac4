"""Holds the peer's decoder against the golden vectors that it can read."""

import json
import re

import numpy as np

import wire

# Fields of more than 57 bits, which no pen writes.
TOO_WIDE = "chunk-extremes"
VECTORS = wire.PROTOCOL.parent / "vectors"


def check(name, lines, data):
    data = np.frombuffer(data, np.uint8)
    found = np.zeros((1000, 8), np.int64)
    room, samples = wire.room(), np.zeros((8192, 4), np.int64)
    chunks = [line for line in lines if line.get("frame") == "chunk"]
    read = 0
    for row in found[: wire.frames(data, 0, len(data), found)]:
        if row[wire.KIND] != 0x12:
            continue
        n, _ = wire.decode(data, row[wire.PAYLOAD], row[wire.FRAME_END] - 4, room, samples)
        if n < 0 and any(line.get("frame") == "error" for line in lines):
            continue
        fragments, head = room[3], room[4]
        wanted = chunks[read]
        read += 1
        if wanted["tilt"] or wanted["twist"]:
            continue
        assert n == len(wanted["fragments"]), (name, n)
        assert head[wire.ANCHOR_MS] == wanted["anchor_unix_ms"], name
        for row, fragment in zip(fragments[:n], wanted["fragments"]):
            width = 4 if "force_max" in wanted and wanted["force_max"] else 3
            at = row[wire.OFFSET]
            got = samples[at : at + row[wire.COUNT], :width].tolist()
            assert got == fragment["samples"], (name, got[:5], fragment["samples"][:5])
            assert row[wire.STROKE] == fragment["stroke"], name
            address = fragment.get("address")
            assert bool(row[wire.HAS_PAGE]) == isinstance(address, dict), name
            if isinstance(address, dict):
                assert row[wire.PAGE] == address["page"] and row[wire.BOOK] == address["book"], name
    assert read == len(chunks), (name, read, len(chunks))
    return read


def main():
    total = 0
    for path in sorted(VECTORS.glob("*.hex")):
        if path.stem == TOO_WIDE or path.stem.startswith("refused-"):
            continue
        text = re.sub(r"#.*", "", path.read_text())
        lines = [json.loads(line) for line in path.with_suffix(".jsonl").read_text().splitlines()]
        total += check(path.stem, lines, bytes.fromhex("".join(text.split())))
    print(f"{total} chunks of the golden vectors read as they should be")


main()
