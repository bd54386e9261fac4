use super::*;
use crate::fixture::Fixture;

const LIMITS: SessionLimits = SessionLimits { idle_ms: 1_000_000, absolute_ms: 5_000_000 };
const SESSION: TokenHash = [1; 32];
const HALF: TokenHash = [2; 32];
const OTHER: TokenHash = [3; 32];
const RECOVERY: TokenHash = [4; 32];
const SECRET: [u8; 20] = [7; 20];

/// 王丽华 signs in with codes; the code of step 10 is used up.
async fn with_codes() -> Fixture {
    let fixture = Fixture::without_runs().await;
    let store = &fixture.store;
    store.begin_session(SESSION, "t-wang", LIMITS, 0).await.unwrap();
    store.begin_session(OTHER, "t-wang", LIMITS, 0).await.unwrap();
    assert!(store.begin_totp("t-wang", SECRET).await.unwrap());
    assert!(!store.totp("t-wang").await.unwrap().unwrap().is_on, "nothing is on yet");
    assert!(!store.staff_of_login("wang").await.unwrap().unwrap().has_totp);
    let recovery = vec![RECOVERY, [5; 32]];
    assert!(store.confirm_totp("t-wang", 10, recovery, SESSION, 1).await.unwrap());
    fixture
}

async fn half(store: &Store, token: TokenHash, now_ms: i64) {
    store.begin_half_login(token, "t-wang", now_ms).await.unwrap();
}

#[tokio::test]
async fn a_confirmed_secret_is_on_and_ends_other_sessions() {
    let Fixture { store, folder: _folder, .. } = with_codes().await;
    let staff = store.staff_of_login("wang").await.unwrap().unwrap();
    assert!(staff.has_totp && !staff.must_totp);
    assert!(store.session(SESSION, LIMITS, 2).await.unwrap().is_some());
    assert!(store.session(OTHER, LIMITS, 2).await.unwrap().is_none());
    let kept = store.totp("t-wang").await.unwrap().unwrap();
    assert_eq!((kept.is_on, kept.used_step, kept.recovery_codes), (true, 10, 2));
    assert_eq!(kept.secret, SECRET);
    assert_eq!(format!("{kept:?}"), "Totp { is_on: true, .. }", "the secret reaches no log");
    // Neither a new secret nor a second confirmation slips in.
    assert!(!store.begin_totp("t-wang", [8; 20]).await.unwrap());
    assert!(!store.confirm_totp("t-wang", 11, Vec::new(), SESSION, 2).await.unwrap());
    assert_eq!(store.totp("t-wang").await.unwrap().unwrap().secret, SECRET);
    assert!(store.totp("t-li").await.unwrap().is_none());
}

#[tokio::test]
async fn a_code_ends_one_login_once() {
    let Fixture { store, folder: _folder, .. } = with_codes().await;
    let enter = async |half, proof, session, now_ms| {
        store.end_half_login(half, proof, session, LIMITS, now_ms).await.unwrap()
    };
    half(&store, HALF, 100).await;
    assert_eq!(store.staff_of_half_login(HALF, 100).await.unwrap().unwrap().id, "t-wang");
    assert!(store.session(HALF, LIMITS, 100).await.unwrap().is_none(), "it is no session");
    assert!(!enter(HALF, Proof::Step(10), OTHER, 100).await, "used to turn codes on");
    assert!(!enter(OTHER, Proof::Step(11), OTHER, 100).await, "no such login");
    assert!(enter(HALF, Proof::Step(11), OTHER, 100).await);
    assert!(store.session(OTHER, LIMITS, 101).await.unwrap().is_some());
    assert!(!enter(HALF, Proof::Step(12), [9; 32], 101).await, "the login is over");
    half(&store, HALF, 200).await;
    for step in [11, 10, 1] {
        assert!(!enter(HALF, Proof::Step(step), [9; 32], 200).await, "step {step} is past");
    }
    assert!(enter(HALF, Proof::Recovery(RECOVERY), [9; 32], 200).await);
    half(&store, HALF, 300).await;
    assert!(!enter(HALF, Proof::Recovery(RECOVERY), [8; 32], 300).await, "once");
    assert!(!enter(HALF, Proof::Recovery([6; 32]), [8; 32], 300).await, "never given");
    assert_eq!(store.totp("t-wang").await.unwrap().unwrap().recovery_codes, 1);
}

#[tokio::test]
async fn of_two_that_send_one_code_at_the_same_time_one_gets_in() {
    let Fixture { store, folder: _folder, .. } = with_codes().await;
    half(&store, HALF, 100).await;
    half(&store, OTHER, 100).await;
    let (one, two) = tokio::join!(
        store.end_half_login(HALF, Proof::Step(11), [8; 32], LIMITS, 100),
        store.end_half_login(OTHER, Proof::Step(11), [9; 32], LIMITS, 100)
    );
    assert!(one.unwrap() ^ two.unwrap());
}

#[tokio::test]
async fn a_login_waits_five_minutes_and_not_for_who_is_shut_out() {
    let Fixture { store, folder: _folder, .. } = with_codes().await;
    half(&store, HALF, 100).await;
    assert!(store.staff_of_half_login(HALF, 100 + HALF_MS - 1).await.unwrap().is_some());
    assert!(store.staff_of_half_login(HALF, 100 + HALF_MS).await.unwrap().is_none());
    let late = 100 + HALF_MS;
    let ended = store.end_half_login(HALF, Proof::Step(11), OTHER, LIMITS, late).await.unwrap();
    assert!(!ended, "too late");
    half(&store, HALF, late).await;
    store.set_password("t-wang", "hash".into(), SESSION).await.unwrap();
    assert!(store.staff_of_half_login(HALF, late).await.unwrap().is_none(), "a new password");
    half(&store, HALF, late).await;
    store.disable_staff("wang", late).await.unwrap();
    assert!(store.staff_of_half_login(HALF, late).await.unwrap().is_none(), "shut out");
}

#[tokio::test]
async fn a_link_waits_for_the_code_too() {
    let Fixture { store, folder: _folder, .. } = with_codes().await;
    store.insert_link([6; 32], "t-wang", 1_000).await.unwrap();
    let opened = store.use_link([6; 32], HALF, Some("hash".into()), 100).await.unwrap();
    assert_eq!(opened, Some(super::super::Opened::Half));
    assert!(store.session(HALF, LIMITS, 100).await.unwrap().is_none());
    assert!(store.staff_of_half_login(HALF, 100).await.unwrap().is_some());
}

#[tokio::test]
async fn codes_end_by_a_proof_or_by_an_administrator() {
    let Fixture { store, folder: _folder, .. } = with_codes().await;
    store.demand_totp("wang", true, 5).await.unwrap();
    assert!(!store.end_totp("t-wang", Proof::Step(10), 6).await.unwrap(), "used");
    assert!(store.totp("t-wang").await.unwrap().is_some());
    assert!(store.end_totp("t-wang", Proof::Recovery(RECOVERY), 6).await.unwrap());
    assert!(store.totp("t-wang").await.unwrap().is_none());
    let staff = store.staff_of_login("wang").await.unwrap().unwrap();
    assert!(!staff.has_totp && staff.must_totp, "the demand stays");
    store.begin_totp("t-wang", SECRET).await.unwrap();
    assert!(store.confirm_totp("t-wang", 1, vec![RECOVERY], SESSION, 7).await.unwrap());
    store.reset_totp("wang").await.unwrap();
    assert!(store.totp("t-wang").await.unwrap().is_none());
    store.demand_totp("wang", false, 8).await.unwrap();
    assert!(!store.staff_of_login("wang").await.unwrap().unwrap().must_totp);
    assert!(store.reset_totp("nobody").await.is_err());
}
