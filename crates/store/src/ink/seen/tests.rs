use super::*;
use crate::Delivery;
use crate::fixture::Fixture;

fn pen(battery_percent: Option<u8>, seen_ms: i64) -> PenSeen {
    let gateway = "g-1".into();
    PenSeen { pen: 7, gateway, seen_ms, battery_percent, charging: false, backlog: 3 }
}

fn gateway(online: bool, session: u64, began_ms: i64, seen_ms: i64) -> GatewaySeen {
    let session = Some(GatewaySession { online, session, began_ms });
    GatewaySeen { gateway: "g-1".into(), seen_ms, session }
}

#[tokio::test]
async fn a_hello_leaves_the_battery_as_it_was() {
    let fixture = Fixture::without_runs().await;
    for pens_seen in [vec![pen(Some(81), 10), pen(None, 20)], vec![pen(None, 30)]] {
        let delivery = Delivery { pens_seen, ..Delivery::default() };
        fixture.store.take_delivery(delivery).await.unwrap();
    }
    let row: (i64, Option<i64>, i64, String) =
        query("SELECT seen_ms, battery_percent, backlog, gateway FROM pen_seen WHERE pen = 7")
            .fetch_one(fixture.store.readers())
            .await
            .unwrap();
    assert_eq!(row, (30, Some(81), 3, "g-1".into()));
}

/// Each step: what is heard, and what stands then: online, session, since when.
#[tokio::test]
async fn a_will_ends_its_own_session_alone() {
    let fixture = Fixture::without_runs().await;
    let ink = GatewaySeen { gateway: "g-1".into(), seen_ms: 5, session: None };
    let steps = [
        (ink, (None, None, None)),
        (gateway(true, 1, 100, 110), (Some(1), Some(1), Some(110))),
        // Retained: it comes again when the service connects again.
        (gateway(true, 1, 100, 500), (Some(1), Some(1), Some(110))),
        (gateway(false, 1, 100, 600), (Some(0), Some(1), Some(600))),
        (gateway(true, 2, 610, 620), (Some(1), Some(2), Some(620))),
        // Late: the session that it is about ended before.
        (gateway(false, 1, 100, 630), (Some(1), Some(2), Some(620))),
        // The birth of the third was missed.
        (gateway(false, 3, 700, 710), (Some(0), Some(3), Some(710))),
        // Its clock was set back.
        (gateway(true, 4, 50, 720), (Some(1), Some(4), Some(720))),
    ];
    for (heard, stands) in steps {
        let told = format!("{heard:?}");
        let delivery = Delivery { gateways_seen: vec![heard], ..Delivery::default() };
        fixture.store.take_delivery(delivery).await.unwrap();
        let row: (Option<i64>, Option<i64>, Option<i64>) =
            query("SELECT online, session, since_ms FROM gateway_seen WHERE gateway = 'g-1'")
                .fetch_one(fixture.store.readers())
                .await
                .unwrap();
        assert_eq!(row, stands, "{told}");
    }
}
