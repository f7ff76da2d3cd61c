//! The few calls of BuildKit that are needed. Its messages come from a crate, the calls are made here.

use std::sync::Arc;

use bollard_buildkit_proto::moby::buildkit::v1::{
    InfoRequest, InfoResponse, ListWorkersRequest, ListWorkersResponse, PruneRequest, SolveRequest,
    SolveResponse, StatusRequest, StatusResponse, UsageRecord, frontend,
};
use hyper::http::uri::PathAndQuery;
use prost::Message;
use tonic::client::Grpc;
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

use super::failing;
use super::tls::{Trouble, Unreachable};

/// The longest message, either way.
const LONGEST: usize = 16 << 20;
/// Says which build a call of the gateway is about.
const BUILD_ID: &str = "buildkit-controlapi-buildid";

/// BuildKit's control interface and, for one build, its gateway.
#[derive(Clone)]
pub(super) struct Rpc {
    grpc: Grpc<Channel>,
    build: Option<AsciiMetadataValue>,
    trouble: Trouble,
}

impl Rpc {
    pub(super) fn new((channel, trouble): (Channel, Trouble)) -> Rpc {
        let grpc = Grpc::new(channel).max_decoding_message_size(LONGEST).max_encoding_message_size(LONGEST);
        Rpc { grpc, build: None, trouble }
    }

    /// The same for the gateway of a build.
    pub(super) fn of_build(&self, reference: &str) -> Rpc {
        Rpc { build: reference.parse().ok(), ..self.clone() }
    }

    pub(super) async fn info(&self) -> Result<InfoResponse, Status> {
        self.call("/moby.buildkit.v1.Control/Info", InfoRequest {}).await
    }

    pub(super) async fn workers(&self) -> Result<ListWorkersResponse, Status> {
        self.call("/moby.buildkit.v1.Control/ListWorkers", ListWorkersRequest::default()).await
    }

    pub(super) async fn solve(&self, request: SolveRequest) -> Result<SolveResponse, Status> {
        self.call("/moby.buildkit.v1.Control/Solve", request).await
    }

    pub(super) async fn status(&self, reference: &str) -> Result<Streaming<StatusResponse>, Status> {
        let request = StatusRequest { r#ref: reference.to_owned() };
        self.listen("/moby.buildkit.v1.Control/Status", request).await
    }

    /// Says of each thing that goes how large it was.
    pub(super) async fn prune(&self, request: PruneRequest) -> Result<Streaming<UsageRecord>, Status> {
        self.listen("/moby.buildkit.v1.Control/Prune", request).await
    }

    pub(super) async fn ping(&self) -> Result<frontend::PongResponse, Status> {
        self.call("/moby.buildkit.v1.frontend.LLBBridge/Ping", frontend::PingRequest {}).await
    }

    pub(super) async fn solve_within(
        &self,
        request: frontend::SolveRequest,
    ) -> Result<frontend::SolveResponse, Status> {
        self.call("/moby.buildkit.v1.frontend.LLBBridge/Solve", request).await
    }

    pub(super) async fn read_dir(
        &self,
        request: frontend::ReadDirRequest,
    ) -> Result<frontend::ReadDirResponse, Status> {
        self.call("/moby.buildkit.v1.frontend.LLBBridge/ReadDir", request).await
    }

    pub(super) async fn read_file(
        &self,
        request: frontend::ReadFileRequest,
    ) -> Result<frontend::ReadFileResponse, Status> {
        self.call("/moby.buildkit.v1.frontend.LLBBridge/ReadFile", request).await
    }

    pub(super) async fn stat(
        &self,
        request: frontend::StatFileRequest,
    ) -> Result<frontend::StatFileResponse, Status> {
        self.call("/moby.buildkit.v1.frontend.LLBBridge/StatFile", request).await
    }

    pub(super) async fn give_back(&self) -> Result<frontend::ReturnResponse, Status> {
        let request = frontend::ReturnRequest { result: Some(frontend::Result::default()), error: None };
        self.call("/moby.buildkit.v1.frontend.LLBBridge/Return", request).await
    }

    async fn listen<Q, A>(&self, path: &'static str, question: Q) -> Result<Streaming<A>, Status>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let mut grpc = self.ready().await?;
        let codec: ProstCodec<Q, A> = ProstCodec::default();
        grpc.server_streaming(Request::new(question), PathAndQuery::from_static(path), codec)
            .await
            .map(|response| response.into_inner())
            .map_err(|status| self.explained(status))
    }

    async fn call<Q, A>(&self, path: &'static str, question: Q) -> Result<A, Status>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let mut grpc = self.ready().await?;
        let mut request = Request::new(question);
        if let Some(build) = &self.build {
            request.metadata_mut().insert(BUILD_ID, build.clone());
        }
        let codec: ProstCodec<Q, A> = ProstCodec::default();
        grpc.unary(request, PathAndQuery::from_static(path), codec)
            .await
            .map(|response| response.into_inner())
            .map_err(|status| self.explained(status))
    }

    async fn ready(&self) -> Result<Grpc<Channel>, Status> {
        let mut grpc = self.grpc.clone();
        let unavailable = |_| self.explained(Status::unavailable("the engine cannot be reached"));
        grpc.ready().await.map_err(unavailable)?;
        Ok(grpc)
    }

    /// A status that comes of a broken connection, with the reason.
    fn explained(&self, mut status: Status) -> Status {
        if failing::is_lost(&status)
            && let Some(failure) = self.trouble.get()
        {
            status.set_source(Arc::new(Unreachable(failure)));
        }
        status
    }
}
