//! The base image is for another platform than was asked for. Only a registry can tell.

use super::Rule;

pub(super) static RULE: Rule = Rule {
    name: "InvalidBaseImagePlatform",
    description: "Base image platform does not match expected target platform",
    file_only: true,
    needs: Some("the base images, which are in a registry"),
    page: include_str!("invalid_base_image_platform.md"),
    ..Rule::BUILDKIT
};
