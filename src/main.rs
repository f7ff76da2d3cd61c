//! Mounts the application, nothing else.

fn main() {
    stagelight_web::start();
}
