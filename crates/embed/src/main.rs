//! The same as a WASM module for `www/embed.js`. Natively it does nothing.

/// What the script calls.
#[cfg(target_arch = "wasm32")]
mod boundary {
    #![expect(unreachable_pub, reason = "what is exported to JavaScript has to be public")]

    use dockerfile::export::Theme;
    use wasm_bindgen::prelude::wasm_bindgen;

    /// [`embed::Look`] in rows.
    #[wasm_bindgen]
    pub struct Look(embed::Look);

    #[wasm_bindgen]
    impl Look {
        /// Looks at a text.
        #[wasm_bindgen(constructor)]
        pub fn new(text: &str, target: &str, is_narrow: bool, is_compact: bool, is_dark: bool) -> Look {
            let theme = if is_dark { Theme::Dark } else { Theme::Light };
            Look(embed::Look::at(text, target, embed::View { is_narrow, is_compact, theme }))
        }

        /// The picture.
        pub fn svg(&self) -> String {
            self.0.svg.clone()
        }

        /// Class and text of each piece of the text, one after the other.
        pub fn pieces(&self) -> Vec<String> {
            self.0.pieces.iter().flat_map(|it| [it.class.to_owned(), it.text.clone()]).collect()
        }

        /// Of each stage: its name, `=` and its target or nothing, its first and last line, `dark` or nothing, the reason.
        pub fn stages(&self) -> Vec<String> {
            let row = |it: &embed::StageLook| {
                [
                    it.name.clone(),
                    it.target.as_ref().map_or(String::new(), |target| format!("={target}")),
                    it.lines.0.to_string(),
                    it.lines.1.to_string(),
                    if it.is_dark { "dark".to_owned() } else { String::new() },
                    it.reason.clone(),
                ]
            };
            self.0.stages.iter().flat_map(row).collect()
        }

        /// Line, column and message of each problem.
        pub fn problems(&self) -> Vec<String> {
            let row = |it: &embed::Problem| [it.line.to_string(), it.column.to_string(), it.message.clone()];
            self.0.problems.iter().flat_map(row).collect()
        }
    }
}

fn main() {}
