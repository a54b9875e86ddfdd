//! How long a decision takes in process, by the size of the account: the compiled access index beside Casbin
//! and Cedar, on the same questions, to which all of them must give the same answers.
//!
//! The tables go to standard output, the plot to the file that is named as the argument.

mod engines;
mod plot;
mod world;

use std::hint::black_box;
use std::time::{Duration, Instant};

use engines::{Casbin, Cedar, Engine, Ours};
use plot::Line;
use world::{Size, World};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// More than fit into a processor's memory, so that few are asked twice.
const QUESTIONS: usize = 100_000;
/// Of these each engine's answers are compared before anything is timed.
const COMPARED: usize = 200;
const CHANGES: usize = 1_000;
/// An engine that took longer to be made, or for a decision, is not asked about what is larger.
const BEARABLE: Duration = Duration::from_secs(6);
const BEARABLE_DECISION: f64 = 20_000_000.0;

/// Which engines still take part in a series.
#[derive(Clone, Copy)]
struct Bearable {
    casbin: bool,
    cedar: bool,
}

struct Row {
    ours: f64,
    bytes_a_share: f64,
    change: Duration,
    made: Duration,
    casbin: Option<f64>,
    cedar: Option<f64>,
}

fn measure(size: Size, bearable: &mut Bearable) -> Row {
    let world = World::new(size);
    let questions = world.questions(QUESTIONS);
    let compared = &questions[..COMPARED];
    let begun = Instant::now();
    let mut ours = Ours::new(&world);
    let made = begun.elapsed();
    let answers = ours.answers(compared, &world);
    let time = ours.time(&questions, &world);
    let bytes_a_share = ours.index.bytes() as f64 / world.shares() as f64;
    let casbin = other(
        &world,
        &questions,
        &answers,
        &mut bearable.casbin,
        Casbin::new,
    );
    let cedar = other(
        &world,
        &questions,
        &answers,
        &mut bearable.cedar,
        Cedar::new,
    );

    let changes: Vec<_> = (0..CHANGES).map(|_| world.change()).collect();
    let begun = Instant::now();
    for change in changes {
        ours.index.apply(black_box(change));
    }
    Row {
        ours: time,
        bytes_a_share,
        change: begun.elapsed() / CHANGES as u32,
        made,
        casbin,
        cedar,
    }
}

fn other<E: Engine>(
    world: &World,
    questions: &[world::Question],
    answers: &[bool],
    bearable: &mut bool,
    make: impl FnOnce(&World) -> E,
) -> Option<f64> {
    if !*bearable {
        return None;
    }
    let begun = Instant::now();
    let engine = make(world);
    let made = begun.elapsed();
    let begun = Instant::now();
    let mut compared = 0;
    for (question, answer) in questions.iter().zip(answers) {
        let asked = engine.ask(*question, world);
        assert_eq!(engine.may(&asked), *answer, "the engines do not agree");
        compared += 1;
        // Some engines take long for each.
        if begun.elapsed() > BEARABLE {
            break;
        }
    }
    assert!(compared > 0, "nothing was compared");
    let time = engine.time(questions, world);
    *bearable = made < BEARABLE && time < BEARABLE_DECISION;
    Some(time)
}

fn main() {
    let picture = std::env::args().nth(1);
    fastrand::seed(7);
    let base = Size {
        environments: 1_000,
        groups: 100,
        members: 100,
        roles: 100,
        shares: 10,
    };
    let tens = |from: u32, to: u32| (from..=to).map(|power| 10_usize.pow(power));
    let by_size = series(
        "environments; a tenth as many groups, members and roles",
        tens(1, 6).map(|n| {
            let few = (n / 10).max(2);
            let size = Size {
                environments: n,
                groups: few,
                members: few,
                roles: few,
                shares: 10,
            };
            (n, size)
        }),
    );
    series(
        "members",
        tens(1, 5).map(|n| (n, Size { members: n, ..base })),
    );
    series(
        "groups",
        tens(1, 5).map(|n| (n, Size { groups: n, ..base })),
    );
    series("roles", tens(1, 5).map(|n| (n, Size { roles: n, ..base })));
    series(
        "shares of each member",
        tens(0, 3).map(|n| {
            let size = Size {
                environments: 10_000,
                groups: 1_000,
                shares: n,
                ..base
            };
            (n, size)
        }),
    );
    if let Some(picture) = picture {
        let points = |of: fn(&Row) -> Option<f64>| {
            let rows = by_size.iter();
            rows.filter_map(|(n, row)| Some((*n as f64, of(row)?)))
                .collect()
        };
        let lines = [
            Line {
                name: "Casbin",
                colour: "#b45309",
                points: points(|row| row.casbin),
            },
            Line {
                name: "Cedar",
                colour: "#7c3aed",
                points: points(|row| row.cedar),
            },
            Line {
                name: "Accord",
                colour: "#047857",
                points: points(|row| Some(row.ours)),
            },
        ];
        let svg = plot::svg(
            "Time for one decision",
            "environments (and a tenth as many groups, members and roles)",
            &lines,
        );
        std::fs::write(&picture, svg).expect("the picture is written");
    }
}

fn series(title: &str, sizes: impl Iterator<Item = (usize, Size)>) -> Vec<(usize, Row)> {
    println!(
        "| {title} | Accord, ns | Cedar, ns | Casbin, ns | bytes a share | µs to apply a change | ms to make |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut bearable = Bearable {
        casbin: true,
        cedar: true,
    };
    let mut rows = Vec::new();
    for (n, size) in sizes {
        let row = measure(size, &mut bearable);
        let of = |time: Option<f64>| {
            time.map_or_else(|| "–".to_owned(), |time| grouped(time.round() as usize))
        };
        println!(
            "| {} | {} | {} | {} | {:.0} | {:.1} | {:.1} |",
            grouped(n),
            of(Some(row.ours)),
            of(row.cedar),
            of(row.casbin),
            row.bytes_a_share,
            row.change.as_nanos() as f64 / 1_000.0,
            row.made.as_secs_f64() * 1_000.0
        );
        rows.push((n, row));
    }
    println!();
    rows
}

/// With commas between thousands.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
