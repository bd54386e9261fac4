"""The consumer: paho-mqtt, each payload verified in full, one transaction for what has come,
PUBACK and receipts after the commit. `ingest.py PORT DATABASE WORKERS`, until it is ended."""

import multiprocessing
import queue
import sys
import threading

import paho.mqtt.client as mqtt

import storing
import wire

# What a transaction holds at most.
BATCH = 4096


def receipts(stored):
    """Bundles of receipts by gateway, of what was stored of each."""
    numbers = {}
    for gateway, _, frames, _ in stored:
        for kind, pen, counter, random, number, *_ in frames:
            if kind == 0x12 or kind == 0x11:
                numbers.setdefault((gateway, pen, counter, random), []).append(number)
    of_gateway = {}
    for (gateway, pen, counter, random), of_boot in numbers.items():
        of_boot.sort()
        ranges, first, last = [], of_boot[0], of_boot[0]
        for number in of_boot[1:]:
            if number > last + 1:
                ranges.append((first, last))
                first = number
            last = number
        ranges.append((first, last))
        payload = b"".join(
            b"\0\0" + first.to_bytes(4, "little") + last.to_bytes(4, "little")
            for first, last in ranges
        )
        frame = wire.frame(wire.RECEIPT, pen, counter, random, 0, payload)
        of_gateway.setdefault(gateway, []).append(frame)
    for gateway, frames in of_gateway.items():
        # A receipt takes some 40 bytes, a payload of MQTT at most 64 KiB.
        for at in range(0, len(frames), 1000):
            yield gateway, wire.bundle(frames[at : at + 1000])


def work(port, database, worker, ready):
    verifier, came = storing.Verifier(), queue.SimpleQueue()
    # Compiled before the first payload.
    verifier(wire.bundle([]))
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, client_id=f"zhibi-peer-{worker}", manual_ack=True
    )
    client.max_inflight_messages_set(0)
    client.on_message = lambda _client, _data, message: came.put(message)
    client.on_subscribe = lambda *_: ready.release()
    client.on_connect = lambda *_: client.subscribe("$share/ingest/zhibi/v1/+/+/up/ink", 1)

    def write():
        store = storing.Store(database)
        while True:
            messages, chunks, batch = [came.get()], 0, []
            while True:
                message = messages[-1]
                frames, touches = verifier(message.payload)
                _, _, shard, gateway, *_ = message.topic.split("/")
                batch.append((f"{shard}/{gateway}", message.payload, frames, touches))
                chunks += len(frames)
                if chunks >= BATCH or came.empty():
                    break
                messages.append(came.get())
            store.store(batch)
            for message in messages:
                client.ack(message.mid, message.qos)
            for gateway, bundle in receipts(batch):
                client.publish(f"zhibi/v1/{gateway}/down/receipt", bundle, 1)

    client.connect("127.0.0.1", port)
    threading.Thread(target=write, daemon=True).start()
    client.loop_forever()


def main():
    port, database, workers = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    context = multiprocessing.get_context("fork")
    ready = context.Semaphore(0)
    processes = [
        context.Process(target=work, args=(port, database, worker, ready), daemon=True)
        for worker in range(workers)
    ]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    print("ready", flush=True)
    for process in processes:
        process.join()


if __name__ == "__main__":
    main()
