//! Random calls of an owner, of delegates and of other members, one after the other, while time passes.
//! Around every call of a member, what everybody has is looked at: now, and after every end to come.
//! Nobody but the owner ever gives an action that they do not hold themselves.
//!
//! `ACCORD_TEST_SEED` plays one seed instead of those that are always played, `ACCORD_TEST_SEQUENCES` more
//! sequences of each. A failure names its seed, and shows a sequence that is as short as it can be made.

mod attempts;
mod crowd;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use accord_client::types::Uuid;
use accord_testkit::{Person, TestApp, on_both_databases};
use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crowd::Crowd;
use steps::{Step, step};

/// Always played.
const SEEDS: [u64; 3] = [20_261_124, 20_261_130, 7];
/// So many sequences of each seed.
const SEQUENCES: u32 = 3;
const STEPS: std::ops::RangeInclusive<usize> = 20..=40;
/// Ends lie on whole hours from the beginning, at most so many ahead.
const HOURS_AHEAD: i32 = 3;
const PEOPLE: usize = 6;
/// The first so many of the people manage something, and are given it again and again.
const MANAGERS: usize = 3;

/// Member to the actions that they have, or would have if they were active.
type Picture = BTreeMap<Uuid, BTreeSet<String>>;
/// Environment and hours from now to a picture.
type Album = BTreeMap<(Uuid, i32), Picture>;

/// What members tried, and whether it was carried out, over all sequences.
type Tally = Mutex<BTreeMap<(&'static str, bool), usize>>;

/// What a member gained between two albums that the caller may not have given: it was not theirs
/// before, or will not be theirs when the member has it.
fn too_much(before: &Album, after: &Album, caller: Uuid) -> Vec<String> {
    let nothing = BTreeSet::new();
    let mut found = Vec::new();
    for ((environment, hours), picture) in after {
        let earlier = &before[&(*environment, *hours)];
        let held_now = before[&(*environment, 0)].get(&caller).unwrap_or(&nothing);
        let held_then = earlier.get(&caller).unwrap_or(&nothing);
        for (member, actions) in picture {
            let had = earlier.get(member).unwrap_or(&nothing);
            for gained in actions.difference(had) {
                if !held_now.contains(gained) || !held_then.contains(gained) {
                    found.push(format!(
                        "{member} gains {gained} on {environment} in {hours} h"
                    ));
                }
            }
        }
    }
    found
}

/// Plays one sequence on an owner's account of its own.
async fn plays(
    app: &TestApp,
    people: &[Person],
    owner: usize,
    steps: &[Step],
    tally: &Tally,
) -> Result<(), String> {
    let mut crowd = Crowd::gather(app, people, owner).await;
    let mut before = crowd.album().await;
    for (number, step) in steps.iter().enumerate() {
        let Step::Tries { caller, what } = step else {
            crowd.owner_acts(step).await;
            before = crowd.album().await;
            continue;
        };
        let (caller, kind) = (*caller, what.kind());
        let stored = crowd.stored().await;
        let attempt = crowd.member_tries(caller, what).await;
        let attempt = attempt.map_err(|why| format!("at step {number}, {step:?}: {why}"))?;
        let counted = (kind, attempt.outcome.is_ok());
        *tally.lock().expect("no panic").entry(counted).or_default() += 1;
        let told = |found: &str| format!("at step {number}, {step:?} {}: {found}", attempt.what);
        if attempt.outcome.is_err() {
            if stored != crowd.stored().await {
                return Err(told("was refused, and changed something"));
            }
            continue;
        }
        let after = crowd.album().await;
        if let "edits" | "deletes" = kind {
            let is_as_it_was = |(place, picture)| before.get(place) == Some(picture);
            if !after.iter().all(is_as_it_was) {
                return Err(told("changed what somebody has"));
            }
        }
        let mut earlier = before;
        if let Some((made, twin)) = attempt.made {
            // Whoever sees it has what they have on its twin, which the owner made in the same groups.
            for ((_, hours), picture) in twin {
                if after[&(made, hours)] != picture {
                    return Err(told("is not as one that the owner makes"));
                }
                earlier.insert((made, hours), picture);
            }
        }
        let found = too_much(&earlier, &after, crowd.members[caller]);
        if !found.is_empty() {
            return Err(told(&found.join("; ")));
        }
        before = after;
        if crowd.environments.is_empty() {
            // The steps to come need one.
            crowd.owner_acts(&Step::Adds([false, false])).await;
            before = crowd.album().await;
        }
    }
    Ok(())
}

fn set<T: std::str::FromStr>(variable: &str) -> Option<T> {
    std::env::var(variable).ok()?.parse().ok()
}

async fn nobody_but_the_owner_gives_what_they_lack(app: TestApp) {
    let chosen = set("ACCORD_TEST_SEED").map(|seed| vec![seed]);
    let more = set("ACCORD_TEST_SEQUENCES");
    let as_always = chosen.is_none();
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(app.owner(&format!("person{number}")).await);
    }
    let (tally, owners) = (Tally::default(), AtomicUsize::new(0));
    for seed in chosen.unwrap_or(SEEDS.to_vec()) {
        let config = Config {
            cases: more.unwrap_or(SEQUENCES),
            // Each is a whole sequence of calls.
            max_shrink_iters: 60,
            failure_persistence: None,
            ..Config::default()
        };
        let mut start = [0; 32];
        start[..8].copy_from_slice(&seed.to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &start);
        let mut runner = TestRunner::new_with_rng(config, random);
        let here = tokio::runtime::Handle::current();
        let outcome = tokio::task::block_in_place(|| {
            runner.run(&vec(step(), STEPS), |steps| {
                let owner = owners.fetch_add(1, Ordering::SeqCst);
                here.block_on(plays(&app, &people, owner, &steps, &tally))
                    .map_err(TestCaseError::fail)
            })
        });
        if let Err(error) = outcome {
            panic!("ACCORD_TEST_SEED={seed}: {error}");
        }
    }
    let tally = tally.into_inner().expect("no panic");
    if as_always {
        for kind in ["gives", "removes", "invites", "creates", "edits", "deletes"] {
            for carried_out in [true, false] {
                assert!(
                    tally.contains_key(&(kind, carried_out)),
                    "too little happened: {tally:?}"
                );
            }
        }
    }
    assert!(
        !tally.contains_key(&("oversteps", true)),
        "what is the owner's alone was carried out: {tally:?}"
    );
}

on_both_databases! {
    nobody_but_the_owner_gives_what_they_lack,
}
