//! What every use case about an account's things begins with.

use accord_domain::authorize::{Grant, OwnerPermission, authorize};
use accord_domain::ids::AccountId;
use accord_store::Conn;

use crate::Service;
use crate::call::{Call, Purpose, Stage};
use crate::error::Result;

impl Service {
    /// Reads something that is the owner's alone.
    pub(crate) fn read_hosting<P: OwnerPermission, T>(
        &self,
        call: &Call,
        host: AccountId,
        mut work: impl FnMut(&mut Conn<'_>, &Stage) -> Result<T>,
    ) -> Result<T> {
        self.db.read(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Read, self.clock.now())?;
            authorize::<P>(stage.caller(), &stage.host, stage.standing)?;
            work(tx, &stage)
        })
    }

    /// Changes something that is the owner's alone, with the host's row locked.
    pub(crate) fn change_hosting<P: OwnerPermission, T>(
        &self,
        call: &Call,
        host: AccountId,
        mut work: impl FnMut(&mut Conn<'_>, &Stage, &Grant<P>) -> Result<T>,
    ) -> Result<T> {
        let result = self.db.write(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Change, self.clock.now())?;
            let grant = authorize::<P>(stage.caller(), &stage.host, stage.standing)?;
            work(tx, &stage, &grant)
        })?;
        self.wake_mail_worker();
        Ok(result)
    }
}
