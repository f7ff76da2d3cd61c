//! What goals can claim: one table, a row for each kind.
//!
//! A row has the forms that authors write, what they mean, when nobody can tell, and the function that finds out. The page
//! for authors is made from it, and the tests ask that each kind is met, unmet and, where it may be, unknown somewhere.

mod asked;
mod cache;
mod checks;
mod form;
mod image;
mod paths;
mod stages;

pub(crate) use form::{Form, Slot, find, nearest};

use std::fmt;

use crate::work::{Asked, Verdict};

/// A kind of goal.
pub struct Kind {
    /// The forms it has: `[word]` may be left out, `a|b` is one of two, `{path}` stands for a value.
    pub forms: &'static [&'static str],
    /// The heading that the page has in front of it, if one begins here.
    pub heading: Option<&'static str>,
    /// What it means, in a sentence or two.
    pub about: &'static str,
    /// When nobody can tell; `None` if the file always tells.
    pub unknown: Option<&'static str>,
    /// Whether it says something of a build, so that a file that cannot be built does not meet it.
    pub(crate) needs_build: bool,
    pub(crate) judge: fn(&Asked<'_>) -> Verdict,
}

impl Kind {
    const BUILD: Kind = Kind {
        forms: &[],
        heading: None,
        about: "",
        unknown: None,
        needs_build: true,
        judge: checks::accepts,
    };
}

impl Kind {
    /// A goal of this kind, as an author may write it.
    pub fn example(&self) -> String {
        self.forms.first().map_or(String::new(), |text| Form { text }.example())
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        self.forms == other.forms
    }
}

impl Eq for Kind {}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kind").field(&self.forms.first()).finish()
    }
}

/// All kinds, in the order in which the page tells them.
pub static KINDS: &[Kind] = &[
    Kind {
        heading: Some("The file as a whole"),
        forms: &["BuildKit accepts the file", "[the] file can be built"],
        about: "BuildKit refuses nothing of what the target needs, and no COPY asks for a file that is not there.",
        ..Kind::BUILD
    },
    Kind {
        heading: Some("Stages"),
        forms: &["there is|are [exactly] {number} stage|stages"],
        about: "The number of FROM instructions.",
        judge: stages::count,
        ..Kind::BUILD
    },
    Kind {
        forms: &["there is|are at least {number} stage|stages"],
        about: "The same, where more are fine.",
        judge: stages::at_least,
        ..Kind::BUILD
    },
    Kind {
        forms: &["a stage is named {stage}", "there is a stage [named] {stage}"],
        about: "Some FROM ends in AS and this name. Upper and lower case do not matter.",
        judge: stages::named,
        ..Kind::BUILD
    },
    Kind {
        forms: &["no stage is named {stage}", "there is no stage [named] {stage}"],
        about: "No FROM ends in AS and this name.",
        judge: |asked| stages::named(asked).not(),
        ..Kind::BUILD
    },
    Kind {
        forms: &["every stage has a name"],
        about: "Each FROM ends in AS and a name.",
        judge: stages::all_named,
        ..Kind::BUILD
    },
    Kind {
        heading: Some("What runs"),
        forms: &["stage {stage} runs [by] [default]", "by default stage {stage} runs"],
        about: "The target uses the stage, and something in it executes. Without a condition the target is the last stage.",
        judge: stages::runs,
        ..Kind::BUILD
    },
    Kind {
        forms: &[
            "stage {stage} does not run [by] [default]",
            "stage {stage} is skipped [by] [default]",
            "by default stage {stage} does not run",
        ],
        about: "The target does not use the stage. There has to be such a stage.",
        judge: stages::runs_not,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} runs for target {target}", "target {target} runs stage {stage}"],
        about: "The same for a target that is named.",
        judge: stages::runs,
        ..Kind::BUILD
    },
    Kind {
        forms: &[
            "stage {stage} does not run for target {target}",
            "target {target} does not run stage {stage}",
        ],
        about: "The same for a target that is named.",
        judge: stages::runs_not,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} runs for target {target} and not by default"],
        about: "Both at once: a build with `--target` runs the stage, and one without leaves it out.",
        judge: stages::runs_for_target_alone,
        ..Kind::BUILD
    },
    Kind {
        heading: Some("What stages take from where"),
        forms: &["stage {stage} is built on stage {other}"],
        about: "FROM leads from the one to the other, directly or through further stages.",
        judge: stages::built_on_stage,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} is built on [image] {image}", "stage {stage} starts from [image] {image}"],
        about: "The image that lies below the stage and all it is built on. A name without a tag stands for every tag.",
        judge: stages::built_on_image,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} copies from stage {other}"],
        about: "A COPY of the stage takes files from the other one.",
        judge: stages::copies_from_stage,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} does not copy from stage {other}"],
        about: "No COPY of the stage does.",
        judge: stages::does_not_copy_from_stage,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} copies from image {image}"],
        about: "A COPY of the stage takes files from an image of this name.",
        judge: stages::copies_from_image,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} copies from the [build] context"],
        about: "A COPY or ADD of the stage takes files from the build context.",
        judge: stages::copies_from_context,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} does not copy from the [build] context"],
        about: "No COPY or ADD of the stage does.",
        judge: stages::does_not_copy_from_context,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} mounts stage {other}"],
        about: "A RUN of the stage sees files of the other one, and copies none.",
        judge: stages::mounts_stage,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} mounts the [build] context"],
        about: "A RUN of the stage sees files of the build context, and copies none.",
        judge: stages::mounts_context,
        ..Kind::BUILD
    },
    Kind {
        forms: &["stage {stage} and stage {other} run at the same time"],
        about: "The target runs both, and neither waits for the other.",
        judge: stages::at_the_same_time,
        ..Kind::BUILD
    },
    Kind {
        heading: Some("Platforms"),
        forms: &["stage {stage} runs on [platform] {platform}"],
        about: "The platform that the commands of the stage run on, and that its image is pulled for.",
        judge: stages::platform,
        ..Kind::BUILD
    },
    Kind {
        heading: Some("Heredocs"),
        forms: &["stage {stage} has a heredoc", "stage {stage} uses a heredoc"],
        about: "A RUN, COPY or ADD of the stage goes on in lines of its own, from `<<EOF` to `EOF`.",
        judge: stages::has_heredoc,
        ..Kind::BUILD
    },
    Kind {
        heading: Some("Paths of the final image"),
        forms: &[
            "[the] [final] image has {path}",
            "[the] [final] image contains {path}",
            "{path} is in the [final] image",
        ],
        about: "An instruction puts the path into the image of the target, or its base image likely has it.",
        unknown: Some("A RUN may have written it, or the base image may have it."),
        judge: paths::has,
        ..Kind::BUILD
    },
    Kind {
        forms: &[
            "[the] [final] image does not have {path}",
            "[the] [final] image does not contain {path}",
            "[the] [final] image has no {path}",
            "{path} is not in the [final] image",
        ],
        about: "No instruction puts the path into the image of the target, and its base image likely does not have it.",
        unknown: Some("A RUN may have written it, or the base image may have it."),
        judge: |asked| paths::has(asked).not(),
        ..Kind::BUILD
    },
    Kind {
        forms: &["{path} comes from stage {stage}"],
        about: "The path is in the image, and on its way there it was in this stage.",
        unknown: Some("What is in the image at that path cannot be told."),
        judge: paths::from_stage,
        ..Kind::BUILD
    },
    Kind {
        forms: &["{path} comes from image {image}"],
        about: "The path is in the image, and its bytes are those of a file of this image.",
        unknown: Some("What is in the image at that path cannot be told."),
        judge: paths::from_image,
        ..Kind::BUILD
    },
    Kind {
        forms: &["{path} comes from the [build] context"],
        about: "The path is in the image, and was copied or made from files of the build context.",
        unknown: Some("What is in the image at that path cannot be told."),
        judge: paths::from_context,
        ..Kind::BUILD
    },
    Kind {
        forms: &["{path} comes from a heredoc"],
        about: "The path is in the image, and its text stands in the Dockerfile.",
        unknown: Some("What is in the image at that path cannot be told."),
        judge: paths::from_heredoc,
        ..Kind::BUILD
    },
    Kind {
        forms: &["nothing of [image] {image} ships", "no file of [image] {image} ships"],
        about: "The image of the target is not built on this image, and no file of it is copied there. What was made with it may be.",
        unknown: Some("A path is copied that may come with the image."),
        judge: paths::nothing_of_image,
        ..Kind::BUILD
    },
    Kind {
        forms: &["nothing of stage {stage} ships"],
        about: "The image of the target is not built on this stage, and nothing that was in it is copied there.",
        judge: paths::nothing_of_stage,
        ..Kind::BUILD
    },
    Kind {
        heading: Some("The final image"),
        forms: &[
            "[the] [final] image is built on [image] {image}",
            "[the] [final] image starts from [image] {image}",
        ],
        about: "What lies below all layers of the target: an image, or `scratch`. A name without a tag stands for every tag.",
        judge: image::built_on,
        ..Kind::BUILD
    },
    Kind {
        forms: &[
            "[the] [final] image is not built on [image] {image}",
            "[the] [final] image does not start from [image] {image}",
        ],
        about: "It is another one.",
        judge: |asked| image::built_on(asked).not(),
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] [final] user is {user}"],
        about: "Whom a container of the target's image runs as.",
        unknown: Some("No USER is given, and whom the base image runs as is not known."),
        judge: image::user,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] [final] user is not {user}"],
        about: "It is somebody else. `root` stands for 0 as well.",
        unknown: Some("No USER is given, and whom the base image runs as is not known."),
        judge: |asked| image::user(asked).not(),
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] [final] image has a shell"],
        about: "A container of it can run a shell.",
        unknown: Some("What the base image has is not known."),
        judge: image::shell,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] [final] image has no shell"],
        about: "There is none, as with `scratch` and small images without a system.",
        unknown: Some("What the base image has is not known."),
        judge: |asked| image::shell(asked).not(),
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] command is {command}"],
        about: "What CMD comes to. A list such as `[\"/app\"]` is the exec form; anything else is in shell form.",
        unknown: Some("The base image has the say."),
        judge: image::cmd,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] entrypoint is {command}"],
        about: "What ENTRYPOINT comes to, likewise.",
        unknown: Some("The base image has the say."),
        judge: image::entrypoint,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] working directory is {path}"],
        about: "Where a container of the target's image begins.",
        unknown: Some("The base image has the say."),
        judge: image::workdir,
        ..Kind::BUILD
    },
    Kind {
        forms: &["port {port} is exposed"],
        about: "EXPOSE names it; without a protocol it is TCP.",
        unknown: Some("No EXPOSE names it, and the base image may."),
        judge: image::port,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] environment has {name}", "[the] environment variable {name} is set"],
        about: "ENV sets the variable in the image of the target.",
        unknown: Some("No ENV sets it, and the base image may."),
        judge: image::has_env,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] environment does not have {name}", "[the] environment variable {name} is not set"],
        about: "No ENV does; what the base image sets is not looked at.",
        judge: image::has_no_env,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] environment variable {name} is {value}"],
        about: "Its value in the image of the target.",
        unknown: Some("No ENV sets it, and the base image may."),
        judge: image::env,
        ..Kind::BUILD
    },
    Kind {
        forms: &["there is a health check"],
        about: "HEALTHCHECK gives the image of the target one.",
        unknown: Some("There is no HEALTHCHECK, and the base image may have one."),
        judge: image::health,
        ..Kind::BUILD
    },
    Kind {
        forms: &[
            "[the] [final] image installs {package}",
            "[the] [final] image installs [the] package {package}",
        ],
        about: "A RUN in what ships installs the package by its name.",
        judge: image::installs,
        ..Kind::BUILD
    },
    Kind {
        forms: &[
            "[the] [final] image does not install {package}",
            "[the] [final] image does not install [the] package {package}",
        ],
        about: "No RUN in what ships does.",
        judge: |asked| image::installs(asked).not(),
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] [final] image is at most {size}", "[the] [final] image is smaller than {size}"],
        about: "What the image takes unpacked, where that is likely known: the base image and what is in the file.",
        unknown: Some("What a RUN or a COPY adds is not known before the build."),
        judge: image::size,
        ..Kind::BUILD
    },
    Kind {
        heading: Some("What runs again"),
        forms: &[
            "editing {file} leaves {instruction} cached",
            "editing {file} leaves line {line} cached",
            "changing --build-arg {name} leaves {instruction} cached",
        ],
        about: "After a build, another content of the file and a second build: the instruction does not run again. The instruction is given as it reads, and flags may be left out.",
        unknown: Some("It depends on what a RUN that runs again writes."),
        judge: cache::leaves,
        ..Kind::BUILD
    },
    Kind {
        forms: &[
            "editing {file} runs {instruction} again",
            "editing {file} runs line {line} again",
            "changing --build-arg {name} runs {instruction} again",
        ],
        about: "The same, and it does run again.",
        unknown: Some("It depends on what a RUN that runs again writes."),
        judge: cache::runs,
        ..Kind::BUILD
    },
    Kind {
        forms: &[
            "editing {file} leaves {instruction} cached if the output is the same",
            "changing --build-arg {name} leaves {instruction} cached if the output is the same",
        ],
        about: "The same, where each RUN that runs again writes what it has written before, byte for byte.",
        judge: cache::leaves_if_same,
        ..Kind::BUILD
    },
    Kind {
        forms: &["editing {file} runs nothing [again]"],
        about: "No step of the target runs again.",
        judge: cache::nothing,
        ..Kind::BUILD
    },
    Kind {
        forms: &["editing {file} runs at most {number} step|steps [again]"],
        about: "So many commands of RUN, COPY, ADD and WORKDIR, where what runs again writes something else.",
        judge: cache::at_most,
        ..Kind::BUILD
    },
    Kind {
        heading: Some("The build context"),
        forms: &[
            "[the] build takes {file} from the [build] context",
            "COPY takes {file} from the [build] context",
        ],
        about: "The file goes to the builder, and an instruction takes it.",
        unknown: Some("The lesson does not list the files of the build context."),
        judge: asked::takes,
        ..Kind::BUILD
    },
    Kind {
        forms: &[
            "[the] build does not get {file} [from] [the] [context]",
            "{file} is not sent [to] [the] [builder]",
        ],
        about: "The file stays where it is: `.dockerignore` leaves it out, or nothing asks for it.",
        unknown: Some("The lesson does not list the files of the build context."),
        judge: asked::does_not_get,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] .dockerignore leaves out {file}"],
        about: "A line of `.dockerignore` leaves out the file, whether or not it exists.",
        needs_build: false,
        judge: asked::ignored,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] .dockerignore keeps {file}"],
        about: "No line of `.dockerignore` leaves it out, or a later one brings it back.",
        needs_build: false,
        judge: |asked| asked::ignored(asked).not(),
        ..Kind::BUILD
    },
    Kind {
        heading: Some("What a build is given"),
        forms: &["[the] build accepts --build-arg {name}"],
        about: "An ARG of this name is declared in what the target needs.",
        judge: asked::accepts_arg,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] build does not accept --build-arg {name}"],
        about: "No ARG of this name is declared there.",
        judge: |asked| asked::accepts_arg(asked).not(),
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] build argument {name} is {value}"],
        about: "Its value where the target uses it: the default, or what a condition gives.",
        judge: asked::arg_is,
        ..Kind::BUILD
    },
    Kind {
        forms: &["[the] build accepts --secret {secret}", "[the] build mounts the secret {secret}"],
        about: "A RUN that the target needs mounts a secret of this id.",
        judge: asked::secret,
        ..Kind::BUILD
    },
    Kind {
        forms: &["a cache is mounted at {path}", "there is a cache at {path}"],
        about: "A RUN that the target runs has a cache mount there.",
        judge: asked::cache,
        ..Kind::BUILD
    },
    Kind {
        heading: Some("Findings"),
        forms: &["there is no finding of {rule}", "no finding of {rule}"],
        about: "The rule, BuildKit's or ours, finds nothing for the target.",
        judge: checks::no_finding_of,
        ..Kind::BUILD
    },
    Kind {
        forms: &["there are no findings", "no findings", "there is no finding"],
        about: "No rule finds anything, not even something that is only good to know.",
        judge: checks::no_findings,
        ..Kind::BUILD
    },
    Kind {
        forms: &["there are no warnings", "no warnings"],
        about: "No rule finds an error or a warning.",
        judge: checks::no_warnings,
        ..Kind::BUILD
    },
];
