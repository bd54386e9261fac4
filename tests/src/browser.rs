//! A real browser: headless Chromium, driven through ChromeDriver.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use test_needs::{Port, missing, program};

use crate::{seen, zhibi};

/// A browser window.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    port: Port,
    /// The WebDriver session.
    pub client: Client,
    /// Its id.
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Opens a window of that size in CSS pixels; says so in one line and gives `None` where no
    /// browser is installed.
    ///
    /// # Panics
    /// When one is installed and does not come up within twenty seconds.
    pub async fn open(width: u32, height: u32) -> Option<Self> {
        Self::open_with(width, height, json!({})).await
    }

    /// As [`Self::open`], with the scripts of pages switched off.
    ///
    /// # Panics
    /// As [`Self::open`].
    pub async fn open_without_scripts(width: u32, height: u32) -> Option<Self> {
        /// What Chromium calls a permission that is denied.
        const DENIED: u32 = 2;
        let prefs = json!({ "profile.managed_default_content_settings.javascript": DENIED });
        Self::open_with(width, height, prefs).await
    }

    async fn open_with(width: u32, height: u32, prefs: Value) -> Option<Self> {
        let browser = program("chromium").or_else(|| program("chromium-browser"));
        let (Some(browser), Some(driver)) = (browser, program("chromedriver")) else {
            missing("chromium or chromedriver", "tests/run");
            return None;
        };
        let port = Port::take();
        let mut driver = Command::new(driver)
            .arg(format!("--port={}", port.number))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let limit = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port.number)).is_err() {
            assert!(Instant::now() < limit, "chromedriver does not listen");
            assert!(driver.try_wait().is_ok_and(|s| s.is_none()), "chromedriver ended");
            tokio::task::yield_now().await;
        }
        let profile = tempfile::tempdir().expect("a temporary folder");
        let capabilities = json!({
            "goog:chromeOptions": {
                "binary": browser,
                "prefs": prefs,
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
                    "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                    "--force-prefers-reduced-motion", "--lang=zh-CN",
                    format!("--window-size={width},{height}"),
                    format!("--user-data-dir={}", profile.path().display()),
                ],
            },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", port.number))
            .await
            .expect("a browser session");
        let session = client.session_id().await.expect("a session").expect("a session has an id");
        Some(Self { driver, port, client, session, _profile: profile })
    }

    /// Keeps a picture of the window in the folder of things to be looked at.
    ///
    /// # Panics
    /// When it cannot be taken or kept.
    pub async fn keep_picture(&self, name: &str) {
        let picture = self.client.screenshot().await.expect("a screenshot");
        assert!(picture.len() > 10_000, "the picture {name} is all but empty");
        std::fs::write(seen().join(name), picture).expect("the picture can be kept");
    }
}

impl Drop for Browser {
    /// The driver is asked to end the browser first, which would outlive it. Nothing here may panic:
    /// the test may be failing.
    fn drop(&mut self) {
        let session = &self.session;
        let address = ("127.0.0.1", self.port.number);
        let ended = TcpStream::connect(address).and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(20)))?;
            let head = format!("DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
            stream.write_all(head.as_bytes())?;
            // The answer comes once the browser is gone.
            stream.read(&mut [0; 64])
        });
        if let Err(error) = ended {
            println!("a browser may be left: {error}");
        }
        zhibi::end(&mut self.driver);
    }
}
