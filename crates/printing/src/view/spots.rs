//! Dark spots of a picture.

/// A spot's middle, in pixels from the picture's top left corner.
pub(super) type Spot = (f64, f64);

/// The share of a strong spot's contrast that a spot must have. Paper and noise have less.
const CONTRAST_MIN: f64 = 0.4;

/// The middles of dark spots that are smaller than the pitch.
pub(super) fn spots(pixels: &[u8], width: usize, pitch: f64) -> Vec<Spot> {
    let dark: Vec<f64> = pixels.iter().map(|value| f64::from(255 - value)).collect();
    // What is as wide as a pitch and more is light and shade; what is as narrow as a pixel, noise.
    let shade = blurred(&dark, width, (pitch * 0.75).round() as usize);
    let narrow = (pitch / 7.0 * 0.75).round().max(1.0) as usize;
    let smooth = blurred(&blurred(&dark, width, narrow), width, narrow);
    let map: Vec<f64> = smooth.iter().zip(&shade).map(|(dot, shade)| dot - shade).collect();
    let peaks = peaks(&map, width, (pitch * 0.3).round().max(1.0) as usize);
    // Contrast changes over a view with the light, but not by much within it.
    let mut heights: Vec<f64> = peaks.iter().map(|at| map[*at]).collect();
    heights.sort_unstable_by(f64::total_cmp);
    let strong = heights.get(heights.len() * 9 / 10).copied().unwrap_or(0.0);
    let is_spot = |at: &usize| map[*at] > strong * CONTRAST_MIN && map[*at] > 1.0;
    peaks.into_iter().filter(is_spot).map(|at| middle(&map, width, at)).collect()
}

/// Pixels that are the darkest within a reach.
fn peaks(map: &[f64], width: usize, reach: usize) -> Vec<usize> {
    let height = map.len() / width;
    let mut peaks = Vec::new();
    for y in reach..height.saturating_sub(reach) {
        for x in reach..width.saturating_sub(reach) {
            let at = y * width + x;
            let value = map[at];
            // Of equal pixels the first is the peak.
            let higher = |other: usize| map[other] > value || (map[other] == value && other < at);
            let near = (y - reach..=y + reach)
                .any(|y| (x - reach..=x + reach).any(|x| higher(y * width + x)));
            if value > 0.0 && !near {
                peaks.push(at);
            }
        }
    }
    peaks
}

/// The top of the parabola through a peak and its neighbours.
fn middle(map: &[f64], width: usize, at: usize) -> Spot {
    let top = |before: f64, here: f64, behind: f64| {
        let curve = before - 2.0 * here + behind;
        if curve < 0.0 { ((before - behind) / (2.0 * curve)).clamp(-0.5, 0.5) } else { 0.0 }
    };
    let (x, y) = ((at % width) as f64 + 0.5, (at / width) as f64 + 0.5);
    (x + top(map[at - 1], map[at], map[at + 1]), y + top(map[at - width], map[at], map[at + width]))
}

/// The mean over a square of `2 · reach + 1` pixels; at the edges over what there is of it.
fn blurred(map: &[f64], width: usize, reach: usize) -> Vec<f64> {
    let height = map.len() / width;
    let mut across = vec![0.0; map.len()];
    for y in 0..height {
        let row = y * width;
        running_mean(width, reach, |x| map[row + x], |x, mean| across[row + x] = mean);
    }
    let mut both = vec![0.0; map.len()];
    for x in 0..width {
        running_mean(height, reach, |y| across[y * width + x], |y, m| both[y * width + x] = m);
    }
    both
}

fn running_mean(
    len: usize,
    reach: usize,
    value: impl Fn(usize) -> f64,
    mut put: impl FnMut(usize, f64),
) {
    let mut sum: f64 = (0..reach.min(len)).map(&value).sum();
    for at in 0..len {
        if at + reach < len {
            sum += value(at + reach);
        }
        if at > reach {
            sum -= value(at - reach - 1);
        }
        let first = at.saturating_sub(reach);
        let behind = (at + reach + 1).min(len);
        put(at, sum / (behind - first) as f64);
    }
}
