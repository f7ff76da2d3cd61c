//! The page for authors lists what goals can say, as the table has it.

use std::path::Path;

use lessons::guide;

const FROM: &str = "## What goals can say\n";
const TO: &str = "\n## ";

#[test]
fn the_page_for_authors_is_that_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lessons.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let start = page.find(FROM).expect("the page has that section") + FROM.len();
    let end = page[start..].find(TO).map_or(page.len(), |at| start + at);
    let again = format!("{}\n{}{}", &page[..start], guide().trim_end(), format_args!("\n{}", &page[end..]));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, again).unwrap();
    } else {
        assert_eq!(page, again, "{}", path.display());
    }
}
