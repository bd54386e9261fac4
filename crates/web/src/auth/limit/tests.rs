use std::net::IpAddr;

use super::*;

fn client(last: u8) -> Option<ClientKey> {
    Some(ClientKey::of(IpAddr::from([10, 0, 0, last])))
}

#[test]
fn waits_grow_and_end() {
    let mut limiter = Limiter::default();
    let wang = Try::unknown(client(1), "wang");
    for _ in 0..5 {
        assert_eq!(limiter.take(&wang, 1_000), Ok(()));
    }
    assert_eq!(limiter.take(&wang, 1_000), Ok(()), "the sixth makes the next wait");
    assert_eq!(limiter.take(&Try::unknown(client(1), "Wang"), 1_000), Err(1_000));
    assert_eq!(limiter.take(&Try::unknown(client(1), "li"), 1_000), Ok(()), "another account");
    assert_eq!(limiter.take(&Try::unknown(client(2), "wang"), 1_000), Ok(()), "another client");
    assert_eq!(limiter.take(&Try::known([7; 32]), 1_000), Ok(()), "a known device");
    let mut now_ms = 2_000;
    for wait_ms in [2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
        assert_eq!(limiter.take(&wang, now_ms), Ok(()), "no wait is longer than it said");
        assert_eq!(limiter.take(&wang, now_ms), Err(wait_ms * 1_000));
        now_ms += wait_ms * 1_000;
    }
    assert_eq!(limiter.take(&wang, now_ms + FORGET_MS), Ok(()));
    assert_eq!(limiter.take(&wang, now_ms + FORGET_MS), Ok(()), "what was long ago is forgotten");
}

#[test]
fn made_up_names_do_not_shut_a_school_out() {
    let mut limiter = Limiter::default();
    for n in 0..500 {
        assert_eq!(limiter.take(&Try::unknown(client(1), &format!("t{n}")), 0), Ok(()));
    }
    for n in 500..2_000 {
        let tried = Try::unknown(client(1), &format!("t{n}"));
        let wait_ms = limiter.take(&tried, i64::from(n) * 10).err().unwrap_or(0);
        assert!(wait_ms <= 5_000, "{wait_ms}");
    }
    assert_eq!(limiter.take(&Try::unknown(client(2), "wang"), 20_000), Ok(()));
}

#[test]
fn many_clients_do_not_guess_fast() {
    let mut limiter = Limiter::default();
    let tries = |limiter: &mut Limiter, now_ms| {
        let one = |n: u32| Try::unknown(Some(ClientKey::of(IpAddr::V4(n.into()))), "wang");
        (0..200).filter(|n| limiter.take(&one(*n), now_ms).is_ok()).count()
    };
    assert_eq!(tries(&mut limiter, 0), 101);
    let later: usize = (1..=3_600).map(|s| tries(&mut limiter, s * 1_000)).sum();
    assert!(later < 70, "{later} in an hour");
    assert_eq!(limiter.take(&Try::known([7; 32]), 1_000), Ok(()), "a known device");
}

#[test]
fn success_forgets_the_failures() {
    let mut limiter = Limiter::default();
    let wang = Try::unknown(client(1), "wang");
    for _ in 0..200 {
        for _ in 0..3 {
            assert_eq!(limiter.take(&wang, 0), Ok(()));
            limiter.succeeded(&wang);
        }
    }
}

#[test]
fn memory_is_bounded() {
    let mut limiter = Limiter::default();
    for n in 0..30_000_u32 {
        let client = Some(ClientKey::of(IpAddr::V4(n.into())));
        let tried = Try::unknown(client, &format!("t{n}"));
        assert_eq!(limiter.take(&tried, i64::from(n)), Ok(()));
    }
    assert!(limiter.counters.len() <= COUNTERS_MAX);
}
