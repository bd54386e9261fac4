use super::{Model, ModelError, from_half, to_half};
use crate::calibration::{Calibration, Scale};
use crate::hand::Hands;
use crate::network::PARAMETERS;

#[test]
fn half_precision_keeps_eleven_bits() {
    for value in [0.0, 1.0, -1.0, 0.5, 2.75, -65_504.0, 6.1e-5, 5.96e-8] {
        let there_and_back = from_half(to_half(value));
        assert!((there_and_back - value).abs() <= value.abs() / 2048.0 + 3e-8, "{value}");
    }
    assert_eq!(from_half(0x3c00), 1.0);
    assert_eq!(from_half(0xc000), -2.0);
    assert_eq!(from_half(0x0001), 5.960_464_5e-8);
    assert_eq!(from_half(to_half(1e9)), 65_504.0);
}

#[test]
fn bytes_of_another_size_or_kind_are_refused() {
    let calibration = Calibration {
        scales: [1.0, 1.1, 1.2, 1.3, 1.4]
            .map(|temperature| Scale { temperature, outside: 1.0 - temperature }),
        number: [[-0.5, 0.25, 0.125, 1.0], [0.5, 0.75, 0.0, 2.0]],
    };
    let bytes = Model::to_bytes(calibration, &Hands::none(), &vec![0.25; PARAMETERS]);
    assert_eq!(Model::from_bytes(&bytes).map(|model| model.calibration), Ok(calibration));
    let short = Model::from_bytes(&bytes[..bytes.len() - 2]).map(|_| ());
    assert_eq!(short, Err(ModelError::Length { have: bytes.len() - 2, need: bytes.len() }));
    assert_eq!(Model::from_bytes(b"PNG").map(|_| ()), Err(ModelError::Magic));
}
