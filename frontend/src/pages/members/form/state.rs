//! What stands in the form, and what becomes of it when it is sent.

use std::collections::HashMap;
use std::sync::Arc;

use accord_api_types::{ErrorCode, Item, Member, NewShare, RoleSummary, UpdateMember, Uuid};
use accord_client::Versioned;
use leptos::prelude::*;

use super::load::{Loaded, load};
use super::merge::{Content, drafts, same_shares};
use super::sending::{Answer, Letter, Saved, invite_all, reason, save, share_troubles};
use super::{Purpose, Sent};
use crate::components::share_editor::model::{ShareDraft, to_shares};
use crate::components::share_editor::tree::Tree;
use crate::components::{Recipients, focus_first_invalid};
use crate::failure::{Failure, invalid};
use crate::pages::auth::model::check_email;
use crate::pages::roles::model::summaries;
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::Reverse;

/// What the form started from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Base {
    pub(super) content: Content,
    pub(super) etag: Option<String>,
}

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
    pub(super) base: RwSignal<Base>,
    /// The member as somebody else made it meanwhile.
    pub(super) theirs: RwSignal<Option<Versioned<Member>>>,
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
        Self {
            open,
            session,
            purpose: StoredValue::new(purpose),
            recipients: Recipients::new(|address| {
                check_email("/email", address).map(|error| error.detail)
            }),
            name: RwSignal::new(content.name.clone()),
            draft: RwSignal::new(content.shares.clone()),
            base: RwSignal::new(Base {
                content,
                etag: None,
            }),
            theirs: RwSignal::new(None),
            things,
            tree: tree.into(),
            roles: roles.into(),
            submission: Submission::new(),
            invited: RwSignal::new(Vec::new()),
            known: RwSignal::new(Vec::new()),
            refused: RwSignal::new(Vec::new()),
            on_saved,
        }
    }

    pub(super) fn content(self) -> Content {
        Content {
            name: self.name.get_untracked(),
            shares: self.draft.get_untracked(),
        }
    }

    pub(super) fn show(self, content: Content) {
        self.name.set(content.name);
        self.draft.set(content.shares);
    }

    pub(super) fn set_base(self, member: &Versioned<Member>) {
        self.base.set(Base {
            content: Content::of(member),
            etag: member.etag.clone(),
        });
    }

    pub(super) fn role_names(self, ids: &[Uuid]) -> String {
        let names = self.roles.with_untracked(|roles| {
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
        let name = self.name.get();
        self.base.with(|base| {
            name.trim() != base.content.name
                || self
                    .draft
                    .with(|draft| !same_shares(draft, &base.content.shares))
        }) || !self.recipients.is_empty()
    }

    pub(super) fn shares_touched(self) -> bool {
        self.base.with_untracked(|base| {
            self.draft
                .with_untracked(|draft| !same_shares(draft, &base.content.shares))
        })
    }

    /// All shares as they would be, where they differ from what is saved.
    pub(super) fn changed_shares(self) -> Option<Vec<NewShare>> {
        let same = self.base.with(|base| {
            self.draft
                .with(|draft| same_shares(draft, &base.content.shares))
        });
        (!same).then(|| self.draft.with(|draft| to_shares(draft)))
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
        let sent = self.draft.get_untracked();
        let body = UpdateMember {
            display_name: Some(self.typed_name()),
            shares: self.shares_touched().then(|| to_shares(&sent)),
        };
        let (client, account_id) = (self.session.client(), self.session.account_id());
        let before = self.base.with_untracked(|base| base.content.clone());
        let etag = self.base.with_untracked(|base| base.etag.clone());
        let call = async move {
            save(client, account_id, id, body, etag)
                .await
                .map_err(|error| {
                    let failure = Failure::from(error);
                    self.refused.try_set(share_troubles(&failure, &sent));
                    failure
                })
        };
        self.submission.send(call, move |saved| match saved {
            Saved::Done(saved) => {
                let reverse = reverse(self.session, before, &saved);
                self.open.set(false);
                self.on_saved.run(Sent {
                    purpose,
                    members: vec![saved.into_inner()],
                    reverse,
                });
            }
            Saved::Overtaken(theirs) => {
                self.theirs.try_set(Some(theirs));
            }
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
        let (sent, touched) = (self.draft.get_untracked(), self.shares_touched());
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
            self.on_saved.run(Sent {
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

/// Gives back what the member had when the form was opened.
fn reverse(session: Session, before: Content, saved: &Versioned<Member>) -> Option<Reverse> {
    let (account_id, id) = (session.account_id(), saved.id);
    let etag = saved.etag.clone()?;
    let undone = format!("{} is as before.", super::super::model::name(saved));
    let name = Some(before.name).filter(|name| !name.is_empty());
    Some(Reverse::new(undone, move || {
        let (client, etag) = (session.client(), etag.clone());
        let body = UpdateMember {
            display_name: Some(name.clone()),
            shares: Some(to_shares(&before.shares)),
        };
        async move {
            client
                .update_member(account_id, id, &body, Some(&etag))
                .await
        }
    }))
}
