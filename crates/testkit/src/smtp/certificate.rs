//! A certificate authority and a server certificate for this machine, made anew for each peer.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use std::path::PathBuf;
use tempfile::TempDir;

/// The files of one authority and the certificate it signed.
#[derive(Debug)]
pub(super) struct Certificates {
    folder: TempDir,
}

impl Certificates {
    pub(super) fn make() -> Self {
        let folder = TempDir::with_prefix("accord-smtp-").expect("a temporary folder can be made");
        let files = Self { folder };
        let mut authority = CertificateParams::default();
        authority
            .distinguished_name
            .push(DnType::CommonName, "Accord test authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority = CertifiedIssuer::self_signed(authority, new_key())
            .expect("the authority's parameters are valid");

        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut server = CertificateParams::new(names).expect("the names are valid");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.use_authority_key_identifier_extension = true;
        let key = new_key();
        let certificate = server
            .signed_by(&key, &authority)
            .expect("the server's parameters are valid");

        for (path, pem) in [
            (files.authority_path(), authority.pem()),
            (files.certificate_path(), certificate.pem()),
            (files.key_path(), key.serialize_pem()),
        ] {
            std::fs::write(path, pem).expect("the temporary folder can be written to");
        }
        files
    }

    pub(super) fn authority_path(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    pub(super) fn certificate_path(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    pub(super) fn key_path(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("the system gives randomness")
}
