//! A [`Playground`] as a file, for what is too long for a link.

use serde::{Deserialize, Serialize};

use crate::Playground;

/// The ending of such files, without the dot.
pub const EXTENSION: &str = "stagelight";

/// The version of this form. It rises when older readers would take a file for something that it is not.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct File {
    /// [`VERSION`].
    stagelight: u32,
    playground: Playground,
}

impl Playground {
    /// The text of a file that holds it.
    pub fn to_file(&self) -> String {
        let file = File { stagelight: VERSION, playground: self.clone() };
        let mut text = serde_json::to_string_pretty(&file).expect("strings always serialize");
        text.push('\n');
        text
    }

    /// What a file holds; the error is a sentence that says why it cannot be read.
    pub fn of_file(text: &str) -> Result<Playground, String> {
        #[derive(Deserialize)]
        struct Version {
            stagelight: u32,
        }
        match serde_json::from_str::<Version>(text) {
            Ok(Version { stagelight }) if stagelight > VERSION => Err(format!(
                "This file has the form {stagelight}, and this version of Stagelight reads {VERSION}. \
                 Reload the page to get the newest version."
            )),
            Ok(_) => serde_json::from_str::<File>(text)
                .map(|file| file.playground)
                .map_err(|error| format!("This file is damaged: {error}.")),
            Err(error) => Err(format!("This is no file of Stagelight: {error}.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let given = Playground {
            dockerfile: "FROM a\r\nRUN \"é\\\" \u{feff}\n".to_owned(),
            target: Some(String::new()),
            legacy: true,
            ..Playground::default()
        };
        assert_eq!(Playground::of_file(&given.to_file()), Ok(given));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (text, why) in [
            ("", "no file of Stagelight"),
            ("{}", "no file of Stagelight"),
            ("{\"stagelight\": 2}", "the form 2"),
            ("{\"stagelight\": 1}", "damaged"),
            ("{\"stagelight\": 1, \"playground\": {\"dockerfile\": 3}}", "damaged"),
        ] {
            let error = Playground::of_file(text).expect_err("this cannot be read");
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
