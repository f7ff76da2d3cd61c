//! The exported picture has the colours of the page.

use dockerfile::export::style::COLOURS;

#[test]
fn the_exported_picture_has_the_colours_of_the_page() {
    let page = include_str!("../../www/style.css");
    for (name, light, dark) in COLOURS {
        let rule = format!("--{name}: light-dark({light}, {dark});");
        assert!(page.contains(&rule), "www/style.css has no {rule}");
    }
}
