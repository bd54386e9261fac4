"""Trains the peer's small network on evenings of other seeds, and writes an untrained one of our
reader's shape: `train.py OUT CAPTURE…`."""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import mark
import storing

HIDDEN, EPOCHS, BATCH = 96, 12, 64


def symbols(capture):
    """Images and labels of answers that are cut into as many symbols as were meant."""
    evening = mark.Evening(capture)
    marker = mark.Marker(evening, None)
    verifier = storing.Verifier()
    meant = {(r["assignment"], r["pupil"], r["part"]): r
             for r in evening.manifest["truth"]["responses"]}
    chunks = {}
    for bundle in mark.wire.bundles_of(pathlib.Path(capture) / "evening.zcap"):
        frames, touches = verifier(bundle)
        for place, folio, page, *_ in touches:
            _, pen, counter, random, number, begin, _, end = frames[place]
            of = chunks.setdefault((folio, page, pen), {})
            of[counter, random, number] = bundle[begin:end]
    for (folio, page, pen), of in chunks.items():
        paper = evening.paper(folio, page, pen)
        if not paper:
            continue
        sheet, by_part = paper[3], {}
        for stroke in marker.ink([of[key] for key in sorted(of)], folio, page, paper):
            if stroke[2] >= 0:
                by_part.setdefault(int(sheet.rects[int(stroke[2]), 0]), []).append(stroke)
        for place, strokes in by_part.items():
            name, kind, _, letters = sheet.parts[place]
            truth = meant.get((*paper[:2], name))
            if not truth or truth["tricks"] or not truth["meant"] or kind not in mark.OF_KIND:
                continue
            groups = mark.cut(strokes) if kind == "number" else [strokes]
            if len(groups) == len(truth["meant"]) and not letters:
                for group, symbol in zip(groups, truth["meant"]):
                    if symbol in mark.SYMBOLS:
                        yield mark.draw(marker.points, group), mark.SYMBOLS.index(symbol)


def train(captures, path):
    images, labels = map(np.array, zip(*(s for c in captures for s in symbols(c))))
    x, rng = images.reshape(len(images), -1).astype(np.float32) / 255, np.random.default_rng(1)
    n = len(mark.SYMBOLS)
    net = [rng.normal(0, 0.05, (784, HIDDEN)), np.zeros(HIDDEN),
           rng.normal(0, 0.1, (HIDDEN, n)), np.zeros(n)]
    net = [p.astype(np.float32) for p in net]
    first, second = [np.zeros_like(p) for p in net], [np.zeros_like(p) for p in net]
    step = 0
    for epoch in range(EPOCHS):
        order = rng.permutation(len(x))
        for at in range(0, len(x), BATCH):
            pick, step = order[at : at + BATCH], step + 1
            inputs = x[pick]
            hidden = np.maximum(inputs @ net[0] + net[1], 0)
            out = hidden @ net[2] + net[3]
            out = np.exp(out - out.max(1, keepdims=True))
            out /= out.sum(1, keepdims=True)
            out[np.arange(len(pick)), labels[pick]] -= 1
            out /= len(pick)
            back = (out @ net[2].T) * (hidden > 0)
            slopes = [inputs.T @ back, back.sum(0), hidden.T @ out, out.sum(0)]
            rate = 2e-3 * (1 - epoch / EPOCHS)
            for p, g, m, v in zip(net, slopes, first, second):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                p -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    np.savez(path, w1=net[0], b1=net[1], w2=net[2], b2=net[3])
    print(f"the peer's network: {len(x)} symbols of {len(captures)} other evenings")


def idle(path):
    """Three convolutions over the map, a layer over the path, two that join them."""
    rng = np.random.default_rng(1)
    weights = []

    def weight(name, *shape):
        weights.append(numpy_helper.from_array(rng.normal(0, 0.1, shape).astype(np.float32), name))
        return name

    nodes, x = [], "map"
    for i, (planes, outputs, stride) in enumerate([(10, 24, 2), (24, 48, 2), (48, 64, 1)]):
        nodes.append(helper.make_node(
            "Conv", [x, weight(f"w{i}", outputs, planes, 3, 3), weight(f"b{i}", outputs)],
            [f"c{i}"], strides=[stride, stride], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Relu", [f"c{i}"], [f"r{i}"]))
        x = f"r{i}"
    nodes += [
        helper.make_node("MaxPool", [x], ["pool"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pool"], ["flat"]),
        helper.make_node("Gemm", ["path", weight("wp", 240, 64), weight("bp", 64)], ["p"]),
        helper.make_node("Relu", ["p"], ["pr"]),
        helper.make_node("Concat", ["flat", "pr", "globals"], ["all"], axis=1),
        helper.make_node("Gemm", ["all", weight("wj", 652, 80), weight("bj", 80)], ["j"]),
        helper.make_node("Relu", ["j"], ["jr"]),
        helper.make_node("Gemm", ["jr", weight("wl", 80, 32), weight("bl", 32)], ["out"]),
    ]

    def value(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])

    graph = helper.make_graph(
        nodes, "reader", [value("map", 10, 24, 24), value("path", 240), value("globals", 12)],
        [value("out", 32)], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)


out, *captures = sys.argv[1:]
train(captures, pathlib.Path(out) / "mlp.npz")
idle(pathlib.Path(out) / "idle.onnx")
