//! TLS on the view's own listener.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig, crypto, version};
use tokio_rustls::server::TlsStream;

use super::stall::Stall;

/// How long a handshake may take: two round trips, and a slow phone.
pub(super) const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// The first byte of a TLS handshake record (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;
/// What a browser hears that speaks http to the port.
const PLAIN: &str = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\
    content-type: text/plain; charset=utf-8\r\ncontent-length: 57\r\n\r\n\
    This port speaks https: begin the address with https://\r\n";

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate's file is no PEM, or has no certificate in it.
    #[error("the certificate: {0}")]
    Certificate(String),
    /// The key's file is no PEM, or has no key in it.
    #[error("the key: {0}")]
    Key(String),
    /// They are not each other's, or of a kind that is not known.
    #[error("certificate and key: {0}")]
    Pair(#[from] rustls::Error),
}

/// Certificate and key of a listener; cheap to clone. They can be replaced while it serves.
#[derive(Clone)]
pub struct Tls {
    current: Arc<RwLock<Arc<ServerConfig>>>,
}

impl fmt::Debug for Tls {
    /// Leaves out everything, so that no key reaches a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// Takes a certificate with its chain, its own first, and its key, both as PEM.
    ///
    /// # Errors
    /// Where one of them is not that, or they do not belong together.
    pub fn new(certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Ok(Self { current: Arc::new(RwLock::new(config(certificate, key)?)) })
    }

    /// Serves connections from now on with others; those that are open go on with what they have.
    ///
    /// # Errors
    /// As [`Tls::new`]; then what was there stays.
    pub fn replace(&self, certificate: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let config = config(certificate, key)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// The connection once it is encrypted; `None` where the other end does not get that far in
    /// time, or speaks plain http, which is told so.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
        stall: Duration,
    ) -> Option<TlsStream<Stall>> {
        let config = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        let handshake = async {
            let mut first = [0];
            let peeked = stream.peek(&mut first).await.ok()?;
            if peeked == 0 {
                return None;
            }
            if first[0] != HANDSHAKE {
                tell_plain(stream).await;
                return None;
            }
            TlsAcceptor::from(config).accept(Stall::new(stream, stall)).await.ok()
        };
        tokio::time::timeout(HANDSHAKE_WITHIN, handshake).await.ok().flatten()
    }
}

/// Tells who speaks plain http that the port does not.
async fn tell_plain(mut stream: TcpStream) {
    // What was sent is taken in first: a connection that is closed over it would be reset, and the
    // answer lost. A browser's request for a page is one packet.
    let mut request = [0; 4_096];
    // An error means that nobody hears the answer.
    let _ = stream.read(&mut request).await;
    let _ = stream.write_all(PLAIN.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn config(certificate: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, TlsError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = chain.map_err(|error| TlsError::Certificate(error.to_string()))?;
    if chain.is_empty() {
        let none = "there is no BEGIN CERTIFICATE in it".to_owned();
        return Err(TlsError::Certificate(none));
    }
    let key =
        PrivateKeyDer::from_pem_slice(key).map_err(|error| TlsError::Key(error.to_string()))?;
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
