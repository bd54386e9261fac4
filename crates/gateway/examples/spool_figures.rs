//! Fills a spool through a gateway without a broker, opens it again, and prints how long that takes
//! and what it needs: `spool_figures FOLDER MIB`. Run twice: the first run fills, the second opens.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use firmware_protocol::{GatewayId, crc32c};

/// Chunks that are handed over together.
const TOGETHER: u32 = 256;

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

/// A frame of 1,024 bytes with a sound envelope: of a class's pens in turn.
fn frame(number: u32) -> Vec<u8> {
    let (pen, number) = (u64::from(number % 45), number / 45 + 0x0001_0000);
    let mut frame = vec![0x5a, 0x12];
    frame.extend((2_u16 << 14 | 1_024).to_le_bytes());
    frame.extend(&pen.to_le_bytes()[..6]);
    frame.push(1);
    frame.extend(7_u32.to_le_bytes());
    frame.extend(&number.to_le_bytes()[..3]);
    frame.extend((0..1_020 - frame.len()).map(|at| (at as u32 ^ number) as u8));
    frame.extend(crc32c(&frame).to_le_bytes());
    frame
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let spool = PathBuf::from(arguments.next().expect("a folder"));
    let mib: u32 = arguments.next().and_then(|mib| mib.parse().ok()).expect("MiB");
    let before_kib = resident_kib();
    let began = Instant::now();
    let config = gateway::Config {
        id: GatewayId::parse("figures").expect("an id"),
        // Nobody listens there.
        broker: gateway::Broker {
            host: "127.0.0.1".to_owned(),
            port: 1,
            credentials: None,
            tls: None,
        },
        spool,
        spool_bytes_max: (2 * u64::from(mib)) << 20,
        bundle_bytes_max: 16 << 10,
        bundle_wait: Duration::from_millis(50),
        in_flight_max: 4_096,
        resend_after: Duration::from_secs(60),
    };
    let gateway = gateway::start(config, Arc::new(|| 1_788_220_800_000)).expect("the spool opens");
    let opened = began.elapsed();
    let chunks = gateway.spooled();
    println!("{chunks} chunks opened in {:.2} s", opened.as_secs_f64());
    if chunks == 0 {
        let began = Instant::now();
        let mut next = 0;
        while next < mib * 1_024 {
            let link = gateway.link();
            let together = (next..next + TOGETHER).map(|number| {
                let link = link.clone();
                tokio::spawn(async move { link.hand_over(&frame(number)).await })
            });
            for taken in together.collect::<Vec<_>>() {
                taken.await.expect("a task").expect("it is taken");
            }
            next += TOGETHER;
        }
        println!("{next} chunks taken in {:.1} s", began.elapsed().as_secs_f64());
    }
    let chunks = gateway.spooled().max(1) as u64;
    let kib = resident_kib() - before_kib;
    println!("{kib} KiB of memory more, {} bytes a chunk", kib * 1_024 / chunks);
    gateway.stop().await;
}
