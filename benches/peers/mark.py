"""Marking what a store holds: strokes to fields, symbols drawn by OpenCV, a small network, the key.

What a day's work gives: no red pen, no crossing out, no search over cuts, no alternatives, nobody
asked in doubt, no claims, no re-marking, no attribution by lease but the pen's one holder.
"""

import json
import multiprocessing
import pathlib
import sqlite3
import sys
import time
import tomllib

import cv2
import numpy as np
from numba import njit

import storing
import wire

SHEETS = pathlib.Path(__file__).parents[2] / "sample-strokes/worksheets"
SYMBOLS = "0123456789.ABCD√×<>=-"
OF_KIND = {"number": "0123456789.-", "letter": "ABCD", "true_false": "√×", "comparison": "<>="}
SIDE = 28
# A paper is marked with others in one transaction.
BATCH = 16
TABLE = """CREATE TABLE IF NOT EXISTS peer_response (
    school TEXT NOT NULL, assignment TEXT NOT NULL, pupil TEXT NOT NULL, page INTEGER NOT NULL,
    part TEXT NOT NULL, reading TEXT, probability REAL, verdict TEXT, first_ms INTEGER,
    last_ms INTEGER, strokes TEXT NOT NULL,
    PRIMARY KEY (school, assignment, pupil, page, part)) STRICT, WITHOUT ROWID"""


class Sheet:
    """The fields of one page: rectangles in micrometres, kinds and keys."""

    def __init__(self, worksheet, page):
        self.parts, rects = [], []
        for question in worksheet["question"]:
            if question["page"] != page:
                continue
            for number, part in enumerate([question, *question.get("part", [])]):
                name = question["id"] if number == 0 else f"{question['id']}.{number + 1}"
                bubbles, right = part.get("bubbles"), part["answer"].get("right")
                if bubbles:
                    places = [bubble["rect"] for bubble in bubbles]
                elif "lines" in part:
                    places = [part["lines"]["rect"]]
                else:
                    places = [part.get("box") or part["bracket"]]
                # Ink a little outside a field is still meant for it.
                margin = 500 if bubbles else 2_500
                for place in places:
                    rects.append((
                        len(self.parts), place["x_um"] - margin, place["y_um"] - margin,
                        place["x_um"] + place["width_um"] + margin,
                        place["y_um"] + place["height_um"] + margin,
                    ))
                if isinstance(right, bool):
                    right = "√" if right else "×"
                letters = bubbles and [bubble["letter"] for bubble in bubbles]
                self.parts.append((name, part["answer"]["kind"], right, letters))
        self.rects = np.array(rects, np.float64).reshape(-1, 5)


class Evening:
    """What a capture's manifest says of sheets, pupils and pens."""

    def __init__(self, capture):
        self.manifest = json.loads((pathlib.Path(capture) / "manifest.json").read_text())
        self.school, self.runs = self.manifest["class"], {}
        for assignment in self.manifest["assignments"]:
            run = assignment["run"]
            folder = SHEETS / run["worksheet"]["id"]
            worksheet = tomllib.loads((folder / "worksheet.toml").read_text())
            folio = run["section"] << 56 | run["owner"] << 32 | run["book"]
            sheets = [Sheet(worksheet, page + 1) for page in range(run["pages"])]
            self.runs[folio] = (assignment["id"], run, sheets)
        self.pupils = [p["pupil"] for p in self.manifest["truth"]["pupils"]]
        self.holders = {int(l["pen"], 16): l.get("pupil") for l in self.manifest["leases"]}

    def paper(self, folio, page, pen):
        """Assignment, pupil, page, sheet and placement; None where the ink is no pupil's."""
        holder = self.holders.get(pen)
        if folio not in self.runs or holder is None:
            return None
        assignment, run, sheets = self.runs[folio]
        copy, at = divmod(page - run["first_page"], run["pages"])
        if run["copies"] != "shared":
            holder = self.pupils[copy]
        moved = run["registration"]
        scale, angle = 1 + moved["scale_ppm"] / 1e6, moved["rotation_urad"] / 1e6
        placement = np.array([scale * np.cos(angle), scale * np.sin(angle), moved["dx_um"],
                              moved["dy_um"]])
        return assignment, holder, at + 1, sheets[at], placement


@njit(cache=True, nogil=True)
def gather(data, starts, ends, folio, page, placement, rects, room, samples, points, strokes):
    """Decodes chunks, and puts the strokes of one page face into page micrometres and fields.

    `strokes` gets: first point, points, place of rectangle or -1, left, right, top, bottom, number,
    first and last moment. Returns how many strokes.
    """
    held, at = 0, 0
    fragments, head = room[3], room[4]
    for c in range(len(starts)):
        begin, end = starts[c], ends[c]
        shape = np.int64(data[begin + 2]) | np.int64(data[begin + 3]) << 8
        payload = begin + 8 + (8 if shape >> 11 & 1 else 6) + (shape >> 12 & 3) + (shape >> 14) + 2
        count, _ = wire.decode(data, payload, end - 4, room, samples)
        scale = head[wire.UNIT_NM] / 1000
        for k in range(count):
            there = fragments[k, wire.SECTION] << 56 | fragments[k, wire.OWNER] << 32
            there |= fragments[k, wire.BOOK]
            n, first = fragments[k, wire.COUNT], fragments[k, wire.OFFSET]
            if there != folio or fragments[k, wire.PAGE] != page or n == 0:
                continue
            goes_on = fragments[k, wire.FIRST] == 0 and held > 0
            if not (goes_on and strokes[held - 1, 7] == fragments[k, wire.STROKE]):
                strokes[held, 0], strokes[held, 1] = at, 0
                strokes[held, 3], strokes[held, 4] = 1e12, -1e12
                strokes[held, 5], strokes[held, 6] = 1e12, -1e12
                strokes[held, 7] = fragments[k, wire.STROKE]
                ms = head[wire.ANCHOR_MS] + samples[first, 0] * head[wire.TICK_US] / 1000
                strokes[held, 8] = ms
                held += 1
            s = held - 1
            ms = head[wire.ANCHOR_MS] + samples[first + n - 1, 0] * head[wire.TICK_US] / 1000
            strokes[s, 9] = ms
            for i in range(first, first + n):
                x, y = samples[i, 1] * scale, samples[i, 2] * scale
                px = placement[0] * x - placement[1] * y + placement[2]
                py = placement[1] * x + placement[0] * y + placement[3]
                points[at, 0], points[at, 1] = px, py
                at += 1
                strokes[s, 3], strokes[s, 4] = min(strokes[s, 3], px), max(strokes[s, 4], px)
                strokes[s, 5], strokes[s, 6] = min(strokes[s, 5], py), max(strokes[s, 6], py)
            strokes[s, 1] += n
    for s in range(held):
        x, y = (strokes[s, 3] + strokes[s, 4]) / 2, (strokes[s, 5] + strokes[s, 6]) / 2
        strokes[s, 2] = -1
        for r in range(len(rects)):
            if rects[r, 1] <= x <= rects[r, 3] and rects[r, 2] <= y <= rects[r, 4]:
                strokes[s, 2] = r
                break
    return held


def cut(strokes):
    """Strokes of a number from left to right, as groups that overlap: its symbols."""
    groups, right = [], None
    for stroke in sorted(strokes, key=lambda s: s[3]):
        own = min(stroke[4] - stroke[3], 2_000)
        if groups and right - stroke[3] > 0.25 * own:
            groups[-1].append(stroke)
            right = max(right, stroke[4])
        else:
            groups.append([stroke])
            right = stroke[4]
    return groups


def draw(points, group):
    """A symbol's strokes in the middle of SIDE × SIDE pixels."""
    left, right = min(s[3] for s in group), max(s[4] for s in group)
    top, bottom = min(s[5] for s in group), max(s[6] for s in group)
    # Small ones stay small: a point is no 0.
    scale = 20 * 16 / max(right - left, bottom - top, 2_500)
    middle = np.array([(left + right) / 2, (top + bottom) / 2], np.float32)
    image = np.zeros((SIDE, SIDE), np.uint8)
    lines = []
    for s in group:
        first = int(s[0])
        line = (points[first : first + int(s[1])] - middle) * scale + SIDE * 8
        lines.append(line.astype(np.int32))
    cv2.polylines(image, lines, False, 255, 2, cv2.LINE_AA, 4)
    return image


class Network:
    """784 → hidden → symbols."""

    def __init__(self, path):
        with np.load(path) as held:
            self.layers = [held[name] for name in ("w1", "b1", "w2", "b2")]

    def __call__(self, images):
        w1, b1, w2, b2 = self.layers
        x = images.reshape(len(images), -1).astype(np.float32) * (1 / 255)
        return np.maximum(x @ w1 + b1, 0) @ w2 + b2


class Idle:
    """onnxruntime on a network of our reader's shape, whose answer nobody looks at."""

    def __init__(self, path):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options)

    def __call__(self, n):
        self.session.run(None, {
            "map": np.zeros((n, 10, 24, 24), np.float32), "path": np.zeros((n, 240), np.float32),
            "globals": np.zeros((n, 12), np.float32),
        })


class Marker:
    def __init__(self, evening, network, idle=None):
        self.evening, self.network, self.idle = evening, network, idle
        self.room, self.samples = wire.room(), np.zeros((8192, 4), np.int64)
        self.points = np.zeros((1 << 20, 2), np.float32)
        self.strokes = np.zeros((1 << 14, 10), np.float64)
        self.masks = {
            kind: np.array([0 if s in of else -1e9 for s in SYMBOLS], np.float32)
            for kind, of in OF_KIND.items()
        }

    def ink(self, chunks, folio, page, paper):
        """Strokes of a paper by rectangle, as lists."""
        data = b"".join(chunks)
        ends = np.cumsum([len(chunk) for chunk in chunks])
        starts = ends - [len(chunk) for chunk in chunks]
        held = gather(np.frombuffer(data, np.uint8), starts, ends, folio, page, paper[4],
                      paper[3].rects, self.room, self.samples, self.points, self.strokes)
        return self.strokes[:held].tolist()

    def mark(self, papers):
        """Rows of (paper, folio, page, chunks): all symbols of all papers in one product."""
        images, kinds, pending, rows = [], [], [], []
        for paper, folio, page, chunks in papers:
            assignment, pupil, number, sheet, _ = paper
            by_part = [[] for _ in sheet.parts]
            rects = sheet.rects
            for stroke in self.ink(chunks, folio, page, paper):
                if stroke[2] >= 0:
                    by_part[int(rects[int(stroke[2]), 0])].append(stroke)
            for place, ((name, kind, right, letters), strokes) in enumerate(zip(sheet.parts, by_part)):
                head = (self.evening.school, assignment, pupil, number, name)
                keys = json.dumps([int(s[7]) for s in strokes])
                first = int(min((s[8] for s in strokes), default=0))
                last = int(max((s[9] for s in strokes), default=0))
                if not strokes or kind == "free":
                    verdict = "blank" if not strokes else "person"
                    rows.append((*head, None, None, verdict, first, last, keys))
                    continue
                if letters:
                    rows.append((*head, *self.bubble(sheet, place, strokes, letters, right),
                                 first, last, keys))
                    continue
                groups = cut(strokes) if kind == "number" else [strokes]
                pending.append((head, kind, right, len(groups), first, last, keys))
                images.extend(draw(self.points, group) for group in groups)
                kinds.extend([self.masks[kind]] * len(groups))
        if images:
            if self.idle:
                self.idle(len(images))
            out = self.network(np.stack(images)) + np.stack(kinds)
            out = np.exp(out - out.max(1, keepdims=True))
            best, sure = out.argmax(1).tolist(), (1 / out.sum(1)).tolist()
            at = 0
            for head, kind, right, n, first, last, keys in pending:
                text = "".join(SYMBOLS[b] for b in best[at : at + n])
                probability = float(np.prod(sure[at : at + n]))
                at += n
                verdict = "right" if same(kind, text, right) else "wrong"
                rows.append((*head, text, probability, verdict, first, last, keys))
        return rows

    def bubble(self, sheet, place, strokes, letters, right):
        """The bubble with the most ink, as OMRChecker takes it, from pixels."""
        rects = [rect for rect in sheet.rects.tolist() if rect[0] == place]
        shares = []
        for _, left, top, right_um, bottom in rects:
            scale = 8 * 16 / 1000
            size = int((bottom - top) / 125), int((right_um - left) / 125)
            image = np.zeros(size, np.uint8)
            corner = np.array([left, top], np.float32)
            lines = [((self.points[int(s[0]) : int(s[0] + s[1])] - corner) * scale).astype(np.int32)
                     for s in strokes]
            cv2.polylines(image, lines, False, 255, 3, cv2.LINE_AA, 4)
            shares.append(float(image.mean()) / 255)
        best = max(range(len(shares)), key=shares.__getitem__)
        return letters[best], shares[best], "right" if letters[best] == right else "wrong"


def same(kind, text, right):
    if kind != "number":
        return text == right
    try:
        return float(text) == float(right)
    except ValueError:
        return False


def papers_of(db, evening):
    """What is to be marked: page faces, and on a shared sheet each pupil's pen by itself."""
    papers = {}
    rows = db.execute("SELECT folio, page, pen FROM ink ORDER BY folio, page, pen").fetchall()
    for folio, page, pen in rows:
        paper = evening.paper(folio, page, pen)
        if paper:
            papers.setdefault((*paper[:3],), (paper, folio, page, []))[3].append(pen)
    return list(papers.values())


def load(db, batch):
    """The chunks of papers."""
    for paper, folio, page, pens in batch:
        chunks = []
        for pen in pens:
            chunks += db.execute(
                "SELECT c.bytes FROM chunk_address a JOIN chunk c ON c.id = a.chunk"
                " WHERE a.folio = ? AND a.page = ? AND a.pen = ?"
                " ORDER BY c.boot_counter, c.boot_random, c.number", (folio, page, pen)
            ).fetchall()
        yield paper, folio, page, [bytes_ for (bytes_,) in chunks]


def work(capture, database, network, idle, worker, workers, start, done):
    cv2.setNumThreads(1)
    evening = Evening(capture)
    marker = Marker(evening, Network(network), Idle(idle) if idle else None)
    db = storing.Store(database).db
    # Warm: code is compiled, pages are read.
    marker.mark(load(db, papers_of(db, evening)[:2]))
    start.wait()
    papers = papers_of(db, evening)[worker::workers]
    for at in range(0, len(papers), BATCH):
        rows = marker.mark(load(db, papers[at : at + BATCH]))
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO peer_response VALUES (?,?,?,?,?,?,?,?,?,?,?)"
                       " ON CONFLICT DO UPDATE SET reading = excluded.reading,"
                       " probability = excluded.probability, verdict = excluded.verdict,"
                       " strokes = excluded.strokes", rows)
        db.execute("COMMIT")
    done.put((len(papers), time.process_time()))


def fill(capture, database):
    """Stores an evening, 256 chunks a transaction; chunks a second."""
    verifier, store = storing.Verifier(), storing.Store(database)
    frames = []
    for bundle in wire.bundles_of(pathlib.Path(capture) / "evening.zcap"):
        found, _ = verifier(bundle)
        frames += [bundle[row[5] : row[7]] for row in found if row[0] in (0x11, 0x12)]
    batches = [wire.bundle(frames[at : at + 256]) for at in range(0, len(frames), 256)]
    batches = [("peer", batch, *verifier(batch)) for batch in batches]
    begun = time.perf_counter()
    for batch in batches:
        store.store([batch])
    return len(frames) / (time.perf_counter() - begun)


def compared(database, evening):
    """How many answers the machine decided, and how many of them otherwise than was meant."""
    db = sqlite3.connect(database)
    rows = db.execute("SELECT assignment, pupil, part, reading, verdict FROM peer_response")
    got = {(a, p, part): (reading, verdict) for a, p, part, reading, verdict in rows}
    decided = wrong = 0
    for truth in evening.manifest["truth"]["responses"]:
        if truth["verdict"] == "none":
            continue
        reading, verdict = got.get(
            (truth["assignment"], truth["pupil"], truth["part"]), (None, "blank")
        )
        decided += 1
        wrong += verdict != truth["verdict"]
    return decided, wrong


def main():
    capture, database, network, idle, workers = sys.argv[1:]
    stored = fill(capture, database)
    storing.Store(database).db.execute(TABLE)
    context = multiprocessing.get_context("fork")
    start, done = context.Barrier(int(workers) + 1), context.Queue()
    idle = None if idle == "-" else idle
    processes = [
        context.Process(
            target=work,
            args=(capture, database, network, idle, worker, int(workers), start, done),
        ) for worker in range(int(workers))
    ]
    for process in processes:
        process.start()
    start.wait()
    begun = time.perf_counter()
    papers = sum(done.get(timeout=60)[0] for _ in processes)
    took = time.perf_counter() - begun
    for process in processes:
        process.join()
    decided, wrong = compared(database, Evening(capture))
    print(json.dumps({
        "chunks_stored_per_s": stored, "papers": papers, "papers_per_s": papers / took,
        "answers": decided, "wrong": wrong,
    }))


if __name__ == "__main__":
    main()
