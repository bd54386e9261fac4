use super::Subscription;

#[test]
fn a_shards_filter_is_of_its_gateways() {
    let filters = Subscription::Shards(vec![7, 42]).ink_filters();
    assert_eq!(filters, ["zhibi/v1/07/+/up/ink", "zhibi/v1/42/+/up/ink"]);
    assert_eq!(Subscription::Shared.ink_filters(), ["$share/ingest/zhibi/v1/+/+/up/ink"]);
}
