//! How large stages have become, from the history of images that Docker makes of them.
//!
//! One size is meant: unpacked bytes, the sum over the layers. What newer engines call the size of an image holds the
//! compressed layers too and is not that. Surprising: BuildKit without Docker keeps no images, so it has no history to
//! read, and the files themselves are added up. What is to be downloaded is the compressed layers. An image is removed
//! by the name that it got here, so that one that people have themselves stays.

use std::collections::HashMap;

use dockerfile::stages::{self, StageGraph, StageId, Start};
use dockerfile::syntax;
use futures_util::future::try_join_all;
use hyper::Method;
use protocol::build::{Failure, LayerSize, Place, StageSize};
use serde_json::Value;

use super::asked::Asked;
use super::transport::{Kind, Transport};
use super::{BuildKit, failing, gateway, unique};
use crate::{Info, Order};

/// The files of a stage that has more than these are not added up.
const MAX_FILES: usize = 50_000;
/// So many stages are measured at the same time.
const AT_ONCE: usize = 4;

/// Measures stages by their places in the file.
pub(super) async fn sizes(
    engine: &BuildKit,
    order: &Order,
    wanted: &[usize],
) -> Result<Vec<StageSize>, Failure> {
    if engine.transport.kind != Kind::Docker {
        return sizes_of_files(engine, order, wanted).await;
    }
    let dockerfile = &order.request.dockerfile;
    let info = engine.info().await?;
    // What the core makes of the file stays in one thread, so all that is needed of it is taken at once.
    let chains: Vec<(usize, Chain)> = {
        let parse = syntax::parse(dockerfile);
        let graph = stages::resolve(&parse, &progress::options(&order.request, &info.platform));
        wanted.iter().map(|&stage| (stage, instructions(&graph, StageId(stage)))).collect()
    };
    let mut sizes = Vec::with_capacity(chains.len());
    for some in chains.chunks(AT_ONCE) {
        let some = some.iter().map(|(stage, chain)| measure(engine, order, info, *stage, chain));
        sizes.extend(try_join_all(some).await?);
    }
    Ok(sizes)
}

/// Without images there are the files of stages, and what they weigh together; nothing is told of layers then.
async fn sizes_of_files(
    engine: &BuildKit,
    order: &Order,
    wanted: &[usize],
) -> Result<Vec<StageSize>, Failure> {
    let mut sizes = Vec::with_capacity(wanted.len());
    for &stage in wanted {
        let list = gateway::files(engine, order, stage, MAX_FILES).await?;
        let bytes = list.entries.iter().filter_map(|entry| entry.size).sum();
        sizes.push(StageSize { stage, bytes: (!list.partial).then_some(bytes), ..StageSize::default() });
    }
    Ok(sizes)
}

async fn measure(
    engine: &BuildKit,
    order: &Order,
    info: &Info,
    stage: usize,
    chain: &[(Place, String)],
) -> Result<StageSize, Failure> {
    let asked = Asked::new(order, info, Some(stage))?;
    let mut image =
        Image { transport: engine.transport.clone(), name: format!("{}:size", unique()), is_gone: false };
    let mut request = asked.solve(order, &unique());
    // All engines know this way to ask for it.
    request.exporter_deprecated = "moby".to_owned();
    request.exporter_attrs_deprecated = HashMap::from([("name".to_owned(), image.name.clone())]);
    let answer = engine.rpc().solve(request).await;
    answer.map_err(|status| failing::failed(&status, None, &order.request.dockerfile))?;
    let (history, download) = tokio::join!(image.history(), image.download());
    image.remove().await;
    Ok(StageSize { download, ..size(stage, &history?, chain) })
}

/// The instructions that a stage's image comes of, in order, with their keywords.
type Chain = Vec<(Place, String)>;

/// An image with a name of its own. It goes with this value, also if nobody waits for it.
struct Image {
    transport: Transport,
    name: String,
    is_gone: bool,
}

impl Image {
    async fn history(&self) -> Result<Value, Failure> {
        self.transport.ask(Method::GET, &format!("/images/{}/history", self.name)).await
    }

    /// How many bytes it is to download: what Docker's newer store holds of it, compressed as it would be pushed. The
    /// older store has unpacked layers alone, and engines before 28 do not say it.
    async fn download(&self) -> Option<u64> {
        let image =
            self.transport.ask(Method::GET, &format!("/images/{}/json?manifests=1", self.name)).await.ok()?;
        let manifests = image.get("Manifests")?.as_array()?.iter();
        let mut images = manifests.filter(|it| it.get("Kind").and_then(Value::as_str) == Some("image"));
        images.next()?.get("Size")?.get("Content")?.as_u64().filter(|bytes| *bytes > 0)
    }

    async fn remove(&mut self) {
        self.is_gone = true;
        removed(self.transport.clone(), self.name.clone()).await;
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if !self.is_gone {
            tokio::spawn(removed(self.transport.clone(), self.name.clone()));
        }
    }
}

async fn removed(transport: Transport, name: String) {
    transport.ask(Method::DELETE, &format!("/images/{name}?noprune=true")).await.ok();
}

fn size(stage: usize, history: &Value, chain: &[(Place, String)]) -> StageSize {
    // The newest comes first.
    let entries = history.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut instructions = chain.iter().rev();
    let mut is_known = true;
    let mut layers = Vec::new();
    for entry in entries {
        let created_by = entry.get("CreatedBy").and_then(Value::as_str).unwrap_or_default();
        let bytes = entry.get("Size").and_then(Value::as_u64).unwrap_or_default();
        // Each instruction behind the FROM has one entry; below the last that fits begins the base image.
        let instruction = instructions.next().filter(|(_, keyword)| is_known && is_of(created_by, keyword));
        is_known = instruction.is_some();
        if bytes > 0 {
            let place = instruction.map(|(place, _)| *place);
            layers.push(LayerSize { created_by: created_by.to_owned(), place, bytes });
        }
    }
    layers.reverse();
    StageSize { stage, bytes: Some(layers.iter().map(|layer| layer.bytes).sum()), download: None, layers }
}

/// Whether an entry of a history is of an instruction.
fn is_of(created_by: &str, keyword: &str) -> bool {
    created_by.split(' ').next() == Some(keyword)
}

fn instructions(graph: &StageGraph, stage: StageId) -> Chain {
    let mut chain = vec![stage];
    while let Some(Start::Stage(base)) =
        chain.last().and_then(|id| graph.stages.get(id.0)).map(|it| &it.start)
    {
        chain.push(*base);
    }
    let stages = chain.into_iter().rev().filter_map(|id| graph.stages.get(id.0));
    let steps = stages.flat_map(|stage| stage.steps.iter().skip(1).map(|step| (stage.id, step)));
    steps
        .map(|(id, step)| (Place { stage: id.0, line: step.lines.first }, step.keyword.to_string()))
        .collect()
}
