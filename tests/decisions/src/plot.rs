//! Lines over two logarithmic axes, as SVG.

use std::fmt::Write as _;

/// A name, a colour, and points.
pub struct Line {
    pub name: &'static str,
    pub colour: &'static str,
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;

pub fn svg(title: &str, below: &str, lines: &[Line]) -> String {
    let all = || lines.iter().flat_map(|line| &line.points);
    let decades = |values: Vec<f64>| {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(1.0, f64::max);
        (least.log10().floor() as i32, most.log10().ceil() as i32)
    };
    let (left, right) = decades(all().map(|(x, _)| *x).collect());
    let (low, high) = decades(all().map(|(_, y)| *y).collect());
    let x = |value: f64| {
        let share = (value.log10() - f64::from(left)) / f64::from((right - left).max(1));
        LEFT + share * (WIDTH - LEFT - RIGHT)
    };
    let y = |value: f64| {
        let share = (value.log10() - f64::from(low)) / f64::from((high - low).max(1));
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    };
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">
<title>{title}</title>
<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>
<text x="{LEFT}" y="22" font-size="15" fill="#111111">{title}</text>
<text x="{:.0}" y="{:.0}" text-anchor="middle" fill="#444444">{below}</text>
"##,
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 10.0
    );
    for decade in low..=high {
        let at = y(10_f64.powi(decade));
        let _ = writeln!(
            svg,
            r##"<path d="M{LEFT} {at:.1}H{:.1}" stroke="#dddddd"/><text x="{:.1}" y="{:.1}" text-anchor="end" fill="#444444">{}</text>"##,
            WIDTH - RIGHT,
            LEFT - 8.0,
            at + 4.0,
            time(decade)
        );
    }
    for decade in left..=right {
        let at = x(10_f64.powi(decade));
        let _ = writeln!(
            svg,
            r##"<path d="M{at:.1} {TOP}V{:.1}" stroke="#eeeeee"/><text x="{at:.1}" y="{:.1}" text-anchor="middle" fill="#444444">{}</text>"##,
            HEIGHT - BOTTOM,
            HEIGHT - BOTTOM + 18.0,
            crate::grouped(10_f64.powi(decade) as usize)
        );
    }
    for line in lines.iter().filter(|line| !line.points.is_empty()) {
        let points: Vec<String> = line
            .points
            .iter()
            .map(|(a, b)| format!("{:.1},{:.1}", x(*a), y(*b)))
            .collect();
        let (name, colour) = (line.name, line.colour);
        let _ = writeln!(
            svg,
            r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2.5"/>"#,
            points.join(" ")
        );
        for (a, b) in &line.points {
            let _ = writeln!(
                svg,
                r#"<circle cx="{:.1}" cy="{:.1}" r="3.5" fill="{colour}"/>"#,
                x(*a),
                y(*b)
            );
        }
        if let Some((a, b)) = line.points.last() {
            let _ = writeln!(
                svg,
                r#"<text x="{:.1}" y="{:.1}" text-anchor="end" fill="{colour}">{name}</text>"#,
                x(*a),
                y(*b) - 10.0
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// A power of ten nanoseconds.
fn time(decade: i32) -> String {
    let units = ["ns", "µs", "ms", "s"];
    let unit = (decade / 3).clamp(0, 3);
    format!(
        "{} {}",
        10_i32.pow((decade - unit * 3).max(0) as u32),
        units[unit as usize]
    )
}
