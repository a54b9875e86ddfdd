//! What stands in the form, and what becomes of it when it is sent.

use std::collections::HashMap;
use std::sync::Arc;

use accord_api_types::{ErrorCode, Item, Member, NewShare, RoleSummary, Uuid};
use accord_client::Versioned;
use leptos::prelude::*;

use super::load::{Loaded, load};
use super::merge::{Content, between, drafts, same_shares};
use super::sending::{Answer, Letter, invite_all, reason, share_troubles};
use super::{Purpose, Sent};
use crate::components::share_editor::model::{ShareDraft, to_shares};
use crate::components::share_editor::tree::Tree;
use crate::components::{Recipients, focus_first_invalid};
use crate::editing::{Editing, Saved, Version, save};
use crate::failure::{Failure, invalid};
use crate::pages::auth::model::check_email;
use crate::pages::roles::model::summaries;
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::Reverse;

/// Somebody who has a record already.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) address: String,
    pub(super) id: Uuid,
}

/// What stands in the form.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) open: RwSignal<bool>,
    pub(super) session: Session,
    pub(super) purpose: StoredValue<Purpose>,
    pub(super) recipients: Recipients,
    pub(super) name: RwSignal<String>,
    pub(super) draft: RwSignal<Vec<ShareDraft>>,
    /// The member under edit; of an invitation or a copy, only what it began with.
    pub(super) editing: Editing<Content>,
    pub(super) things: Remote<Loaded>,
    pub(super) tree: Signal<Arc<Tree>>,
    pub(super) roles: Signal<Vec<RoleSummary>>,
    pub(super) submission: Submission,
    /// Who was invited while others could not be.
    pub(super) invited: RwSignal<Vec<Member>>,
    pub(super) known: RwSignal<Vec<Known>>,
    /// What the server found wrong with shares when they were sent.
    pub(super) refused: RwSignal<Vec<(Item, String)>>,
    pub(super) on_saved: Callback<Sent>,
}

impl Form {
    pub(super) fn new(open: RwSignal<bool>, purpose: Purpose, on_saved: Callback<Sent>) -> Self {
        let session = Session::current();
        let edited = purpose.edited();
        let things = Remote::new(move || load(session, edited));
        let content = match &purpose {
            Purpose::Invite => Content::default(),
            Purpose::Edit(member) => Content::of(member),
            Purpose::Copy(member) => Content {
                name: String::new(),
                shares: drafts(member, false),
            },
        };
        let tree = Memo::new(move |_| {
            things.data.with(|things| {
                Arc::new(things.as_ref().map_or_else(Tree::default, |things| {
                    Tree::new(&things.groups, &things.environments)
                }))
            })
        });
        let roles = Memo::new(move |_| {
            things.data.with(|things| {
                things.as_ref().map_or_else(Vec::new, |things| {
                    summaries(&things.roles, &things.policies)
                })
            })
        });
        let submission = Submission::new();
        let name = RwSignal::new(content.name.clone());
        let draft = RwSignal::new(content.shares.clone());
        let typed = Signal::derive(move || Content {
            name: name.with(|name| name.trim().to_owned()),
            shares: draft.get(),
        });
        let begun = Version {
            content,
            etag: None,
        };
        let show = move |content: Content| {
            name.set(content.name);
            draft.set(content.shares);
        };
        Self {
            open,
            session,
            purpose: StoredValue::new(purpose),
            recipients: Recipients::new(|address| {
                check_email("/email", address).map(|error| error.detail)
            }),
            name,
            draft,
            editing: Editing::new(begun, typed, show, submission),
            things,
            tree: tree.into(),
            roles: roles.into(),
            submission,
            invited: RwSignal::new(Vec::new()),
            known: RwSignal::new(Vec::new()),
            refused: RwSignal::new(Vec::new()),
            on_saved,
        }
    }

    pub(super) fn role_names(self, ids: &[Uuid]) -> String {
        let names = self.roles.with(|roles| {
            roles
                .iter()
                .filter(|role| ids.contains(&role.id))
                .map(|role| role.name.clone())
                .collect::<Vec<_>>()
        });
        names.join(", ")
    }

    /// Whether closing would lose something.
    pub(super) fn is_dirty(self) -> bool {
        self.editing.is_dirty() || !self.recipients.is_empty()
    }

    /// All shares as they would be, where they differ from what is saved.
    pub(super) fn changed_shares(self) -> Option<Vec<NewShare>> {
        let before = self.editing.before();
        self.draft
            .with(|draft| (!same_shares(draft, &before.shares)).then(|| to_shares(draft)))
    }

    pub(super) fn typed_name(self) -> Option<String> {
        let name = self.name.get_untracked().trim().to_owned();
        (!name.is_empty()).then_some(name)
    }

    pub(super) fn send(self) {
        self.refused.set(Vec::new());
        self.known.set(Vec::new());
        let purpose = self.purpose.get_value();
        match purpose.edited() {
            Some(id) => self.save(id, purpose),
            None => self.invite(purpose),
        }
    }

    pub(super) fn save(self, id: Uuid, purpose: Purpose) {
        let (base, typed) = self.editing.to_save();
        let sent = typed.shares.clone();
        let body = between(&base.content, &typed);
        let (client, account_id) = (self.session.client(), self.session.account_id());
        let reader = client.clone();
        let saving = save(
            base,
            typed,
            async move |etag: Option<&str>| client.update_member(account_id, id, &body, etag).await,
            async move || {
                let fresh = reader.member(account_id, id).await?;
                Ok(Version::of(&fresh, Content::of))
            },
        );
        let call = async move {
            saving.await.map_err(|error| {
                let failure = Failure::from(error);
                self.refused.try_set(share_troubles(&failure, &sent));
                failure
            })
        };
        self.submission.send(call, move |outcome| match outcome {
            Saved::Done { saved, before } => {
                let reverse = reverse(self.session, &before, &saved);
                self.open.set(false);
                self.on_saved.try_run(Sent {
                    purpose,
                    members: vec![saved.into_inner()],
                    reverse,
                });
            }
            Saved::Overtaken(theirs) => self.editing.overtaken(theirs),
        });
    }

    pub(super) fn invite(self, purpose: Purpose) {
        let everybody = self.recipients.everybody();
        if everybody.is_empty() {
            let nobody = invalid("/email", "Enter an e-mail address");
            return self.submission.fail(Failure::Invalid(vec![nobody]));
        }
        let troubles = self.recipients.troubles(&everybody);
        self.recipients.mark(&troubles);
        if !troubles.is_empty() {
            self.submission.failure.set(None);
            return focus_first_invalid();
        }
        let alone = everybody.len() == 1;
        let letters = everybody
            .into_iter()
            .map(|(id, mut who)| {
                if alone {
                    who.name = self.typed_name().or(who.name);
                }
                Letter { id, who }
            })
            .collect();
        let (client, account_id) = (self.submission.client(), self.session.account_id());
        let sent = self.draft.get_untracked();
        let touched = untrack(|| self.changed_shares()).is_some();
        let (for_call, shares) = (purpose.clone(), sent.clone());
        let call = async move {
            let answers = invite_all(client, account_id, for_call, letters, shares, touched).await;
            Ok::<_, Failure>(answers)
        };
        self.submission
            .send(call, move |answers| self.answered(purpose, answers, &sent));
    }

    /// Each address is answered for itself: who was invited leaves the form, all others stay.
    pub(super) fn answered(self, purpose: Purpose, answers: Vec<Answer>, sent: &[ShareDraft]) {
        let (mut done, mut troubles, mut members) = (Vec::new(), Vec::new(), Vec::new());
        let mut refused = HashMap::new();
        let mut known = Vec::new();
        for Answer {
            id,
            address,
            outcome,
        } in answers
        {
            match outcome {
                Ok(member) => {
                    done.push(id);
                    members.push(member);
                }
                Err(failure) => {
                    self.session.notice(&failure);
                    refused.extend(share_troubles(&failure, sent));
                    if failure.code() == Some(ErrorCode::MemberExists)
                        && let Some(id) = failure.context().and_then(|context| context.member_id)
                    {
                        known.push(Known {
                            address: address.clone(),
                            id,
                        });
                    }
                    troubles.push((id, reason(&failure)));
                }
            }
        }
        let all = troubles.is_empty();
        if !members.is_empty() {
            self.on_saved.try_run(Sent {
                purpose,
                members: members.clone(),
                reverse: None,
            });
        }
        if all {
            self.open.set(false);
            return;
        }
        // The form may be gone by now; then there is nobody to tell.
        if self.known.try_set(known).is_some() {
            return;
        }
        self.refused.set(refused.into_iter().collect());
        self.recipients.take_away(&done);
        self.recipients.mark(&troubles);
        self.invited.update(|invited| invited.extend(members));
        focus_first_invalid();
    }
}

/// Gives back what the member had before.
fn reverse(session: Session, before: &Content, saved: &Versioned<Member>) -> Option<Reverse> {
    let (account_id, id) = (session.account_id(), saved.id);
    let body = between(&Content::of(saved), before);
    let etag = saved.etag.clone()?;
    let undone = format!("{} is as before.", super::super::model::name(saved));
    Some(Reverse::new(undone, move || {
        let (client, body, etag) = (session.client(), body.clone(), etag.clone());
        async move {
            client
                .update_member(account_id, id, &body, Some(&etag))
                .await
        }
    }))
}
