//! Links at rest: what opens them, and what does not.

use accord_domain::ids::MailId;
use accord_mail::{LinkSealer, SealError};
use uuid::Uuid;

const LINK: &str = "https://accord.example/invitations/secret-token";
const OLD: &[u8] = b"an old secret of thirty-two bytes";
const NEW: &[u8] = b"a new secret of thirty-two bytes!";

fn mail(number: u128) -> MailId {
    MailId(Uuid::from_u128(number))
}

fn sealer(secrets: &[&[u8]]) -> LinkSealer {
    LinkSealer::new(secrets)
}

#[test]
fn a_sealed_link_opens_and_shows_nothing() {
    let sealer = sealer(&[OLD]);
    let sealed = sealer.seal(mail(1), LINK).unwrap();
    assert_eq!(sealer.open(mail(1), &sealed).as_deref(), Ok(LINK));
    assert!(
        !sealed
            .windows(5)
            .any(|bytes| LINK.as_bytes().windows(5).any(|part| part == bytes))
    );
    assert_ne!(
        sealed,
        sealer.seal(mail(1), LINK).unwrap(),
        "a nonce was used twice"
    );
}

#[test]
fn every_changed_bit_every_cut_and_every_other_mail_is_refused() {
    let sealer = sealer(&[OLD]);
    let sealed = sealer.seal(mail(1), LINK).unwrap();
    for position in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[position] ^= 1 << bit;
            assert_eq!(sealer.open(mail(1), &changed), Err(SealError::NotOpened));
        }
        assert_eq!(
            sealer.open(mail(1), &sealed[..position]),
            Err(SealError::NotOpened)
        );
    }
    assert_eq!(sealer.open(mail(2), &sealed), Err(SealError::NotOpened));
}

#[test]
fn secrets_rotate() {
    let before = sealer(&[OLD]);
    let during = sealer(&[NEW, OLD]);
    let after = sealer(&[NEW]);
    let old = before.seal(mail(1), LINK).unwrap();
    let new = during.seal(mail(2), LINK).unwrap();
    assert_eq!(during.open(mail(1), &old).as_deref(), Ok(LINK));
    assert_eq!(during.open(mail(2), &new).as_deref(), Ok(LINK));
    assert_eq!(
        after.open(mail(2), &new).as_deref(),
        Ok(LINK),
        "the first secret seals"
    );
    assert_eq!(after.open(mail(1), &old), Err(SealError::NotOpened));
    assert_eq!(before.open(mail(2), &new), Err(SealError::NotOpened));
}

#[test]
fn a_sealer_needs_secrets_and_shows_none() {
    assert_eq!(sealer(&[]).seal(mail(1), LINK), Err(SealError::NoSecret));
    let shown = format!("{:?}", sealer(&[OLD, NEW]));
    assert_eq!(shown, "LinkSealer { keys: 2 }");
}
