use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use accord_api_types::{DraftAccess, DraftShares, Uuid};
use leptos::prelude::*;

use super::load::Loaded;
use super::sending::share_troubles;
use crate::components::share_editor::model::{ShareDraft, keep_existing, to_shares};
use crate::components::share_editor::tree::Tree;
use crate::components::{Button, ButtonKind, Notice, OutcomeList, Outcomes, Tone};
use crate::failure::Failure;
use crate::remote::Remote;
use crate::session::Session;

/// How long nothing is changed before the server is asked what would come of it.
const REST: Duration = Duration::from_millis(220);

/// What would come of the draft: asked of the server whenever it changed, the latest answer shown.
#[derive(Clone, Copy)]
pub(super) struct WillBe {
    pub(super) outcomes: Signal<Outcomes>,
    answers: Remote<Vec<DraftAccess>>,
    /// The draft that was asked about.
    asked: Memo<Vec<ShareDraft>>,
}

impl WillBe {
    pub(super) fn new(
        session: Session,
        draft: RwSignal<Vec<ShareDraft>>,
        member_id: Option<Uuid>,
        things: Remote<Loaded>,
        tree: Signal<Arc<Tree>>,
    ) -> Self {
        let settled = RwSignal::new(draft.get_untracked());
        let mut ask_soon =
            leptos::leptos_dom::helpers::debounce(REST, move |shares: Vec<ShareDraft>| {
                settled.try_set(shares);
            });
        Effect::new(move |before: Option<()>| {
            let shares = draft.get();
            if before.is_some() {
                ask_soon(shares);
            }
        });
        // What was removed on the way is gone from the tree before it is gone from the draft.
        let asked = Memo::new(move |_| {
            let mut shares = settled.get();
            tree.with(|tree| {
                if !tree.lines.is_empty() {
                    keep_existing(&mut shares, &tree.items());
                }
            });
            shares
        });
        let account_id = session.account_id();
        let answers = Remote::new(move || {
            // What is in which group, and what a role allows, may have changed on the way.
            things.data.track();
            let client = session.client();
            let body = DraftShares {
                shares: asked.with(|shares| to_shares(shares)),
                member_id,
            };
            async move {
                let page = client.draft_access(account_id, &body).await?;
                Ok::<_, accord_client::Error>(page.items)
            }
        });
        let names = Memo::new(move |_| {
            things.data.with(|things| {
                let environments = things.iter().flat_map(|things| &things.environments);
                environments
                    .map(|one| (one.id, one.name.clone()))
                    .collect::<HashMap<_, _>>()
            })
        });
        let outcomes = Memo::new(move |_| {
            let list = answers.data.get().unwrap_or_default();
            Outcomes::new(list, names.get())
        });
        Self {
            outcomes: outcomes.into(),
            answers,
            asked,
        }
    }

    /// What the server finds wrong with single shares.
    pub(super) fn troubles(self) -> Vec<(accord_api_types::Item, String)> {
        self.answers.failure.with(|failure| {
            failure.as_ref().map_or_else(Vec::new, |failure| {
                self.asked.with(|asked| share_troubles(failure, asked))
            })
        })
    }
}

/// What they will have where, in all.
#[component]
pub(super) fn WillHave(will_be: WillBe) -> impl IntoView {
    let WillBe {
        outcomes, answers, ..
    } = will_be;
    let known = Memo::new(move |_| answers.data.with(Option::is_some));
    let sentence = move || {
        if known.get() {
            outcomes.with(Outcomes::sentence)
        } else if answers.failure.with(Option::is_some) && !answers.busy.get() {
            "It is not known yet.".into()
        } else {
            "Working out what they will have…".into()
        }
    };
    let retry = Callback::new(move |()| answers.reload());
    // Troubles with single shares stand at their lines.
    let failed = move || {
        let failure = answers.failure.get()?;
        let at_lines = !will_be.troubles().is_empty();
        let words = if at_lines {
            "As long as something is wrong above, this shows what came out before.".to_owned()
        } else {
            failure.sentence()
        };
        Some(view! {
            <Notice tone=Tone::Warn>
                <p>{words}</p>
                {(!at_lines && failure.code().is_none_or(|_| !is_about_shares(&failure))).then(|| view! {
                    <Button kind=ButtonKind::Ghost busy=answers.busy on_press=retry>"Try again"</Button>
                })}
            </Notice>
        })
    };
    view! {
        <section class="will-have" aria-label="What they will have" aria-busy=move || answers.busy.get().then_some("true")>
            <div class="will-have-head">
                <h3>"What they will have"</h3>
                <p class="field-hint" role="status">{sentence}</p>
                <span class="will-have-busy" aria-hidden="true"></span>
            </div>
            {failed}
            {move || known.get().then(|| view! { <OutcomeList outcomes=outcomes/> })}
        </section>
    }
}

fn is_about_shares(failure: &Failure) -> bool {
    !failure.within("/shares").is_empty()
}
