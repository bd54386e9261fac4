use super::*;

/// The secret of RFC 6238, appendix B.
const RFC: &[u8] = b"12345678901234567890";

fn kept(used_step: i64) -> store::Totp {
    store::Totp { secret: RFC.to_vec(), is_on: true, used_step, recovery_codes: 0 }
}

/// The SHA-1 rows of RFC 6238, appendix B, cut to six digits.
#[test]
fn codes_are_the_standards() {
    for (seconds, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        let proof = proof(&kept(0), code, seconds * 1_000 + 999);
        assert_eq!(proof, Some(Proof::Step(seconds / 30)), "at {seconds}");
    }
}

#[test]
fn one_step_early_or_late_is_taken_and_no_used_one() {
    let at = |step: i64| (step * 30 + 15) * 1_000;
    // The code of step 1, seconds 30 to 59.
    let code = "287082";
    for (step, taken) in [(0, true), (1, true), (2, true), (3, false)] {
        assert_eq!(proof(&kept(0), code, at(step)).is_some(), taken, "in step {step}");
    }
    assert_eq!(proof(&kept(1), code, at(1)), None, "used");
    assert_eq!(proof(&kept(0), " 287 082 ", at(1)), Some(Proof::Step(1)), "as apps show it");
    for typed in ["", "287083", "28708", "2870822", "２８７０８２", "28708a", "-1"] {
        assert_eq!(proof(&kept(0), typed, at(1)), None, "{typed:?}");
    }
}

#[test]
fn recovery_codes_are_known_however_they_are_typed() {
    let drawn = std::cell::Cell::new(0);
    let random = || {
        drawn.set(drawn.get() + 1);
        [drawn.get(); 32]
    };
    let (codes, hashes) = recovery_codes(random);
    assert_eq!((codes.len(), hashes.len()), (10, 10));
    let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
    assert_eq!(distinct.len(), 10);
    for (code, hash) in codes.iter().zip(&hashes) {
        assert_eq!((code.len(), code.as_bytes()[5]), (11, b'-'), "{code}");
        for typed in [code.clone(), code.to_uppercase(), code.replace('-', " ")] {
            assert_eq!(proof(&kept(0), &typed, 0), Some(Proof::Recovery(*hash)), "{typed}");
        }
    }
    // 1 and 0 are often read as letters.
    let ones = recovery_hash("1111100000");
    assert_eq!(recovery_hash("lIiLlOooO0"), ones);
    assert!(ones.is_some());
    assert_eq!(recovery_hash("uuuuuuuuuu"), None);
}

#[test]
fn an_app_reads_the_address() {
    let address = address(RFC, "智笔", "wang li:1/2");
    assert_eq!(
        address,
        "otpauth://totp/%E6%99%BA%E7%AC%94:wang%20li%3A1%2F2\
         ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E6%99%BA%E7%AC%94"
    );
    assert_eq!(key_text(RFC), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
}
