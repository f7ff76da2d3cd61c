//! Texts from other servers. Only what somebody asks for is fetched, and nothing is sent along.

use gloo::utils::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReferrerPolicy, Request, RequestCredentials, RequestInit, Response};

use super::files::MAX_BYTES;

/// The text at an address, or a sentence that says why there is none.
pub(crate) async fn text(address: &str) -> Result<String, String> {
    let options = RequestInit::new();
    options.set_credentials(RequestCredentials::Omit);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    let request = Request::new_with_str_and_init(address, &options)
        .map_err(|_| format!("'{address}' is no address that can be fetched."))?;
    let response = JsFuture::from(window().fetch_with_request(&request)).await.map_err(|_| {
        format!(
            "The browser could not fetch {address}: there is no such server, or it does not let other pages read it. \
             Open the address in a tab, copy the text, and paste it here."
        )
    })?;
    let response: Response = response.dyn_into().map_err(|_| "The browser gave no answer.".to_owned())?;
    let status = response.status();
    if !response.ok() {
        let why =
            if status == 404 { "there is no such file, or it is private" } else { "the server refused" };
        return Err(format!("{address} answered {status}: {why}."));
    }
    let length =
        response.headers().get("content-length").ok().flatten().and_then(|it| it.parse::<f64>().ok());
    let too_large = || format!("{address} is larger than 2 MB, which no Dockerfile is.");
    if length.is_some_and(|length| length > MAX_BYTES) {
        return Err(too_large());
    }
    let text = response.text().map_err(|_| String::new());
    let text = match text {
        Ok(text) => JsFuture::from(text).await.ok().and_then(|text| text.as_string()),
        Err(_) => None,
    };
    let text = text.ok_or_else(|| format!("The connection to {address} broke off. Try again."))?;
    if text.len() as f64 > MAX_BYTES { Err(too_large()) } else { Ok(text) }
}
