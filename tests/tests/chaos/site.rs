//! One site: broker, service, database, two gateways, and the network between them; each can be
//! killed and comes back.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use test_needs::{Port, missing};
use zhibi_tests::{Disk, Gateway, Link, Postgres, Proxy, Serve, Zhibi, get};

use super::broker::{self, Broker};
use super::rows::Place;

pub(crate) const GATEWAYS: usize = 2;

/// Room for a class's ink many times over.
const SPOOL_DISK_MIB: u32 = 8;

/// A gateway's place: its folder, its links, and the process while it lives.
pub(crate) struct Room {
    // Before the folder that it is mounted in.
    disk: Option<Disk>,
    folder: PathBuf,
    config: PathBuf,
    _port: Port,
    /// From pens to the gateway.
    pub(crate) pens: Proxy,
    /// From the gateway to the broker.
    pub(crate) uplink: Proxy,
    gateway: Option<Gateway>,
}

/// Everything that runs.
pub(crate) struct Site {
    // Rooms and disks before the folder that they lie in.
    pub(crate) rooms: Vec<Room>,
    /// Of a store that is a file.
    disk: Option<Disk>,
    folder: TempDir,
    pub(crate) place: Place,
    database: Option<Postgres>,
    is_database_dead: bool,
    broker: Broker,
    is_broker_dead: bool,
    /// From the service to the broker.
    pub(crate) ingest: Proxy,
    service: Option<Serve>,
    /// The library that fakes clocks.
    faketime: Option<String>,
}

/// What outlives a site: the store, and what it lies on.
pub(crate) struct Left {
    _disk: Option<Disk>,
    _database: Option<Postgres>,
    _folder: TempDir,
}

impl Site {
    /// Starts everything; `None` where a program is missing. The store must be there already, and be
    /// one that `put` has filled.
    pub(crate) async fn start(
        folder: TempDir,
        disk: Option<Disk>,
        database: Option<Postgres>,
        place: Place,
        broker: broker::Kind,
    ) -> Option<Self> {
        let broker = Broker::start(broker, folder.path()).await?;
        let ingest = Proxy::start(broker.address()).await;
        let mut rooms = Vec::new();
        for number in 0..GATEWAYS {
            rooms.push(Room::new(folder.path(), number, broker.address()).await);
        }
        let mut site = Self {
            rooms,
            disk,
            folder,
            place,
            database,
            is_database_dead: false,
            broker,
            is_broker_dead: false,
            ingest,
            service: None,
            faketime: faketime(),
        };
        site.set_clocks(0);
        site.heal();
        Some(site)
    }

    pub(crate) fn broker(&self) -> SocketAddr {
        self.broker.address()
    }

    /// By how much all clocks but ours are ahead from now on, where they can be faked.
    pub(crate) fn set_clocks(&self, ahead_s: i64) {
        let file = self.folder.path().join("clock");
        let new = self.folder.path().join("clock.new");
        std::fs::write(&new, format!("{ahead_s:+}\n")).expect("a file in a temporary folder");
        std::fs::rename(new, file).expect("a file is renamed");
    }

    /// The environment in which clocks are ours to set: a library fakes them by a file into which it
    /// looks once a second.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let Some(library) = &self.faketime else { return Vec::new() };
        let file = self.folder.path().join("clock").to_str().expect("UTF-8").to_owned();
        vec![
            ("LD_PRELOAD", library.clone()),
            ("FAKETIME_TIMESTAMP_FILE", file),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("FAKETIME_DONT_RESET", "1".to_owned()),
        ]
    }

    /// As all that can be killed: where it is dead already, everything comes back first.
    pub(crate) fn kill_broker(&mut self) {
        if self.is_broker_dead {
            self.heal();
        }
        self.broker.kill();
        self.is_broker_dead = true;
    }

    pub(crate) fn kill_service(&mut self) {
        if self.service.is_none() {
            self.heal();
        }
        if let Some(service) = self.service.take() {
            let pid = service.pid();
            service.kill();
            forget_clock(pid);
        }
    }

    pub(crate) fn kill_gateway(&mut self, number: usize) {
        if self.rooms[number].gateway.is_none() {
            self.heal();
        }
        if let Some(gateway) = self.rooms[number].gateway.take() {
            let pid = gateway.pid();
            gateway.kill();
            forget_clock(pid);
        }
    }

    /// Where there is one.
    pub(crate) fn kill_database(&mut self) {
        if self.is_database_dead {
            self.heal();
        }
        if let Some(database) = &mut self.database {
            database.kill();
            self.is_database_dead = true;
        }
    }

    /// Takes all room from a gateway's disk.
    pub(crate) fn fill_spool(&self, number: usize) {
        self.rooms[number].disk.iter().for_each(Disk::fill);
    }

    /// The same of the disk that the store lies on.
    pub(crate) fn fill_store(&self) {
        let of_server = self.database.as_ref().and_then(Postgres::disk);
        self.disk.iter().chain(of_server).for_each(Disk::fill);
    }

    /// Whether the service says that it cannot write.
    pub(crate) fn is_store_refusing(&self) -> bool {
        self.service.as_ref().is_some_and(|service| get(service.web, "/readyz").0 != 200)
    }

    /// Brings back whatever is dead, every link, and the room on every disk.
    pub(crate) fn heal(&mut self) {
        let of_server = self.database.as_ref().and_then(Postgres::disk);
        let of_rooms = self.rooms.iter().filter_map(|room| room.disk.as_ref());
        self.disk.iter().chain(of_server).chain(of_rooms).for_each(Disk::make_room);
        self.ingest.set(Link::Pass);
        for room in &self.rooms {
            room.pens.set(Link::Pass);
            room.uplink.set(Link::Pass);
        }
        let was_dead = std::mem::take(&mut self.is_database_dead);
        if let Some(database) = &mut self.database {
            match was_dead {
                true => database.start_again(),
                false => database.revive(),
            }
        }
        if std::mem::take(&mut self.is_broker_dead) {
            self.broker.revive();
        }
        let environment = self.environment();
        let environment: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if let Some(service) = &mut self.service {
            assert_eq!(service.ended(), None, "the service ended by itself");
        } else {
            self.service = Some(Serve::start_with(&self.service_config(), &environment));
        }
        for room in &mut self.rooms {
            if let Some(gateway) = &mut room.gateway {
                assert_eq!(gateway.ended(), None, "a gateway ended by itself");
            } else {
                room.gateway = Some(Gateway::start_under(&[], &room.config, &environment));
            }
        }
    }

    fn service_config(&self) -> PathBuf {
        let config = self.folder.path().join("zhibi.toml");
        let store = match &self.place {
            Place::File(path) => format!("path = {path:?}"),
            Place::Server(url) => format!("url = {url:?}"),
        };
        let text = format!(
            "[store]\n{store}\n[broker]\nport = {}\n[pipeline]\nmark_after_rest_ms = 100\n[web]\n\
             listen = \"127.0.0.1:0\"\nsecure_cookies = false\n",
            self.ingest.address.port()
        );
        std::fs::write(&config, text).expect("a file in a temporary folder");
        config
    }

    /// Ends everything in order; what is left is to be dropped after the store was looked at.
    pub(crate) fn stop(mut self) -> (Left, Place) {
        for room in &mut self.rooms {
            if let Some(gateway) = room.gateway.take() {
                gateway.stop();
            }
        }
        if let Some(service) = self.service.take() {
            service.stop();
        }
        let Self { disk, folder, database, place, .. } = self;
        (Left { _disk: disk, _database: database, _folder: folder }, place)
    }
}

impl Room {
    async fn new(folder: &Path, number: usize, broker: SocketAddr) -> Self {
        let folder = folder.join(format!("room-{number}"));
        let disk_folder = folder.join("disk");
        std::fs::create_dir_all(&disk_folder).expect("a folder in a temporary one");
        let disk = Disk::mount(&disk_folder, SPOOL_DISK_MIB);
        let (port, uplink) = (Port::take(), Proxy::start(broker).await);
        let pens = Proxy::start(SocketAddr::from(([127, 0, 0, 1], port.number))).await;
        let config = folder.join("gateway.toml");
        let text = format!(
            "id = \"room-{number}\"\n[broker]\nhost = \"127.0.0.1\"\nport = {}\n\
             resend_after_s = 1\n[spool]\nfolder = \"disk/spool\"\n[pens]\nlisten = [\"127.0.0.1:{}\"]\n",
            uplink.address.port(),
            port.number
        );
        std::fs::write(&config, text).expect("a file in a temporary folder");
        Self { disk, folder, config, _port: port, pens, uplink, gateway: None }
    }

    /// The gateway's process, while it lives.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.gateway.as_ref().map(Gateway::pid)
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.folder.join("disk/spool")
    }

    /// What the gateway says of itself, while it lives.
    pub(crate) fn status(&self) -> Value {
        let config = self.config.to_str().expect("UTF-8");
        let asked = Zhibi::run(&["gateway", "status", "--config", config, "--json"]);
        serde_json::from_slice(&asked.stdout).unwrap_or(Value::Null)
    }

    /// Whether the gateway takes nothing from pens.
    pub(crate) fn is_refusing(&self) -> bool {
        let status = self.status();
        status["full"] == true || status["disk_fails"] == true
    }

    /// Copies the spool of a gateway that is dead.
    pub(crate) fn back_up_spool(&self) {
        copy_folder(&self.spool(), &self.folder.join("old"));
    }

    /// Puts the copy in the place of the spool of a gateway that is dead.
    pub(crate) fn restore_spool(&self) {
        copy_folder(&self.folder.join("old"), &self.spool());
    }
}

/// Where the library that fakes clocks is installed.
fn faketime() -> Option<String> {
    let folders = std::fs::read_dir("/usr/lib").expect("a folder of libraries");
    let file = |folder: std::fs::DirEntry| folder.path().join("faketime/libfaketimeMT.so.1");
    let found = folders.filter_map(Result::ok).map(file).find(|file| file.is_file());
    if found.is_none() {
        missing("libfaketime", "tests/run");
    }
    Some(found?.to_str().expect("UTF-8").to_owned())
}

/// What a process with a faked clock leaves in memory when it is killed.
fn forget_clock(pid: u32) {
    for left in [format!("faketime_shm_{pid}"), format!("sem.faketime_sem_{pid}")] {
        let _never_there = std::fs::remove_file(Path::new("/dev/shm").join(left));
    }
}

fn copy_folder(from: &Path, into: &Path) {
    if into.exists() {
        std::fs::remove_dir_all(into).expect("a folder is removed");
    }
    let copied = Command::new("cp").arg("-a").args([from, into]).status();
    assert!(copied.is_ok_and(|status| status.success()), "a folder is copied");
}
