//! What becomes of each kind of content, sound or not.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_is_harmless() {
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::start(config(broker.port())).await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    let vandal = Gateway::connect(broker.port(), "g-666").await;
    let chunks = pen::chunks(7, 100);
    let mut state = 0x2545_f491_u32;
    for (index, chunk) in chunks.iter().enumerate() {
        let noise: Vec<u8> = (0..100_000 / (1 + index % 7))
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                state.to_le_bytes()[0]
            })
            .collect();
        vandal.publish(noise).await;
        gateway.send(std::slice::from_ref(chunk)).await;
    }
    vandal.publish_on("zhibi/v1/99/g-666/up/ink".into(), vec![1, 2, 3]).await;
    gateway.hear(|heard| heard.len() == 100).await;
    let row = server.held("bad_topic").await;
    let detail = "the shard is not the gateway's: CRC-32C of its id, modulo 64: \
                  \"zhibi/v1/99/g-666/up/ink\"";
    assert_eq!((row.gateway.as_str(), row.detail.as_str()), ("?", detail));
    assert_eq!(server.chunks().await, numbers(7, 100));
    let counters = server.stop().await;
    assert_eq!(counters.not_bundles + counters.oversized, 100);
    assert!(counters.oversized > 0);
    // Sixty of its own and one without a gateway.
    assert_eq!(counters.quarantined, 61);
    assert_eq!(counters.connections, 2, "it never reconnected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_sees_all_ink_and_what_is_none() {
    let Some(broker) = Mosquitto::start() else { return };
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sees = Arc::clone(&seen);
    let observer = Observer(Arc::new(move |from: &str, bytes: &[u8]| {
        sees.lock().unwrap().push((from.to_owned(), bytes.len()));
    }));
    assert_eq!(format!("{observer:?}"), "Observer");
    let server = Server::start(Config { observer: Some(observer), ..config(broker.port()) }).await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    let chunks = pen::chunks(7, 1);
    gateway.publish(b"no bundle".to_vec()).await;
    gateway.publish(vec![0; 70_000]).await;
    gateway.publish_on("zhibi/v1/99/g-1/up/ink".into(), vec![1, 2, 3]).await;
    let state = Topic { gateway: gateway.id, channel: Channel::UpState }.to_string();
    gateway.publish_on(state, vec![4, 5]).await;
    gateway.send(&chunks).await;
    gateway.hear(|heard| heard.len() == 1).await;
    assert_eq!(server.chunks().await, numbers(7, 1));
    let counters = server.stop().await;
    assert_eq!((counters.oversized, counters.bad_topics), (1, 1));
    // A bundle's header has eight bytes.
    let ours = |len| ("g-1".to_owned(), len);
    let stray = ("zhibi/v1/99/g-1/up/ink".to_owned(), 3);
    assert_eq!(*seen.lock().unwrap(), [ours(9), ours(70_000), stray, ours(8 + chunks[0].len())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_case_has_its_word() {
    let Some(broker) = Mosquitto::start() else { return };
    let server = Server::start(config(broker.port())).await;
    let mut gateway = Gateway::connect(broker.port(), "g-1").await;
    let seal = |frame: &mut Vec<u8>| {
        let end = frame.len() - 4;
        let crc = firmware_protocol::crc32c(&frame[..end]);
        frame[end..].copy_from_slice(&crc.to_le_bytes());
    };
    let chunks = pen::chunks(7, 5);
    gateway.send(&chunks[..1]).await;
    gateway.hear(|heard| heard.len() == 1).await;
    // Number 1 again with other bytes: those of number 2 under its name.
    let mut conflict = chunks[1].clone();
    // Behind four bytes, a short pen, a counter of one byte and the random part.
    conflict[15] = chunks[0][15];
    seal(&mut conflict);
    let mut future = chunks[2].clone();
    future[1] = 9 << 4 | firmware_protocol::Kind::Chunk as u8;
    seal(&mut future);
    let mut damaged = chunks[3].clone();
    damaged[40] ^= 0x10;
    gateway.heard.clear();
    // Two under one name in one bundle, the first of which is stored.
    let mut other = chunks[1].clone();
    other[15] = chunks[4][15];
    seal(&mut other);
    gateway.send(&[conflict, future, damaged, chunks[4].clone(), other]).await;
    gateway.hear(|heard| heard.contains_key(&(PenId(7), 5))).await;
    let heard: Vec<_> = gateway.heard.iter().map(|((_, n), outcome)| (*n, *outcome)).collect();
    let refused = Outcome::Refused(RefusalCode::UnknownVersion);
    assert_eq!(heard, [(1, Outcome::Held), (3, refused), (5, Outcome::Held)]);
    assert_eq!(server.chunks().await, [(7, 1), (7, 5)]);
    let counters = server.stop().await;
    assert_eq!((counters.conflicts, counters.damaged_frames), (2, 1));
}
