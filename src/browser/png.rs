//! A picture as pixels: the browser draws the SVG, as it would in an `<img>`.

use gloo::utils::document;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Array, Promise};
use web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement, Url};

/// Pixels for each of the picture's own, so that it is sharp on good screens.
const SCALE: f64 = 2.0;

/// Browsers draw nothing on larger ones.
const MAX_SIDE: f64 = 16_000.0;

/// The PNG of an SVG; `None` if the browser cannot draw it.
pub(crate) async fn of_svg(svg: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type("image/svg+xml");
    let blob =
        Blob::new_with_str_sequence_and_options(&Array::of1(&JsValue::from_str(svg)), &options).ok()?;
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let image = HtmlImageElement::new().ok()?;
    image.set_src(&address);
    let drawn = JsFuture::from(image.decode()).await;
    let _ = Url::revoke_object_url(&address);
    drawn.ok()?;
    let (width, height) = (f64::from(image.natural_width()), f64::from(image.natural_height()));
    let scale = SCALE.min(MAX_SIDE / width).min(MAX_SIDE / height);
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width((width * scale) as u32);
    canvas.set_height((height * scale) as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context
        .draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width * scale, height * scale)
        .ok()?;
    let made = Promise::new(&mut |resolve, _| {
        let then = Closure::once_into_js(move |blob: JsValue| {
            let _ = resolve.call1(&JsValue::NULL, &blob);
        });
        let _ = canvas.to_blob(then.unchecked_ref());
    });
    JsFuture::from(made).await.ok()?.dyn_into().ok()
}
