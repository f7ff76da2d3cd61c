//! The forms in which one hands on what one sees.

use protocol::{Playground, link};

pub(crate) use link::{COMFORTABLE, LONGEST};

/// The link, if it is not too long; `address` is that of the page without a fragment.
pub(crate) fn link(address: &str, playground: &Playground) -> Option<String> {
    let link = format!("{address}#{}", link::encode(playground));
    (link.len() <= LONGEST).then_some(link)
}

/// A link in Markdown.
pub(crate) fn markdown_link(link: &str) -> String {
    format!("[See what this Dockerfile builds]({link})")
}

/// The text in Markdown, with the link below it if there is one.
pub(crate) fn markdown(text: &str, link: Option<&str>) -> String {
    // A fence is longer than any in the text.
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    let line_end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let link = link.map_or(String::new(), |link| format!("\n{}\n", markdown_link(link)));
    format!("{fence}dockerfile\n{text}{line_end}{fence}\n{link}")
}

/// HTML that shows the text with its stages in another page; `address` is that of this page.
pub(crate) fn embed(address: &str, text: &str, target: Option<&str>) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let attribute = |name: &str| name.replace('&', "&amp;").replace('"', "&quot;");
    let target = target.map_or(String::new(), |name| format!(" target=\"{}\"", attribute(name)));
    let folder = address.rsplit_once('/').map_or(address, |(folder, _)| folder);
    format!(
        "<stagelight-dockerfile{target}>\n<pre><code class=\"language-dockerfile\">{escaped}</code></pre>\n\
         </stagelight-dockerfile>\n<script type=\"module\" src=\"{folder}/embed.js\"></script>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_holds_any_text() {
        assert_eq!(markdown("FROM a\n", None), "```dockerfile\nFROM a\n```\n");
        assert_eq!(markdown("FROM a", None), "```dockerfile\nFROM a\n```\n");
        assert_eq!(markdown("RUN ````\n", None), "`````dockerfile\nRUN ````\n`````\n");
        assert_eq!(
            markdown("FROM a\n", Some("https://x/#1.a")),
            "```dockerfile\nFROM a\n```\n\n[See what this Dockerfile builds](https://x/#1.a)\n"
        );
    }

    #[test]
    fn html_holds_any_text() {
        assert_eq!(
            embed("https://x/play/index.html", "RUN a && b </code> <<E\n", Some("a\"b")),
            "<stagelight-dockerfile target=\"a&quot;b\">\n<pre><code class=\"language-dockerfile\">\
             RUN a &amp;&amp; b &lt;/code> &lt;&lt;E\n</code></pre>\n</stagelight-dockerfile>\n\
             <script type=\"module\" src=\"https://x/play/embed.js\"></script>\n"
        );
    }

    #[test]
    fn what_is_too_long_has_no_link() {
        let playground = |dockerfile: String| Playground { dockerfile, ..Playground::default() };
        let short = link("https://x/", &playground("FROM a\n".to_owned())).expect("this is short");
        assert!(short.starts_with("https://x/#1."), "{short}");
        // What cannot be compressed.
        let mut seed = 7_u64;
        let noise = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{:x}", seed >> 11)
        });
        assert_eq!(link("https://x/", &playground(noise.take(9_000).collect())), None);
    }
}
