//! What the values of a trace mean: channels, sources, and both together as a plan.

use super::error::Fault;
use super::units::{Resolution, length_um, time_ms, worth};

/// What a channel is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    X,
    Y,
    Force,
    Time,
    /// Tilt along x, along y, and rotation about the pen's axis, in the pen's own counts.
    TiltX,
    TiltY,
    Twist,
    /// Tilt and rotation otherwise, such as in degrees.
    Orientation,
    Other,
}

impl Role {
    fn of(channel: &Channel) -> Self {
        match (channel.name.as_str(), channel.units.as_deref()) {
            ("X", _) => Self::X,
            ("Y", _) => Self::Y,
            ("F", _) => Self::Force,
            ("T", _) => Self::Time,
            ("OTx", Some("dev")) => Self::TiltX,
            ("OTy", Some("dev")) => Self::TiltY,
            ("OR", Some("dev")) => Self::Twist,
            ("OTx" | "OTy" | "OA" | "OE" | "OR", _) => Self::Orientation,
            _ => Self::Other,
        }
    }

    /// Whether it says how the pen is held, in whatever measure.
    pub(super) fn is_orientation(self) -> bool {
        matches!(self, Self::TiltX | Self::TiltY | Self::Twist | Self::Orientation)
    }

    /// Whether its values are numbers to us; of the others nothing is asked.
    pub(super) fn is_number(self) -> bool {
        !matches!(self, Self::Orientation | Self::Other)
    }
}

/// A channel of a trace format.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) name: String,
    pub(super) units: Option<String>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) default: f64,
    /// Whether values grow the other way.
    pub(super) negative: bool,
    /// The timestamp that times count from.
    pub(super) respect_to: Option<String>,
}

impl Channel {
    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            units: None,
            min: None,
            max: None,
            default: 0.0,
            negative: false,
            respect_to: None,
        }
    }
}

/// A trace format.
#[derive(Clone, Debug)]
pub(super) struct Format {
    /// The regular channels, then the intermittent ones.
    pub(super) channels: Vec<Channel>,
    /// How many are regular: every point has a value of each.
    pub(super) regular: usize,
}

impl Format {
    /// What holds where no format is given: X and Y, decimal, of no known unit.
    pub(super) fn standard() -> Self {
        Self { channels: vec![Channel::named("X"), Channel::named("Y")], regular: 2 }
    }
}

/// What is known of a digitizer.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    pub(super) rate_hz: Option<f64>,
    /// By channel.
    pub(super) resolutions: Vec<(String, Resolution)>,
    pub(super) format: Option<usize>,
}

impl Source {
    fn resolution(&self, channel: &str) -> Option<&Resolution> {
        self.resolutions.iter().find(|(name, _)| name == channel).map(|(_, found)| found)
    }
}

/// One axis of positions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) name: &'static str,
    pub(super) channel: usize,
    /// Micrometres per unit; below 0 where the channel grows the other way.
    pub(super) um: f64,
}

/// Force as a line from value to fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Force {
    pub(super) channel: usize,
    /// The value of no force.
    pub(super) none: f64,
    /// The value of full force.
    pub(super) full: f64,
}

/// Times of points.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Times {
    pub(super) channel: usize,
    pub(super) ms: f64,
    pub(super) respect_to: Option<String>,
}

/// How the points of a trace become samples.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) roles: Vec<Role>,
    pub(super) defaults: Vec<f64>,
    pub(super) regular: usize,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) force: Option<Force>,
    /// Whether there is a force channel without a full scale.
    pub(super) force_without_scale: bool,
    pub(super) times: Option<Times>,
    /// Channels of tilt x, tilt y and twist, where all three are there in counts.
    pub(super) held: Option<[usize; 3]>,
    pub(super) rate_hz: Option<f64>,
}

impl Plan {
    /// # Errors
    /// Where an axis is missing or has no size.
    pub(super) fn new(
        format: &Format,
        source: &Source,
        device_unit_nm: Option<f64>,
    ) -> Result<Self, Fault> {
        let roles: Vec<Role> = format.channels.iter().map(Role::of).collect();
        let find = |wanted: Role| {
            let index = roles.iter().position(|role| *role == wanted)?;
            Some((index, &format.channels[index]))
        };
        let axis = |role: Role, name: &'static str| {
            let (index, channel) = find(role).ok_or(Fault::NoChannel(name))?;
            let units = channel.units.as_deref();
            let um = worth(units, source.resolution(name), length_um)
                .or(device_unit_nm.map(|nm| nm / 1000.0))
                .ok_or_else(|| {
                    let units = units.unwrap_or("no unit").to_owned();
                    Fault::UnitUnknown { channel: name, units }
                })?;
            Ok(Axis { name, channel: index, um: if channel.negative { -um } else { um } })
        };
        let force = find(Role::Force).and_then(|(index, channel)| force(index, channel));
        let times = find(Role::Time).and_then(|(channel, found)| {
            // Times without a unit are taken for milliseconds, as everybody writes them.
            let units = found.units.as_deref().or(Some("ms"));
            let ms = worth(units, source.resolution("T"), time_ms)?;
            Some(Times { channel, ms, respect_to: found.respect_to.clone() })
        });
        let place = |role: Role| Some(find(role)?.0);
        let held = match [Role::TiltX, Role::TiltY, Role::Twist].map(place) {
            [Some(tilt_x), Some(tilt_y), Some(twist)] => Some([tilt_x, tilt_y, twist]),
            _ => None,
        };
        Ok(Self {
            held,
            x: axis(Role::X, "X")?,
            y: axis(Role::Y, "Y")?,
            force_without_scale: force.is_none() && find(Role::Force).is_some(),
            force,
            times,
            rate_hz: source.rate_hz,
            defaults: format.channels.iter().map(|channel| channel.default).collect(),
            regular: format.regular,
            roles,
        })
    }
}

/// Force, where its full scale is known.
fn force(index: usize, channel: &Channel) -> Option<Force> {
    let percent = (channel.units.as_deref() == Some("%")).then_some(100.0);
    let low = channel.min.unwrap_or(0.0);
    let high = channel.max.or(percent).filter(|high| *high > low)?;
    let (none, full) = if channel.negative { (high, low) } else { (low, high) };
    Some(Force { channel: index, none, full })
}
