//! Pixels from the exported picture.
//!
//! The fonts are in the program, Latin letters alone, so that a machine without fonts draws the same as any other.
//! Surprising: they are static cuts of the variable fonts of the site, which the library cannot read.

/// More pixels take more memory than a picture is worth.
#[cfg(feature = "png")]
const MAX_PIXELS: u64 = 100_000_000;

/// Draws a picture, `scale` pixels for each of its own.
///
/// # Errors
/// A sentence, if it would be too large.
#[cfg(feature = "png")]
pub(crate) fn png(svg: &str, scale: f32) -> Result<Vec<u8>, String> {
    use resvg::tiny_skia::{Pixmap, Transform};
    use resvg::usvg::{Options, Tree};

    const FONTS: [&[u8]; 4] = [
        include_bytes!("../fonts/Inter-Regular.ttf"),
        include_bytes!("../fonts/Inter-SemiBold.ttf"),
        include_bytes!("../fonts/JetBrainsMono-Regular.ttf"),
        include_bytes!("../fonts/JetBrainsMono-SemiBold.ttf"),
    ];
    let mut options = Options { font_family: "Inter".to_owned(), ..Options::default() };
    let fonts = options.fontdb_mut();
    FONTS.into_iter().for_each(|font| fonts.load_font_data(font.to_vec()));
    fonts.set_sans_serif_family("Inter");
    fonts.set_monospace_family("JetBrains Mono");
    let tree = Tree::from_str(svg, &options).map_err(|error| format!("Cannot draw the picture: {error}"))?;
    let side = |length: f32| (length * scale).ceil();
    let (width, height) = (side(tree.size().width()), side(tree.size().height()));
    let too_large = || {
        format!(
            "The picture would have {width} × {height} pixels, which is too many. Give a smaller --scale, or write an SVG"
        )
    };
    if f64::from(width) * f64::from(height) > MAX_PIXELS as f64 {
        return Err(too_large());
    }
    let mut pixels = Pixmap::new(width as u32, height as u32).ok_or_else(too_large)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| format!("Cannot write the picture: {error}"))
}

/// This program was built without the feature `png`.
///
/// # Errors
/// Always.
#[cfg(not(feature = "png"))]
pub(crate) fn png(_: &str, _: f32) -> Result<Vec<u8>, String> {
    Err("This program was built without PNG. Write an SVG instead".to_owned())
}
