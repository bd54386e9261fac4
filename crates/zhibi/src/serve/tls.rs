//! Certificate and key of the teacher's view: read, and read again when their files change.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use tokio::signal::unix::Signal;
use web::Tls;

/// How often the files are looked at. Whoever renews a certificate does so days before it ends.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Where certificate and key lie.
#[derive(Clone, Debug)]
pub(super) struct Files {
    /// The certificate with its chain, PEM.
    pub(super) certificate: PathBuf,
    /// Its key, PEM.
    pub(super) key: PathBuf,
}

impl Files {
    /// Reads both, and tells what is wrong with which.
    pub(super) fn load(&self) -> anyhow::Result<Tls> {
        let (certificate, key) = (read(&self.certificate)?, read(&self.key)?);
        Tls::new(&certificate, &key).with_context(|| self.named())
    }

    fn reload(&self, tls: &Tls) -> anyhow::Result<()> {
        let (certificate, key) = (read(&self.certificate)?, read(&self.key)?);
        tls.replace(&certificate, &key).with_context(|| self.named())
    }

    /// What an error is about.
    fn named(&self) -> String {
        format!(
            "cannot serve https with web.certificate {} and web.key {}",
            self.certificate.display(),
            self.key.display()
        )
    }

    /// When each was changed last; `None` where one cannot be looked at.
    fn changed(&self) -> Option<(SystemTime, SystemTime)> {
        let of = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
        of(&self.certificate).zip(of(&self.key))
    }

    fn take_up(&self, tls: &Tls) {
        match self.reload(tls) {
            Ok(()) => tracing::info!("a new certificate is served from now on"),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, "the new certificate is not served; the old one is");
            }
        }
    }
}

/// Takes new files up while the view serves, and at each SIGHUP whatever is there. Files that cannot
/// be used are told once, and what was there stays: a certificate may be there some moments before its
/// key. Without https a SIGHUP changes nothing, and does not end the service either.
pub(super) async fn watch(served: Option<(Files, Tls)>, mut hang_ups: Signal) {
    let mut seen = served.as_ref().map(|(files, _)| files.changed());
    loop {
        let is_told = tokio::select! {
            told = hang_ups.recv() => {
                if told.is_none() {
                    return;
                }
                true
            }
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        let Some((files, tls)) = &served else {
            if is_told {
                tracing::info!(
                    "SIGHUP: no certificate is served, so there is nothing to read again"
                );
            }
            continue;
        };
        let changed = Some(files.changed());
        if is_told || (changed != Some(None) && changed != seen) {
            seen = changed;
            files.take_up(tls);
        }
    }
}

pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
