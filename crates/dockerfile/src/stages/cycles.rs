//! Stages that copy from each other in a circle.
//!
//! Follows `validateCircularDependency`. Surprising: only `COPY --from` and mounts count, FROM does not; and
//! the stage BuildKit names is the first of the file from which a circle can be reached.

use super::StageId;

/// A stage another one takes files from, and the row that last says so.
pub(super) type Dependency = (StageId, usize);

/// A circle, and the way to it.
pub(super) struct Cycle {
    /// The stage BuildKit names.
    pub(super) stage: StageId,
    /// The rows along the way, the last one closing the circle.
    pub(super) rows: Vec<(StageId, usize)>,
}

/// The circle BuildKit reports, if there is one. Takes time in proportion to the dependencies.
pub(super) fn find(dependencies: &[Vec<Dependency>]) -> Option<Cycle> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        OnPath,
        Done,
    }
    let mut marks = vec![Mark::New; dependencies.len()];
    for start in 0..dependencies.len() {
        if marks[start] != Mark::New || dependencies[start].is_empty() {
            continue;
        }
        // Each element: a stage on the path, and which of its dependencies comes next.
        let mut path = vec![(start, 0)];
        marks[start] = Mark::OnPath;
        while let Some((stage, next)) = path.last_mut() {
            let Some(&(dependency, _)) = dependencies[*stage].get(*next) else {
                marks[*stage] = Mark::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match marks[dependency.0] {
                Mark::Done => {}
                Mark::New => {
                    marks[dependency.0] = Mark::OnPath;
                    path.push((dependency.0, 0));
                }
                Mark::OnPath => {
                    let row =
                        |&(stage, next): &(usize, usize)| (StageId(stage), dependencies[stage][next - 1].1);
                    return Some(Cycle { stage: StageId(start), rows: path.iter().map(row).collect() });
                }
            }
        }
    }
    None
}
