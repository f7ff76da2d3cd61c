//! Texts from other servers. Only what somebody asks for is fetched, and nothing is sent along.

use gloo::utils::window;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReferrerPolicy, Request, RequestCredentials, RequestInit, Response};

use super::files::MAX_BYTES;

#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/www/fetch.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    /// The text of a response; null if it has more than so many bytes.
    #[wasm_bindgen(catch, js_name = readAtMost)]
    async fn read_at_most(response: &Response, limit: f64) -> Result<JsValue, JsValue>;
}

/// The text at an address, or a sentence that says why there is none; `advice` is what to do where other pages may not
/// read it.
pub(crate) async fn text(address: &str, advice: &str) -> Result<String, String> {
    let options = RequestInit::new();
    // To other servers goes nothing; the site itself may be behind a login.
    options.set_credentials(RequestCredentials::SameOrigin);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    let request = Request::new_with_str_and_init(address, &options)
        .map_err(|_| format!("'{address}' is no address that can be fetched."))?;
    let response = JsFuture::from(window().fetch_with_request(&request)).await.map_err(|_| {
        format!(
            "The browser could not fetch {address}: there is no such server, or it does not let other pages read it. \
             {advice}"
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
    let too_large = || format!("{address} is larger than 2 MB.");
    if length.is_some_and(|length| length > MAX_BYTES) {
        return Err(too_large());
    }
    match read_at_most(&response, MAX_BYTES).await {
        Ok(text) => text.as_string().ok_or_else(too_large),
        Err(_) => Err(format!("The connection to {address} broke off. Try again.")),
    }
}
