//! Verifies a store against its chunks.

use std::collections::BTreeSet;
use std::fmt;

use sqlx::AssertSqlSafe;

use crate::ink::{Key, Touch, unfold};
use crate::marks::in_force;
use crate::sql::{Small, query};
use crate::{Store, StoreError};

/// Chunks read at a time.
const CHUNKS_AT_ONCE: u32 = 1024;

/// What a chunk's bytes say of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The key in their envelope.
    pub key: Key,
    /// The page faces that their strokes touch.
    pub touches: Vec<Touch>,
}

/// The rule of a file that SQLite itself finds damaged.
pub const DAMAGE: &str = "database";

/// The rule of rows that hold what cannot be there.
pub const UNREADABLE: &str = "unreadable";

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken, `[a-z_]+`.
    pub rule: &'static str,
    /// Which rows, and how; no pupil's name or ink.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.detail)
    }
}

/// The rules that one statement can check: name, and a query whose rows are the faults in words.
const RULES: [(&str, &str); 14] = [
    (
        "ink_revision",
        "SELECT 'folio ' || folio || ' page ' || page || ' pen ' || pen || ': revision '
                || sum(revision) || ', chunks ' || sum(chunks)
         FROM (SELECT folio, page, pen, ink_rev AS revision, 0 AS chunks FROM ink
               UNION ALL
               SELECT folio, page, pen, 0, count(*) FROM chunk_address GROUP BY folio, page, pen)
              AS counted
         GROUP BY folio, page, pen HAVING sum(revision) <> sum(chunks)",
    ),
    (
        "print_runs_overlap",
        "SELECT 'print run ' || r.id || ' and print run ' || o.id || ': page '
                || max(r.first_page, o.first_page) || ' lies in both'
         FROM print_run r JOIN print_run o ON o.folio = r.folio AND o.id > r.id
           AND o.first_page < r.first_page + r.pages * coalesce(r.copies, 1)
           AND r.first_page < o.first_page + o.pages * coalesce(o.copies, 1)",
    ),
    (
        "attributed_beyond_ink",
        "SELECT 'folio ' || folio || ' page ' || page || ' pen ' || pen
         FROM ink WHERE attributed_rev > ink_rev",
    ),
    (
        "two_marks_of_one_source",
        "SELECT 'assignment ' || assignment || ' pupil ' || pupil || ' part ' || part
                || ' source ' || source
         FROM mark WHERE superseded_ms IS NULL AND source <> 'screen'
         GROUP BY school, assignment, pupil, part, criterion, source HAVING count(*) > 1",
    ),
    (
        "paper_without_ink",
        "SELECT 'assignment ' || assignment || ' pupil ' || pupil || ' page ' || page
         FROM paper p WHERE marked_rev > ink_rev OR NOT EXISTS (
             SELECT 1 FROM chunk_address a
             WHERE a.folio = p.folio AND a.page = p.address_page)",
    ),
    (
        "chunk_lost",
        "SELECT 'folio ' || folio || ' page ' || page || ' pen ' || pen || ': chunk ' || chunk
         FROM chunk_address a WHERE NOT EXISTS (SELECT 1 FROM chunk c WHERE c.id = a.chunk)",
    ),
    (
        "drawn_without_paper",
        "SELECT 'assignment ' || assignment || ' pupil ' || pupil || ' page ' || page
         FROM drawn_ink d WHERE NOT EXISTS (
             SELECT 1 FROM paper p WHERE p.school = d.school AND p.assignment = d.assignment
                AND p.pupil = d.pupil AND p.page = d.page)",
    ),
    (
        "response_without_paper",
        "SELECT 'assignment ' || assignment || ' pupil ' || pupil || ' part ' || part
         FROM response r WHERE NOT EXISTS (
             SELECT 1 FROM paper p WHERE p.school = r.school AND p.assignment = r.assignment
                AND p.pupil = r.pupil AND p.page = r.page)",
    ),
    (
        "mark_without_response",
        "SELECT 'assignment ' || assignment || ' pupil ' || pupil || ' part ' || part
                || ' source ' || source
         FROM mark m WHERE superseded_ms IS NULL AND NOT EXISTS (
             SELECT 1 FROM response r WHERE r.school = m.school AND r.assignment = m.assignment
                AND r.pupil = m.pupil AND r.part = m.part)",
    ),
    (
        "nobody_is_asked",
        "SELECT 'assignment ' || assignment || ' pupil ' || pupil || ' part ' || part
         FROM response WHERE source IS NULL AND review IS NULL",
    ),
    (
        "attributed_without_ink",
        "SELECT 'assignment ' || assignment || ' pupil ' || pupil || ' page ' || paper_page
                || ': folio ' || folio || ' page ' || page || ' pen ' || pen
         FROM attribution t WHERE NOT EXISTS (
             SELECT 1 FROM ink i
             WHERE i.folio = t.folio AND i.page = t.page AND i.pen = t.pen)",
    ),
    (
        "pupil_without_class",
        "SELECT 'pupil ' || id FROM pupil u WHERE NOT EXISTS (
             SELECT 1 FROM enrolment e WHERE e.pupil = u.id)",
    ),
    (
        "work_without_profile",
        "SELECT DISTINCT 'pupil ' || pupil FROM paper p
         WHERE settled_ms IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM profile f WHERE f.school = p.school AND f.pupil = p.pupil)",
    ),
    (
        "state_without_profile",
        "SELECT DISTINCT 'pupil ' || pupil FROM knowledge_state k WHERE NOT EXISTS (
             SELECT 1 FROM profile f WHERE f.school = k.school AND f.pupil = k.pupil)",
    ),
];

/// The rule that responses have the verdict that their marks give, and its query.
fn verdict_in_force() -> (&'static str, String) {
    let sql = format!(
        "SELECT 'assignment ' || r.assignment || ' pupil ' || r.pupil || ' part ' || r.part
         FROM response r
         WHERE r.source || ' ' || r.verdict || ' ' || r.score IS DISTINCT FROM {}",
        in_force("source || ' ' || verdict || ' ' || score")
    );
    ("verdict_in_force", sql)
}

impl Store {
    /// Checks every chunk with `decode` (which fails where the bytes are not a whole frame or their
    /// CRC does not match), decides anew whose its ink is, and checks that the rows derived from both
    /// agree. Only reads. Rows that are written while it runs may be reported although nothing is
    /// wrong.
    ///
    /// # Errors
    /// Where the database refuses. Faults in the data are findings, and so is what cannot be read
    /// because the file is damaged.
    pub async fn verify(
        &self,
        decode: impl Fn(&[u8]) -> Result<Decoded, String>,
    ) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        let damages = or_finding("pages", self.readers().damages().await, &mut findings)?;
        findings.extend(damages.into_iter().map(|detail| Finding { rule: DAMAGE, detail }));
        let schema = or_finding("schema", self.readers().missing().await, &mut findings)?;
        findings.extend(schema.into_iter().map(|detail| Finding { rule: "schema", detail }));
        let chunks = self.verify_chunks(decode, &mut findings).await;
        or_finding("chunks", chunks, &mut findings)?;
        let orphans = or_finding("rows", self.readers().orphans().await, &mut findings)?;
        findings.extend(orphans.into_iter().map(|detail| Finding { rule: "parent_gone", detail }));
        let attribution = self.verify_attribution().await;
        let attribution: Vec<String> = or_finding("attribution", attribution, &mut findings)?;
        let finding = |detail| Finding { rule: "attribution", detail };
        findings.extend(attribution.into_iter().map(finding));
        let rules = RULES.map(|(rule, sql)| (rule, sql.to_owned()));
        for (rule, sql) in rules.into_iter().chain([verdict_in_force()]) {
            let faults = query(AssertSqlSafe(sql)).scalars(self.readers()).await;
            let faults: Vec<String> = or_finding(rule, faults, &mut findings)?;
            let finding = |detail: String| Finding { rule, detail: readable(&detail) };
            findings.extend(faults.into_iter().map(finding));
        }
        Ok(findings)
    }

    async fn verify_chunks(
        &self,
        decode: impl Fn(&[u8]) -> Result<Decoded, String>,
        findings: &mut Vec<Finding>,
    ) -> Result<(), StoreError> {
        let mut after = 0_i64;
        loop {
            let rows: Vec<(i64, i64, Small, Small, Small, Vec<u8>)> = query(
                "SELECT id, pen, boot_counter, boot_random, number, bytes FROM chunk
                 WHERE id > $1 ORDER BY id LIMIT $2",
            )
            .bind(after)
            .bind(CHUNKS_AT_ONCE)
            .fetch_all(self.readers())
            .await?;
            let Some(last) = rows.last() else { return Ok(()) };
            let before = std::mem::replace(&mut after, last.0);
            let addresses = self.addresses(before, after).await?;
            for (id, pen, Small(boot_counter), Small(boot_random), Small(number), bytes) in rows {
                let key = Key { pen: pen.cast_unsigned(), boot_counter, boot_random, number };
                let stored = addresses.range((id, Touch::FIRST)..(id + 1, Touch::FIRST));
                let stored = stored.map(|(_, touch)| *touch).collect();
                if let Some((rule, fault)) = fault(key, &stored, decode(&bytes)) {
                    let Key { pen, boot_counter, boot_random, number } = key;
                    let detail = format!(
                        "chunk {number} of pen {pen:016x} start {boot_counter}/{boot_random:08x} \
                         (row {id}): {fault}"
                    );
                    findings.push(Finding { rule, detail });
                }
            }
        }
    }

    async fn addresses(&self, after: i64, last: i64) -> Result<BTreeSet<(i64, Touch)>, StoreError> {
        let rows: Vec<(i64, i64, Small, i64, i64)> = query(
            "SELECT chunk, folio, page, first_ms, last_ms FROM chunk_address
             WHERE chunk > $1 AND chunk <= $2",
        )
        .bind(after)
        .bind(last)
        .fetch_all(self.readers())
        .await?;
        let touch = |(chunk, folio, Small(page), first_ms, last_ms)| {
            (chunk, Touch { folio, page, first_ms, last_ms })
        };
        Ok(rows.into_iter().map(touch).collect())
    }
}

/// What was read of a part; where damage or a value that cannot be there prevents reading, an empty
/// value and a finding.
fn or_finding<T: Default>(
    part: &str,
    read: Result<T, impl Into<StoreError>>,
    findings: &mut Vec<Finding>,
) -> Result<T, StoreError> {
    let error = match read.map_err(Into::into) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    let rule = match &error {
        error if error.is_damage() => DAMAGE,
        error if error.is_of_the_rows() => UNREADABLE,
        _ => return Err(error),
    };
    let detail = format!("{part}: not all of it can be read: {error}");
    findings.push(Finding { rule, detail });
    Ok(T::default())
}

impl Touch {
    /// Sorts before every other.
    const FIRST: Self = Self { folio: i64::MIN, page: 0, first_ms: i64::MIN, last_ms: i64::MIN };
}

/// The rule that a chunk breaks, if any, and how.
fn fault(
    key: Key,
    stored: &BTreeSet<Touch>,
    decoded: Result<Decoded, String>,
) -> Option<(&'static str, String)> {
    let decoded = match decoded {
        Err(reason) => return Some(("chunk_bytes", reason)),
        Ok(decoded) => decoded,
    };
    if decoded.key != key {
        return Some(("chunk_key", format!("its bytes say {:?}", decoded.key)));
    }
    let said: BTreeSet<Touch> = decoded.touches.into_iter().collect();
    let listed = |touches: &BTreeSet<Touch>| {
        let place = |touch: &Touch| {
            let Touch { folio, page, first_ms, last_ms } = touch;
            format!("{} from {first_ms} to {last_ms} ms", face(*folio, *page))
        };
        let places: Vec<String> = touches.iter().map(place).collect();
        if places.is_empty() { "nothing".to_owned() } else { places.join(", ") }
    };
    (said != *stored).then(|| {
        let (said, stored) = (listed(&said), listed(stored));
        ("chunk_address", format!("its bytes touch {said}; the table says {stored}"))
    })
}

/// A page face as commands take it.
pub(crate) fn face(folio: i64, page: u32) -> String {
    let (section, owner, book) = unfold(folio);
    format!("page {section}.{owner}.{book}.{page}")
}

/// What a rule's query says, with page faces and pens as commands take them.
fn readable(detail: &str) -> String {
    let words: Vec<&str> = detail.split(' ').collect();
    let mut said: Vec<String> = Vec::with_capacity(words.len());
    let mut rest = &words[..];
    while let [word, after @ ..] = rest {
        let place = |folio: &str, page: &str| Some(face(folio.parse().ok()?, page.parse().ok()?));
        let (word, after) = match rest {
            ["folio", folio, "page", page, after @ ..] => {
                (place(folio, page).unwrap_or_else(|| format!("folio {folio} page {page}")), after)
            }
            ["pen", pen, after @ ..] => {
                let number = pen.trim_end_matches(':').parse::<i64>().unwrap_or(0);
                let colon = if pen.ends_with(':') { ":" } else { "" };
                (format!("pen {:016x}{colon}", number.cast_unsigned()), after)
            }
            _ => ((*word).to_owned(), after),
        };
        said.push(word);
        rest = after;
    }
    said.join(" ")
}

#[cfg(test)]
mod tests;
