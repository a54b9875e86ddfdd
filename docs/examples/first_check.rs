// Asks whether somebody may start an environment, with the crate `accord-client`.
use accord_client::types::{Check, CheckAccess, CheckMode, CheckSubject, Uuid};
use accord_client::{Client, Result};

pub async fn may_start(base: &str, token: &str, email: &str, environment: Uuid) -> Result<bool> {
    let accord = Client::new(base);
    accord.set_access_token(Some(token.to_owned()));
    let check = Check {
        subject: CheckSubject::email(email),
        environment_id: environment,
        action_ids: vec!["environment.start".to_owned()],
        mode: CheckMode::All,
    };
    let body = CheckAccess {
        checks: vec![check],
        at_least_revision: None,
    };
    let answers = accord.check_access(&body).await?;
    Ok(answers.results.iter().all(|answer| answer.allowed))
}
