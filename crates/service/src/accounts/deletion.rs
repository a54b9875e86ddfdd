//! The end of an account: it leaves its collaborations, and those that it hosts end.

use accord_domain::authorize::{
    DeleteAccount, HeldLink, LeaveCollaboration, PersonMatch, Standing, authorize,
    authorize_with_own_account,
};
use accord_domain::member::{MemberEvent, MemberStatus};
use accord_mail::Message;
use accord_store::accounts::{self, Account};
use accord_store::outbox;

use crate::Service;
use crate::call::{Call, Person, host_of, status_of};
use crate::environments::all_members;
use crate::error::{Result, ServiceError};
use crate::members::Caused;
use crate::tasks::Happening;

impl Service {
    /// Deletes the caller's account for good, with everything that it owns. The record of what they did
    /// with others' things stays, as those keep it.
    ///
    /// # Errors
    /// [`ServiceError::WrongPassword`]; [`ServiceError::Stale`] when it is at another version than expected.
    pub fn delete_account(
        &self,
        call: &Call,
        password: &str,
        expected_version: Option<i64>,
    ) -> Result<()> {
        let account = self
            .db
            .read(|tx| Ok::<_, ServiceError>(Person::of(tx, call, self.clock.now())?.account))?;
        let is_stale = |account: &Account| expected_version.is_some_and(|v| v != account.version);
        if is_stale(&account) {
            return Err(ServiceError::Stale);
        }
        if !self
            .passwords
            .verify(password, Some(&account.password_hash))
        {
            return Err(ServiceError::WrongPassword);
        }
        self.db.write(|tx| {
            let now = self.clock.now();
            let memberships = self.lock_with_hosts(tx, account.id)?;
            let person = Person::of(tx, call, now)?;
            if person.account.password_hash != account.password_hash {
                return Err(ServiceError::WrongPassword);
            }
            if is_stale(&person.account) {
                return Err(ServiceError::Stale);
            }
            let (caller, own) = (person.caller(), host_of(&person.account));
            let grant = authorize::<DeleteAccount>(&caller, &own, Standing::Owner)?;
            let actor = person.actor(&call.request);

            for (member, host) in &memberships {
                let event = match status_of(member, now) {
                    MemberStatus::Active | MemberStatus::Suspended => MemberEvent::Leave,
                    MemberStatus::Pending => MemberEvent::Reject,
                    MemberStatus::Rejected
                    | MemberStatus::Left
                    | MemberStatus::Removed
                    | MemberStatus::Expired => continue,
                };
                let record = PersonMatch {
                    member_id: member.id,
                    person_account_id: member.person_id,
                    email_matches: false,
                    link: HeldLink::None,
                };
                let grant = authorize_with_own_account::<LeaveCollaboration>(
                    &caller,
                    &host_of(host),
                    record,
                )?;
                let caused = Caused {
                    event,
                    host,
                    actor,
                    person: None,
                    now,
                };
                self.live_on(tx, &grant, member, caused)?;
                if event == MemberEvent::Reject {
                    self.tell_of_decision(tx, host, member, event, None, now)?;
                } else {
                    self.tell_of_leaving(tx, host, member, now)?;
                }
            }

            outbox::delete_of_account(tx, account.id, &person.account.email, now)?;
            for member in all_members(tx, account.id, now)? {
                self.tell_of_gone_host(tx, &person.account, &member, now)?;
            }
            self.account_changed(
                tx,
                &person.account,
                actor,
                Happening::new("account.delete"),
                now,
            )?;
            let message = Message::AccountDeleted {
                name: person.account.name.clone(),
            };
            self.queue_mail_to_account(tx, &person.account, &message, None, now)?;
            if accounts::delete(tx, &grant)? {
                Ok(())
            } else {
                Err(ServiceError::NotSignedIn)
            }
        })?;
        self.wake_mail_worker();
        Ok(())
    }
}
