use accord_api_types::{ExplainQuery, Explanation};
use leptos::prelude::*;

use super::answer::Answer;
use super::picker::ActionPicker;
use super::{Question, Why};
use crate::components::{Dialog, DialogSize, Empty, Icon, Skeleton, screen};
use crate::live::Topic;
use crate::pages::roles::all_actions;
use crate::remote::Remote;
use crate::session::Session;

/// Asks about one action after the other.
#[component]
pub(crate) fn WhyDialog(why: Why) -> impl IntoView {
    let title = Signal::derive(move || {
        why.question
            .with(|question| question.as_ref().map(Question::title).unwrap_or_default())
    });
    view! {
        <Dialog open=why.open title=title size=DialogSize::Large lead="Choose an action to see whether it is allowed, and what that follows from.">
            <Asking why=why/>
        </Dialog>
    }
}

/// What was asked, and what the API says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answered {
    pub(super) question: Question,
    pub(super) action_id: String,
    pub(super) explanation: Explanation,
}

#[component]
fn Asking(why: Why) -> impl IntoView {
    let session = Session::current();
    let catalogue = Remote::new(move || all_actions(session));
    let answer = Remote::new(move || {
        let client = session.client();
        let asked = why.question.get().zip(Some(why.action.get()));
        async move {
            let Some((question, action_id)) = asked.filter(|(_, action)| !action.is_empty()) else {
                return Ok(None);
            };
            let query = ExplainQuery {
                member_id: question.member_id,
                action_id: action_id.clone(),
            };
            let explanation = client
                .explain_access(question.owner_id, question.environment_id, &query)
                .await?;
            Ok::<_, accord_client::Error>(Some(Answered {
                question,
                action_id,
                explanation,
            }))
        }
    })
    .follows(&[
        Topic::Access,
        Topic::Members,
        Topic::Groups,
        Topic::Roles,
        Topic::Policies,
    ]);
    // Once an action is chosen, that none was is no answer any more: the first one is waited for.
    Effect::new(move |_| {
        let is_chosen = why.action.with(|action| !action.is_empty());
        if is_chosen
            && answer
                .data
                .with_untracked(|data| matches!(data, Some(None)))
        {
            answer.data.set(None);
        }
    });
    // The answer to another question says nothing about the one that failed.
    Effect::new(move |_| {
        if answer.failure.with(Option::is_some) {
            answer.data.set(None);
        }
    });
    view! {
        <div class="dialog-body why">
            <ActionPicker why=why catalogue=catalogue/>
            <div class="why-answer" aria-live="polite" aria-busy=move || answer.busy.get().then_some("true")>
                {screen(
                    answer,
                    Skeleton::Rows(4),
                    Option::is_none,
                    || view! {
                        <Empty icon=Icon::ListChecks title="No action chosen" text="Choose one: the answer shows every level that was looked at, and which roles counted."/>
                    },
                    move |answered| move || answered.get().map(|answered| view! { <Answer answered=answered catalogue=catalogue/> }),
                )}
            </div>
        </div>
    }
}
