use accord_domain::ids::SessionId;
use accord_store::sessions as session_rows;
use accord_store::{Page, Rows};

use super::SessionView;
use crate::Service;
use crate::call::{Call, Person};
use crate::error::{Result, ServiceError};
use crate::paging::{moment_key, page_of};

/// What a list of sessions is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionSort {
    #[default]
    LastUsedAt,
    CreatedAt,
}

impl Service {
    /// A page of the caller's live sessions.
    ///
    /// # Errors
    /// When not signed in.
    pub fn list_sessions(
        &self,
        call: &Call,
        sort: SessionSort,
        page: &Page,
    ) -> Result<Rows<SessionView>> {
        self.db.read(|tx| {
            let now = self.clock.now();
            let person = Person::of(tx, call, now)?;
            let live = session_rows::list_live(tx, person.account.id, now)?;
            Ok(page_of(live, page, |session| {
                let moment = match sort {
                    SessionSort::LastUsedAt => session.last_used_at,
                    SessionSort::CreatedAt => session.created_at,
                };
                (moment_key(moment), session.id.into())
            }))
        })
    }

    /// One of the caller's live sessions.
    ///
    /// # Errors
    /// Hidden when the caller has no such live session.
    pub fn get_session(&self, call: &Call, id: SessionId) -> Result<SessionView> {
        self.db.read(|tx| {
            let now = self.clock.now();
            let person = Person::of(tx, call, now)?;
            session_rows::live_with_account(tx, id, now)?
                .map(|(session, _)| session)
                .filter(|session| session.account_id == person.account.id)
                .ok_or(ServiceError::HIDDEN)
        })
    }

    /// Ends one of the caller's sessions, which may be this one.
    ///
    /// # Errors
    /// Hidden when the caller has no such live session.
    pub fn end_session(&self, call: &Call, id: SessionId) -> Result<()> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let person = Person::of(tx, call, now)?;
            if session_rows::end(tx, person.account.id, id, now)? {
                Ok(())
            } else {
                Err(ServiceError::HIDDEN)
            }
        })
    }

    /// Ends all of the caller's sessions but this one; answers how many ended.
    ///
    /// # Errors
    /// When not signed in.
    pub fn end_other_sessions(&self, call: &Call) -> Result<usize> {
        self.db.write(|tx| {
            let now = self.clock.now();
            let person = Person::of(tx, call, now)?;
            Ok(session_rows::end_all_of_account(
                tx,
                person.account.id,
                call.credential.session_id(),
                now,
            )?)
        })
    }
}
