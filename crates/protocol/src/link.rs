//! Links: a [`Playground`] in the fragment of an address, with a format tag in front.
//!
//! A link once made opens for ever. A new format gets a new tag and a new arm in [`decode`]; what stands here
//! for an old one stays.
//!
//! | tag | behind it |
//! |---|---|
//! | `1.` | JSON of [`Playground`], compressed with DEFLATE, in unpadded base64url |

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::{deflate, inflate};

use crate::Playground;

/// Tag of the format that [`encode`] writes.
const TAG: &str = "1.";
/// How the JSON begins: the text is its first field.
const BEGINNING: &str = "{\"dockerfile\":\"";
/// Some programs cut longer links off.
pub const COMFORTABLE: usize = 2_000;
/// Longer links are cut off by too many programs, and writing them into the address takes too long.
pub const LONGEST: usize = 60_000;
/// Nobody types more; a larger content is a damaged or hostile link.
const MAX_CONTENT: usize = 16 << 20;
/// Levels above cost time on each keystroke and gain a few characters.
const COMPRESSION: u8 = 7;

/// Why a link cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// No known tag; holds what stands where the tag should.
    UnknownFormat(String),
    /// The tag is known, the rest is cut off or changed.
    Damaged,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::UnknownFormat(tag) => write!(
                f,
                "This link has the format '{tag}', which this version of Stagelight does not know. \
                 Reload the page to get the newest version, or ask for the link again."
            ),
            LinkError::Damaged => write!(
                f,
                "This link is damaged: a part of it is missing or changed. \
                 Copy it again as a whole; some programs cut long links off."
            ),
        }
    }
}

impl std::error::Error for LinkError {}

/// The fragment of a link (without `#`) that opens `playground`.
pub fn encode(playground: &Playground) -> String {
    let json = serde_json::to_vec(playground).expect("strings always serialize");
    format!("{TAG}{}", URL_SAFE_NO_PAD.encode(deflate::compress_to_vec(&json, COMPRESSION)))
}

/// What a fragment (with or without `#`) holds; `None` if it is empty.
pub fn decode(fragment: &str) -> Option<Result<Playground, LinkError>> {
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    if fragment.is_empty() {
        return None;
    }
    Some(match fragment.split_once('.') {
        Some(("1", body)) => version_1(body),
        Some((tag, _)) => Err(LinkError::UnknownFormat(tag.chars().take(12).collect())),
        None => Err(LinkError::UnknownFormat(fragment.chars().take(12).collect())),
    })
}

fn version_1(body: &str) -> Result<Playground, LinkError> {
    // Programs that make links clickable leave a full stop or a bracket behind them now and then.
    let body = body.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    let packed = URL_SAFE_NO_PAD.decode(body).map_err(|_| LinkError::Damaged)?;
    let json = inflate::decompress_to_vec_with_limit(&packed, MAX_CONTENT).map_err(|_| LinkError::Damaged)?;
    // Not from bytes: all else is read from texts, and each of the two is a reader of its own in the WASM.
    let json = String::from_utf8(json).map_err(|_| LinkError::Damaged)?;
    serde_json::from_str(&json).map_err(|_| LinkError::Damaged)
}

/// What can be saved of the Dockerfile in a damaged link: its beginning. Where characters of the link were changed and
/// not only cut off, what is saved may be wrong from there on. `None` if nothing can be saved.
pub fn salvage(fragment: &str) -> Option<String> {
    let body = fragment.strip_prefix('#').unwrap_or(fragment).strip_prefix(TAG)?;
    let is_of_link = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    let body = &body[..body.find(|it| !is_of_link(it)).unwrap_or(body.len())];
    // Four characters are three bytes; fewer at the end may be none.
    let packed = URL_SAFE_NO_PAD.decode(&body[..body.len() / 4 * 4]).ok()?;
    let json = match inflate::decompress_to_vec_with_limit(&packed, MAX_CONTENT) {
        Ok(json) => json,
        Err(error) => error.output,
    };
    // Behind what was read there are zeros, which no JSON has.
    let json = json.split(|&byte| byte == 0).next().unwrap_or_default();
    let json = String::from_utf8_lossy(json);
    let text = json.strip_prefix(BEGINNING)?;
    let mut end = text.len();
    let mut is_escaped = false;
    for (at, it) in text.char_indices() {
        match it {
            '"' if !is_escaped => {
                end = at;
                break;
            }
            _ => is_escaped = it == '\\' && !is_escaped,
        }
    }
    let mut text = text[..end].trim_end_matches(char::REPLACEMENT_CHARACTER);
    // The end may lie within an escape, of which the longest are two of six characters.
    for _ in 0..=12 {
        if let Ok(text) = serde_json::from_str::<String>(&format!("\"{text}\"")) {
            return Some(text).filter(|text| !text.trim().is_empty());
        }
        let mut shorter = text.chars();
        shorter.next_back()?;
        text = shorter.as_str();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Built, Changes, Context, ContextFile, FileChange, OpenLesson, Pasted, Selected};

    fn playground(dockerfile: &str, target: Option<&str>) -> Playground {
        Playground {
            dockerfile: dockerfile.to_owned(),
            target: target.map(str::to_owned),
            ..Playground::default()
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        for text in ["", "FROM scratch\n", "FROM a\r\nRUN \0 \u{feff}é🚢\n", &"RUN x\n".repeat(20_000)] {
            for target in [None, Some("build"), Some("")] {
                let given = playground(text, target);
                assert_eq!(decode(&encode(&given)), Some(Ok(given.clone())));
                assert_eq!(decode(&format!("#{}", encode(&given))), Some(Ok(given)));
            }
        }
    }

    #[test]
    fn what_is_looked_at_goes_along() {
        for selected in [
            Selected::Line(7),
            Selected::Stage(0),
            Selected::Source(2),
            Selected::Path("/usr/local/bin/é".to_owned()),
        ] {
            let given = Playground {
                against: Some(String::new()),
                legacy: true,
                selected: Some(selected),
                panel: Some("files".to_owned()),
                ..playground("FROM a\n", None)
            };
            assert_eq!(decode(&encode(&given)), Some(Ok(given)));
        }
    }

    #[test]
    fn what_the_build_is_given_goes_along() {
        let pairs = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
        let file = |path: &str, size| ContextFile { path: path.to_owned(), size, text: None };
        let given = Playground {
            args: pairs("VERSION", ""),
            platform: Some("linux/arm64".to_owned()),
            builder: Some("linux/arm/v7".to_owned()),
            contexts: pairs("base", "docker-image://é"),
            context: Some(Context {
                ignore: Some("*.md\n".to_owned()),
                files: Some(vec![file("main.go", Some(7)), file("a b", None)]),
                partial: true,
            }),
            ..playground("FROM a\n", None)
        };
        assert_eq!(decode(&encode(&given)), Some(Ok(given)));
    }

    #[test]
    fn what_has_changed_since_a_build_goes_along() {
        let file = |context: Option<&str>, what: &str| FileChange {
            context: context.map(str::to_owned),
            path: "main.go".to_owned(),
            what: what.to_owned(),
        };
        let changes = Changes {
            built: Some(Built {
                dockerfile: "FROM b\n".to_owned(),
                platform: Some("linux/arm64".to_owned()),
                ..Built::default()
            }),
            built_target: Some("test".to_owned()),
            files: vec![file(None, "content"), file(Some("docs"), "something of the future")],
            images: vec!["golang:1.22".to_owned()],
            remotes: vec!["https://example.org/x".to_owned()],
            same_outputs: true,
            dockerfile_outside: true,
        };
        let given = Playground { changes: Some(changes), ..playground("FROM a\n", None) };
        assert_eq!(decode(&encode(&given)), Some(Ok(given)));
    }

    #[test]
    fn a_compose_file_goes_along() {
        let pasted = Pasted {
            text: "services:\n  é: {build: .}\n".to_owned(),
            language: Some("a language of the future".to_owned()),
            dockerfile: Some("docker/Dockerfile".to_owned()),
            variables: [("TAG".to_owned(), String::new())].into(),
        };
        let given = Playground { builds: Some(pasted), ..playground("FROM a\n", None) };
        assert_eq!(decode(&encode(&given)), Some(Ok(given)));
    }

    #[test]
    fn the_lesson_goes_along() {
        for (workshop, id, exercise) in [
            (None, None, false),
            (None, Some("03-copy-from"), true),
            (Some("https://example.org/workshop/"), Some("é"), false),
        ] {
            let (workshop, id) = (workshop.map(str::to_owned), id.map(str::to_owned));
            let lesson = Some(OpenLesson { workshop, id, exercise });
            let given = Playground { lesson, ..playground("FROM a\n", None) };
            assert_eq!(decode(&encode(&given)), Some(Ok(given)));
        }
    }

    /// A link with files, from before a listing could be partial.
    #[test]
    fn the_first_links_with_files_open() {
        let file = |path: &str, size| ContextFile { path: path.to_owned(), size, text: None };
        let context = Context {
            ignore: Some("*.md\n!b.md\n".to_owned()),
            files: Some(vec![file("src/é.go", Some(7)), file("logs/", None)]),
            partial: false,
        };
        let expected = Playground { context: Some(context), ..playground("FROM scratch\nCOPY . /\n", None) };
        let link = "1.PYyxDsIgFEV_Bd9oGhhNWE3cTI2bEYdKkRLre4bHYCR8kN_hj5V26HSHc-7J0JN9uvgIowMNh3N7FGxjl-xgcN-eLkIKZRAasITJfRLoDMEjxVnfyldvcHNfpjpzhUFfM7y7NFSBo1X_n_RUIYdv_exKs9KRPCsot1Im";
        assert_eq!(decode(link), Some(Ok(expected)));
    }

    /// Links of the first kind, which had nothing but text and target; they must open for ever.
    #[test]
    fn the_first_links_open() {
        let frozen = [
            (
                "#1.q1ZKyU_OTi1Ky8xJVbJScgvy91VIzCnIzEtVcAxWSEosTo3JCwr1U8hNzAaywNIQQSUdpZLEovTUEqAukIhSLQA",
                playground("FROM alpine AS base\nRUN make\nFROM base\n", Some("base")),
            ),
            (
                "#1.q1ZKyU_OTi1Ky8xJVbJSUlY4vPLD_FmLYvLcgvx9FYqTixJLkjNi8pRqAQ",
                playground("# é🚢\nFROM scratch\n", None),
            ),
        ];
        for (link, expected) in frozen {
            assert_eq!(decode(link), Some(Ok(expected)));
        }
    }

    #[test]
    fn nothing_is_no_link() {
        assert_eq!(decode(""), None);
        assert_eq!(decode("#"), None);
    }

    #[test]
    fn a_link_cut_anywhere_is_said_to_be_damaged() {
        let link = encode(&playground("FROM alpine AS base\nRUN make\n", Some("base")));
        for end in TAG.len()..link.len() {
            assert_eq!(decode(&link[..end]), Some(Err(LinkError::Damaged)), "cut at {end}");
        }
    }

    #[test]
    fn a_full_stop_behind_the_link_does_no_harm() {
        let given = playground("FROM alpine\n", None);
        assert_eq!(decode(&format!("{}.", encode(&given))), Some(Ok(given.clone())));
        assert_eq!(decode(&format!("{})", encode(&given))), Some(Ok(given)));
    }

    #[test]
    fn a_format_of_the_future_is_named() {
        let error = decode("#7.abc").unwrap().unwrap_err();
        assert_eq!(error, LinkError::UnknownFormat("7".to_owned()));
        assert!(error.to_string().contains("'7'"));
        assert!(matches!(decode("#heading"), Some(Err(LinkError::UnknownFormat(_)))));
    }

    #[test]
    fn a_small_link_that_unpacks_to_very_much_is_refused() {
        let bomb = deflate::compress_to_vec(&vec![b' '; MAX_CONTENT + 1], 9);
        let link = format!("{TAG}{}", URL_SAFE_NO_PAD.encode(bomb));
        assert_eq!(decode(&link), Some(Err(LinkError::Damaged)));
    }

    #[test]
    fn the_beginning_of_a_cut_link_can_be_saved() {
        let lines = (0..40).map(|at| format!("RUN echo \"{at} ö 🚢\" \\\n  && \u{1}{} > /f{at}\n", at * at));
        let text: String = std::iter::once("FROM alpine\n".to_owned()).chain(lines).collect();
        let link = encode(&Playground { dockerfile: text.clone(), ..Playground::default() });
        let mut longest = 0;
        for end in 0..link.len() {
            let saved = salvage(&link[..end]).unwrap_or_default();
            assert!(text.starts_with(&saved), "cut at {end}: {saved:?}");
            longest = longest.max(saved.len());
        }
        assert!(longest * 10 > text.len() * 9, "{longest} of {}", text.len());
        assert_eq!(salvage(&link), Some(text));
        // Whatever stands there: it may be nonsense, but it ends.
        for at in 2..link.len() {
            let mut changed = link.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let _ = salvage(&String::from_utf8(changed).unwrap());
        }
        assert_eq!(salvage("2.abcd"), None);
        assert_eq!(salvage(""), None);
    }
}
