//! The built site: embedded in the program, in a folder, or a page that says how to get it.
//!
//! Every page comes with a Content-Security-Policy that allows what the site does and no more: its own scripts, the one
//! that Trunk writes into the page by its hash, and WASM. Files whose names hold a hash of their content may be kept for
//! ever by browsers. What goes compressed is taken from `name.br` beside the file, where `dist --compress` has put one
//! and the browser takes it, which it does over TLS and on its own machine alone; else it is compressed at the first ask.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

const PAGE: &str = "index.html";

/// Smaller files are not compressed.
const WORTH_PACKING: usize = 1 << 10;

const MISSING: &str = "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Stagelight</title>\
<h1>Stagelight</h1><p>This program was built without the site. Build it with <code>cargo xtask dist</code>, then start \
<code>stagelight serve --site dist</code>; or build the program with <code>--features site</code>.\
<p>The API is here: <a href=\"api/health\">health</a>, <a href=\"api/openapi.json\">description</a>.";

/// Where the site is.
#[derive(Debug, Default)]
pub struct Site {
    folder: Option<PathBuf>,
    /// Compressed files, by their hash.
    packed: Mutex<HashMap<String, Bytes>>,
}

/// A file of the site.
#[derive(Debug)]
pub struct File {
    /// What is in it.
    pub bytes: Bytes,
    /// Its type.
    pub mime: &'static str,
    /// Its hash.
    pub etag: String,
    /// Whether the name says which version it is.
    pub immutable: bool,
    /// What its policy says of scripts, if it is a page.
    pub scripts: Option<String>,
    /// Its name, if it is as it was built.
    built: Option<String>,
}

impl Site {
    /// The one in a folder; else the one that is embedded.
    ///
    /// # Errors
    /// When there is no site in the folder.
    pub fn new(folder: Option<PathBuf>) -> Result<Site, String> {
        if let Some(folder) = &folder
            && !folder.join("index.html").is_file()
        {
            return Err(format!(
                "There is no site in {}: build it with `cargo xtask dist`",
                folder.display()
            ));
        }
        Ok(Site { folder, packed: Mutex::default() })
    }

    /// Whether there is one.
    pub fn is_there(&self) -> bool {
        self.folder.is_some() || embedded("index.html").is_some()
    }

    /// The file at a path of an address, which begins with `/`.
    pub fn file(&self, path: &str) -> Option<File> {
        let name = path.trim_start_matches('/');
        let name = if name.is_empty() { PAGE } else { name };
        let as_built = self.bytes(name)?;
        let bytes = match name {
            PAGE => announced(&as_built),
            // It keeps the page only if that is the one in its list.
            "service-worker.js" => {
                self.bytes(PAGE).map_or(as_built.clone(), |page| relisted(&as_built, &page))
            }
            _ => as_built.clone(),
        };
        let built = (bytes == as_built).then(|| name.to_owned());
        let scripts = name.ends_with(".html").then(|| inline_scripts(&String::from_utf8_lossy(&bytes)));
        let etag = format!("\"{}\"", STANDARD.encode(&Sha256::digest(&bytes)[..12]));
        Some(File { mime: mime(name), immutable: has_hash(name), etag, scripts, built, bytes })
    }

    /// What is in a file, as it was built.
    fn bytes(&self, name: &str) -> Option<Bytes> {
        match &self.folder {
            Some(folder) => read(folder, name),
            None => match embedded(name) {
                None if name == PAGE && !self.is_there() => Some(Bytes::from_static(MISSING.as_bytes())),
                bytes => bytes,
            },
        }
    }

    /// The same compressed, if that is worth it and of a kind that is accepted: the name of the kind, and the bytes.
    pub fn packed(&self, file: &File, accepted: &str) -> Option<(&'static str, Bytes)> {
        let brotli = || self.beside(file.built.as_deref()?, "br");
        if accepts(accepted, "br")
            && let Some(bytes) = brotli()
        {
            return Some(("br", bytes));
        }
        accepts(accepted, "gzip").then(|| self.gzip(file)).flatten().map(|bytes| ("gzip", bytes))
    }

    /// What `dist --compress` has put beside a file, if it is not older.
    fn beside(&self, name: &str, ending: &str) -> Option<Bytes> {
        let packed = format!("{name}.{ending}");
        if let Some(folder) = &self.folder {
            let changed = |name: &str| std::fs::metadata(folder.join(name)).and_then(|it| it.modified()).ok();
            if changed(&packed)? < changed(name)? {
                return None;
            }
        }
        self.bytes(&packed)
    }

    fn gzip(&self, file: &File) -> Option<Bytes> {
        let is_packed =
            file.mime.starts_with("image/") && !file.mime.contains("svg") || file.mime.starts_with("font/");
        if is_packed || file.bytes.len() < WORTH_PACKING {
            return None;
        }
        if let Some(bytes) = self.packed.lock().unwrap_or_else(PoisonError::into_inner).get(&file.etag) {
            return Some(bytes.clone());
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let bytes = encoder.write_all(&file.bytes).and_then(|()| encoder.finish()).ok().map(Bytes::from)?;
        let mut packed = self.packed.lock().unwrap_or_else(PoisonError::into_inner);
        // A site that changes all the time is one that somebody works on.
        if packed.len() > 200 {
            packed.clear();
        }
        packed.insert(file.etag.clone(), bytes.clone());
        Some(bytes)
    }
}

/// Whether a browser's `Accept-Encoding` names a kind, and not with the weight 0.
fn accepts(accepted: &str, kind: &str) -> bool {
    accepted.split(',').any(|it| {
        let (name, weight) = it.split_once(';').unwrap_or((it, ""));
        let weight =
            weight.trim().strip_prefix("q=").map_or(1.0, |it| it.trim().parse::<f32>().unwrap_or(1.0));
        name.trim().eq_ignore_ascii_case(kind) && weight > 0.0
    })
}

/// The page, with a word that there is a server behind it: a page of files alone asks nobody.
fn announced(page: &[u8]) -> Bytes {
    const NOBODY: &str = "<meta name=\"stagelight-server\" content=\"\"";
    const HERE: &str = "<meta name=\"stagelight-server\" content=\"./\"";
    Bytes::from(String::from_utf8_lossy(page).replacen(NOBODY, HERE, 1))
}

/// The service worker, with the page in its list as it is here, under a version of its own: what was kept of the same
/// site without a server would not do.
fn relisted(worker: &[u8], page: &[u8]) -> Bytes {
    let digest = |page: &[u8]| format!("sha256-{}", STANDARD.encode(Sha256::digest(page)));
    let worker = String::from_utf8_lossy(worker);
    let worker = worker.replacen(&digest(page), &digest(&announced(page)), 1);
    Bytes::from(worker.replacen("version: \"", "version: \"served-", 1))
}

/// Only what lies in the folder.
fn read(folder: &Path, name: &str) -> Option<Bytes> {
    let path = Path::new(name);
    let is_within = path.components().all(|it| matches!(it, Component::Normal(_)));
    let path = folder.join(path);
    (is_within && path.is_file()).then(|| std::fs::read(path).ok().map(Bytes::from))?
}

#[cfg(feature = "site")]
fn embedded(name: &str) -> Option<Bytes> {
    #[derive(rust_embed::RustEmbed)]
    #[folder = "../../dist"]
    // They are the larger ones, and made at the first ask.
    #[exclude = "*.gz"]
    struct Dist;
    Dist::get(name).map(|file| match file.data {
        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
    })
}

#[cfg(not(feature = "site"))]
fn embedded(_: &str) -> Option<Bytes> {
    None
}

/// The hashes of the scripts that stand in a page, as a policy names them.
fn inline_scripts(html: &str) -> String {
    let mut hashes = String::new();
    for part in html.split("<script").skip(1) {
        let Some((attributes, rest)) = part.split_once('>') else { continue };
        let Some((code, _)) = rest.split_once("</script>") else { continue };
        if !attributes.contains("src=") {
            hashes.push_str(&format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(code.as_bytes()))));
        }
    }
    hashes
}

/// `name-0123456789abcdef.js`: at least eight digits, as Trunk writes them.
fn has_hash(name: &str) -> bool {
    let stem = name.rsplit('/').next().and_then(|it| it.split('.').next()).unwrap_or_default();
    let digits = stem.strip_suffix("_bg").unwrap_or(stem).rsplit('-').next().unwrap_or_default();
    digits.len() >= 8 && digits.len() < stem.len() && digits.bytes().all(|it| it.is_ascii_hexdigit())
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_are_known() {
        for name in [
            "stagelight-web-3b90ab8dd584d312_bg.wasm",
            "style-1d6b86ccb2929edc.css",
            "a/icon-9a44b609b8dede7.svg",
        ] {
            assert!(has_hash(name), "{name}");
        }
        for name in ["index.html", "embed-frame.js", "sw.js", "lessons/a-feed.md", "deadbeef.js"] {
            assert!(!has_hash(name), "{name}");
        }
    }

    #[test]
    fn scripts_within_a_page_are_allowed_by_hash() {
        assert_eq!(inline_scripts("<script src=\"a.js\"></script><p>"), "");
        let hashes = inline_scripts("<script type=\"module\">\nlet a;\n</script><script>b</script>");
        assert_eq!(hashes.matches("'sha256-").count(), 2);
    }

    #[test]
    fn what_was_compressed_before_is_taken_where_it_is_accepted_and_not_older() {
        let folder = std::env::temp_dir().join(format!("stagelight-packed-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let page = "<meta name=\"stagelight-server\" content=\"\">".repeat(100);
        for (name, text) in [("index.html", page.as_str()), ("a.js", &"x".repeat(5000))] {
            std::fs::write(folder.join(name), text).unwrap();
            std::fs::write(folder.join(format!("{name}.br")), "as brotli").unwrap();
        }
        let site = Site::new(Some(folder.clone())).unwrap();
        let kind = |path: &str, accepted: &str| {
            site.packed(&site.file(path).unwrap(), accepted).map(|(kind, bytes)| {
                assert_eq!(kind == "br", bytes == "as brotli");
                kind
            })
        };
        assert_eq!(kind("/a.js", "gzip, deflate, br, zstd"), Some("br"));
        assert_eq!(kind("/a.js", "BR;q=0.5"), Some("br"));
        assert_eq!(kind("/a.js", "gzip, br;q=0"), Some("gzip"));
        assert_eq!(kind("/a.js", "gzip;q=1.0"), Some("gzip"));
        assert_eq!(kind("/a.js", "brotli, xgzip"), None);
        assert_eq!(kind("/a.js", ""), None);
        // The page is not as it was built.
        assert_eq!(kind("/", "gzip, br"), Some("gzip"));
        let newer = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
        std::fs::File::options().write(true).open(folder.join("a.js")).unwrap().set_modified(newer).unwrap();
        assert_eq!(kind("/a.js", "gzip, br"), Some("gzip"));
        std::fs::remove_dir_all(&folder).ok();
    }

    /// The list is written by `www/site/worker.mjs` and read by `www/service-worker.js`; both are read here.
    #[test]
    fn the_list_of_the_service_worker_is_found_in_its_real_form() {
        let www = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www");
        let text = |name: &str| std::fs::read_to_string(www.join(name)).unwrap();
        let (writer, reader) = (text("site/worker.mjs"), text("service-worker.js"));
        let between = |before: &str, behind: &str| {
            let rest = writer.split_once(before).unwrap_or_else(|| panic!("no {before}")).1;
            rest.split_once(behind).unwrap_or_else(|| panic!("no {behind}")).0.to_owned()
        };
        let list = between("writeFile(join(folder, NAME), `", "\\n${code}`");
        let digest = between("const digest = `", "`;");
        let hash = between("sha256-${", "}");
        assert!(hash.starts_with("digestOf(") && hash.ends_with("\"base64\")"), "{hash}");
        let first = reader.lines().find(|line| line.starts_with("const ")).unwrap();
        assert!(
            first.contains("version: VERSION, files: FILES") && first.contains("= self.site ??"),
            "{first}"
        );

        let page = b"<meta name=\"stagelight-server\" content=\"\">";
        let of =
            |page: &[u8]| digest.replace(&format!("${{{hash}}}"), &STANDARD.encode(Sha256::digest(page)));
        let written = |version: &str, page: &[u8]| {
            let files = serde_json::json!({ "": { "digest": of(page), "isForEver": false }, "a.js": { "digest": of(b"a") } });
            let list = list.replace("${version}", version).replace("${list}", &files.to_string());
            assert!(!list.contains("${"), "{list}");
            format!("{list}\nconst{{version:e}}=self.site")
        };
        let worker = relisted(written("0123456789abcdef", page).as_bytes(), page);
        assert_eq!(String::from_utf8_lossy(&worker), written("served-0123456789abcdef", &announced(page)));
    }

    #[test]
    fn nothing_beside_the_site_is_served() {
        let folder = std::env::temp_dir().join(format!("stagelight-site-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("in/sub")).unwrap();
        std::fs::write(folder.join("in/index.html"), "site").unwrap();
        std::fs::write(folder.join("in/sub/a.js"), "x".repeat(5000)).unwrap();
        std::fs::write(folder.join("secret"), "secret").unwrap();
        let site = Site::new(Some(folder.join("in"))).unwrap();
        assert_eq!(site.file("/").unwrap().bytes, "site");
        let file = site.file("/sub/a.js").unwrap();
        assert!(site.packed(&file, "deflate, gzip").unwrap().1.len() < 200);
        for path in ["/../secret", "//../secret", "/sub/../../secret", "/sub", "/none", "/./index.html/"] {
            assert!(site.file(path).is_none(), "{path}");
        }
        std::fs::remove_dir_all(&folder).ok();
    }
}
