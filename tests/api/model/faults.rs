//! Pictures that have one rule wrong, and do not get far: what the API does differently is noticed, where it
//! shows. Were the API wrong and the picture right, the same comparison would say so.

use accord_testkit::{Backend, TestApp};
use proptest::collection::vec;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::Config;

use super::disagreement::Over;
use super::steps::step;
use super::{SEED, SEQUENCES, STEPS, Tally, everybody, plays, runner};

macro_rules! faults {
    ($($(#[$what:meta])* $fault:ident in $test:ident shows over $over:ident;)+) => {
        /// A rule that a picture may have wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Fault {
            $($(#[$what])* $fault,)+
        }

        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                shows_itself(Fault::$fault, Over::$over).await;
            }
        )+
    };
}

faults! {
    SuspendedMembersKeepAccess in access_of_suspended_members shows over Checks;
    RemovedMembersKeepTheirShares in shares_of_removed_members shows over Members;
    ReinvitedMembersStartEmpty in shares_of_reinvited_members shows over Members;
    ExpiredInvitationsAreOpen in expired_invitations shows over Answer;
    DirectRolesHideNothing in what_direct_roles_hide shows over Checks;
    /// What lies around a group does not count for it.
    GroupsAreAloneInTheirGroups in roles_of_outer_groups shows over Checks;
    EndedSharesStillGrant in ended_shares shows over Checks;
    CopiesTakeEndedShares in ended_shares_of_copies shows over Members;
    DeletedRolesStayInShares in roles_that_are_deleted shows over Members;
    RolesInUseAreDeletedUnasked in roles_in_use shows over Answer;
    OneGroupIsEnoughToCreateIn in groups_to_create_in shows over Answer;
    NamesDifferByTheirLetterCase in names_by_letter_case shows over Answer;
    /// Who is nobody to the account is forbidden to read its members: so it exists.
    StrangersAreToldOfAccounts in what_strangers_are_told shows over Answer;
    RevisionsStandStill in revisions shows over Revision;
}

/// As many sequences as the rarest fault needs; most show in the first few, with which a right picture is played.
const MOST: u32 = 4 * SEQUENCES;

/// Plays with the fault until it shows. A right picture of the same sequence agrees.
async fn shows_itself(fault: Fault, over: Over) {
    let app = TestApp::start(Backend::Sqlite).await;
    let people = everybody(&app).await;
    let mut runner = runner(SEED, Config::default());
    let tally = Tally::default();
    for _ in 0..MOST {
        let drawn = vec(step(), STEPS).new_tree(&mut runner);
        let steps = drawn.expect("a sequence of steps").current();
        let Err(apart) = plays(&app, &people, Some(fault), &tally, &steps).await else {
            continue;
        };
        assert_eq!(apart.over, over, "{fault:?} showed elsewhere: {apart}");
        if let Err(apart) = plays(&app, &people, None, &tally, &steps).await {
            panic!("a right picture disagrees, too: {apart}");
        }
        return;
    }
    panic!("{fault:?} was not noticed in {MOST} sequences");
}
