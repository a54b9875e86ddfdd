//! Load alerts: the platform says that an environment is under strain, and whom it concerns hears of it.

use std::collections::HashMap;

use accord_domain::access::MemberAccess;
use accord_domain::authorize::PostLoadAlerts;
use accord_domain::ids::{AccountId, EnvironmentId};
use accord_domain::load_alerts::{Candidate, MOST_MAILS, QUIET_FOR, Recipient, recipients};
use accord_domain::notification::{NotificationKind, Preferences};
use accord_domain::text::{AlertMessage, MetricName};
use accord_mail::Message;
use accord_store::accounts::Account;
use accord_store::environments::Environment;
use accord_store::load_alerts::{self as window_rows, Window};
use accord_store::notifications as notification_rows;
use accord_store::{
    Conn, accounts, environments, members, notification_preferences, relations, shares,
};
use chrono::{DateTime, Utc};

use crate::Service;
use crate::call::{Call, status_of};
use crate::error::{Result, ServiceError};
use crate::notifications::{AlertFacts, Notice, NoticeParams};

/// What was measured on an environment, and what it should not have passed.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadAlert {
    pub metric: MetricName,
    pub value: f64,
    pub threshold: f64,
    pub message: Option<AlertMessage>,
}

/// The people whom an alert may concern, with their accounts at hand.
struct People {
    told: Vec<Recipient>,
    accounts: HashMap<AccountId, Account>,
    preferences: HashMap<AccountId, Preferences>,
}

impl Service {
    /// Tells the owner and the members whose roles ask for it, and answers how many people it reached.
    /// Whoever was told of the same metric within the quiet time finds the repeat counted in their
    /// notification, and gets no mail. The owner is told, too, though it was posted in their name: the
    /// platform posts it.
    ///
    /// # Errors
    /// Unless the caller owns the account and the environment is there.
    pub fn post_load_alert(
        &self,
        call: &Call,
        host: AccountId,
        environment: EnvironmentId,
        alert: &LoadAlert,
    ) -> Result<usize> {
        self.change_hosting::<PostLoadAlerts, _>(call, host, |tx, stage, _| {
            let now = stage.now;
            let environment =
                environments::by_id(tx, host, environment)?.ok_or(ServiceError::HIDDEN)?;
            let people = concerned(tx, &stage.host_account, environment.id, now)?;
            window_rows::close_opened_until(tx, environment.id, now - QUIET_FOR)?;
            let open = window_rows::windows(tx, environment.id)?;
            let mut reached = 0;
            for recipient in &people.told {
                let Some(account) = people.accounts.get(&recipient.account_id) else {
                    continue;
                };
                let own: Vec<&Window> = open
                    .iter()
                    .filter(|window| window.account_id == account.id)
                    .collect();
                let same = own
                    .iter()
                    .find(|window| window.metric == alert.metric.as_str());
                let reaches = match same {
                    Some(window) => {
                        self.count_repeat(tx, window, alert, now)?;
                        true
                    }
                    None => {
                        let wanted = people.preferences.get(&account.id);
                        let wanted = wanted.cloned().unwrap_or_default();
                        let mail = recipient.by_mail
                            && wanted.mails(NotificationKind::LoadAlert)
                            && own.len() < MOST_MAILS;
                        let show = wanted.shows(NotificationKind::LoadAlert);
                        let host = &stage.host_account;
                        self.alarm(tx, host, account, &environment, alert, (mail, show), now)?;
                        mail || show
                    }
                };
                reached += usize::from(reaches);
            }
            Ok(reached)
        })
    }

    /// Tells somebody who was not told lately.
    #[allow(clippy::too_many_arguments)]
    fn alarm(
        &self,
        tx: &mut Conn<'_>,
        host: &Account,
        to: &Account,
        environment: &Environment,
        alert: &LoadAlert,
        (mail, show): (bool, bool),
        now: DateTime<Utc>,
    ) -> Result<()> {
        let name = environment
            .display_name
            .as_ref()
            .unwrap_or(&environment.name);
        let mut params = NoticeParams::of_owner(host);
        params.environment_name = Some(name.clone());
        params.alert = Some(AlertFacts {
            metric: alert.metric.as_str().to_owned(),
            value: alert.value,
            threshold: alert.threshold,
            message: alert.message.as_ref().map(|text| text.as_str().to_owned()),
            times: 1,
            last_at: now,
        });
        let notice = Notice::new(NotificationKind::LoadAlert, host.id, params);
        let notice = notice.environment(environment.id);
        let notification_id = match show {
            true => Some(self.show(tx, to.id, &notice, now)?),
            false => None,
        };
        if mail {
            let message = Message::LoadAlert {
                owner_name: host.name.clone(),
                environment_name: name.clone(),
                metric: alert.metric.as_str().to_owned(),
                value: alert.value,
                threshold: alert.threshold,
                message: alert.message.as_ref().map(|text| text.as_str().to_owned()),
                path: format!("/environments/{}/{}", host.id, environment.id),
            };
            self.queue_mail_to_account(tx, to, &message, None, now)?;
        }
        if mail || show {
            let window = Window {
                environment_id: environment.id,
                account_id: to.id,
                metric: alert.metric.as_str().to_owned(),
                opened_at: now,
                notification_id,
            };
            window_rows::open(tx, &window)?;
        }
        Ok(())
    }

    /// Counts a repeat where the first one was told. That it was read meanwhile stays: who knows of it
    /// is not called again within the quiet time.
    fn count_repeat(
        &self,
        tx: &mut Conn<'_>,
        window: &Window,
        alert: &LoadAlert,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let Some(id) = window.notification_id else {
            return Ok(());
        };
        let Some(told) = notification_rows::by_id(tx, window.account_id, id)? else {
            return Ok(());
        };
        let mut params = NoticeParams::from_stored(&told.params);
        if let Some(facts) = &mut params.alert {
            facts.value = alert.value;
            facts.threshold = alert.threshold;
            facts.message = alert.message.as_ref().map(|text| text.as_str().to_owned());
            facts.times = facts.times.saturating_add(1);
            facts.last_at = now;
        }
        notification_rows::set_params(tx, window.account_id, id, &params.to_stored()?)?;
        Ok(())
    }
}

/// Whom an alert of the environment goes to, as the rule says.
fn concerned(
    tx: &mut Conn<'_>,
    host: &Account,
    environment: EnvironmentId,
    now: DateTime<Utc>,
) -> Result<People> {
    let relations = relations::load_around(tx, host.id, environment)?;
    let any_role_asks = relations
        .roles
        .values()
        .any(|role| role.receive_load_alerts);
    let active = if any_role_asks {
        members::active_of_account(tx, host.id)?
    } else {
        Vec::new()
    };
    let person_ids: Vec<AccountId> = active
        .iter()
        .filter_map(|member| member.person_id)
        .collect();
    let mut accounts = accounts::by_ids(tx, &person_ids)?;
    let mut shares_of = if active.is_empty() {
        HashMap::new()
    } else {
        shares::of_account(tx, host.id)?
    };
    let candidates: Vec<(Candidate, MemberAccess)> = active
        .iter()
        .filter_map(|member| {
            let person = accounts.get(&member.person_id?)?;
            let access = MemberAccess {
                status: status_of(member, now),
                account_disabled: person.disabled_at.is_some(),
                shares: shares_of.remove(&member.id).unwrap_or_default(),
            };
            Some((candidate(person), access))
        })
        .collect();
    let told = recipients(&relations, &candidate(host), &candidates, environment, now);
    accounts.insert(host.id, host.clone());
    let ids: Vec<AccountId> = told.iter().map(|recipient| recipient.account_id).collect();
    let preferences = notification_preferences::of_many(tx, &ids)?;
    Ok(People {
        told,
        accounts,
        preferences,
    })
}

fn candidate(account: &Account) -> Candidate {
    Candidate {
        account_id: account.id,
        email_verified: account.email_verified_at.is_some(),
        disabled: account.disabled_at.is_some(),
    }
}
