//! A case: one file in three parts, with a line `---` between them.

use dockerfile::stages::{BaseConfig, BuildOptions, image_ref};

/// What a file asks for.
pub(crate) struct Case {
    /// Everything in front of the expected text and its `---`.
    pub(crate) head: String,
    pub(crate) dockerfile: String,
    pub(crate) options: BuildOptions,
    /// What to show beside the stages: `image`, `outline`, `steps`.
    pub(crate) shown: Vec<String>,
}

impl Case {
    pub(crate) fn read(file: &str) -> Result<Case, String> {
        const LINE: &str = "---\n";
        let (top, rest) = file.split_once(LINE).ok_or("there is no line `---`")?;
        // The Dockerfile may hold such a line itself; what is expected never does.
        let dockerfile = rest.rfind(LINE).map_or(rest, |at| &rest[..at]);
        let mut case = Case {
            head: format!("{top}{LINE}{dockerfile}"),
            dockerfile: dockerfile.to_owned(),
            options: BuildOptions { other_images: Some(BaseConfig::default()), ..BuildOptions::default() },
            shown: Vec::new(),
        };
        for line in top.lines().skip(1) {
            let (key, value) = line.split_once(": ").ok_or(format!("{line:?} is no option"))?;
            case.option(key, value)?;
        }
        Ok(case)
    }

    fn option(&mut self, key: &str, value: &str) -> Result<(), String> {
        let pair = || value.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let pair = || pair().ok_or(format!("{value:?} is no NAME=VALUE"));
        match key {
            "target" => self.options.target = Some(value.to_owned()),
            "platform" => self.options.target_platform = value.to_owned(),
            "build platform" => self.options.build_platform = value.to_owned(),
            "build arg" => self.options.build_args.push(pair()?),
            "context" => self.options.contexts.push(pair()?),
            "images" if value == "unknown" => self.options.other_images = None,
            "base" => self.base(value)?,
            "show" => self.shown.extend(value.split(' ').map(str::to_owned)),
            "text" => self.text(value)?,
            _ => return Err(format!("there is no option {key:?}")),
        }
        Ok(())
    }

    /// `REFERENCE KEY VALUE`: something that a base image says of itself.
    fn base(&mut self, value: &str) -> Result<(), String> {
        let mut words = value.splitn(3, ' ');
        let (Some(reference), Some(key), Some(value)) = (words.next(), words.next(), words.next()) else {
            return Err(format!("{value:?} is no REFERENCE KEY VALUE"));
        };
        let reference = image_ref::parse(reference)?.normalized();
        let images = &mut self.options.base_images;
        let index = images.iter().position(|(image, _)| *image == reference).unwrap_or_else(|| {
            images.push((reference, BaseConfig::default()));
            images.len() - 1
        });
        let config = &mut images[index].1;
        let words = || value.split(' ').map(str::to_owned).collect::<Vec<_>>();
        match key {
            "env" => {
                let (name, value) = value.split_once('=').unwrap_or((value, ""));
                config.env.push((name.to_owned(), value.to_owned()));
            }
            "workdir" => config.workdir = value.to_owned(),
            "user" => config.user = value.to_owned(),
            "shell" => config.shell = words(),
            "cmd" => config.cmd = Some(words()),
            "entrypoint" => config.entrypoint = Some(words()),
            "onbuild" => config.onbuild.push(value.to_owned()),
            _ => return Err(format!("there is no {key:?} of a base image")),
        }
        Ok(())
    }

    /// `text: escaped` for Dockerfiles with characters that nobody sees: `\r`, `\t`, `\u{a0}`, and `\-` for a line end
    /// that is not there. `text: long N` puts N letters where `@` stands.
    fn text(&mut self, how: &str) -> Result<(), String> {
        if let Some(count) = how.strip_prefix("long ") {
            let count: usize = count.parse().map_err(|why| format!("{how:?}: {why}"))?;
            self.dockerfile = self.dockerfile.replace('@', &"x".repeat(count));
            return Ok(());
        }
        if how != "escaped" {
            return Err(format!("there is no text {how:?}"));
        }
        let mut text = self.dockerfile.replace("\\-\n", "").replace("\\r", "\r").replace("\\t", "\t");
        while let Some((before, after)) = text.split_once("\\u{") {
            let (code, rest) = after.split_once('}').ok_or("`\\u{` has no end")?;
            let char =
                u32::from_str_radix(code, 16).ok().and_then(char::from_u32).ok_or("no such character")?;
            text = format!("{before}{char}{rest}");
        }
        self.dockerfile = text;
        Ok(())
    }
}
