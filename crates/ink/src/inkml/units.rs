//! What units are worth: those of the Recommendation, and one of Microsoft's.

/// Micrometres per unit of length; `None` for `dev`, `px`, `em` and others without a fixed size.
pub(super) fn length_um(unit: &str) -> Option<f64> {
    const INCH_UM: f64 = 25_400.0;
    Some(match unit {
        "m" => 1e6,
        "cm" => 1e4,
        "mm" => 1e3,
        "um" | "µm" => 1.0,
        "in" => INCH_UM,
        "pt" => INCH_UM / 72.0,
        "pc" => INCH_UM / 6.0,
        // Hundredths of a millimetre, as Windows Ink writes.
        "himetric" => 10.0,
        _ => return None,
    })
}

/// Milliseconds per unit of time.
pub(super) fn time_ms(unit: &str) -> Option<f64> {
    Some(match unit {
        "s" => 1e3,
        "ms" => 1.0,
        "us" | "µs" => 1e-3,
        "ns" => 1e-6,
        _ => return None,
    })
}

/// How many values of a channel make one unit, as a source states it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Resolution {
    pub(super) value: f64,
    /// Such as `1/mm`; the channel's own where absent.
    pub(super) units: Option<String>,
}

/// What a value of a channel is worth in the measure of `of`: by the resolution if that has a unit
/// of the measure, otherwise by the channel's own unit.
pub(super) fn worth(
    units: Option<&str>,
    resolution: Option<&Resolution>,
    of: fn(&str) -> Option<f64>,
) -> Option<f64> {
    let by_resolution = resolution.filter(|resolution| resolution.value > 0.0).and_then(|found| {
        let unit = match found.units.as_deref() {
            Some(written) => written.rsplit_once('/').map_or(written, |(_, unit)| unit),
            None => units?,
        };
        Some(of(unit.trim())? / found.value)
    });
    by_resolution.or_else(|| of(units?))
}

/// Unix milliseconds of a date and time as XML writes them, `2026-09-01T18:30:00.250+08:00`; without
/// a zone in UTC. `None` where the text is none.
pub(super) fn date_time_ms(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let mut parts = date.splitn(3, '-');
    let mut part = || parts.next()?.parse::<u32>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    let (time, zone_min) = match time.find(['Z', '+', '-']) {
        None => (time, 0),
        Some(at) => (&time[..at], zone_minutes(&time[at..])?),
    };
    let mut parts = time.splitn(3, ':');
    let (hour, minute) = (parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u32>().ok()?);
    let second: f64 = parts.next()?.parse().ok()?;
    let sound = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour <= 24
        && minute < 60
        && (0.0..61.0).contains(&second);
    if !sound {
        return None;
    }
    let minutes = days_since_1970(year, month, day) * 1440 + i64::from(hour * 60 + minute);
    Some((minutes - zone_min) * 60_000 + (second * 1000.0).round() as i64)
}

/// `Z`, `+08:00` or `-03:30` in minutes.
fn zone_minutes(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (hours.parse::<u32>().ok()?, minutes.parse::<u32>().ok()?);
    let size = i64::from(hours.min(24) * 60 + minutes.min(59));
    Some(if zone.starts_with('-') { -size } else { size })
}

/// Days in the Gregorian calendar, counted from years that begin in March, so that a leap day is
/// their last.
fn days_since_1970(year: u32, month: u32, day: u32) -> i64 {
    let (years, months) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = years / 4 - years / 100 + years / 400;
    let days = 365 * years + leap_days + (153 * months + 2) / 5 + day - 1;
    // 719,468 days lie between 1 March of the year 0 and 1970.
    i64::from(days) - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(units: Option<&str>, resolution: Option<(f64, Option<&str>)>, um: Option<f64>) {
        let resolution =
            resolution.map(|(value, units)| Resolution { value, units: units.map(str::to_owned) });
        let found = worth(units, resolution.as_ref(), length_um);
        assert_eq!(found.map(|um| (um * 1e6).round()), um.map(|um| (um * 1e6).round()));
    }

    #[test]
    fn a_resolution_goes_before_a_unit() {
        check(Some("mm"), None, Some(1_000.0));
        check(Some("cm"), Some((1_000.0, Some("1/cm"))), Some(10.0));
        check(Some("cm"), Some((1_000.0, None)), Some(10.0));
        check(Some("in"), Some((500.0, Some("1/in"))), Some(50.8));
        check(Some("dev"), Some((100.0, Some("1/mm"))), Some(10.0));
        check(Some("px"), Some((96.0, Some("1/in"))), Some(25_400.0 / 96.0));
        check(Some("himetric"), Some((1.0, Some("1/himetric"))), Some(10.0));
    }

    #[test]
    fn what_has_no_size_is_not_guessed() {
        check(None, None, None);
        check(Some("dev"), None, None);
        check(Some("px"), Some((1.0, Some("1/px"))), None);
        check(Some("dev"), Some((100.0, None)), None);
        check(Some("s"), None, None);
        // A resolution of nothing is none.
        check(Some("pt"), Some((0.0, Some("1/mm"))), Some(25_400.0 / 72.0));
    }

    #[test]
    fn dates_are_unix_time() {
        let check = |text: &str, ms: Option<i64>| assert_eq!(date_time_ms(text), ms, "{text}");
        check("1970-01-01T00:00:00Z", Some(0));
        check("2026-09-01T18:30:00+08:00", Some(1_788_258_600_000));
        check("2011-02-22T00:21:40.232", Some(1_298_334_100_232));
        check("2000-02-29T23:59:59-03:30", Some(951_881_399_000));
        check("1969-12-31T23:59:59Z", Some(-1_000));
        for none in ["", "T", "2026-13-01T00:00:00", "2026-09-01", "2026-09-01T1:2", "é-é-éTé+é"]
        {
            check(none, None);
        }
    }
}
