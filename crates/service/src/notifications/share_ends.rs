//! Shares that end by themselves: those concerned hear of it beforehand and when it has come, and the record
//! tells an end from a removal. What a share grants does not wait for this: its end counts when it is asked.

use std::collections::{BTreeMap, HashMap};

use accord_domain::ids::{AccountId, MemberId, ShareId};
use accord_domain::member::MemberStatus;
use accord_domain::notification::NotificationKind;
use accord_domain::sharing::Share;
use accord_mail::{EndLine, Message};
use accord_store::accounts::Account;
use accord_store::members::Member;
use accord_store::share_ends::{self, ShareEnd};
use accord_store::{Conn, accounts, members, shares};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::collaborations::of_member;
use super::{Notice, NoticeItem, NoticeParams, notice_items};
use crate::Service;
use crate::call::{RequestInfo, status_of};
use crate::error::Result;
use crate::shares::{DescribedShare, describe, share_facts};
use crate::tasks::{Actor, Happening};

/// How often to look for shares that end.
pub const LOOK_FOR_ENDS_EVERY: std::time::Duration = std::time::Duration::from_secs(5);

/// Accounts that are looked for at once.
const ACCOUNTS_AT_ONCE: u32 = 100;

/// Ends that are told of in one transaction, with the account locked for so long.
const ENDS_AT_ONCE: u32 = 200;

/// Which of the two is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Ending,
    Ended,
}

impl Stage {
    const fn kind(self) -> NotificationKind {
        match self {
            Self::Ending => NotificationKind::SharesEnding,
            Self::Ended => NotificationKind::SharesEnded,
        }
    }

    fn message(self, owner_name: Option<String>, items: Vec<EndLine>) -> Message {
        match self {
            Self::Ending => Message::SharesEnding { owner_name, items },
            Self::Ended => Message::SharesEnded { owner_name, items },
        }
    }
}

impl Service {
    /// Tells of shares that end soon and of those that have ended, each once. Safe with several instances
    /// at once. An account whose people cannot be told keeps nobody else's from it.
    ///
    /// # Errors
    /// When the database is away; the next round makes up for it.
    pub fn tell_of_share_ends(&self) -> Result<()> {
        // Each account's turn is short, and comes again only when all others had theirs.
        while self.tell_of_some_share_ends()? {}
        Ok(())
    }

    /// One batch of each account that has something to tell. Answers whether one has more.
    fn tell_of_some_share_ends(&self) -> Result<bool> {
        let mut more = false;
        let mut last = None;
        loop {
            let now = self.clock.now();
            let soon = now + self.settings.share_reminder;
            let hosts = self
                .db
                .read(|tx| share_ends::accounts_to_tell(tx, now, soon, last, ACCOUNTS_AT_ONCE))?;
            for host in &hosts {
                match self.db.write(|tx| self.tell_of_share_ends_on(tx, *host)) {
                    Ok(has_more) => more |= has_more,
                    Err(error) => {
                        // Without a database nobody gets further.
                        self.ready()?;
                        tracing::error!(account = %host, %error, "nobody is told of shares that end here");
                    }
                }
            }
            if !hosts.is_empty() {
                self.wake_mail_worker();
            }
            match hosts.last() {
                Some(host) => last = Some(*host),
                None => return Ok(more),
            }
        }
    }

    /// Answers whether there is more than a batch.
    fn tell_of_share_ends_on(&self, tx: &mut Conn<'_>, host: AccountId) -> Result<bool> {
        let Some(host) = accounts::lock(tx, host)?.filter(|host| host.disabled_at.is_none()) else {
            return Ok(false);
        };
        let now = self.clock.now();
        let soon = now + self.settings.share_reminder;
        let mut due = share_ends::of_account(tx, host.id, now, soon, ENDS_AT_ONCE)?;
        let more = due.len() >= ENDS_AT_ONCE as usize;
        if more {
            leave_last_member(&mut due);
        }
        let (ended, ending): (Vec<ShareEnd>, Vec<ShareEnd>) =
            due.into_iter().partition(|end| end.at <= now);
        share_ends::mark_reminded(tx, &ids(&ending), now)?;
        share_ends::mark_told(tx, &ids(&ended), now)?;
        for (stage, ends) in [(Stage::Ending, ending), (Stage::Ended, ended)] {
            if !ends.is_empty() {
                self.tell_of_ends(tx, &host, stage, &ends, now)?;
            }
        }
        Ok(more)
    }

    fn tell_of_ends(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        stage: Stage,
        ends: &[ShareEnd],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut held: HashMap<MemberId, Vec<Share>> = shares::by_ids(tx, host.id, &ids(ends))?;
        let member_ids: Vec<MemberId> = held.keys().copied().collect();
        let mut of_members: BTreeMap<MemberId, (Member, Vec<DescribedShare>)> = BTreeMap::new();
        for member in members::by_ids(tx, host.id, &member_ids)? {
            let own = held.remove(&member.id).unwrap_or_default();
            if stage == Stage::Ended {
                let request = RequestInfo::default();
                let happening = Happening::new("member.end_shares")
                    .member(member.id)
                    .item("member", member.id, &member.email)
                    .before(json!({ "shares": share_facts(&own) }));
                self.record(tx, host.id, Actor::by_itself(&request), happening, now)?;
            }
            let described = describe(tx, host.id, &own)?;
            of_members.insert(member.id, (member, described));
        }
        // Who has not joined, or is gone, loses nothing by it.
        of_members.retain(|_, (member, _)| {
            matches!(
                status_of(member, now),
                MemberStatus::Active | MemberStatus::Suspended
            )
        });
        for (member, described) in of_members.values() {
            self.tell_member_of_ends(tx, host, stage, member, described, now)?;
        }
        self.tell_owner_of_ends(tx, host, stage, &of_members, now)
    }

    /// A suspended member is shown nothing of what is shared.
    fn tell_member_of_ends(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        stage: Stage,
        member: &Member,
        described: &[DescribedShare],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let person = match member.person_id {
            Some(id) if status_of(member, now) == MemberStatus::Active => accounts::by_id(tx, id)?,
            Some(_) | None => None,
        };
        let Some(person) = person else {
            return Ok(());
        };
        let items = notice_items(described);
        let mail = stage.message(Some(host.name.clone()), end_lines(&items));
        let params = NoticeParams::of_owner(host).with_items(items);
        let notice = Notice::new(stage.kind(), host.id, params).member(member.id);
        self.tell(tx, &person, &notice.mail(mail), now)
    }

    fn tell_owner_of_ends(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        stage: Stage,
        of_members: &BTreeMap<MemberId, (Member, Vec<DescribedShare>)>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let name = |member: &Member| member.display_name.clone().unwrap_or(member.email.clone());
        let mut items: Vec<NoticeItem> = Vec::new();
        for (member, described) in of_members.values() {
            items.extend(notice_items(described).into_iter().map(|item| NoticeItem {
                member_name: Some(name(member)),
                ..item
            }));
        }
        let mail = stage.message(None, end_lines(&items));
        let only = match of_members.values().next() {
            None => return Ok(()),
            Some((member, _)) if of_members.len() == 1 => Some(member),
            Some(_) => None,
        };
        let notice = match only {
            Some(member) => {
                for item in &mut items {
                    item.member_name = None;
                }
                let params = of_member(member).with_items(items);
                Notice::new(stage.kind(), host.id, params).member(member.id)
            }
            None => {
                let params = NoticeParams::default().with_items(items);
                Notice::new(stage.kind(), host.id, params)
            }
        };
        self.tell(tx, host, &notice.mail(mail), now)
    }
}

fn ids(ends: &[ShareEnd]) -> Vec<ShareId> {
    ends.iter().map(|end| end.share_id).collect()
}

/// Of a full batch the last member's ends are left for the next one, unless there are no others: what ends for
/// somebody at once is told to them at once.
fn leave_last_member(due: &mut Vec<ShareEnd>) {
    let Some(last) = due.last().map(|end| end.member_id) else {
        return;
    };
    if let Some(before) = due.iter().rposition(|end| end.member_id != last) {
        due.truncate(before + 1);
    }
}

/// Lines of a mail at most; the dashboard has the rest.
const MOST_LINES: usize = 50;

fn end_lines(items: &[NoticeItem]) -> Vec<EndLine> {
    let lines = items.iter().take(MOST_LINES).filter_map(|item| {
        Some(EndLine {
            item: item.item.clone(),
            roles: item.roles.clone(),
            at: item.expires_at?,
            member: item.member_name.clone(),
        })
    });
    lines.collect()
}
