use mqtt5::ConnectOptions;

use super::*;

fn guard() -> Guard {
    Guard { password: "secret".into() }
}

async fn admits(client: &str, password: Option<&str>) -> Option<Option<String>> {
    let mut options = ConnectOptions::new(client);
    if let Some(password) = password {
        options = options.with_credentials(SERVICE, password.as_bytes());
    }
    let connect = ConnectPacket::new(options.protocol_options);
    let from = SocketAddr::from(([127, 0, 0, 1], 4_711));
    let result = guard().authenticate(&connect, from).await.unwrap();
    result.authenticated.then_some(result.user_id)
}

#[tokio::test]
async fn the_services_ids_are_its_own() {
    assert_eq!(admits("class-1", None).await, Some(None));
    assert_eq!(admits("zhibi-ingest", None).await, None);
    assert_eq!(admits("zhibi-ingest-receipts", Some("guess")).await, None);
    assert_eq!(admits("zhibi-ingest", Some("secret")).await, Some(Some(SERVICE.into())));
}

#[tokio::test]
async fn nobody_else_writes_receipts() {
    let gateway = firmware_protocol::GatewayId::parse("class-1").unwrap();
    for (channel, open) in [
        (Channel::UpInk, true),
        (Channel::UpState, true),
        (Channel::DownReceipt, false),
        (Channel::DownPolicy, false),
    ] {
        let topic = Topic { gateway, channel }.to_string();
        assert_eq!(guard().authorize_publish("class-1", None, &topic).await, open, "{topic}");
        assert!(guard().authorize_publish("zhibi-ingest", Some(SERVICE), &topic).await);
    }
}
