//! Random calls, allowed and not, carried out by the real API and by a picture of what there should be. After
//! each the two are compared: refusals, states, shares, and what everybody has.
//!
//! `ACCORD_TEST_SEED` plays a run again, `ACCORD_TEST_SEQUENCES` makes it longer. A sequence upon which they do
//! not agree is made as short as it can be before it is shown. That disagreements are noticed at all is shown
//! with pictures that have one rule wrong (`faults`).

mod compare;
mod disagreement;
mod faults;
mod picture;
mod play;
mod steps;

use std::sync::atomic::{AtomicUsize, Ordering};

use accord_testkit::{Person, TestApp, on_both_databases};
use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use disagreement::Agreed;
use faults::Fault;
use picture::{Picture, Thing};
use play::Play;
use steps::{Step, step};

const SEED: u64 = 20_261_124;
const SEQUENCES: u32 = 10;
const STEPS: std::ops::RangeInclusive<usize> = 20..=40;
const PEOPLE: usize = 4;
/// Roles that every account starts with.
const EXAMPLES: [&str; 4] = ["Viewer", "User", "Developer", "Admin"];

/// How much happened, over all sequences.
#[derive(Default)]
struct Tally {
    owners: AtomicUsize,
    carried_out: AtomicUsize,
    refused: AtomicUsize,
}

async fn everybody(app: &TestApp) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(app.owner(&format!("person{number}")).await);
    }
    people
}

/// A new owner with a few things to start from.
async fn opening<'a>(
    app: &'a TestApp,
    people: &'a [Person],
    number: usize,
    fault: Option<Fault>,
) -> Play<'a> {
    let name = format!("owner{number}");
    let owner = app
        .operator_makes(&format!("{name}@example.com"), &name)
        .await;
    let mut picture = Picture {
        records: vec![None; people.len()],
        fault,
        ..Default::default()
    };
    for (name, actions) in [
        ("Read", vec!["files.read"]),
        ("Create", vec!["environment.create", "files.write"]),
        ("Manage", vec!["collaboration.manage", "logs.read"]),
    ] {
        let role = owner.role_of(name, &actions).await;
        let number = picture.policies.len();
        let actions = actions.into_iter().collect();
        let policy = Thing::new(role.policy_ids[0], name, actions);
        picture.policies.push(policy);
        picture
            .roles
            .push(Thing::new(role.id, name, [number].into()));
    }
    let outer = owner.group_at("web").await;
    let inner = owner.group_at("web/live").await;
    for (group, parent) in [(&outer, None), (&inner, Some(0))] {
        let group = Thing::new(group.id, group.name.as_str(), parent);
        picture.groups.push(group);
    }
    for (name, group) in [("shop", Some((1, &inner))), ("blog", None)] {
        let groups: Vec<_> = group.iter().map(|(_, group)| *group).collect();
        let made = owner.adds_environment_in(name, &groups).await;
        let of = group.map(|(number, _)| number).into_iter().collect();
        picture.environments.push(Thing::new(made.id, name, of));
    }
    let mut play = Play {
        app,
        owner,
        people,
        picture,
        before: None,
        carried_out: 0,
        refused: 0,
    };
    play.two_join().await;
    play
}

async fn plays(
    app: &TestApp,
    people: &[Person],
    fault: Option<Fault>,
    tally: &Tally,
    steps: &[Step],
) -> Agreed {
    let number = tally.owners.fetch_add(1, Ordering::SeqCst);
    let mut play = opening(app, people, number, fault).await;
    play.compare(0).await?;
    for (turn, step) in steps.iter().enumerate() {
        let outcome = match play.carry_out(step).await {
            Ok(()) => play.compare(turn).await,
            refused => refused,
        };
        outcome.map_err(|apart| apart.at(&format!("at step {turn}, {step:?}")))?;
    }
    tally
        .carried_out
        .fetch_add(play.carried_out, Ordering::SeqCst);
    tally.refused.fetch_add(play.refused, Ordering::SeqCst);
    Ok(())
}

/// Draws the same sequences for the same seed.
fn runner(seed: u64, config: Config) -> TestRunner {
    let mut start = [0; 32];
    start[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &start);
    TestRunner::new_with_rng(config, random)
}

fn set<T: std::str::FromStr>(variable: &str) -> Option<T> {
    std::env::var(variable).ok()?.parse().ok()
}

#[expect(
    clippy::print_stdout,
    reason = "a run is played again by its seed: the test runner shows this of a failure"
)]
async fn the_api_does_what_a_plain_picture_of_it_does(app: TestApp) {
    let seed: u64 = set("ACCORD_TEST_SEED").unwrap_or(SEED);
    println!("ACCORD_TEST_SEED={seed}");
    let sequences = set("ACCORD_TEST_SEQUENCES").unwrap_or(SEQUENCES);
    let people = everybody(&app).await;
    let config = Config {
        cases: sequences,
        // Each is a whole sequence of calls.
        max_shrink_iters: 50,
        failure_persistence: None,
        ..Config::default()
    };
    let tally = Tally::default();
    let here = tokio::runtime::Handle::current();
    let outcome = tokio::task::block_in_place(|| {
        runner(seed, config).run(&vec(step(), STEPS), |steps| {
            here.block_on(plays(&app, &people, None, &tally, &steps))
                .map_err(|apart| TestCaseError::fail(apart.to_string()))
        })
    });
    if let Err(error) = outcome {
        panic!("ACCORD_TEST_SEED={seed}: {error}");
    }
    let (carried_out, refused) = (tally.carried_out.into_inner(), tally.refused.into_inner());
    let least = usize::try_from(sequences).expect("not that many") * 5;
    assert!(
        carried_out >= least && refused >= least,
        "too little happened: {carried_out} carried out, {refused} refused"
    );
}

on_both_databases! {
    the_api_does_what_a_plain_picture_of_it_does,
}
