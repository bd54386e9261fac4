//! The model as a file: how sure to be, how hands differ, and the network's parameters in half precision.

use crate::calibration::Calibration;
use crate::hand::Hands;
use crate::network::{Network, PARAMETERS};

#[cfg(test)]
mod tests;

const MAGIC: [u8; 4] = *b"ZRW4";

/// What training leaves: calibration, hands and parameters.
#[derive(Clone, Debug)]
pub struct Model {
    /// Fitted on validation writers.
    pub calibration: Calibration,
    /// Fitted on training writers, its trust on validation writers.
    pub hands: Hands,
    /// The network.
    pub network: Network,
}

/// Why bytes are no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// They do not begin with the magic of this version.
    #[error("model does not begin with ZRW4")]
    Magic,
    /// There are more or fewer than the network needs.
    #[error("model has {have} bytes, not {need}")]
    Length {
        /// Bytes given.
        have: usize,
        /// Bytes of a model.
        need: usize,
    },
}

impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// If the bytes are not those of a model of this network.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let need = MAGIC.len() + Calibration::BYTES + Hands::BYTES + 2 * PARAMETERS;
        let rest = bytes.strip_prefix(&MAGIC).ok_or(ModelError::Magic)?;
        if bytes.len() != need {
            return Err(ModelError::Length { have: bytes.len(), need });
        }
        let (head, rest) = rest.split_at(Calibration::BYTES);
        let (hands, body) = rest.split_at(Hands::BYTES);
        let half = |b: &[u8]| from_half(u16::from_le_bytes([b[0], b[1]]));
        let parameters = body.chunks_exact(2).map(half).collect();
        Ok(Self {
            calibration: Calibration::from_bytes(head),
            hands: Hands::from_bytes(hands),
            network: Network::new(parameters),
        })
    }

    /// Writes a model; parameters are rounded to half precision.
    pub fn to_bytes(calibration: Calibration, hands: &Hands, parameters: &[f32]) -> Vec<u8> {
        let body = parameters.iter().flat_map(|v| to_half(*v).to_le_bytes());
        let head = MAGIC.into_iter().chain(calibration.to_bytes());
        head.chain(hands.to_bytes()).chain(body).collect()
    }
}

/// IEEE 754 binary16 to binary32.
fn from_half(half: u16) -> f32 {
    let sign = u32::from(half & 0x8000) << 16;
    let magnitude = u32::from(half & 0x7fff);
    // The exponent's bias is 127 instead of 15; multiplying also makes subnormals come out right.
    let value = f32::from_bits(magnitude << 13) * f32::from_bits((254 - 15) << 23);
    f32::from_bits(value.to_bits() | sign)
}

/// The nearest binary16; what is too large becomes the largest.
fn to_half(value: f32) -> u16 {
    let sign = (value.to_bits() >> 16) & 0x8000;
    let value = value.abs().min(65_504.0) * f32::from_bits(15 << 23);
    let rounded = (value.to_bits() + 0x1000) >> 13;
    (sign | rounded) as u16
}
